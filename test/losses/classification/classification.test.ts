import { beforeAll, describe, expect, it } from 'vitest';
import { DomainError, ShapeError, UsageError } from '../../../src/core/errors.js';
import { Rng } from '../../../src/core/rng.js';
import { openEngine } from '../../../src/engine/openEngine.js';
import * as tf from '../../../src/engine/tf.js';
import { arcFace, subCenterArcFace } from '../../../src/losses/classification/arcFace.js';
import type { ClassLabels } from '../../../src/losses/classification/classes.js';
import { cosFace } from '../../../src/losses/classification/cosFace.js';
import { largeMarginSoftmax, sphereFace } from '../../../src/losses/classification/multiplicativeMargin.js';
import { p2sGrad } from '../../../src/losses/classification/p2sGrad.js';
import { type ClassLossName, classVectorSpec } from '../../../src/losses/classification/parameters.js';
import { proxyAnchor } from '../../../src/losses/classification/proxyAnchor.js';
import { instance, normalizedSoftmax, proxyNca } from '../../../src/losses/classification/proxySoftmax.js';
import type { ClassifiedEmbeddings } from '../../../src/losses/classification/similarities.js';
import { softTriple } from '../../../src/losses/classification/softTriple.js';
import { divisor, mean, reduceTerms } from '../../../src/losses/reducers.js';
import type { LossTerms } from '../../../src/losses/terms.js';
import { leakedTensors } from '../../laws/gradient.js';
import { closeTo } from './compare.js';
import { describePaths } from './paths.js';

type Loss = (input: ClassifiedEmbeddings) => LossTerms;

/** With one center a class, so that all take the same class vectors. */
const LOSSES: Readonly<Record<ClassLossName, Loss>> = {
  arcFace: (input) => arcFace(input),
  cosFace: (input) => cosFace(input),
  largeMarginSoftmax: (input) => largeMarginSoftmax(input),
  normalizedSoftmax: (input) => normalizedSoftmax(input),
  p2sGrad: (input) => p2sGrad(input),
  proxyAnchor: (input) => ({ ...proxyAnchor(input) }),
  proxyNca: (input) => proxyNca(input),
  softTriple: (input) => softTriple(input, { centersPerClass: 1 }),
  sphereFace: (input) => sphereFace(input),
  subCenterArcFace: (input) => subCenterArcFace(input, { subCenters: 1 }),
};
const NAMES = Object.keys(LOSSES) as ClassLossName[];

beforeAll(async () => {
  await openEngine();
});

const scalar = (name: ClassLossName, input: ClassifiedEmbeddings) =>
  reduceTerms(LOSSES[name](input), name === 'proxyAnchor' ? divisor : mean);

function random(rows: number, columns: number, key: string): tf.Tensor2D {
  const rng = new Rng(3).split(key);
  return tf.tensor2d(
    Float32Array.from({ length: rows * columns }, () => rng.normal()),
    [rows, columns],
  );
}

function gradients(name: ClassLossName, x: tf.Tensor2D, w: tf.Tensor2D, labels: ClassLabels) {
  const { value, grads } = tf.valueAndGrads((embeddings, classVectors) =>
    scalar(name, {
      embeddings: embeddings as tf.Tensor2D,
      classVectors: classVectors as tf.Tensor2D,
      labels,
    }),
  )([x, w]);
  return { value: value.dataSync()[0], grads: grads.map((gradient) => [...gradient.dataSync()]) };
}

