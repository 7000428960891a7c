import { describe, expect, it } from 'vitest';
import { DomainError, UsageError } from '../../src/core/errors.js';
import { Rng } from '../../src/core/rng.js';
import { drawTetris, TETRIS_SHAPES } from '../../src/data/tetris.js';
import { FLOAT32 } from '../laws/tolerance.js';

/** Distances of all pairs of points, ascending: what no motion and no order changes. */
function distances(points: ArrayLike<number>): number[] {
  const n = points.length / 3;
  const found: number[] = [];
  for (let i = 0; i < n; i++)
    for (let j = 0; j < i; j++)
      found.push(Math.hypot(...[0, 1, 2].map((k) => points[3 * i + k] - points[3 * j + k])));
  return found.sort((a, b) => a - b);
}

describe('drawTetris', () => {
  it('gives shapes of unit cubes, each beside another', () => {
    for (const shape of Object.values(TETRIS_SHAPES)) {
      expect(distances(shape).slice(0, 3)).toEqual([1, 1, 1]);
    }
  });

  it('moves and reorders without noise and changes no distance', () => {
    const { clouds, labels } = drawTetris(new Rng(1), 50, { noise: 0 });
    const shapes = Object.values(TETRIS_SHAPES);
    clouds.forEach(({ data }, i) => {
      distances(data).forEach((distance, k) => {
        // Coordinates near 10 carry a rounding of 1e-6.
        expect(Math.abs(distance - distances(shapes[labels[i]])[k])).toBeLessThan(FLOAT32);
      });
    });
    expect(new Set(labels).size).toBe(8);
  });

  it('adds noise of the given standard deviation to each coordinate', () => {
    const { clouds, labels } = drawTetris(new Rng(2), 500, {
      noise: 0.1,
      shift: 0,
      turned: false,
      shuffled: false,
    });
    const shapes = Object.values(TETRIS_SHAPES);
    const squares = clouds.flatMap(({ data }, i) =>
      Array.from(data, (v, k) => (v - shapes[labels[i]][k]) ** 2),
    );
    // 6,000 coordinates: the mean square has a standard error of 2 % of 0.01.
    expect(Math.abs(squares.reduce((a, b) => a + b) / squares.length / 0.01 - 1)).toBeLessThan(0.08);
  });

  it('is the same for the same seed, and empty for none', () => {
    expect(drawTetris(new Rng(3), 5)).toEqual(drawTetris(new Rng(3), 5));
    expect(drawTetris(new Rng(3), 0).clouds).toEqual([]);
  });

  it('refuses counts and spreads that are none', () => {
    expect(() => drawTetris(new Rng(1), -1)).toThrow(UsageError);
    expect(() => drawTetris(new Rng(1), 1, { noise: Number.NaN })).toThrow(DomainError);
    expect(() => drawTetris(new Rng(1), 1, { shift: -1 })).toThrow(DomainError);
  });
});
