import { beforeAll, describe, expect, it } from 'vitest';
import { UsageError } from '../../../src/core/errors.js';
import { openEngine } from '../../../src/engine/openEngine.js';
import { hyperbolicLinear } from '../../../src/manifolds/layers/linear.js';
import { hyperbolicRegression } from '../../../src/manifolds/layers/regression.js';
import { applied, ballPoints, expectNear, networkWith } from './support.js';

beforeAll(async () => {
  await openEngine();
});

describe('linear', () => {
  it('starts as the identity, with further columns near 0', async () => {
    const x = ballPoints([5, 3], 0.4, 0.95, 9);
    const make = (outputDim: number) =>
      hyperbolicLinear({ name: 'l', inputDim: 3, outputDim, curvature: -0.4 });
    expectNear(await applied(make(3), x), x);
    const y = await applied(make(5), x);
    for (let i = 0; i < 5; i++) {
      const further = y.data.slice(5 * i + 3, 5 * i + 5);
      expect(Math.hypot(...further)).toBeGreaterThan(0);
      // Twice the length of the normals, times sinh of a distance of a few units.
      expect(Math.hypot(...further)).toBeLessThan(0.05);
      for (let k = 0; k < 3; k++) expect(y.data[5 * i + k]).toBeCloseTo(x.data[3 * i + k], 3);
    }
  });

  it('starts with normals of variance 1/(2 inputs outputs) where there are fewer', async () => {
    const network = await networkWith(
      hyperbolicLinear({ name: 'l', inputDim: 100, outputDim: 50, curvature: -1 }),
    );
    const [normals, offsets] = await network.parameters.read();
    const variance = normals.data.reduce((sum, v) => sum + v * v, 0) / 5000;
    // Five standard deviations of a variance of 5000 normal values.
    expect(Math.abs(variance * 10000 - 1)).toBeLessThan(5 * Math.sqrt(2 / 5000));
    expect(offsets.data.every((v) => v === 0)).toBe(true);
    network.dispose();
  });

  it('stays in the ball, however large its weights', async () => {
    const x = ballPoints([6, 3], 1, 0.99, 10);
    const z = { shape: [3, 2], data: [900, -700, 1e4, 300, 0, -1e5] };
    const y = await applied(hyperbolicLinear({ name: 'l', inputDim: 3, outputDim: 2, curvature: -1 }), x, {
      'l/normals': z,
    });
    for (let i = 0; i < 6; i++) expect(Math.hypot(y.data[2 * i], y.data[2 * i + 1])).toBeLessThan(1);
  });

  it.each([-1, -0.25])('keeps the direction of points whose scores overflow sinh, K = %f', async (K) => {
    const x = { shape: [1, 2], data: [0.5 / Math.sqrt(-K), 0] };
    const z = { shape: [2, 2], data: [50, 49.75, 0, 0] };
    const layer = hyperbolicLinear({ name: 'l', inputDim: 2, outputDim: 2, curvature: K, bias: false });
    const { data } = await applied(layer, x, { 'l/normals': z });
    // By hand: λ x·ẑ √-K = 4/3 = sinh ln 3, so that √-K v_k = 2 z_k ln 3 = 109.9 and 109.3, and y_2 / y_1 = 3^(2 (z_2 - z_1)).
    // A score of 110 is rounded by 1e-5.
    expect(Math.abs(data[1] / data[0] - 3 ** -0.5)).toBeLessThan(5e-5);
    expect(Math.hypot(...data) * Math.sqrt(-K)).toBeCloseTo(1 - 1e-5, 6);
  });

  it('refuses an identity that loses columns, and widths that are none', () => {
    const options = { name: 'enc/l', inputDim: 3, outputDim: 2, curvature: -1 };
    expect(() => hyperbolicLinear({ ...options, initial: 'identity' })).toThrow(
      /enc\/l identity: expected outputDim >= inputDim = 3, got 2/,
    );
    expect(() => hyperbolicLinear({ ...options, inputDim: 0 })).toThrow(UsageError);
    expect(() => hyperbolicRegression({ name: 'r', dim: 2, classes: Number.NaN, curvature: -1 })).toThrow(
      /r classes/,
    );
  });
});
