import { describe, expect, it } from 'vitest';
import { DomainError, ShapeError } from '../../src/core/errors.js';
import { matrix } from '../../src/core/matrix.js';
import { Rng } from '../../src/core/rng.js';
import { negativeProbabilities } from '../../src/geometry/hardness.js';
import { matrixOf } from './support.js';

function randomDistances(n: number, rng: Rng) {
  return matrix(
    Float64Array.from({ length: n * n }, () => rng.uniform(0, 3)),
    n,
    n,
  );
}

describe('negativeProbabilities', () => {
  it('equals the definition, summed slowly', () => {
    const n = 12;
    const D = randomDistances(n, new Rng(1));
    const labels = Array.from({ length: n }, (_, i) => i % 3);
    const tau = 0.4;
    const { meanP, p, hardestP, effective, hardest } = negativeProbabilities(D, labels, tau);
    let sum = 0;
    for (let i = 0; i < n; i++) {
      const e = (j: number) => Math.exp(-D.data[i * n + j] / tau);
      const all = Array.from({ length: n }, (_, j) => j);
      const negatives = all.filter((k) => labels[k] !== labels[i]);
      const positives = all.filter((j) => j !== i && labels[j] === labels[i]);
      const negativeMass = negatives.reduce((s, k) => s + e(k), 0);
      const q = negatives.map(
        (k) => positives.reduce((s, j) => s + e(k) / (e(j) + negativeMass), 0) / positives.length,
      );
      const total = q.reduce((a, b) => a + b, 0);
      expect(p[i]).toBeCloseTo(total, 6);
      expect(hardestP[i]).toBeCloseTo(Math.max(...q), 6);
      expect(hardest[i]).toBe(negatives[q.indexOf(Math.max(...q))]);
      expect(effective[i]).toBeCloseTo(1 / q.reduce((s, v) => s + (v / total) ** 2, 0), 4);
      sum += total;
    }
    expect(meanP).toBeCloseTo(sum / n, 12);
  });

  it('is m/(m + 1) with m negatives as far as the positive, by hand', () => {
    const D = matrix(new Float64Array(16).fill(2), 4, 4);
    const { meanP, effective } = negativeProbabilities(D, [0, 0, 1, 1], 0.1);
    expect(meanP).toBeCloseTo(2 / 3, 15);
    expect(Array.from(effective)).toEqual([2, 2, 2, 2]);
  });

  it('stays finite where exp would overflow or underflow', () => {
    const near = matrixOf([
      [0, 1e5, 1],
      [1e5, 0, 1],
      [1, 1, 0],
    ]);
    expect(negativeProbabilities(near, [0, 0, 1], 1e-3).meanP).toBe(1);
    const far = matrixOf([
      [0, 1, 1e5],
      [1, 0, 1e5],
      [1e5, 1e5, 0],
    ]);
    const { p, hardestP } = negativeProbabilities(far, [0, 0, 1], 1e-3);
    expect([...p, ...hardestP]).toEqual([0, 0, 0, 0]);
  });

  it('does not change when a constant is added to all distances', () => {
    const D = randomDistances(8, new Rng(2));
    const shifted = matrix(
      D.data.map((d) => d + 50),
      8,
      8,
    );
    const labels = [0, 0, 1, 1, 2, 2, 3, 3];
    const { meanP } = negativeProbabilities(D, labels, 0.2);
    expect(negativeProbabilities(shifted, labels, 0.2).meanP).toBeCloseTo(meanP, 12);
  });

  it('leaves out anchors without a positive', () => {
    const D = randomDistances(3, new Rng(3));
    expect(negativeProbabilities(D, [0, 0, 1], 1).p.length).toBe(2);
  });

  it('refuses one class, single items, τ = 0, NaN and a matrix that is not square', () => {
    const D = randomDistances(3, new Rng(3));
    expect(() => negativeProbabilities(D, [0, 0, 0], 1)).toThrow(/positive and a negative/);
    expect(() => negativeProbabilities(D, [0, 1, 2], 1)).toThrow(DomainError);
    expect(() => negativeProbabilities(D, [0, 0, 1], 0)).toThrow(DomainError);
    expect(() => negativeProbabilities(matrixOf([[0, 1]]), [0], 1)).toThrow(ShapeError);
    expect(() => negativeProbabilities(D, [0, 0], 1)).toThrow(ShapeError);
    D.data[1] = Number.NaN;
    expect(() => negativeProbabilities(D, [0, 0, 1], 1)).toThrow(DomainError);
  });
});
