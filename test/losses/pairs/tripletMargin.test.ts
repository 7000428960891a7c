import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Rng } from '../../../src/core/rng.js';
import type { Space } from '../../../src/core/space.js';
import { fused, registerFused } from '../../../src/engine/fused.js';
import { openEngine } from '../../../src/engine/openEngine.js';
import * as tf from '../../../src/engine/tf.js';
import { type TripletMarginOptions, tripletMarginLoss } from '../../../src/losses/pairs/tripletMargin.js';
import { sampleTriplets, type Triplets } from '../../../src/losses/pairs/triplets.js';
import { avgNonZero, perAnchor, reduceTerms, sum } from '../../../src/losses/reducers.js';
import { metricOn } from '../../../src/manifolds/manifoldOn.js';
import { loadNative } from '../../../src/native/index.js';
import { leakedTensors } from '../../laws/gradient.js';
import { differences, expectClose, planOf } from './margins.js';

let registered: ReturnType<typeof fused<'triplets'>>;
beforeAll(async () => {
  await openEngine();
  registered = fused('triplets');
});
afterAll(() => registerFused('triplets', registered));

const LABELS = [0, 1, 0, 2, 1, 0, 2, 0, 3];
const N = LABELS.length;

/** By definition, a triplet at a time in float64; weights are of the anchors. */
function slowly(
  d: ArrayLike<number>,
  { margin, swap = false, smooth = false }: Partial<TripletMarginOptions> & { margin: number },
  weights: readonly number[] = Array(N).fill(1),
): { sum: number; count: number; active: number } {
  let [total, count, active] = [0, 0, 0];
  for (let a = 0; a < N; a++)
    for (let p = 0; p < N; p++)
      for (let q = 0; q < N; q++) {
        if (p === a || LABELS[p] !== LABELS[a] || LABELS[q] === LABELS[a]) continue;
        const far = swap ? Math.min(d[a * N + q], d[p * N + q]) : d[a * N + q];
        const v = d[a * N + p] - far + margin;
        const loss = smooth ? Math.log1p(Math.exp(v)) : Math.max(0, v);
        total += weights[a] * loss;
        count++;
        if (loss > 0) active++;
      }
  return { sum: total, count, active };
}

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
  {
    kind: 'product',
    combine: 'l2',
    factors: [
      { space: { kind: 'poincare', dim: 1, curvature: -1 }, weight: 1 },
      { space: { kind: 'euclidean', dim: 1 }, weight: 1 },
    ],
  },
];
const KINDS: readonly (Partial<TripletMarginOptions> & { margin: number })[] = [
  { margin: 0.2 },
  { margin: 0.2, swap: true },
  { margin: 0.2, smooth: true },
  { margin: 0.2, swap: true, smooth: true },
];
/** Only max(0, v) without the swap has a kernel of the addon. */
const PATHED = KINDS.flatMap((options) =>
  options.swap || options.smooth || !loadNative()
    ? [{ path: 'host', options }]
    : [
        { path: 'fused', options },
        { path: 'host', options },
      ],
);
const points = () => {
  const rng = new Rng(7);
  return tf.tensor2d(
    Float32Array.from({ length: N * 2 }, () => rng.uniform(0.05, 0.6)),
    [N, 2],
  );
};
const distancesIn = (space: Space) => tf.tidy(() => metricOn(space).pairwise(points(), points()));

