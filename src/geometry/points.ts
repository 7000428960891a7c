import { DomainError, expectation, ShapeError } from '../core/errors.js';
import type { Matrix } from '../core/matrix.js';
import { columnsOf, type Space } from '../core/space.js';
import { TINY_SQUARE } from './block.js';

/**
 * How far a row may be off its sphere or hyperboloid, relative to its norm or time: float32 rounding stays under
 * 1e-6 at any dimension in use; rows that were never normalised are off by far more.
 */
export const OFF_SURFACE = 1e-4;

/**
 * Checks that every row is a point of `space`, in one pass.
 * @param points [n, columnsOf(space)]
 * @param first the number that messages give the first row
 * @throws ShapeError for another number of columns; DomainError naming the first bad row: NaN or infinity, a point
 *   on or outside the ball (c|x|² >= 1), off the sphere or hyperboloid by more than OFF_SURFACE, a zero vector
 *   under cosine, a negative star offset
 */
export function requirePoints(space: Space, points: Matrix, who: string, first = 0): void {
  const columns = columnsOf(space);
  if (points.columns !== columns) {
    const remedy = `pass vectors of the ${space.kind} space`;
    throw new ShapeError(expectation(who, `${columns} columns`, points.columns, remedy));
  }
  checkColumns(space, points, 0, who, first);
}

/** @throws ShapeError for 0 rows */
export function requireRows(points: Matrix, who: string): void {
  if (points.rows >= 1) return;
  throw new ShapeError(expectation(who, 'at least one row', points.rows, 'pass some points'));
}

function checkColumns(space: Space, points: Matrix, column: number, who: string, first: number): void {
  if (space.kind === 'product') {
    let at = column;
    for (const factor of space.factors) {
      checkColumns(factor.space, points, at, who, first);
      at += columnsOf(factor.space);
    }
    return;
  }
  const rule = ruleOf(space);
  const { data } = points;
  const n = columnsOf(space);
  for (let i = 0; i < points.rows; i++) {
    const start = i * points.columns + column;
    let squaredNorm = 0;
    // 0 times a number is 0, 0 times NaN or infinity is NaN: one test a row instead of one a value.
    let defect = 0;
    for (let k = start; k < start + n; k++) {
      const value = data[k];
      squaredNorm += value * value;
      defect += value * 0;
    }
    if (defect !== 0)
      fail(who, first + i, 'finite numbers', firstNonFinite(data, start), 'remove or repair that row');
    if (!rule.holds(data[start], squaredNorm)) {
      fail(who, first + i, rule.expected, rule.show(data[start], squaredNorm), rule.remedy);
    }
  }
}

interface Rule {
  readonly expected: string;
  readonly remedy: string;
  /** `first` is the row's first value, `squaredNorm` the sum of all squares. */
  holds(first: number, squaredNorm: number): boolean;
  show(first: number, squaredNorm: number): string;
}

const showNorm = (_: number, squaredNorm: number) => `norm ${Math.sqrt(squaredNorm)}`;

function ruleOf(space: Exclude<Space, { readonly kind: 'product' }>): Rule {
  switch (space.kind) {
    case 'cosine':
      return {
        expected: 'a vector other than zero',
        remedy: 'a zero vector has no direction: leave it out',
        holds: (_, squaredNorm) => squaredNorm > TINY_SQUARE,
        show: showNorm,
      };
    case 'sphere':
      return {
        expected: `norm ${1 / Math.sqrt(space.curvature)}`,
        remedy: 'normalise the rows to 1/sqrt(curvature)',
        holds: (_, squaredNorm) => Math.abs(Math.sqrt(squaredNorm * space.curvature) - 1) <= OFF_SURFACE,
        show: showNorm,
      };
    case 'lorentz':
      return {
        expected: 'first column (time) sqrt(1/c + |rest|²)',
        remedy: 'lift the rows onto the hyperboloid',
        holds: (time, squaredNorm) => {
          const lifted = Math.sqrt(squaredNorm - time * time - 1 / space.curvature);
          return Math.abs(time - lifted) <= OFF_SURFACE * lifted;
        },
        show: (time, squaredNorm) =>
          `time ${time}, sqrt(1/c + |rest|²) ${Math.sqrt(squaredNorm - time * time - 1 / space.curvature)}`,
      };
    case 'poincare':
    case 'stereographic':
      return {
        expected: `norm < ${1 / Math.sqrt(-space.curvature)}, inside the ball`,
        remedy: 'project the rows into the ball, or check the curvature',
        holds: (_, squaredNorm) => -space.curvature * squaredNorm < 1,
        show: showNorm,
      };
    case 'star':
      return {
        expected: 'an offset >= 0',
        remedy: 'offsets are lengths: check this column',
        holds: (offset) => offset >= 0,
        show: String,
      };
    case 'euclidean':
    case 'innerProduct':
      return { expected: 'finite numbers', remedy: '', holds: () => true, show: String };
  }
}

function firstNonFinite(data: ArrayLike<number>, start: number): number {
  let k = start;
  while (Number.isFinite(data[k])) k++;
  return data[k];
}

function fail(who: string, row: number, expected: string, got: unknown, remedy: string): never {
  throw new DomainError(expectation(`${who} row ${row}`, expected, got, remedy));
}
