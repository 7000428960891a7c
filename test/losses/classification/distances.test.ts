import { beforeAll, describe, expect, it } from 'vitest';
import { Rng } from '../../../src/core/rng.js';
import type { Space } from '../../../src/core/space.js';
import { openEngine } from '../../../src/engine/openEngine.js';
import * as tf from '../../../src/engine/tf.js';
import { cosFace } from '../../../src/losses/classification/cosFace.js';
import { p2sGrad } from '../../../src/losses/classification/p2sGrad.js';
import { proxyAnchor } from '../../../src/losses/classification/proxyAnchor.js';
import { instance, normalizedSoftmax, proxyNca } from '../../../src/losses/classification/proxySoftmax.js';
import type { ClassifiedDistances } from '../../../src/losses/classification/similarities.js';
import { softTriple } from '../../../src/losses/classification/softTriple.js';
import { divisor, mean, reduceTerms } from '../../../src/losses/reducers.js';
import { metricOn } from '../../../src/manifolds/manifoldOn.js';
import { closeTo, flat, furthest } from './compare.js';
import { differences, proxyAnchorOracle, softMaximumOracle, softmaxOracle } from './oracle.js';
import { describePaths } from './paths.js';

type Rows = number[][];
const average = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length;
const similar = (distances: Rows, zero = 0) => distances.map((row) => row.map((d) => zero - d));

interface Case {
  readonly name: string;
  readonly loss: (input: ClassifiedDistances) => tf.Scalar;
  readonly oracle: (distances: Rows, labels: Int32Array) => number;
}

/** Each on 4 classes, or 2 of 2 centers; class 1 of 4 has no item. */
const CASES: readonly Case[] = [
  {
    name: 'normalizedSoftmax',
    loss: (input) => reduceTerms(normalizedSoftmax(input, { temperature: 0.3 }), mean),
    oracle: (d, labels) => average(softmaxOracle(similar(d), labels, 1 / 0.3)),
  },
  {
    name: 'proxyNca',
    loss: (input) => reduceTerms(proxyNca(input, { softmaxScale: 2 }), mean),
    oracle: (d, labels) => average(softmaxOracle(similar(d), labels, 2)),
  },
  {
    name: 'instance',
    loss: (input) => reduceTerms(instance(input, { gamma: 3 }), mean),
    oracle: (d, labels) => average(softmaxOracle(similar(d), labels, 3)),
  },
  {
    name: 'cosFace',
    loss: (input) => reduceTerms(cosFace({ ...input, zero: 1 }, { margin: 0.2, scale: 4 }), mean),
    oracle: (d, labels) => average(softmaxOracle(similar(d, 1), labels, 4, 0.2)),
  },
  {
    name: 'p2sGrad',
    loss: (input) => reduceTerms(p2sGrad({ ...input, zero: 1 }), mean),
    oracle: (d, labels) =>
      average(
        similar(d, 1).map((row, i) => average(row.map((s, j) => (s - (j === labels[i] ? 1 : 0)) ** 2))),
      ),
  },
  {
    name: 'softTriple',
    loss: (input) => {
      const labels = (input.labels as Int32Array).map((label) => label >> 1);
      const options = { centersPerClass: 2, la: 3, gamma: 0.4, margin: 0.1 };
      return reduceTerms(softTriple({ ...input, labels }, options), mean);
    },
    oracle: (d, labels) =>
      average(
        softmaxOracle(
          softMaximumOracle(similar(d), 2, 0.4),
          labels.map((label) => label >> 1),
          3,
          0.1,
        ),
      ),
  },
  {
    name: 'proxyAnchor',
    loss: (input) => reduceTerms(proxyAnchor({ ...input, zero: 1 }, { margin: 0.1, alpha: 16 }), divisor),
    oracle: (d, labels) => {
      const { positive, negative } = proxyAnchorOracle(similar(d, 1), labels, { margin: 0.1, alpha: 16 });
      const occurring = new Set(labels).size;
      return positive.reduce((a, b) => a + b) / occurring + average(negative);
    },
  },
];

