import { beforeAll, describe, expect, it } from 'vitest';
import { DomainError, ShapeError } from '../../../src/core/errors.js';
import type { Space } from '../../../src/core/space.js';
import { openEngine } from '../../../src/engine/openEngine.js';
import * as tf from '../../../src/engine/tf.js';
import { distance } from '../../../src/geometry/distance.js';
import {
  type HardPairSoftmaxOptions,
  hardContrastive,
  hardPairSoftmax,
} from '../../../src/losses/contrastive/hardContrastive.js';
import { type MixedHead, mixedLogits } from '../../../src/losses/contrastive/mixedLogits.js';
import { pairSoftmax } from '../../../src/losses/contrastive/pairSoftmax.js';
import { leakedTensors } from '../../laws/gradient.js';
import {
  differences,
  evaluate,
  expectGradient,
  expectValue,
  meanOf,
  planOf,
  uniformRows,
} from './support.js';

beforeAll(async () => {
  await openEngine();
});

const LABELS = [0, 1, 0, 2, 1, 0, 2];
const FREE_CURVED: Space = { kind: 'poincare', dim: 3, curvature: -0.1 };
const HEADS: readonly MixedHead[] = [
  { space: { kind: 'cosine', dim: 3 }, temperature: 0.2 },
  { space: FREE_CURVED, temperature: 0.7, weight: 0.5 },
  { space: { kind: 'poincare', dim: 3, curvature: -2 }, temperature: 0.9, weight: 2 },
];
const POINTS = [
  uniformRows(7, 3, 31),
  uniformRows(7, 3, 32, -1.5, 1.5),
  uniformRows(7, 3, 33, -0.35, 0.35),
] as const;

interface Settings {
  readonly beta: number;
  readonly tauPlus: number;
  readonly lowest: number | 'batch';
}

/** From the definition, pair by pair in float64; weights by `w`, the floor by the least of `floorOf`. */
function oracle(
  s: readonly (readonly number[])[],
  { beta, tauPlus, lowest }: Settings,
  { w = s, floorOf = s }: { w?: typeof s; floorOf?: typeof s } = {},
): number {
  let sum = 0;
  let pairs = 0;
  for (const [a, row] of s.entries()) {
    const negatives = [...row.keys()].filter((j) => LABELS[j] !== LABELS[a]);
    const N = negatives.length;
    const weights = negatives.map((j) => Math.exp(beta * w[a][j]));
    const weighted = negatives.reduce((total, j, k) => total + weights[k] * Math.exp(row[j]), 0);
    const mean = weighted / weights.reduce((x, y) => x + y, 0);
    const least = lowest === 'batch' ? Math.min(...negatives.map((j) => floorOf[a][j])) : lowest;
    for (let p = 0; p < row.length; p++) {
      if (p === a || LABELS[p] !== LABELS[a]) continue;
      const estimate = (N * (mean - tauPlus * Math.exp(row[p]))) / (1 - tauPlus);
      sum += Math.log1p(Math.max(estimate, N * Math.exp(least)) / Math.exp(row[p]));
      pairs++;
    }
  }
  return sum / pairs;
}

/** -Σ w d / t in float64, of rows in which the heads' points lie one under the other. */
function mixed(rows: readonly number[][]): number[][] {
  const n = LABELS.length;
  const logit = (i: number, j: number) =>
    HEADS.reduce((total, { space, temperature, weight = 1 }, h) => {
      const d = distance(space, rows[h * n + i], rows[h * n + j]);
      return total - ((weight as number) * d) / (temperature as number);
    }, 0);
  return LABELS.map((_, i) => LABELS.map((__, j) => (i === j ? 0 : logit(i, j))));
}

const split = (x: tf.Tensor2D) => tf.split(x, HEADS.length) as tf.Tensor2D[];
const lossOf = (x: tf.Tensor2D, options: HardPairSoftmaxOptions) =>
  hardPairSoftmax(mixedLogits(HEADS, split(x)), planOf(LABELS), options);

const SETTINGS: readonly Settings[] = [
  { beta: 1, tauPlus: 0, lowest: 'batch' },
  { beta: 2, tauPlus: 0.1, lowest: 'batch' },
  { beta: 0.5, tauPlus: 0.6, lowest: 'batch' },
  { beta: 0, tauPlus: 0.3, lowest: -6 },
];

