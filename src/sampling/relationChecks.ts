import { requireFinite, requireInteger } from '../core/checks.js';
import { DomainError, expectation, ShapeError, UsageError } from '../core/errors.js';
import type { Matrix } from '../core/matrix.js';
import type {
  BatchRelation,
  GradedRelation,
  MultiHotRelation,
  PairRelation,
  TreeRelation,
} from './relation.js';
import { extentOf } from './relation.js';

/**
 * Guards what BatchRelation promises. One class alone, classes of one item and no items at all are fine: they give no
 * negatives, no positives, nothing.
 * @throws ShapeError for lengths that do not fit, DomainError for labels, classes, similarities and thresholds outside
 *   their range, UsageError for rows and nodes that are not there; each names `who` and the row
 */
export function requireBatchRelation(relation: BatchRelation, who: string): void {
  switch (relation.kind) {
    case 'labels':
      requireLabels(relation.labels, `${who} labels`);
      if (relation.references) requireLabels(relation.references, `${who} references`);
      break;
    case 'pairs':
      requirePairs(relation, who);
      break;
    case 'multiHot':
      requireClasses(relation, who);
      break;
    case 'tree':
      requireNodes(relation, who);
      break;
    case 'graded':
      requireGrades(relation, who);
      break;
    case 'views':
      requireInteger(relation.items, 0, `${who} items`);
      requireInteger(relation.views ?? 2, 1, `${who} views`);
  }
}

function requireLabels(labels: ArrayLike<number>, who: string): void {
  for (let i = 0; i < labels.length; i++) {
    // | 0 is the number that an int32 tensor would hold.
    if ((labels[i] | 0) === labels[i]) continue;
    throw new DomainError(
      expectation(`${who} row ${i}`, 'a whole number that int32 holds', labels[i], 'number the classes'),
    );
  }
}

function requirePairs(relation: PairRelation, who: string): void {
  requireInteger(relation.rows, 0, `${who} rows`);
  requireInteger(relation.columns, 0, `${who} columns`);
  requireDiagonal(relation, who);
  const { sameItems } = extentOf(relation);
  for (const part of ['positives', 'negatives'] as const) {
    relation[part]?.forEach(([i, j], at) => {
      requireInteger(i, 0, `${who} ${part}[${at}] row`, relation.rows - 1);
      requireInteger(j, 0, `${who} ${part}[${at}] column`, relation.columns - 1);
      if (!sameItems || i !== j) return;
      const remedy = 'leave it out, or pass same: "none" if columns are other items than rows';
      throw new UsageError(expectation(`${who} ${part}[${at}]`, 'two different items', [i, j], remedy));
    });
  }
}

function requireDiagonal(relation: PairRelation | GradedRelation, who: string): void {
  const { rows, columns } = extentOf(relation);
  if (relation.same !== 'diagonal' || rows === columns) return;
  const remedy = 'pass same: "none" if columns are other items than rows';
  throw new ShapeError(expectation(`${who} columns`, `${rows}, as there are rows`, columns, remedy));
}

function requireClasses({ classes, references, rule }: MultiHotRelation, who: string): void {
  requireZeroOne(classes, `${who} classes`);
  if (references) requireZeroOne(references, `${who} references`);
  if (references && references.columns !== classes.columns) {
    const expected = `${classes.columns} columns`;
    throw new ShapeError(
      expectation(`${who} references`, expected, references.columns, 'pass the same classes'),
    );
  }
  if (rule === 'anyShared' || (rule.jaccard > 0 && rule.jaccard <= 1)) return;
  const remedy = 'check this argument';
  throw new DomainError(
    expectation(`${who} rule`, '"anyShared" or a jaccard above 0, at most 1', rule, remedy),
  );
}

function requireZeroOne({ data, columns }: Matrix, who: string): void {
  const at = data.findIndex((value) => value !== 0 && value !== 1);
  if (at < 0) return;
  const row = Math.floor(at / columns);
  throw new DomainError(
    expectation(`${who} row ${row}`, '0 or 1', data[at], 'mark the classes an item has with 1'),
  );
}

function requireNodes({ parents, nodes, references = [], positiveWithin }: TreeRelation, who: string): void {
  requireInteger(positiveWithin, 0, `${who} positiveWithin`);
  for (let i = 0; i < nodes.length; i++) {
    requireInteger(nodes[i], 0, `${who} nodes row ${i}`, parents.length - 1);
  }
  for (let j = 0; j < references.length; j++) {
    requireInteger(references[j], 0, `${who} references row ${j}`, parents.length - 1);
  }
}

function requireGrades(relation: GradedRelation, who: string): void {
  const { similarity, positiveFrom, negativeBelow } = relation;
  requireDiagonal(relation, who);
  requireFinite(similarity.data, similarity.columns, `${who} similarity`);
  const at = similarity.data.findIndex((value) => value < 0 || value > 1);
  if (at >= 0) {
    const row = Math.floor(at / similarity.columns);
    throw new DomainError(
      expectation(`${who} similarity row ${row}`, 'numbers 0..1', similarity.data[at], 'rescale them'),
    );
  }
  if (negativeBelow <= positiveFrom && Number.isFinite(positiveFrom - negativeBelow)) return;
  throw new DomainError(
    expectation(
      `${who} negativeBelow`,
      `a number <= positiveFrom = ${positiveFrom}`,
      negativeBelow,
      'leave what is neither between the two',
    ),
  );
}