describe('tripletMarginLoss', () => {
  describe.each(PATHED)('$options, $path', ({ path, options }) => {
    beforeEach(() => registerFused('triplets', path === 'fused' ? loadNative()?.triplets : undefined));

    it.each(SPACES)('is the sum over all triplets, with its gradient, in $kind $combine', (space) => {
      tf.tidy(() => {
        const d = distancesIn(space);
        const weights = Array.from({ length: N }, (_, i) => 1 + 0.25 * i);
        const f = (t: tf.Tensor) => {
          const { triplet } = tripletMarginLoss(
            { distances: t as tf.Tensor2D, plan: planOf(LABELS) },
            options,
          );
          return tf.sum(tf.mul(triplet.values, tf.tensor1d(weights))) as tf.Scalar;
        };
        const { value, grad } = tf.valueAndGrad(f)(d);
        const at = d.dataSync();
        const expected = (x: ArrayLike<number>) => slowly(x, options, weights).sum;
        expectClose(value.dataSync()[0], grad.dataSync(), expected(at), differences(expected, at));
      });
    });

    it('takes masks that were cast from booleans', () => {
      tf.tidy(() => {
        const distances = distancesIn(SPACES[0]);
        const { positives, negatives } = planOf(LABELS);
        const again = (mask: tf.Tensor2D) => tf.cast(tf.greater(mask, 0), 'float32') as tf.Tensor2D;
        const plan = { positives: again(positives), negatives: again(negatives) };
        const of = (p: typeof plan) => tripletMarginLoss({ distances, plan: p }, options).triplet;
        const [typed, plain] = [of(plan), of({ positives, negatives })];
        expect(typed.values.dataSync()).toEqual(plain.values.dataSync());
      });
    });

    it('counts triplets and those above 0', () => {
      tf.tidy(() => {
        const distances = distancesIn(SPACES[0]);
        const { triplet } = tripletMarginLoss({ distances, plan: planOf(LABELS) }, options);
        const { count, active } = slowly(distances.dataSync(), options);
        expect(tf.sum(triplet.counts).dataSync()[0]).toBe(count);
        expect(tf.sum(triplet.active as tf.Tensor).dataSync()[0]).toBe(active);
      });
    });

    it('is 0 with gradient 0 without positives or without negatives', () => {
      tf.tidy(() => {
        for (const labels of [
          [0, 1, 2, 3],
          [5, 5, 5, 5],
        ]) {
          const f = (t: tf.Tensor) => {
            const compared = { distances: t as tf.Tensor2D, plan: planOf(labels) };
            return reduceTerms(tripletMarginLoss(compared, options), avgNonZero);
          };
          const { value, grad } = tf.valueAndGrad(f)(tf.ones([4, 4]));
          expect(value.dataSync()[0]).toBe(0);
          expect(Array.from(grad.dataSync()).every((g) => g === 0)).toBe(true);
        }
      });
    });

    it('moves with its items: a permutation of the batch permutes the gradient', () => {
      tf.tidy(() => {
        const order = new Rng(3).permutation(N);
        const gradientOf = (x: tf.Tensor2D, labels: number[]) =>
          tf.grad((t) => {
            const distances = metricOn(SPACES[0]).pairwise(t as tf.Tensor2D, t as tf.Tensor2D);
            return reduceTerms(tripletMarginLoss({ distances, plan: planOf(labels) }, options), avgNonZero);
          })(x);
        const x = points();
        const rows = tf.tensor1d(order, 'int32');
        const moved = gradientOf(
          tf.gather(x, rows),
          Array.from(order, (i) => LABELS[i]),
        );
        const expected = tf.gather(gradientOf(x, LABELS), rows).dataSync();
        const largest = Math.max(...expected.map(Math.abs));
        moved.dataSync().forEach((g, i) => {
          expect(Math.abs(g - expected[i])).toBeLessThanOrEqual(1e-5 * largest);
        });
      });
    });

    it('shows NaN among the distances, and keeps it to the anchor of that row', () => {
      tf.tidy(() => {
        const values = Float32Array.from(distancesIn(SPACES[0]).dataSync());
        values[1] = Number.NaN;
        const distances = tf.tensor2d(values, [N, N]);
        const { triplet } = tripletMarginLoss({ distances, plan: planOf(LABELS) }, options);
        expect(triplet.values.dataSync()[0]).toBeNaN();
        if (!options.swap) expect(triplet.values.dataSync()[1]).not.toBeNaN();
      });
    });

    it('of all triplets is that of their list', () => {
      tf.tidy(() => {
        const all: number[][] = [[], [], []];
        for (let a = 0; a < N; a++)
          for (let p = 0; p < N; p++)
            for (let q = 0; q < N; q++) {
              if (p === a || LABELS[p] !== LABELS[a] || LABELS[q] === LABELS[a]) continue;
              [a, p, q].forEach((index, side) => {
                all[side].push(index);
              });
            }
        const [anchors, positives, negatives] = all.map((side) => Int32Array.from(side));
        const triplets: Triplets = { anchors, positives, negatives };
        const distances = distancesIn(SPACES[0]);
        const of = (more: Partial<TripletMarginOptions>) =>
          tf.valueAndGrad((t: tf.Tensor) => {
            const compared = { distances: t as tf.Tensor2D, plan: planOf(LABELS) };
            return reduceTerms(tripletMarginLoss(compared, { ...options, ...more }), perAnchor());
          })(distances);
        const [whole, listed] = [of({}), of({ triplets })];
        expectClose(
          listed.value.dataSync()[0],
          listed.grad.dataSync(),
          whole.value.dataSync()[0],
          whole.grad.dataSync(),
        );
      });
    });
  });

  it('of several blocks is the sum of the blocks: softplus of equal distances is log(1 + e^margin)', () => {
    // 256 items of 2 classes have 32512 positive pairs, of which a block holds 16384.
    const n = 256;
    tf.tidy(() => {
      const plan = planOf(Int32Array.from({ length: n }, (_, i) => i % 2));
      const f = (t: tf.Tensor) =>
        reduceTerms(
          tripletMarginLoss({ distances: t as tf.Tensor2D, plan }, { margin: 0, smooth: true }),
          sum,
        );
      const { value, grad } = tf.valueAndGrad(f)(tf.fill([n, n], 1));
      const triplets = n * 127 * 128;
      expect(value.dataSync()[0] / triplets).toBeCloseTo(Math.log(2), 5);
      // σ(0) = 1/2 for each of the 128 negatives of a positive, and of the 127 positives of a negative.
      expect(Array.from(grad.dataSync().subarray(0, 3))).toEqual([0, -63.5, 64]);
    });
  });

  it('compares anchors with other references, but does not swap with them', () => {
    tf.tidy(() => {
      const distances = tf.tensor2d([[0.1, 0.3, 0.2]]);
      const plan = { positives: tf.tensor2d([[1, 0, 0]]), negatives: tf.tensor2d([[0, 1, 1]]) };
      // 0.1 - 0.3 + 0.25 = 0.05 and 0.1 - 0.2 + 0.25 = 0.15.
      const { triplet } = tripletMarginLoss({ distances, plan }, { margin: 0.25 });
      expect(triplet.values.dataSync()[0]).toBeCloseTo(0.2, 6);
      expect(() => tripletMarginLoss({ distances, plan }, { swap: true })).toThrow(/square/);
    });
  });

  it('refuses margins below 0 and triplets that are not of the batch', () => {
    tf.tidy(() => {
      const compared = { distances: distancesIn(SPACES[0]), plan: planOf(LABELS) };
      const list = (...[a, p, q]: number[][]) => ({
        triplets: {
          anchors: Int32Array.from(a),
          positives: Int32Array.from(p),
          negatives: Int32Array.from(q),
        },
      });
      expect(() => tripletMarginLoss(compared, { margin: -1 })).toThrow(/margin.*>= 0, got -1/);
      expect(() => tripletMarginLoss(compared, { margin: Number.NaN })).toThrow(/finite/);
      expect(() => tripletMarginLoss(compared, list([0], [2], []))).toThrow(/1 entries in each list, got 0/);
      expect(() => tripletMarginLoss(compared, list([0], [2], [N]))).toThrow(/negatives\[0\].*0\.\.8, got 9/);
      const none = reduceTerms(tripletMarginLoss(compared, list([], [], [])), avgNonZero);
      expect(none.dataSync()[0]).toBe(0);
    });
  });

  it('leaves no tensors behind', async () => {
    const d = distancesIn(SPACES[0]);
    for (const options of KINDS) {
      const leaked = await leakedTensors(() =>
        tf.tidy(() =>
          tf.grad((t) =>
            reduceTerms(
              tripletMarginLoss({ distances: t as tf.Tensor2D, plan: planOf(LABELS) }, options),
              avgNonZero,
            ),
          )(d),
        ),
      );
      expect(leaked).toBe(0);
    }
    d.dispose();
  });
});

