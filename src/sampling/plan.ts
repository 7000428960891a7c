import { expectation, UsageError } from '../core/errors.js';
import { type FusedKernels, fused } from '../engine/fused.js';
import type { PairPlan } from '../engine/records.js';
import * as tf from '../engine/tf.js';
import { pairsOfLabels } from './pairs.js';
import type {
  BatchRelation,
  Extent,
  GradedRelation,
  LabelRelation,
  MultiHotRelation,
  PairRelation,
  ViewRelation,
} from './relation.js';
import { extentOf } from './relation.js';
import { requireBatchRelation } from './relationChecks.js';
import { treeDistances } from './treeDistances.js';

/** A PairPlan on the host, one byte a pair. */
export interface HostPlan extends Extent {
  /** [rows * columns]: 1 positive, -1 negative, 0 neither. */
  readonly marks: Int8Array;
}

/**
 * The masks [n, m] of a relation: 1 where a pair is positive, or negative, and 0 elsewhere. One array goes to the
 * engine: labels where those are all there is to know, else one number a pair.
 * @throws as hostPlanOf
 */
export function planOf(relation: BatchRelation): PairPlan {
  requireBatchRelation(relation, 'relation');
  const isPartition = relation.kind === 'labels' || relation.kind === 'views';
  const [positives, negatives] = tf.tidy(() => {
    const plan = isPartition ? planOfPartition(relation) : planOfMarks(hostPlanOf(relation));
    return [plan.positives, plan.negatives];
  });
  return { positives, negatives };
}

function planOfPartition(relation: LabelRelation | ViewRelation): PairPlan {
  const kernels = fused('rows');
  return kernels ? planOfKernels(kernels, relation) : planOfTensors(relation);
}

/** Arrays that do not leave the host before a tensor engine asks for them. */
function planOfKernels(kernels: FusedKernels['rows'], relation: LabelRelation | ViewRelation): PairPlan {
  const { rows, columns } = extentOf(relation);
  const { labels, references } =
    relation.kind === 'labels'
      ? relation
      : { labels: Array.from({ length: rows }, (_, i) => i % relation.items), references: undefined };
  const { positives, negatives } = kernels.masks(
    Int32Array.from(labels),
    references && Int32Array.from(references),
  );
  return {
    positives: tf.tensor2d(positives, [rows, columns]),
    negatives: tf.tensor2d(negatives, [rows, columns]),
  };
}

function planOfTensors(relation: LabelRelation | ViewRelation): PairPlan {
  if (relation.kind === 'views') {
    const items = tf.range(0, relation.items, 1, 'int32');
    return pairsOfLabels(tf.tile(items, [relation.views ?? 2]) as tf.Tensor1D);
  }
  const upload = (labels: ArrayLike<number>) => tf.tensor1d(Int32Array.from(labels), 'int32');
  const { labels, references } = relation;
  return pairsOfLabels(upload(labels), references && upload(references));
}

function planOfMarks({ marks, rows, columns }: HostPlan): PairPlan {
  const signs = tf.tensor2d(Float32Array.from(marks), [rows, columns]);
  return { positives: tf.relu(signs), negatives: tf.relu(tf.sub(0, signs)) };
}

/** @throws as requireBatchRelation and treeDistances, and UsageError for a pair that is positive and negative */
export function hostPlanOf(relation: BatchRelation): HostPlan {
  requireBatchRelation(relation, 'relation');
  const extent = extentOf(relation);
  const { rows, columns, sameItems } = extent;
  const marks = new Int8Array(rows * columns);
  const markOf = marker(relation);
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < columns; j++) {
      if (!(sameItems && i === j)) marks[i * columns + j] = markOf(i, j);
    }
  }
  return { ...extent, marks };
}

type Marker = (i: number, j: number) => number;

function marker(relation: BatchRelation): Marker {
  switch (relation.kind) {
    case 'labels': {
      const { labels, references = labels } = relation;
      return (i, j) => (labels[i] === references[j] ? 1 : -1);
    }
    case 'views':
      return (i, j) => (i % relation.items === j % relation.items ? 1 : -1);
    case 'pairs':
      return pairMarker(relation);
    case 'multiHot':
      return classMarker(relation);
    case 'tree': {
      const { data, columns } = treeDistances(relation);
      return (i, j) => (data[i * columns + j] <= relation.positiveWithin ? 1 : -1);
    }
    case 'graded':
      return gradeMarker(relation);
  }
}

function pairMarker({ rows, columns, positives, negatives }: PairRelation): Marker {
  const marks = new Int8Array(rows * columns).fill(negatives ? 0 : -1);
  for (const [i, j] of positives) marks[i * columns + j] = 1;
  for (const [i, j] of negatives ?? []) {
    if (marks[i * columns + j] === 1) {
      const remedy = 'list it once';
      throw new UsageError(
        expectation('relation pairs', 'no pair both positive and negative', [i, j], remedy),
      );
    }
    marks[i * columns + j] = -1;
  }
  return (i, j) => marks[i * columns + j];
}

function classMarker({ classes, references = classes, rule }: MultiHotRelation): Marker {
  const k = classes.columns;
  const own = Array.from({ length: classes.rows }, (_, i) =>
    Array.from({ length: k }, (_, c) => c).filter((c) => classes.data[i * k + c] === 1),
  );
  const sizes = new Float64Array(references.rows);
  references.data.forEach((value, at) => {
    sizes[Math.floor(at / k)] += value;
  });
  return (i, j) => {
    let shared = 0;
    for (const c of own[i]) shared += references.data[j * k + c];
    if (shared === 0) return -1;
    return rule === 'anyShared' || shared / (own[i].length + sizes[j] - shared) >= rule.jaccard ? 1 : -1;
  };
}

function gradeMarker({ similarity, positiveFrom, negativeBelow }: GradedRelation): Marker {
  const { data, columns } = similarity;
  return (i, j) => {
    const grade = data[i * columns + j];
    if (grade >= positiveFrom) return 1;
    return grade < negativeBelow ? -1 : 0;
  };
}
