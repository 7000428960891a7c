import { DomainError, expectation } from '../../src/core/errors.js';
import type { Matrix32 } from '../../src/core/matrix.js';
import { columnsOf, type Space } from '../../src/core/space.js';

/** Squares of greater differences overflow float32, and all far points would be equally far. */
const GREATEST = 1e18;

/**
 * Walks compare float32 sums of squares, so coordinates without a bound of their own must be at most 1e18.
 * @throws DomainError naming the row
 */
export function requireWalkable(space: Space, rows: Matrix32, who: string): void {
  checkColumns(space, rows, 0, who);
}

function checkColumns(space: Space, rows: Matrix32, column: number, who: string): void {
  if (space.kind === 'product') {
    let at = column;
    for (const factor of space.factors) {
      checkColumns(factor.space, rows, at, who);
      at += columnsOf(factor.space);
    }
    return;
  }
  if (!isUnbounded(space)) return;
  const columns = columnsOf(space);
  for (let i = 0; i < rows.rows; i++) {
    const start = i * rows.columns + column;
    for (let k = start; k < start + columns; k++) {
      if (Math.abs(rows.data[k]) <= GREATEST) continue;
      const remedy = 'scale all vectors down, or use the engine "exact"';
      throw new DomainError(
        expectation(`${who} row ${i}`, `values of at most ${GREATEST}`, rows.data[k], remedy),
      );
    }
  }
}

/** Directions are normalised, points of a ball bounded, hyperboloids taken to the ball in float64. */
function isUnbounded(space: Exclude<Space, { readonly kind: 'product' }>): boolean {
  switch (space.kind) {
    case 'euclidean':
    case 'innerProduct':
    case 'star':
      return true;
    case 'stereographic':
      return space.curvature >= 0;
    case 'cosine':
    case 'sphere':
    case 'poincare':
    case 'lorentz':
      return false;
  }
}