describe('hardPairSoftmax', () => {
  it.each(SETTINGS)(
    'is the definition on mixed logits of three heads, with gradients to each: beta $beta, tau+ $tauPlus',
    (settings) => {
      const { value, gradient } = evaluate((x) => lossOf(x, settings), POINTS.flat());
      const constant = mixed(POINTS.flat());
      expectValue(value, oracle(constant, settings));
      const expected = differences(
        (rows) => oracle(mixed(rows), settings, { floorOf: constant }),
        POINTS.flat(),
      );
      const size = POINTS[0].flat().length;
      for (const h of HEADS.keys()) {
        const own = expected.slice(h * size, (h + 1) * size);
        expect(Math.max(...own.map(Math.abs))).toBeGreaterThan(0);
        expectGradient(gradient.slice(h * size, (h + 1) * size), own);
      }
    },
  );

  it('reaches the floor in some of these cases and not in others', () => {
    const s = mixed(POINTS.flat());
    const floors = SETTINGS.map((settings) => {
      const without = oracle(s, { ...settings, lowest: -1e3 });
      return without !== oracle(s, settings);
    });
    expect(floors).toContain(true);
    expect(floors).toContain(false);
  });

  it('weighs by the logits of another space, through which no gradient goes', () => {
    const cosines = uniformRows(7, 7, 34, -4, 4);
    const hyperbolic = uniformRows(7, 7, 35, -5, 0);
    for (const settings of SETTINGS) {
      const f = (x: tf.Tensor2D) =>
        hardPairSoftmax(x, planOf(LABELS), { ...settings, weightLogits: tf.tensor2d(hyperbolic) });
      const { value, gradient } = evaluate(f, cosines);
      expectValue(value, oracle(cosines, settings, { w: hyperbolic }));
      const constant = { w: hyperbolic, floorOf: cosines };
      expectGradient(
        gradient,
        differences((rows) => oracle(rows, settings, constant), cosines),
      );
      const own = (x: tf.Tensor2D) => tf.mul(x, -0.5) as tf.Tensor2D;
      const ofOwn = (weights: (x: tf.Tensor2D) => tf.Tensor2D) =>
        evaluate(
          (x) => hardPairSoftmax(x, planOf(LABELS), { ...settings, weightLogits: weights(x) }),
          cosines,
        );
      const cut = ofOwn(() => own(tf.tensor2d(cosines)));
      expect(ofOwn(own).gradient).toEqual(cut.gradient);
    }
  });

  it('is pairSoftmax with beta 0, with weights all alike, and with one negative', () => {
    const s = uniformRows(7, 7, 36, -4, 4);
    const plain = evaluate((x) => pairSoftmax(x, planOf(LABELS)), s);
    for (const options of [{ beta: 0 }, { weightLogits: tf.fill([7, 7], 3) as tf.Tensor2D }]) {
      const ours = evaluate((x) => hardPairSoftmax(x, planOf(LABELS), options), s);
      expectValue(ours.value, plain.value);
      expectGradient(ours.gradient, plain.gradient);
    }
    const three = s.slice(0, 3).map((row) => row.slice(0, 3));
    const one = evaluate((x) => pairSoftmax(x, planOf([0, 0, 1])), three);
    const ours = evaluate((x) => hardPairSoftmax(x, planOf([0, 0, 1]), { beta: 3 }), three);
    expectValue(ours.value, one.value);
    expectGradient(ours.gradient, one.gradient);
  });

  it('is hardContrastive of distances that are the negated logits, at temperature 1', () => {
    const s = uniformRows(7, 7, 37, -4, 0);
    const plan = planOf(LABELS);
    const options = { beta: 1.5, tauPlus: 0.2, lowest: 'batch' } as const;
    const direct = evaluate((x) => hardPairSoftmax(x, plan, options), s);
    const through = evaluate(
      (x) => meanOf(hardContrastive({ distances: tf.neg(x), plan }, { ...options, temperature: 1 })),
      s,
    );
    expectValue(direct.value, through.value);
    expectGradient(direct.gradient, through.gradient);
  });

  it('stays finite where logits and weights lie thousands apart, and is 0 without positives or negatives', () => {
    const far = uniformRows(7, 7, 38, -5000, 0);
    const other = tf.tensor2d(uniformRows(7, 7, 39, -5000, 0));
    for (const tauPlus of [0, 0.3]) {
      for (const options of [{ tauPlus }, { tauPlus, weightLogits: other }]) {
        const { value, gradient } = evaluate((x) => hardPairSoftmax(x, planOf(LABELS), options), far);
        expect(Number.isFinite(value) && gradient.every(Number.isFinite)).toBe(true);
        for (const labels of [
          [0, 1, 2, 3, 4, 5, 6],
          [4, 4, 4, 4, 4, 4, 4],
        ]) {
          const none = evaluate((x) => hardPairSoftmax(x, planOf(labels), options), far);
          expect(none.value).toBe(0);
          expect(new Set(none.gradient.map(Math.abs))).toEqual(new Set([0]));
        }
      }
    }
  });

  it('is NaN where a logit or a weight is', () => {
    const s = uniformRows(7, 7, 40, -4, 0);
    for (const column of [1, 2]) {
      const broken = s.map((row, i) => row.map((x, j) => (i === 0 && j === column ? Number.NaN : x)));
      for (const tauPlus of [0, 0.3]) {
        expect(evaluate((x) => hardPairSoftmax(x, planOf(LABELS), { tauPlus }), broken).value).toBeNaN();
      }
      if (column === 2) continue;
      const weightLogits = tf.tensor2d(broken);
      expect(evaluate((x) => hardPairSoftmax(x, planOf(LABELS), { weightLogits }), s).value).toBeNaN();
    }
  });

  it('leaves no tensors behind', async () => {
    const x = tf.tensor2d(POINTS.flat());
    expect(
      await leakedTensors(() => tf.tidy(() => tf.grad((p) => lossOf(p as tf.Tensor2D, { tauPlus: 0.1 }))(x))),
    ).toBe(0);
    x.dispose();
  });

  it('refuses options out of range and weights of another shape', () => {
    const of = (options: HardPairSoftmaxOptions) => () =>
      tf.tidy(() => hardPairSoftmax(tf.zeros([7, 7]), planOf(LABELS), options));
    expect(of({ beta: Number.NaN })).toThrow(DomainError);
    expect(of({ tauPlus: 1 })).toThrow(DomainError);
    expect(of({ lowest: Number.NaN })).toThrow(DomainError);
    expect(of({ weightLogits: tf.zeros([7, 6]) })).toThrow(ShapeError);
  });
});