describePaths(() => {
  describe.each(NAMES)('%s', (name) => {
    const labels = Int32Array.from([0, 2, 1, 2]);

    it('is the same for labels in an array and in a tensor', () => {
      tf.tidy(() => {
        const [embeddings, classVectors] = [random(4, 5, 'items'), random(3, 5, 'classes')];
        const of = (given: ClassLabels) =>
          scalar(name, { embeddings, classVectors, labels: given }).dataSync()[0];
        expect(of(tf.tensor1d(labels, 'int32'))).toBe(of(labels));
      });
    });

    it('of an empty batch has no tuples, values of 0 and the gradient 0', () => {
      tf.tidy(() => {
        const [x, w] = [tf.zeros([0, 5]), random(3, 5, 'classes')];
        const terms = (embeddings: tf.Tensor, classVectors: tf.Tensor) =>
          LOSSES[name]({
            embeddings: embeddings as tf.Tensor2D,
            classVectors: classVectors as tf.Tensor2D,
            labels: new Int32Array(0),
          });
        for (const { values, counts } of Object.values(terms(x, w))) {
          expect([...values.dataSync(), ...counts.dataSync()].every((value) => value === 0)).toBe(true);
        }
        const total = (...inputs: tf.Tensor[]) => reduceTerms(terms(inputs[0], inputs[1]), mean);
        const [toItems, toClasses] = tf.grads(total)([x, w]);
        expect(toItems.shape).toEqual([0, 5]);
        expect([...toClasses.dataSync()]).toEqual(new Array(15).fill(0));
      });
    });

    it('is finite with its gradients at, opposite and beside the class vector, and at zero', () => {
      tf.tidy(() => {
        const w = random(3, 5, 'classes');
        const rows = w.arraySync();
        const x = tf.tensor2d([
          rows[0],
          rows[0].map((a) => -2 * a),
          rows[0].map((a, j) => 3 * a + (j === 1 ? 1e-4 : 0)),
          [0, 0, 0, 0, 0],
        ]);
        const { value, grads } = gradients(name, x, w, new Int32Array(4));
        expect([value, ...grads.flat()].every(Number.isFinite)).toBe(true);
        expect(Math.max(...grads.flat().map(Math.abs))).toBeLessThan(1e3);
      });
    });

    it('names the row of a label that is no class', () => {
      tf.tidy(() => {
        const input = { embeddings: random(4, 5, 'items'), classVectors: random(3, 5, 'classes') };
        const wrong = (label: number) => () =>
          LOSSES[name]({ ...input, labels: Int32Array.from([0, 1, label, 2]) });
        expect(wrong(3)).toThrow(DomainError);
        expect(wrong(-1)).toThrow(/labels row 2: expected a class 0\.\.2, got -1/);
      });
    });

    it('is NaN where a tensor holds a label that is no class, and where an embedding is NaN', () => {
      tf.tidy(() => {
        const [embeddings, classVectors] = [random(4, 5, 'items'), random(3, 5, 'classes')];
        for (const label of [3, -1]) {
          const unknown = tf.tensor1d([0, label, 1, 2], 'int32');
          expect(scalar(name, { embeddings, classVectors, labels: unknown }).dataSync()[0]).toBeNaN();
        }
        const broken = tf.tensor2d([[Number.NaN, 0, 0, 0, 0], ...embeddings.arraySync().slice(1)]);
        expect(scalar(name, { embeddings: broken, classVectors, labels }).dataSync()[0]).toBeNaN();
      });
    });

    it('refuses shapes that do not belong together', () => {
      tf.tidy(() => {
        const [embeddings, classVectors] = [random(4, 5, 'items'), random(3, 5, 'classes')];
        const of = (input: Partial<ClassifiedEmbeddings>) => () =>
          LOSSES[name]({ embeddings, classVectors, labels, ...input });
        expect(of({ classVectors: random(3, 4, 'narrow') })).toThrow(ShapeError);
        expect(of({ classVectors: tf.zeros([0, 5]) })).toThrow(ShapeError);
        expect(of({ labels: new Int32Array(3) })).toThrow(ShapeError);
        expect(of({ labels: tf.tensor1d([0, 1, 2], 'int32') })).toThrow(ShapeError);
        expect(of({ labels: tf.tensor1d([0, 1, 2, 0], 'float32') })).toThrow(ShapeError);
        expect(of({ embeddings: tf.zeros([4]) as unknown as tf.Tensor2D })).toThrow(ShapeError);
      });
    });

    it('leaves no tensors behind', async () => {
      const [x, w] = [random(4, 5, 'items'), random(3, 5, 'classes')];
      expect(await leakedTensors(() => tf.tidy(() => gradients(name, x, w, labels)) && [])).toBe(0);
      tf.dispose([x, w]);
    });
  });

  describe('options out of range', () => {
    const input = () => ({
      embeddings: random(2, 3, 'items'),
      classVectors: random(4, 3, 'classes'),
      labels: Int32Array.from([0, 1]),
    });
    const refusals: [string, new (m: string) => Error, (i: ClassifiedEmbeddings) => unknown][] = [
      ['arcFace margin 180', DomainError, (i) => arcFace(i, { margin: 180 })],
      ['arcFace margin -1', DomainError, (i) => arcFace(i, { margin: -1 })],
      ['arcFace scale 0', DomainError, (i) => arcFace(i, { scale: 0 })],
      ['subCenterArcFace subCenters 0', UsageError, (i) => subCenterArcFace(i, { subCenters: 0 })],
      ['subCenterArcFace, 4 vectors of 3 centers', ShapeError, (i) => subCenterArcFace(i)],
      ['cosFace margin NaN', DomainError, (i) => cosFace(i, { margin: Number.NaN })],
      ['cosFace scale -64', DomainError, (i) => cosFace(i, { scale: -64 })],
      ['sphereFace margin 1.5', UsageError, (i) => sphereFace(i, { margin: 1.5 })],
      ['largeMarginSoftmax margin 0', UsageError, (i) => largeMarginSoftmax(i, { margin: 0 })],
      ['normalizedSoftmax temperature 0', DomainError, (i) => normalizedSoftmax(i, { temperature: 0 })],
      ['proxyNca softmaxScale NaN', DomainError, (i) => proxyNca(i, { softmaxScale: Number.NaN })],
      ['proxyAnchor alpha 0', DomainError, (i) => proxyAnchor(i, { alpha: 0 })],
      [
        'proxyAnchor margin Infinity',
        DomainError,
        (i) => proxyAnchor(i, { margin: Number.POSITIVE_INFINITY }),
      ],
      ['softTriple gamma 0', DomainError, (i) => softTriple(i, { centersPerClass: 2, gamma: 0 })],
      ['softTriple, 4 vectors of 10 centers', ShapeError, (i) => softTriple(i)],
      ['instance gamma 0', DomainError, (i) => instance(i, { gamma: 0 })],
    ];
    it.each(refusals)('%s is refused', (_, error, run) => {
      tf.tidy(() => {
        expect(() => run(input())).toThrow(error);
      });
    });
  });

  describe('by hand', () => {
    it('arcFace at its own class vector, the other at a right angle: log(1 + exp(-s cos m))', () => {
      const { loss } = tf.tidy(() => {
        const unit = tf.tensor2d([
          [1, 0],
          [0, 1],
        ]);
        const input = { embeddings: unit, classVectors: unit, labels: Int32Array.from([0, 1]) };
        return { loss: [...arcFace(input, { margin: 60, scale: 4 })['loss'].values.dataSync()] };
      });
      for (const value of loss) expect(closeTo(value, Math.log1p(Math.exp(-2)))).toBe(true);
    });

    it('arcFace keeps the sine of an angle of 1e-4, where 1 - cos² has no digit left', () => {
      // Two classes at ±1e-4 from the item: cosines agree to 5e-9, only the margin parts them.
      const value = tf.tidy(() => {
        const classVectors = tf.tensor2d([
          [1, 1e-4],
          [1, -1e-4],
        ]);
        const input = { embeddings: tf.tensor2d([[1, 0]]), classVectors, labels: Int32Array.from([0]) };
        return arcFace(input, { margin: 90, scale: 1000 })['loss'].values.dataSync()[0];
      });
      const angle = Math.atan(1e-4);
      const own = 1000 * Math.cos(angle + Math.PI / 2);
      const other = 1000 * Math.cos(angle);
      const exact = Math.log1p(Math.exp(other - own));
      expect(closeTo(value, exact)).toBe(true);
    });

    it('multiplicative margins fall without a jump from 1 to 1 - 2m', () => {
      // One class vector and its opposite: the loss is log(1 + exp(-cos θ - f(θ))).
      const values = tf.tidy(() => {
        const angles = Array.from({ length: 201 }, (_, i) => (i * Math.PI) / 200);
        const input = {
          embeddings: tf.tensor2d(angles.map((a) => [Math.cos(a), Math.sin(a)])),
          classVectors: tf.tensor2d([
            [1, 0],
            [-1, 0],
          ]),
          labels: new Int32Array(201),
        };
        const loss = [...sphereFace(input, { margin: 4 })['loss'].values.dataSync()];
        return loss.map((value, i) => -Math.log(Math.expm1(value)) - Math.cos(angles[i]));
      });
      expect(values[0]).toBeCloseTo(1, 4);
      expect(values[200]).toBeCloseTo(-7, 4);
      for (let i = 1; i < values.length; i++) {
        expect(values[i]).toBeLessThan(values[i - 1] + 1e-4);
        expect(values[i - 1] - values[i]).toBeLessThan(0.1);
      }
    });

    it('arcFace of zeros is at a right angle to its class: log(1 + (k - 1) exp(s sin m))', () => {
      const value = tf.tidy(() => {
        const input = { embeddings: tf.zeros([1, 3]) as tf.Tensor2D, classVectors: random(3, 3, 'classes') };
        return arcFace({ ...input, labels: Int32Array.of(1) }, { margin: 30, scale: 4 })[
          'loss'
        ].values.dataSync()[0];
      });
      expect(closeTo(value, Math.log(1 + 2 * Math.exp(2)))).toBe(true);
    });

    it('instance takes the rank of a label as the row of its target', () => {
      tf.tidy(() => {
        const embeddings = random(4, 3, 'items');
        const of = (labels: ClassLabels) => [...instance({ embeddings, labels })['loss'].values.dataSync()];
        const ranks = of(Int32Array.from([1, 0, 1, 2]));
        expect(of(Int32Array.from([7, -3, 7, 90]))).toEqual(ranks);
        expect(of(tf.tensor1d([7, -3, 7, 90], 'int32'))).toEqual(ranks);
      });
    });
  });
});

