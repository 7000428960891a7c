import { beforeAll, describe, expect, it } from 'vitest';
import { DomainError, ShapeError, UsageError } from '../../src/core/errors.js';
import { columnsOf } from '../../src/core/space.js';
import { openEngine } from '../../src/engine/openEngine.js';
import * as tf from '../../src/engine/tf.js';
import { distance } from '../../src/geometry/distance.js';
import { balancedLambda } from '../../src/model/balance.js';
import { Model } from '../../src/model/model.js';
import { PRESET_NAMES, presetConfig } from '../../src/model/presets.js';
import { leakedTensors } from '../laws/gradient.js';
import { digits, tinyConfig, unit } from './tiny.js';

beforeAll(async () => {
  await openEngine();
});

/** Sums in another order, since a batch of another size is cut into other blocks; four layers deep. */
const ROUNDING = 1e-4;
const PLAIN = { encoder: { kind: 'plainCnn', channels: [4, 6, 8, 8], codeDim: 10 } };
const STEERABLE = { encoder: { kind: 'steerableCnn', rotations: 4, fields: [2, 2, 2, 2], codeDim: 10 } };

describe('Model.embed', () => {
  it('gives heads, their columns side by side, and spaces that fit', async () => {
    const model = new Model(tinyConfig(), 28, 28);
    const { code, heads, vectors, orientation } = await model.embed(unit(digits(5)));
    expect([code.rows, code.columns]).toEqual([5, 16]);
    expect(heads.map(({ name, matrix }) => [name, matrix.rows, matrix.columns])).toEqual([
      ['euclidean', 5, 8],
      ['poincare', 5, 6],
    ]);
    expect(heads.map(({ space }) => space)).toEqual([
      { kind: 'cosine', dim: 8 },
      { kind: 'poincare', dim: 6, curvature: -0.4 },
    ]);
    expect(columnsOf(model.space)).toBe(vectors.columns);
    expect([...vectors.data.subarray(14, 28)]).toEqual([
      ...heads[0].matrix.data.subarray(8, 16),
      ...heads[1].matrix.data.subarray(6, 12),
    ]);
    expect(orientation).toHaveLength(5);
    model.dispose();
  });

  it('has no orientation where the encoder knows no group', async () => {
    const model = new Model(tinyConfig(PLAIN), 28, 28);
    expect((await model.embed(unit(digits(1)))).orientation).toBeUndefined();
    model.dispose();
  });

  it.each([{}, PLAIN, STEERABLE])(
    'gives many images what each would get alone, beyond one batch of 250',
    async (changes) => {
      const model = new Model(tinyConfig(changes), 28, 28);
      const count = 253;
      const pixels = unit(digits(count));
      const all = await model.embed(pixels);
      expect(all.vectors.rows).toBe(count);
      for (const i of [0, 1, 249, 250, 252]) {
        const alone = await model.embed(pixels.slice(i * 784, (i + 1) * 784));
        for (const part of ['code', 'vectors'] as const) {
          const { columns, data } = all[part];
          for (let j = 0; j < columns; j++) {
            const value = alone[part].data[j];
            expect(Math.abs(data[i * columns + j] - value)).toBeLessThan(
              ROUNDING * Math.max(1, Math.abs(value)),
            );
          }
        }
        if (all.orientation && alone.orientation) {
          const angle = all.orientation[i] - alone.orientation[0];
          expect(Math.abs(Math.sin(angle / 2))).toBeLessThan(ROUNDING);
        }
      }
      model.dispose();
    },
  );

  it('refuses no image and parts of images', async () => {
    const model = new Model(tinyConfig(), 28, 28);
    for (const length of [0, 783, 785]) {
      await expect(model.embed(new Float32Array(length))).rejects.toThrow(ShapeError);
      await expect(model.embed(new Float32Array(length))).rejects.toThrow(
        `embed: expected images of 28 x 28, got "${length} values"`,
      );
    }
    model.dispose();
  });

  it('refuses NaN and infinity and names the image', async () => {
    const model = new Model(tinyConfig(), 28, 28);
    for (const value of [Number.NaN, Number.POSITIVE_INFINITY]) {
      const pixels = unit(digits(3));
      pixels[784 + 5] = value;
      await expect(model.embed(pixels)).rejects.toThrow(DomainError);
      await expect(model.embed(pixels)).rejects.toThrow(/embed: image row 1: expected finite numbers/);
    }
    model.dispose();
  });

  it('leaves no tensors behind', async () => {
    const pixels = unit(digits(3));
    const leaked = await leakedTensors(async () => {
      const model = new Model(tinyConfig(), 28, 28);
      await model.embed(pixels);
      model.dispose();
    });
    expect(leaked).toBe(0);
  });
});

