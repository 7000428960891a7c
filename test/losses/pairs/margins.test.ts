import { beforeAll, describe, expect, it } from 'vitest';
import { Rng } from '../../../src/core/rng.js';
import type { Space } from '../../../src/core/space.js';
import { openEngine } from '../../../src/engine/openEngine.js';
import type { PairPlan } from '../../../src/engine/records.js';
import * as tf from '../../../src/engine/tf.js';
import { contrastiveLoss } from '../../../src/losses/pairs/contrastive.js';
import { intraPairVarianceLoss } from '../../../src/losses/pairs/intraPairVariance.js';
import { marginLoss } from '../../../src/losses/pairs/margin.js';
import { rankedListLoss } from '../../../src/losses/pairs/rankedList.js';
import { thresholdConsistentMarginLoss } from '../../../src/losses/pairs/thresholdConsistentMargin.js';
import { avgNonZero, divisor, mean, type Reducer, reduceTerms, sum } from '../../../src/losses/reducers.js';
import type { Compared, LossTerms } from '../../../src/losses/terms.js';
import { metricOn } from '../../../src/manifolds/manifoldOn.js';
import { leakedTensors } from '../../laws/gradient.js';
import { differences, expectClose, expectGradient, planOf } from './margins.js';
import { onEachRowPath } from './paths.js';

beforeAll(async () => {
  await openEngine();
});

const LABELS = [0, 1, 0, 2, 1, 0, 2, 0, 3];
const N = LABELS.length;
const relu = (v: number) => Math.max(0, v);
const average = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / Math.max(values.length, 1);
const nonZero = (values: readonly number[]) => average(values.filter((v) => v > 0));

/** Distances of the positive and of the negative pairs of one anchor, or of all. */
function split(d: ArrayLike<number>, anchor?: number): { near: number[]; far: number[] } {
  const [near, far]: [number[], number[]] = [[], []];
  for (let a = 0; a < N; a++)
    for (let j = 0; j < N; j++) {
      if (a === j || (anchor !== undefined && a !== anchor)) continue;
      (LABELS[a] === LABELS[j] ? near : far).push(d[a * N + j]);
    }
  return { near, far };
}

interface Law {
  readonly name: string;
  readonly loss: (compared: Compared) => LossTerms;
  readonly reducer: Reducer;
  readonly zero?: number;
  /** By definition in float64, from distances. */
  readonly slowly: (d: ArrayLike<number>) => number;
}

const LAWS: Law[] = [
  {
    name: 'contrastiveLoss',
    loss: (c) => contrastiveLoss(c, { posMargin: 0.4, negMargin: 0.9 }),
    reducer: avgNonZero,
    slowly: (d) => {
      const { near, far } = split(d);
      return nonZero(near.map((x) => relu(x - 0.4))) + nonZero(far.map((x) => relu(0.9 - x)));
    },
  },
  {
    name: 'contrastiveLoss of similarities',
    loss: (c) => contrastiveLoss(c, { posMargin: 1.6, negMargin: 1.1 }),
    reducer: mean,
    zero: 2,
    slowly: (d) => {
      const { near, far } = split(d);
      return average(near.map((x) => relu(1.6 - (2 - x)))) + average(far.map((x) => relu(2 - x - 1.1)));
    },
  },
  {
    name: 'thresholdConsistentMarginLoss',
    loss: (c) => thresholdConsistentMarginLoss(c, { marginPlus: 0.6, marginMinus: 0.2, lambdaMinus: 3 }),
    reducer: mean,
    zero: 1,
    slowly: (d) => {
      const { near, far } = split(d);
      return nonZero(near.map((x) => relu(0.6 - (1 - x)))) + 3 * nonZero(far.map((x) => relu(1 - x - 0.2)));
    },
  },
  {
    name: 'intraPairVarianceLoss of distances',
    loss: (c) => intraPairVarianceLoss(c, { posEps: 0.1, negEps: 0.2 }),
    reducer: mean,
    slowly: (d) => {
      const { near, far } = split(d);
      const [p, q] = [average(near), average(far)];
      return (
        average(near.map((x) => relu(x - 1.1 * p) ** 2)) + average(far.map((x) => relu(0.8 * q - x) ** 2))
      );
    },
  },
  {
    name: 'intraPairVarianceLoss of similarities',
    loss: (c) => intraPairVarianceLoss(c, { posEps: 0.1, negEps: 0.2 }),
    reducer: mean,
    zero: 1.5,
    slowly: (d) => {
      const { near, far } = split(d);
      const [p, q] = [average(near.map((x) => 1.5 - x)), average(far.map((x) => 1.5 - x))];
      return (
        average(near.map((x) => relu(0.9 * p - (1.5 - x)) ** 2)) +
        average(far.map((x) => relu(1.5 - x - 1.2 * q) ** 2))
      );
    },
  },
  {
    name: 'marginLoss',
    loss: (c) => marginLoss(c, { margin: 0.1, beta: 0.7 }),
    reducer: divisor,
    slowly: (d) => {
      let [total, count] = [0, 0];
      for (let a = 0; a < N; a++) {
        const { near, far } = split(d, a);
        for (const x of near)
          for (const y of far) {
            const parts = [relu(x - 0.7 + 0.1), relu(0.7 - y + 0.1)];
            total += parts[0] + parts[1];
            count += parts.filter((v) => v > 0).length;
          }
      }
      return total / count;
    },
  },
  {
    name: 'rankedListLoss',
    loss: (c) => rankedListLoss(c, { margin: 0.3, tn: 4, tp: 1, alpha: 0.9, imbalance: 0.25 }),
    reducer: mean,
    slowly: (d) => {
      const weighted = (excesses: number[], temperature: number) => {
        const [w, v] = [
          excesses.filter((e) => e > 0).map((e) => Math.exp(temperature * e)),
          excesses.filter((e) => e > 0),
        ];
        const total = w.reduce((a, b) => a + b, 0) + N * 1e-5;
        return w.reduce((s, x, i) => s + x * v[i], 0) / total;
      };
      return average(
        LABELS.map((_, a) => {
          const { near, far } = split(d, a);
          const pull = weighted(
            near.map((x) => x - 0.6),
            1,
          );
          return (
            0.75 * pull +
            0.25 *
              weighted(
                far.map((x) => 0.9 - x),
                4,
              )
          );
        }),
      );
    },
  },
];