const ball = { kind: 'poincare', dim: 3, curvature: -0.5 } as const;
const SPACES: readonly Space[] = [
  ball,
  {
    kind: 'product',
    combine: 'l2',
    factors: [
      { space: ball, weight: 1 },
      { space: { kind: 'euclidean', dim: 2 }, weight: 0.5 },
    ],
  },
  { kind: 'star', dim: 1 },
];
const COLUMNS = [3, 5, 1];
const LABELS = Int32Array.from([0, 2, 3, 2, 0, 3, 2]);

beforeAll(async () => {
  await openEngine();
});

/** Points well inside of any of the spaces. */
function points(rows: number, columns: number, key: string): tf.Tensor2D {
  const rng = new Rng(5).split(key);
  return tf.tensor2d(
    Float32Array.from({ length: rows * columns }, () => rng.uniform(0.05, 0.6)),
    [rows, columns],
  );
}

describePaths(() => {
  describe.each(SPACES.map((space, i) => [space.kind, space, COLUMNS[i]] as const))(
    'distances of %s space',
    (_, space, columns) => {
      it.each(CASES)('$name has the value and gradient of its definition', ({ loss, oracle }) => {
        tf.tidy(() => {
          const metric = metricOn(space);
          const distances = metric.pairwise(points(7, columns, 'items'), points(4, columns, 'classes'));
          const exact = distances.arraySync();
          const { value, grad } = tf.valueAndGrad((d) =>
            loss({ distances: d as tf.Tensor2D, labels: LABELS }),
          )(distances);
          expect(closeTo(value.dataSync()[0], oracle(exact, LABELS))).toBe(true);
          const slopes = differences((rows) => oracle(rows, LABELS), exact);
          expect(furthest(grad.dataSync(), flat(slopes))).toBeLessThanOrEqual(1e-4);
        });
      });

      it('reach the points of items and classes with finite gradients', () => {
        tf.tidy(() => {
          const metric = metricOn(space);
          const grads = tf.grads((items, classes) =>
            CASES[0].loss({
              distances: metric.pairwise(items as tf.Tensor2D, classes as tf.Tensor2D),
              labels: LABELS,
            }),
          )([points(7, columns, 'items'), points(4, columns, 'classes')]);
          for (const gradient of grads) {
            const values = [...gradient.dataSync()];
            expect(values.every(Number.isFinite)).toBe(true);
            expect(Math.max(...values.map(Math.abs))).toBeGreaterThan(0);
          }
        });
      });
    },
  );

  describe('losses on distances', () => {
    it.each(CASES)('$name: permuted items have the permuted gradient', ({ loss }) => {
      tf.tidy(() => {
        const order = [3, 0, 6, 2, 5, 1, 4];
        const distances = points(7, 4, 'permuted');
        const gradient = (d: tf.Tensor2D, labels: Int32Array) =>
          tf.grad((t) => loss({ distances: t as tf.Tensor2D, labels }))(d) as tf.Tensor2D;
        const plain = gradient(distances, LABELS).arraySync();
        const moved = gradient(
          tf.gather(distances, tf.tensor1d(order, 'int32')),
          Int32Array.from(order, (i) => LABELS[i]),
        );
        expect(furthest(moved.dataSync(), flat(order.map((i) => plain[i])))).toBeLessThan(1e-6);
      });
    });

    it.each(CASES)('$name: a distance that is NaN gives NaN', ({ loss }) => {
      const value = tf.tidy(() => {
        const distances = tf.tensor2d([...points(6, 4, 'nan').arraySync(), [0.1, Number.NaN, 0.2, 0.3]]);
        return loss({ distances, labels: LABELS }).dataSync()[0];
      });
      expect(value).toBeNaN();
    });

    it('proxyAnchor keeps the terms of a proxy whose exponents are far below those of another', () => {
      tf.tidy(() => {
        const rows = [
          [9, 0.2],
          [0.3, 0.1],
        ];
        const labels = Int32Array.from([0, 1]);
        const { positive, negative } = proxyAnchor({ distances: tf.tensor2d(rows), labels }, { alpha: 32 });
        const exact = proxyAnchorOracle(similar(rows), labels, { margin: 0.1, alpha: 32 });
        positive.values.dataSync().forEach((value, j) => {
          expect(closeTo(value, exact.positive[j])).toBe(true);
        });
        negative.values.dataSync().forEach((value, j) => {
          expect(closeTo(value, exact.negative[j])).toBe(true);
        });
        expect([...positive.counts.dataSync()]).toEqual([1, 1]);
      });
    });
  });
});
