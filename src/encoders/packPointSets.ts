import { requireFinite, requireInteger, requireLength } from '../core/checks.js';
import { expectation, ShapeError } from '../core/errors.js';
import { type Matrix, type Matrix32, matrix } from '../core/matrix.js';
import type { PointSetLayoutOptions } from './layouts.js';

/**
 * Sets or clouds as rows of a `pointSetLayout`, whose absent points are zeros. An item may be empty, and points may
 * coincide or lie on a line.
 * @param items [points, dim] each, or [points, dim + kinds]
 * @returns [items, maxPoints * (dim + kinds + 1)]
 * @throws ShapeError naming an item of other columns or of more than maxPoints points, DomainError naming an item and its
 *   first point that is not finite
 */
export function packPointSets(
  items: readonly Matrix[],
  { maxPoints, dim, kinds = 0 }: PointSetLayoutOptions,
): Matrix32 {
  requireInteger(maxPoints, 1, 'packPointSets maxPoints');
  requireInteger(dim, 1, 'packPointSets dim');
  requireInteger(kinds, 0, 'packPointSets kinds');
  const [given, width] = [dim + kinds, dim + kinds + 1];
  const data = new Float32Array(items.length * maxPoints * width);
  items.forEach((item, i) => {
    const who = `packPointSets item ${i}`;
    requireItem(item, given, maxPoints, who);
    for (let p = 0; p < item.rows; p++) {
      const at = (i * maxPoints + p) * width;
      for (let k = 0; k < given; k++) data[at + k] = item.data[p * given + k];
      data[at + given] = 1;
    }
  });
  return matrix(data, items.length, maxPoints * width);
}

function requireItem(item: Matrix, columns: number, maxPoints: number, who: string): void {
  if (item.columns !== columns) {
    const remedy = 'give each point its coordinates and kinds';
    throw new ShapeError(expectation(who, `${columns} columns`, item.columns, remedy));
  }
  if (item.rows > maxPoints) {
    const remedy = 'raise maxPoints or take fewer points of it';
    throw new ShapeError(expectation(who, `at most ${maxPoints} points`, item.rows, remedy));
  }
  requireLength(item.data.length, item.rows * columns, who);
  requireFinite(item.data, columns, who);
}
