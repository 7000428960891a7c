import type { Matrix } from '../core/matrix.js';

/**
 * Which items of a batch belong together, known in one of six ways; values are on the host. Anchors are the rows and
 * references the columns of what is compared, [n, m]. Where the references are the anchors, no item is paired with
 * itself.
 */
export type BatchRelation =
  | LabelRelation
  | PairRelation
  | MultiHotRelation
  | TreeRelation
  | GradedRelation
  | ViewRelation;

/** Items of one class are positives, all others negatives. */
export interface LabelRelation {
  readonly kind: 'labels';
  /** [n] whole numbers that int32 can hold. */
  readonly labels: ArrayLike<number>;
  /** [m]; absent: the anchors are the references. */
  readonly references?: ArrayLike<number>;
}

/** Pairs one by one, each [row, column]. */
export interface PairRelation {
  readonly kind: 'pairs';
  readonly rows: number;
  readonly columns: number;
  readonly positives: readonly (readonly [row: number, column: number])[];
  /** Absent: every pair that is not positive. */
  readonly negatives?: readonly (readonly [row: number, column: number])[];
  /** 'diagonal': row i and column i are one item, and no pair. Default: 'diagonal' for rows = columns. */
  readonly same?: 'diagonal' | 'none';
}

/** Items with several classes or none; those that share too few are negatives. */
export interface MultiHotRelation {
  readonly kind: 'multiHot';
  /** [n, classes] of 0 and 1. */
  readonly classes: Matrix;
  /** [m, classes]; absent: the anchors are the references. */
  readonly references?: Matrix;
  /**
   * Positive where at least one class is shared, or where the shared classes are at least the share `jaccard`, 0 < j
   * <= 1, of the classes of either. Items without classes share nothing.
   */
  readonly rule: 'anyShared' | { readonly jaccard: number };
}

/** Items are nodes of a rooted tree; those with a short path between them are positives, all others negatives. */
export interface TreeRelation {
  readonly kind: 'tree';
  /** Row of each node's parent, -1 for the root. */
  readonly parents: ArrayLike<number>;
  /** [n] node of each anchor. */
  readonly nodes: ArrayLike<number>;
  /** [m] node of each reference; absent: the anchors are the references. */
  readonly references?: ArrayLike<number>;
  /** Edges on the path over the lowest common ancestor, at most, whole and >= 0: 0 for the same node, 2 for siblings. */
  readonly positiveWithin: number;
}

/** Known similarities, 0..1; those from negativeBelow up to positiveFrom are neither positive nor negative. */
export interface GradedRelation {
  readonly kind: 'graded';
  /** [n, m] */
  readonly similarity: Matrix;
  /** Positive where similarity >= positiveFrom. */
  readonly positiveFrom: number;
  /** Negative where similarity < negativeBelow, which is at most positiveFrom. */
  readonly negativeBelow: number;
  /** As for pairs. */
  readonly same?: 'diagonal' | 'none';
}

/** Augmented views: row i + v * items is view v of item i. Views of one item are positives, all others negatives. */
export interface ViewRelation {
  readonly kind: 'views';
  readonly items: number;
  /** Default 2. */
  readonly views?: number;
}

/** Shape of what a relation compares. */
export interface Extent {
  readonly rows: number;
  readonly columns: number;
  /** Whether row i and column i are one item. */
  readonly sameItems: boolean;
}

export function extentOf(relation: BatchRelation): Extent {
  switch (relation.kind) {
    case 'labels':
      return extent(relation.labels.length, relation.references?.length);
    case 'multiHot':
      return extent(relation.classes.rows, relation.references?.rows);
    case 'tree':
      return extent(relation.nodes.length, relation.references?.length);
    case 'views':
      return extent(relation.items * (relation.views ?? 2));
    case 'pairs':
      return withDiagonal(relation.rows, relation.columns, relation.same);
    case 'graded':
      return withDiagonal(relation.similarity.rows, relation.similarity.columns, relation.same);
  }
}

function extent(rows: number, references?: number): Extent {
  return { rows, columns: references ?? rows, sameItems: references === undefined };
}

function withDiagonal(rows: number, columns: number, same: PairRelation['same']): Extent {
  return { rows, columns, sameItems: same === undefined ? rows === columns : same === 'diagonal' };
}
