import { beforeAll, describe, expect, it } from 'vitest';
import { openEngine } from '../../../src/engine/openEngine.js';
import * as tf from '../../../src/engine/tf.js';
import type { CurvatureSource } from '../../../src/manifolds/layers/layer.js';
import { lorentzLinear } from '../../../src/manifolds/layers/lorentzLinear.js';
import { gradientError } from '../../laws/gradient.js';
import { FLOAT32, GRADIENT_BY_DIFFERENCES } from '../../laws/tolerance.js';
import {
  applied,
  asFunction,
  ballPoints,
  expectNear,
  lossOf,
  networkWith,
  somewhere,
  tensor,
  type Values,
} from './support.js';

beforeAll(async () => {
  await openEngine();
});

describe('lorentz linear', () => {
  const scenes = [{ scale: undefined }, { scale: 2.5 }];

  /** Points of the hyperboloid of curvature -c. */
  function hyperboloid(n: number, dim: number, c: number, seed: number): Values {
    const { data } = ballPoints([n, dim], 1, 3, seed);
    const rows = Array.from({ length: n }, (_, i) => data.slice(i * dim, (i + 1) * dim));
    return {
      shape: [n, dim + 1],
      data: rows.flatMap((row) => [Math.hypot(1 / Math.sqrt(c), ...row), ...row]),
    };
  }
  const make = (K: CurvatureSource, scale: number | undefined) =>
    lorentzLinear({
      ...{ name: 'l', inputDim: 3, outputDim: 2, curvature: K },
      ...(scale === undefined ? {} : { scale }),
    });

  it.each(scenes)('gives points of the hyperboloid, scale $scale', async ({ scale }) => {
    for (const c of [1, 0.25]) {
      const layer = make(-c, scale);
      const y = await applied(layer, hyperboloid(5, 3, c, 1), somewhere(layer));
      for (let i = 0; i < 5; i++) {
        const [time, ...space] = y.data.slice(3 * i, 3 * i + 3);
        const lifted = Math.hypot(1 / Math.sqrt(c), ...space);
        expect(Math.abs(time - lifted) / lifted).toBeLessThan(FLOAT32);
        if (scale !== undefined) expect(Math.hypot(...space)).toBeLessThan(Math.exp(0.8));
      }
    }
  });

  it('maps the origin to the origin at the start', async () => {
    const origin = { shape: [1, 4], data: [2, 0, 0, 0] };
    expectNear(await applied(make(-0.25, undefined), origin), { shape: [1, 3], data: [2, 0, 0] });
  });

  it('is (√(|xW + b|² + 1/c), xW + b)', async () => {
    const W = { shape: [4, 2], data: [0.5, 0, 1, 0, 0, 2, 0, 0] };
    const x = { shape: [1, 4], data: [3, 2, 2, 0] };
    // By hand: 3/2 + 2 + 1/2 = 4 and 4 - 1 = 3; √(16 + 9 + 1).
    const y = await applied(make(-1, undefined), x, {
      'l/kernel': W,
      'l/bias': { shape: [2], data: [0.5, -1] },
    });
    expectNear(y, { shape: [1, 3], data: [Math.sqrt(26), 4, 3] });
  });

  it.each(scenes)('has the gradient of its values, scale $scale', async ({ scale }) => {
    const layer = make(-0.5, scale);
    const network = await networkWith(layer, somewhere(layer));
    const x = tensor<tf.Tensor>(hyperboloid(4, 3, 0.5, 2));
    expect(gradientError((t) => asFunction(layer, network.batchStatisticsPass())(t), x)).toBeLessThan(
      GRADIENT_BY_DIFFERENCES,
    );
    x.dispose();
    network.dispose();
  });

  it.each(scenes)('has finite gradients where the spatial part vanishes, scale $scale', async ({ scale }) => {
    const layer = make(-1, scale);
    const network = await networkWith(layer);
    const x = tensor({ shape: [1, 4], data: [1, 0, 0, 0] });
    const { value, gradient } = network.gradient((pass) => lossOf(layer, pass, x));
    expect(Array.from(gradient.dataSync()).every(Number.isFinite)).toBe(true);
    tf.dispose([x, value, gradient]);
    network.dispose();
  });

  it('refuses a scale that is not > 0', () => {
    for (const scale of [0, -1, Number.NaN]) expect(() => make(-1, scale)).toThrow(/scale/);
  });
});
