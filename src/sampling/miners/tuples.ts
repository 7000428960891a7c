import { requireInteger } from '../../core/checks.js';
import type { PairPlan } from '../../engine/records.js';
import * as tf from '../../engine/tf.js';
import { type HostPlan, hostPlanOf } from '../plan.js';
import type { BatchRelation } from '../relation.js';
import { IntList } from './intList.js';

/** Pairs, anchors beside references: pair k is row anchors[k] and column others[k]. */
export type IndexPairs = readonly [anchors: Int32Array, others: Int32Array];

/** Pairs that attract and pairs that repel. */
export interface PairTuples {
  readonly kind: 'pairs';
  readonly positives: IndexPairs;
  readonly negatives: IndexPairs;
}

/** Triplet k is row anchors[k], column positives[k] and column negatives[k]. */
export interface TripletTuples {
  readonly kind: 'triplets';
  readonly anchors: Int32Array;
  readonly positives: Int32Array;
  readonly negatives: Int32Array;
}

/** What a miner chooses, by ascending anchor; a tuple may come several times where a miner draws at random. */
export type Tuples = PairTuples | TripletTuples;

/** All pairs of a relation. @throws as hostPlanOf */
export function allPairs(relation: BatchRelation): PairTuples {
  return allPairsOf(hostPlanOf(relation));
}

export function allPairsOf(plan: HostPlan): PairTuples {
  return { kind: 'pairs', positives: pairsWithMark(plan, 1), negatives: pairsWithMark(plan, -1) };
}

/** The pairs of a plan that `keep` says yes to, by ascending anchor, then reference. @param mark 1 or -1 */
export function pairsWithMark(
  { marks, rows, columns }: HostPlan,
  mark: 1 | -1,
  keep: (at: number, anchor: number) => boolean = () => true,
): IndexPairs {
  const anchors = new IntList();
  const others = new IntList();
  for (let i = 0, at = 0; i < rows; i++) {
    for (let j = 0; j < columns; j++, at++) {
      if (marks[at] !== mark || !keep(at, i)) continue;
      anchors.push(i);
      others.push(j);
    }
  }
  return [anchors.finish(), others.finish()];
}

/** Each triplet as its positive and its negative pair, repeated as often as triplets have them. */
export function pairsOfTuples(tuples: Tuples): PairTuples {
  if (tuples.kind === 'pairs') return tuples;
  const { anchors, positives, negatives } = tuples;
  return { kind: 'pairs', positives: [anchors, positives], negatives: [anchors, negatives] };
}

/** Each positive pair with each negative pair of the same anchor. */
export function tripletsOfTuples(tuples: Tuples): TripletTuples {
  if (tuples.kind === 'triplets') return tuples;
  const [firsts, positives] = tuples.positives;
  const negativesOf = new Map<number, number[]>();
  tuples.negatives[0].forEach((anchor, k) => {
    const known = negativesOf.get(anchor);
    if (known) known.push(tuples.negatives[1][k]);
    else negativesOf.set(anchor, [tuples.negatives[1][k]]);
  });
  const triplets = new TripletList();
  firsts.forEach((anchor, k) => {
    for (const negative of negativesOf.get(anchor) ?? []) triplets.push(anchor, positives[k], negative);
  });
  return triplets.finish();
}

/**
 * Masks [rows, columns] of the chosen pairs. 'count': a pair counts as often as tuples have it, which makes a sum over
 * the mask the sum over tuples; 'once': 0 or 1.
 * @throws UsageError for tuples of a larger batch
 */
export function planOfTuples(
  tuples: Tuples,
  rows: number,
  columns: number,
  multiplicity: 'count' | 'once' = 'count',
): PairPlan {
  const { positives, negatives } = pairsOfTuples(tuples);
  const mask = ([anchors, others]: IndexPairs, name: string): tf.Tensor2D => {
    const counts = new Float32Array(rows * columns);
    anchors.forEach((anchor, k) => {
      requireInteger(anchor, 0, `planOfTuples anchor of ${name} ${k}`, rows - 1);
      requireInteger(others[k], 0, `planOfTuples reference of ${name} ${k}`, columns - 1);
      const at = anchor * columns + others[k];
      counts[at] = multiplicity === 'once' ? 1 : counts[at] + 1;
    });
    return tf.tensor2d(counts, [rows, columns]);
  };
  return { positives: mask(positives, 'positive'), negatives: mask(negatives, 'negative') };
}

/** Triplets while they are gathered. */
export class TripletList {
  private readonly anchors = new IntList();
  private readonly positives = new IntList();
  private readonly negatives = new IntList();

  push(anchor: number, positive: number, negative: number): void {
    this.anchors.push(anchor);
    this.positives.push(positive);
    this.negatives.push(negative);
  }

  finish(): TripletTuples {
    return {
      kind: 'triplets',
      anchors: this.anchors.finish(),
      positives: this.positives.finish(),
      negatives: this.negatives.finish(),
    };
  }
}
