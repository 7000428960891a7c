import { DomainError, expectation } from '../../src/core/errors.js';
import type { Matrix32 } from '../../src/core/matrix.js';
import { columnsOf, type Space } from '../../src/core/space.js';

/** Greatest absolute values that a row may have in a space. */
interface Range {
  readonly low: number;
  readonly high: number;
}

/**
 * Walks compare sums of squares in float32, which vanish or overflow beyond certain sizes. Such rows are for exact search.
 * @throws DomainError naming the row whose greatest value lies above 1e18; of a direction, outside 1e-30..1e30
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
  const range = rangeOf(space);
  if (!range) return;
  const columns = columnsOf(space);
  for (let i = 0; i < rows.rows; i++) {
    const start = i * rows.columns + column;
    let greatest = 0;
    for (let k = start; k < start + columns; k++) greatest = Math.max(greatest, Math.abs(rows.data[k]));
    if (greatest >= range.low && greatest <= range.high) continue;
    throw new DomainError(
      expectation(
        `${who} row ${i}`,
        `a greatest value of ${range.low} to ${range.high}`,
        greatest,
        'scale all vectors alike, or use the engine "exact"',
      ),
    );
  }
}

function rangeOf(space: Exclude<Space, { readonly kind: 'product' }>): Range | undefined {
  const unbounded = { low: 0, high: 1e18 };
  switch (space.kind) {
    case 'euclidean':
    case 'innerProduct':
    case 'star':
      return unbounded;
    case 'stereographic':
      return space.curvature < 0 ? undefined : unbounded;
    case 'cosine':
      return { low: 1e-30, high: 1e30 };
    case 'sphere':
    case 'poincare':
    case 'lorentz':
      return undefined;
  }
}
