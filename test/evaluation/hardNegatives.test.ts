import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DomainError, ShapeError } from '../../src/core/errors.js';
import { matrix, row } from '../../src/core/matrix.js';
import { Rng } from '../../src/core/rng.js';
import { classBalancedBlocks } from '../../src/evaluation/blocks.js';
import { compareHardness } from '../../src/evaluation/hardNegatives.js';
import { distance, distanceMatrix } from '../../src/geometry/distance.js';
import { negativeProbabilities } from '../../src/geometry/hardness.js';
import { exp0 } from '../../src/geometry/poincare.js';
import { randomMatrix } from './support.js';

const COSINE = { kind: 'cosine', dim: 4 } as const;
const BALL = { kind: 'poincare', dim: 4, curvature: -0.1 } as const;

/** Unit vectors, and the same through the exponential map at the origin: one geodesic sphere. */
function unitNormHeads(n: number, seed: number) {
  const unit = randomMatrix(n, 4, new Rng(seed));
  const ball = new Float64Array(n * 4);
  for (let i = 0; i < n; i++) {
    const v = row(unit, i);
    const length = Math.hypot(...v);
    for (let k = 0; k < 4; k++) v[k] /= length;
    ball.set(exp0(v, 0.1), i * 4);
  }
  return { unit, ball: matrix(ball, n, 4) };
}

const tenOf = (n: number) => Array.from({ length: n }, (_, i) => i % 10);

describe('compareHardness', () => {
  it('finds the same ranks in both geometries when the ball is fed unit vectors', () => {
    const { unit, ball } = unitNormHeads(120, 1);
    const result = compareHardness(
      { space: COSINE, matrix: unit, temperature: 0.1 },
      { space: BALL, matrix: ball, temperature: 0.2 },
      tenOf(120),
      { blockSize: 60 },
    );
    // float32 rounding of the unit vectors moves cosines by 1e-7, which exchanges a pair of ranks now and then.
    expect(result.hardestDiffer).toBeLessThan(0.02);
    expect(result.spearman).toBeGreaterThan(0.9999);
    expect(result.overlap.every((share) => share > 0.98)).toBe(true);
    // Only the weights differ: at these temperatures the ball spreads them over other numbers of negatives.
    const { effective } = result.euclidean;
    expect(effective.some((count, i) => Math.abs(count - result.hyperbolic.effective[i]) > 1)).toBe(true);
  });

  it('is the statistic of the whole set when one block holds it, anchors in the order of rows', () => {
    const x = randomMatrix(40, 4, new Rng(2));
    const labels = tenOf(40);
    const arm = { space: COSINE, matrix: x, temperature: 0.3 };
    const { euclidean } = compareHardness(arm, arm, labels);
    const { meanP, ...arrays } = negativeProbabilities(distanceMatrix(COSINE, x, x), labels, 0.3);
    expect(euclidean).toMatchObject(arrays);
    expect(euclidean.meanP).toBeCloseTo(meanP, 14);
  });

  it('names hardest negatives by their rows of the whole set', () => {
    const x = randomMatrix(100, 4, new Rng(3));
    const labels = tenOf(100);
    const arm = { space: COSINE, matrix: x, temperature: 0.3 };
    const { euclidean } = compareHardness(arm, arm, labels, { blockSize: 50 });
    const blocks = classBalancedBlocks(labels, 50);
    for (let i = 0; i < 100; i++) {
      const block = blocks.find((rows) => rows.includes(i))!;
      const negatives = [...block].filter((j) => labels[j] !== labels[i]);
      const to = (j: number) => distance(COSINE, row(x, i), row(x, j));
      expect(to(euclidean.hardest[i])).toBe(Math.min(...negatives.map(to)));
    }
  });

  it('finds half of the hardest negatives different, by hand', () => {
    // On a line: anchors 0 and 1 of class 0; the second space exchanges the two negatives as anchor 1 sees them.
    const line = { kind: 'euclidean', dim: 1 } as const;
    const first = { space: line, matrix: matrix(Float64Array.of(0, 1, 3, 10), 4, 1), temperature: 1 };
    const second = { space: line, matrix: matrix(Float64Array.of(0, 8, 3, 9), 4, 1), temperature: 1 };
    const { hardestDiffer, spearman, overlap } = compareHardness(first, second, [0, 0, 1, 2]);
    expect(hardestDiffer).toBe(0.5);
    // Two negatives: rank correlation 1 for anchor 0, -1 for anchor 1.
    expect(spearman).toBeCloseTo(0, 15);
    expect(Array.from(overlap)).toEqual([0.5, 1]);
  });

  it('refuses heads of two lengths, one class, and single items', () => {
    const arm = (n: number) => ({ space: COSINE, matrix: randomMatrix(n, 4, new Rng(4)), temperature: 1 });
    expect(() => compareHardness(arm(4), arm(5), [0, 0, 1, 1])).toThrow(ShapeError);
    expect(() => compareHardness(arm(3), arm(3), [0, 0, 0])).toThrow(DomainError);
    expect(() => compareHardness(arm(3), arm(3), [0, 1, 2])).toThrow(DomainError);
    expect(() => compareHardness(arm(0), arm(0), [])).toThrow(DomainError);
  });
});

describe('classBalancedBlocks', () => {
  it('hold every row once, keep at least two of a class together, and are near the size asked for', () => {
    const labels = fc.array(fc.nat({ max: 6 }), { minLength: 1, maxLength: 200 });
    fc.assert(
      fc.property(labels, fc.integer({ min: 20, max: 80 }), (classes, size) => {
        const blocks = classBalancedBlocks(classes, size);
        const all = blocks.flatMap((rows) => [...rows]).sort((a, b) => a - b);
        expect(all).toEqual(classes.map((_, i) => i));
        for (const rows of blocks) {
          // A block gets at most one group of 7 more than the even share.
          expect(rows.length).toBeLessThanOrEqual(2 * size);
          for (const i of rows) {
            if (classes.filter((label) => label === classes[i]).length < 2) continue;
            expect([...rows].filter((j) => classes[j] === classes[i]).length).toBeGreaterThanOrEqual(2);
          }
        }
      }),
      { seed: 7, numRuns: 50 },
    );
  });

  it('share classes out evenly', () => {
    for (const rows of classBalancedBlocks(tenOf(4000), 250)) {
      const counts = new Array<number>(10).fill(0);
      for (const i of rows) counts[i % 10]++;
      expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(4);
    }
  });
});