const SPACES: Space[] = [
  { kind: 'poincare', dim: 2, curvature: -0.5 },
  {
    kind: 'product',
    combine: 'sum',
    factors: [
      { space: { kind: 'star', dim: 1 }, weight: 0.5 },
      { space: { kind: 'euclidean', dim: 1 }, weight: 2 },
    ],
  },
];
const rng = new Rng(11);
const POINTS = Float32Array.from({ length: N * 2 }, () => rng.uniform(0.05, 0.6));
const distancesIn = (space: Space, rows = POINTS) =>
  tf.tidy(() => {
    const x = tf.tensor2d(rows, [N, 2]);
    return metricOn(space).pairwise(x, x);
  });
const reduced =
  ({ loss, reducer, zero }: Law, labels: readonly number[], plan?: PairPlan) =>
  (t: tf.Tensor) => {
    const compared = {
      distances: t as tf.Tensor2D,
      plan: plan ?? planOf(labels),
      ...(zero === undefined ? {} : { zero }),
    };
    return reduceTerms(loss(compared), reducer);
  };

const FUSED = ['contrastiveLoss', 'intraPairVarianceLoss', 'rankedListLoss'];
const isFused = ({ name }: Law) => FUSED.some((fused) => name.startsWith(fused));
onEachRowPath(() => {
  describe.each(LAWS.filter(isFused))('$name', (law) => {
    describeLaw(law);

    it('counts a pair twice that the plan has twice', () => {
      tf.tidy(() => {
        const again = (t: tf.Tensor2D) => tf.concat([t, tf.slice(t, [0, 2], [N, 1])], 1);
        const d = distancesIn(SPACES[0]);
        const { positives, negatives } = planOf(LABELS);
        const column = tf.oneHot(tf.tensor1d([2], 'int32'), N);
        const twice = (mask: tf.Tensor2D) => tf.mul(mask, tf.add(column, 1)) as tf.Tensor2D;
        const doubled = { positives: twice(positives), negatives: twice(negatives) };
        const apart = { positives: again(positives), negatives: again(negatives) };
        const got = reduced(law, LABELS, doubled)(d).dataSync()[0];
        const expected = reduced(law, LABELS, apart)(again(d)).dataSync()[0];
        // RankedList's denominators have 1e-5 added for each column.
        expect(Math.abs(got - expected)).toBeLessThanOrEqual(law.name === 'rankedListLoss' ? 2e-5 : 1e-6);
      });
    });
  });
});
onEachRowPath(() => {
  it('contrastiveLoss has second derivatives: by hand, of the gradient of its square', () => {
    tf.tidy(() => {
      const law = { ...LAWS[0], reducer: sum };
      const square = (d: tf.Tensor) => tf.square(reduced(law, LABELS)(d)) as tf.Scalar;
      const squaredNorm = (d: tf.Tensor) => tf.sum(tf.square(tf.grad(square)(d))) as tf.Scalar;
      const d = distancesIn(SPACES[0]);
      const value = reduced(law, LABELS)(d).dataSync()[0];
      // With L linear near d and w its gradient: grad L² = 2 L w, and grad 4 L² |w|² = 8 L |w|² w.
      const w = tf.grad(reduced(law, LABELS))(d).dataSync() as Float32Array;
      const norm = w.reduce((s, x) => s + x * x, 0);
      const second = tf.grad(squaredNorm)(d).dataSync();
      expectGradient(
        second,
        w.map((x) => 8 * value * norm * x),
      );
    });
  });
});
describe.each(LAWS.filter((law) => !isFused(law)))('$name', describeLaw);

