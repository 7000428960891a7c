import { describe, expect, it } from 'vitest';
import { DomainError, ShapeError, UsageError } from '../../../src/core/errors.js';
import { matrix, row } from '../../../src/core/matrix.js';
import { Rng } from '../../../src/core/rng.js';
import { lbfgs } from '../../../src/evaluation/probes/lbfgs.js';
import { logisticScores, predictLogistic, trainLogistic } from '../../../src/evaluation/probes/logistic.js';
import { nearestLabels } from '../../../src/evaluation/probes/nearestLabels.js';
import { rocArea } from '../../../src/evaluation/probes/rocArea.js';

describe('lbfgs', () => {
  it('finds the bottom of a bent valley: (1, 1) of Rosenbrock', () => {
    const { x, slope } = lbfgs(
      ([a, b], gradient) => {
        gradient[0] = -400 * a * (b - a * a) - 2 * (1 - a);
        gradient[1] = 200 * (b - a * a);
        return 100 * (b - a * a) ** 2 + (1 - a) ** 2;
      },
      Float64Array.of(-1.2, 1),
      { tolerance: 1e-9 },
    );
    expect(slope).toBeLessThan(1e-9);
    expect(x[0]).toBeCloseTo(1, 8);
    expect(x[1]).toBeCloseTo(1, 8);
  });

  it('refuses a start that has no value', () => {
    expect(() => lbfgs(() => Number.NaN, new Float64Array(1))).toThrow(DomainError);
  });
});

describe('trainLogistic', () => {
  const rng = new Rng(5);
  const labels = Array.from({ length: 60 }, (_, i) => i % 3);
  const x = matrix(
    Float64Array.from({ length: 120 }, (_, at) => 3 * rng.normal() + labels[at >> 1] * (1 + (at % 2))),
    60,
    2,
  );

  it('is where the derivative of C Σ cross-entropy + |W|² / 2 vanishes', () => {
    const model = trainLogistic(x, labels, { c: 0.7, tolerance: 1e-10 });
    const p = logisticScores(model, x).data.map(Math.exp);
    for (let k = 0; k < 3; k++) {
      const weights = row(model.weights, k);
      for (let j = 0; j < 3; j++) {
        let sum = j < 2 ? weights[j] : 0;
        for (let i = 0; i < 60; i++) {
          const value = j < 2 ? (x.data[2 * i + j] - model.mean[j]) / model.scale[j] : 1;
          sum += 0.7 * (p[3 * i + k] - Number(labels[i] === k)) * value;
        }
        expect(Math.abs(sum)).toBeLessThan(1e-7);
      }
    }
  });

  it('gives probabilities that add up to 1, and predicts the largest', () => {
    const model = trainLogistic(x, labels);
    const scores = logisticScores(model, x);
    const predicted = predictLogistic(model, x);
    for (let i = 0; i < 60; i++) {
      const values = Array.from(row(scores, i));
      expect(values.reduce((sum, v) => sum + Math.exp(v), 0)).toBeCloseTo(1, 12);
      expect(values[predicted[i]]).toBe(Math.max(...values));
    }
  });

  it('does not depend on the scale and origin of a column, nor on one that is constant', () => {
    const moved = matrix(
      Float64Array.from({ length: 180 }, (_, at) =>
        at % 3 === 2 ? 0.1 : 1e4 * x.data[2 * Math.floor(at / 3) + (at % 3)] - 7,
      ),
      60,
      3,
    );
    const [a, b] = [
      logisticScores(trainLogistic(x, labels, { tolerance: 1e-9 }), x),
      logisticScores(trainLogistic(moved, labels, { tolerance: 1e-9 }), moved),
    ];
    a.data.forEach((value, at) => {
      expect(b.data[at]).toBeCloseTo(value, 6);
    });
  });

  it('is log p of the class shares without columns: by hand log 1/4 and log 3/4', () => {
    const none = matrix(new Float64Array(4), 4, 1);
    const [first, second] = logisticScores(trainLogistic(none, [0, 1, 1, 1], { tolerance: 1e-9 }), none).data;
    expect(first).toBeCloseTo(Math.log(1 / 4), 7);
    expect(second).toBeCloseTo(Math.log(3 / 4), 7);
  });

  it('names what it cannot use', () => {
    expect(() => trainLogistic(x, [0, 1])).toThrow(ShapeError);
    expect(() => trainLogistic(matrix(new Float64Array(0), 0, 2), [])).toThrow(ShapeError);
    expect(() => trainLogistic(x, labels, { classes: 2 })).toThrow(UsageError);
    expect(() => trainLogistic(x, labels, { c: 0 })).toThrow(DomainError);
    expect(() => trainLogistic(matrix(Float64Array.of(1, Number.NaN), 2, 1), [0, 1])).toThrow(/row 1/);
    expect(() => predictLogistic(trainLogistic(x, labels), matrix(new Float64Array(3), 1, 3))).toThrow(
      ShapeError,
    );
  });
});

describe('nearestLabels', () => {
  const known = matrix(Float32Array.of(0, 1, 2, 10, 11), 5, 1);
  const of = (queries: number[], k: number) =>
    nearestLabels(
      { kind: 'euclidean', dim: 1 },
      known,
      [7, 8, 8, 9, 9],
      matrix(Float32Array.from(queries), queries.length, 1),
      k,
    );

  it('is the label of the nearest, or of most of the nearest, of equals the nearest one', async () => {
    expect(Array.from(await of([0.1, 9], 1))).toEqual([7, 9]);
    expect(Array.from(await of([0.1, 9], 3))).toEqual([8, 9]);
    expect(Array.from(await of([0.1, 3.5], 2))).toEqual([7, 8]);
  });

  it('takes all where there are fewer than k', async () => {
    expect(Array.from(await of([0], 9))).toEqual([8]);
    await expect(of([0], 0)).rejects.toThrow(UsageError);
  });
});

describe('rocArea', () => {
  it('is the share of pairs in order, ties half, by hand', () => {
    expect(rocArea([1, 2, 3, 4], [0, 0, 1, 1])).toBe(1);
    expect(rocArea([4, 3, 2, 1], [0, 0, 1, 1])).toBe(0);
    expect(rocArea([1, 2, 2, 3], [0, 1, 0, 1])).toBe(3.5 / 4);
    expect(rocArea([5, 5, 5], [1, 0, 0])).toBe(0.5);
  });

  it('needs both sides and finite scores', () => {
    expect(() => rocArea([1, 2], [1, 1])).toThrow(DomainError);
    expect(() => rocArea([1, Number.NaN], [1, 0])).toThrow(/row 1/);
    expect(() => rocArea([1], [1, 0])).toThrow(ShapeError);
  });
});