describe('class vectors at the start', () => {
  const values = (loss: ClassLossName, centers = 1) => {
    const spec = classVectorSpec(loss, { classes: 50, columns: 40, centers });
    expect(spec.shape).toEqual([50 * centers, 40]);
    return spec.initial(new Rng(1), 2000 * centers);
  };
  const spread = (v: Float32Array) => Math.sqrt(v.reduce((sum, a) => sum + a * a, 0) / v.length);

  it('are standard normal, and normal with variance 2 / k for proxyAnchor', () => {
    // 2000 draws: the deviation is known to 1.6 %.
    expect(Math.abs(spread(values('arcFace')) - 1)).toBeLessThan(0.08);
    expect(Math.abs(spread(values('proxyAnchor')) / Math.sqrt(2 / 50) - 1)).toBeLessThan(0.08);
  });

  it('are uniform within ±1 / sqrt(k centers) for softTriple', () => {
    const v = values('softTriple', 2);
    const bound = 1 / Math.sqrt(100);
    const largest = v.reduce((top, a) => Math.max(top, Math.abs(a)), 0);
    expect(largest).toBeLessThanOrEqual(bound);
    expect(largest).toBeGreaterThan(0.99 * bound);
  });

  it('are on the unit sphere for p2sGrad', () => {
    const v = values('p2sGrad');
    for (let at = 0; at < v.length; at += 40)
      expect(Math.hypot(...v.subarray(at, at + 40))).toBeCloseTo(1, 6);
  });

  it('refuse sizes below 1', () => {
    expect(() => classVectorSpec('arcFace', { classes: 0, columns: 3 })).toThrow(UsageError);
    expect(() => classVectorSpec('softTriple', { classes: 3, columns: 3, centers: 0.5 })).toThrow(UsageError);
  });
});
