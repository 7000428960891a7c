import { beforeAll, describe, expect, it } from 'vitest';
import { ShapeError } from '../../../src/core/errors.js';
import { openEngine } from '../../../src/engine/openEngine.js';
import { hyperbolicAveragePool2d, hyperbolicMaxPool2d } from '../../../src/manifolds/layers/pooling.js';
import { hyperbolicUnfold } from '../../../src/manifolds/layers/unfold.js';
import { applied, ballPoints, expectNear } from './support.js';

beforeAll(async () => {
  await openEngine();
});

describe('pooling', () => {
  it('of equal points is the point', async () => {
    const point = [0.5, -0.3];
    const images = { shape: [1, 3, 3, 2], data: Array.from({ length: 9 }, () => point).flat() };
    const expected = { shape: [1, 2, 2, 2], data: Array.from({ length: 4 }, () => point).flat() };
    for (const pool of [hyperbolicAveragePool2d, hyperbolicMaxPool2d])
      expectNear(await applied(pool({ curvature: -1, kernel: 2, stride: 1 }), images), expected);
  });

  it('moves by the kernel where no stride is given', async () => {
    const y = await applied(hyperbolicAveragePool2d({ curvature: -1, kernel: [2, 3] }), {
      ...ballPoints([1, 4, 6, 2], 1, 0.5, 11),
    });
    expect(y.shape).toEqual([1, 2, 2, 2]);
  });

  it('counts padding as the origin in the mean, and never as the maximum', async () => {
    const image = { shape: [1, 1, 1, 1], data: [-0.5] };
    const options = { curvature: -1, kernel: [1, 2], stride: 1, padding: [0, 1] } as const;
    // By hand: half way from 0 to artanh(1/2) is ln(3)/4, and tanh of it (√3 - 1)/(√3 + 1) = 2 - √3.
    const half = Math.sqrt(3) - 2;
    expectNear(await applied(hyperbolicAveragePool2d(options), image), {
      shape: [1, 1, 2, 1],
      data: [half, half],
    });
    expectNear(await applied(hyperbolicMaxPool2d(options), image), {
      shape: [1, 1, 2, 1],
      data: [-0.5, -0.5],
    });
  });

  it('refuses windows larger than the image, and strides of 0', async () => {
    const image = ballPoints([1, 2, 2, 1], 1, 0.5, 12);
    await expect(applied(hyperbolicAveragePool2d({ curvature: -1, kernel: 3 }), image)).rejects.toThrow(
      ShapeError,
    );
    expect(() => hyperbolicMaxPool2d({ curvature: -1, kernel: 2, stride: 0 })).toThrow(/stride/);
    expect(() => hyperbolicUnfold({ curvature: -1, kernel: 2, dilation: 0.5 })).toThrow(/dilation/);
    expect(() => hyperbolicUnfold({ curvature: -1, kernel: 2, padding: -1 })).toThrow(/padding/);
  });
});
