import { requirePositive } from '../../core/checks.js';

/** Points in cubes of a side, for neighbours within it. */
export interface CellGrid {
  readonly positions: Float64Array;
  readonly side: number;
  readonly cells: ReadonlyMap<string, readonly number[]>;
}

const keyOf = (x: number, y: number, z: number): string => `${x},${y},${z}`;

/** @param positions [3 n] @param side > 0, the largest distance that will be asked for @throws DomainError for another side */
export function cellGrid(positions: Float64Array, side: number): CellGrid {
  requirePositive(side, 'cellGrid side');
  const cells = new Map<string, number[]>();
  for (let i = 0; i < positions.length / 3; i++) {
    const key = keyOf(
      Math.floor(positions[3 * i] / side),
      Math.floor(positions[3 * i + 1] / side),
      Math.floor(positions[3 * i + 2] / side),
    );
    const cell = cells.get(key);
    if (cell) cell.push(i);
    else cells.set(key, [i]);
  }
  return { positions, side, cells };
}

/** Points within the grid's side of a place, the place's border included, ascending. */
export function pointsWithin(grid: CellGrid, x: number, y: number, z: number): number[] {
  const { positions, side, cells } = grid;
  const [a, b, c] = [Math.floor(x / side), Math.floor(y / side), Math.floor(z / side)];
  const found: number[] = [];
  for (let i = a - 1; i <= a + 1; i++) {
    for (let j = b - 1; j <= b + 1; j++) {
      for (let k = c - 1; k <= c + 1; k++) {
        for (const p of cells.get(keyOf(i, j, k)) ?? []) {
          const distance = Math.hypot(
            positions[3 * p] - x,
            positions[3 * p + 1] - y,
            positions[3 * p + 2] - z,
          );
          if (distance <= side) found.push(p);
        }
      }
    }
  }
  return found.sort((p, q) => p - q);
}
