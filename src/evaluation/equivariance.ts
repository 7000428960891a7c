import { requireFinite, requireLength } from '../core/checks.js';
import { DomainError, expectation, ShapeError } from '../core/errors.js';
import { type Matrix, row } from '../core/matrix.js';
import { apart } from '../core/values.js';
import { wrapAngle } from '../symmetry/groups/so2.js';

/**
 * How much an invariant code changes under the group, in units of its distance between items:
 * mean |η(gx) - η(x)| / mean |η(x) - η(y)| over different items x, y. 0 is invariance; 1 is none.
 * @param codes [n, dim], n >= 2 @param turned one or more matrices [n, dim], the codes of the same items under some g
 * @throws ShapeError for other shapes, DomainError if all codes coincide or for values that are not finite
 */
export function codeRelativeChange(codes: Matrix, turned: readonly Matrix[]): number {
  if (codes.rows < 2 || turned.length < 1) {
    const got = `${codes.rows} items, ${turned.length} turns`;
    throw new ShapeError(expectation('codeRelativeChange', 'two items and a turn', got, 'pass more'));
  }
  requireFinite(codes.data, codes.columns, 'codeRelativeChange codes');
  let change = 0;
  for (const matrix of turned) {
    requireLength(matrix.columns, codes.columns, 'codeRelativeChange turned');
    requireLength(matrix.rows, codes.rows, 'codeRelativeChange turned');
    requireFinite(matrix.data, matrix.columns, 'codeRelativeChange turned');
    for (let i = 0; i < codes.rows; i++) change += apart(row(matrix, i), row(codes, i));
  }
  let between = 0;
  for (let i = 0; i < codes.rows; i++) {
    for (let j = i + 1; j < codes.rows; j++) between += apart(row(codes, i), row(codes, j));
  }
  if (!(between > 0)) {
    const remedy = 'the encoder has collapsed';
    throw new DomainError(expectation('codeRelativeChange codes', 'two different codes', 'none', remedy));
  }
  const meanBetween = between / ((codes.rows * (codes.rows - 1)) / 2);
  return change / (turned.length * codes.rows) / meanBetween;
}

/**
 * Mean of the angle between ψ(g x) and g ψ(x), degrees in 0..180; 90 is chance.
 * @param before ψ(x), @param turns g, @param after ψ(g x): radians, one each an item
 * @throws ShapeError for other lengths or none, DomainError for values that are not finite
 */
export function orientationErrorDegrees(
  before: ArrayLike<number>,
  turns: ArrayLike<number>,
  after: ArrayLike<number>,
): number {
  if (before.length < 1) {
    throw new ShapeError(expectation('orientationErrorDegrees', 'at least one item', 0, 'pass some'));
  }
  requireLength(turns.length, before.length, 'orientationErrorDegrees turns');
  requireLength(after.length, before.length, 'orientationErrorDegrees after');
  let sum = 0;
  for (let i = 0; i < before.length; i++) sum += Math.abs(wrapAngle(after[i] - turns[i] - before[i]));
  requireFinite([sum], 1, 'orientationErrorDegrees sum');
  return (sum / before.length) * (180 / Math.PI);
}