function describeLaw(law: Law): void {
  it.each(SPACES)('is its definition with its gradient, in $kind', (space) => {
    tf.tidy(() => {
      const d = distancesIn(space);
      const { value, grad } = tf.valueAndGrad(reduced(law, LABELS))(d);
      const at = d.dataSync();
      expect(law.slowly(at)).toBeGreaterThan(0);
      expectClose(value.dataSync()[0], grad.dataSync(), law.slowly(at), differences(law.slowly, at));
    });
  });

  it('moves with its items: a permutation of the batch permutes the gradient', () => {
    tf.tidy(() => {
      const order = new Rng(3).permutation(N);
      const at = (i: number, j: number) => order[i] * N + order[j];
      const d = distancesIn(SPACES[0]);
      const values = d.dataSync();
      const moved = Float32Array.from({ length: N * N }, (_, t) => values[at(Math.floor(t / N), t % N)]);
      const whole = tf.grad(reduced(law, LABELS))(d).dataSync();
      const f = reduced(
        law,
        Array.from(order, (i) => LABELS[i]),
      );
      const other = tf
        .grad(f)(tf.tensor2d(moved, [N, N]))
        .dataSync();
      const largest = Math.max(...whole.map(Math.abs));
      other.forEach((g, t) => {
        const expected = whole[at(Math.floor(t / N), t % N)];
        expect(Math.abs(g - expected)).toBeLessThanOrEqual(1e-5 * largest);
      });
    });
  });

  it('is finite without positives or without negatives, and 0 with gradient 0 for a single item', () => {
    tf.tidy(() => {
      for (const labels of [LABELS.map((_, i) => i), LABELS.map(() => 1)]) {
        const { value, grad } = tf.valueAndGrad(reduced(law, labels))(distancesIn(SPACES[0]));
        expect(Number.isFinite(value.dataSync()[0])).toBe(true);
        expect(Array.from(grad.dataSync()).every(Number.isFinite)).toBe(true);
      }
      const { value, grad } = tf.valueAndGrad(reduced(law, [0]))(tf.tensor2d([[0]]));
      expect([value.dataSync()[0], grad.dataSync()[0] + 0]).toEqual([0, 0]);
    });
  });

  it('gives NaN for NaN, and leaves no tensors behind', async () => {
    const values = Float32Array.from(distancesIn(SPACES[0]).dataSync());
    // Of a positive and of a negative pair.
    values[2] = Number.NaN;
    values[1] = Number.NaN;
    const d = tf.tensor2d(values, [N, N]);
    expect(tf.tidy(() => reduced(law, LABELS)(d).dataSync()[0])).toBeNaN();
    expect(await leakedTensors(() => tf.tidy(() => tf.grad(reduced(law, LABELS))(d)))).toBe(0);
    d.dispose();
  });
}

describe('options out of range are refused', () => {
  const compared = () => ({ distances: tf.ones([2, 2]) as tf.Tensor2D, plan: planOf([0, 1]) });
  it.each<[RegExp, (c: Compared) => unknown]>([
    [/contrastiveLoss negMargin.*finite/, (c) => contrastiveLoss(c, { negMargin: Number.NaN })],
    [/intraPairVarianceLoss posEps.*>= 0/, (c) => intraPairVarianceLoss(c, { posEps: -0.1 })],
    [/marginLoss nu.*>= 0/, (c) => marginLoss(c, { nu: -1 })],
    [/marginLoss beta.*1 or 2 values, got 3/, (c) => marginLoss(c, { beta: tf.tensor1d([1, 2, 3]) })],
    [/rankedListLoss imbalance.*\[0, 1\]/, (c) => rankedListLoss(c, { margin: 0.4, tn: 1, imbalance: 2 })],
    [/lambdaPlus.*>= 0/, (c) => thresholdConsistentMarginLoss(c, { lambdaPlus: -1 })],
  ])('%s', (message, call) => {
    tf.tidy(() => {
      expect(() => call(compared())).toThrow(message);
    });
  });
});

describe('rankedListLoss', () => {
  it('has alpha 1 + margin / 2 unless it is told', () => {
    tf.tidy(() => {
      const value = (alpha?: number) => {
        const compared = { distances: distancesIn(SPACES[0]), plan: planOf(LABELS) };
        const options = { margin: 0.4, tn: 1, ...(alpha === undefined ? {} : { alpha }) };
        return rankedListLoss(compared, options)['list'].values.dataSync();
      };
      expect(value()).toEqual(value(1.2));
      expect(value()).not.toEqual(value(1.3));
    });
  });
});