describe('the space of a model', () => {
  it('weighs distances by temperature and lambda', () => {
    const loss = { temperature: { euclidean: 0.25, poincare: 0.5 }, lambda: 3 };
    const model = new Model(tinyConfig({ loss }), 28, 28);
    expect(model.space).toEqual({
      kind: 'product',
      combine: 'sum',
      factors: [
        { space: { kind: 'cosine', dim: 8 }, weight: 4 },
        { space: { kind: 'poincare', dim: 6, curvature: -0.4 }, weight: 6 },
      ],
    });
    model.dispose();
  });
});

describe('balanced lambda', () => {
  const batchOf = (pixels: Float32Array) => ({ rows: tf.tensor2d(pixels, [pixels.length / 784, 784]) });

  it('gives the scores of both heads one standard deviation, by float64 distances', async () => {
    const loss = { temperature: { euclidean: 0.1, poincare: 0.7 } };
    const model = new Model(tinyConfig({ loss }), 28, 28);
    const n = 24;
    const pixels = unit(digits(n));
    const lambda = await balancedLambda(model, batchOf(pixels));
    const deviations = tf.tidy(() => {
      const output = model.forward(model.network.batchStatisticsPass(), tf.tensor2d(pixels, [n, 784]));
      return [model.euclidean, model.poincare].map((head, h) => {
        const x = (h === 0 ? output.euclidean : output.poincare).arraySync();
        const d = x.flatMap((p) => x.map((q) => distance(head.metric.space, p, q)));
        const mean = d.reduce((a, b) => a + b, 0) / d.length;
        return Math.sqrt(d.reduce((sum, v) => sum + (v - mean) ** 2, 0) / d.length);
      });
    });
    const [euclidean, poincare] = [deviations[0] / 0.1, (lambda * deviations[1]) / 0.7];
    expect(Math.abs(poincare / euclidean - 1)).toBeLessThan(ROUNDING);
    model.dispose();
  });

  it('disposes of its batch and leaves the running statistics as they are', async () => {
    const model = new Model(tinyConfig(), 28, 28);
    const before = await model.network.statistics.read();
    expect(
      await leakedTensors(async () => void (await balancedLambda(model, batchOf(unit(digits(8)))))),
    ).toBe(0);
    expect(await model.network.statistics.read()).toEqual(before);
    model.dispose();
  });

  it('is refused for images that are all the same', async () => {
    const model = new Model(tinyConfig(), 28, 28);
    const attempt = () => balancedLambda(model, batchOf(new Float32Array(4 * 784)));
    await expect(attempt()).rejects.toThrow(DomainError);
    await expect(attempt()).rejects.toThrow(/give lambda as a number/);
    model.dispose();
  });
});

describe('Model', () => {
  it('has about as many parameters with either encoder by default, so that a comparison is fair', () => {
    const [quickstart, plain] = PRESET_NAMES.map((name) => {
      const model = new Model(presetConfig(name), 28, 28);
      model.dispose();
      return model.network.parameters.size;
    });
    expect(Math.abs(plain / quickstart - 1)).toBeLessThan(0.01);
  });

  it('refuses what its parts refuse', () => {
    expect(() => new Model(tinyConfig(PLAIN), 20, 28)).toThrow(ShapeError);
    const heads = { poincare: { clip: 0.5, startNorm: 0.7 } };
    expect(() => new Model(tinyConfig({ heads }), 28, 28)).toThrow(UsageError);
  });
});