describe('sampleTriplets', () => {
  it('draws as many triplets of the plan for each anchor that has both kinds, the same for a seed', () => {
    tf.tidy(() => {
      const plan = planOf(LABELS);
      const { anchors, positives, negatives } = sampleTriplets(plan, 4, new Rng(1));
      // Item 8 is alone in its class.
      expect(Array.from(anchors)).toEqual([0, 1, 2, 3, 4, 5, 6, 7].flatMap((i) => [i, i, i, i]));
      anchors.forEach((a, t) => {
        expect(LABELS[positives[t]]).toBe(LABELS[a]);
        expect(positives[t]).not.toBe(a);
        expect(LABELS[negatives[t]]).not.toBe(LABELS[a]);
      });
      expect(sampleTriplets(plan, 4, new Rng(1))).toEqual({ anchors, positives, negatives });
      expect(sampleTriplets(plan, 4, new Rng(2))).not.toEqual({ anchors, positives, negatives });
      expect(() => sampleTriplets(plan, 0, new Rng(1))).toThrow(/perAnchor/);
    });
  });

  it('has the loss of all triplets as its expectation', () => {
    tf.tidy(() => {
      const compared = { distances: distancesIn(SPACES[0]), plan: planOf([0, 0, 0, 1, 1, 1, 2, 2, 2]) };
      const value = (options: Partial<TripletMarginOptions>) =>
        reduceTerms(tripletMarginLoss(compared, { margin: 0.2, ...options }), perAnchor()).dataSync()[0];
      const all = value({});
      const drawn = value({ triplets: { perAnchor: 4000, rng: new Rng(5) } });
      // The mean of 36000 values in 0..1 is off by more than 0.015 once in 10^8 seeds.
      expect(Math.abs(drawn - all)).toBeLessThan(0.015);
    });
  });
});
