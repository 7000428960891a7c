import { beforeAll, describe, expect, it } from 'vitest';
import { UsageError } from '../../../src/core/errors.js';
import { Rng } from '../../../src/core/rng.js';
import { Network } from '../../../src/engine/network.js';
import { openEngine } from '../../../src/engine/openEngine.js';
import * as tf from '../../../src/engine/tf.js';
import { distance } from '../../../src/geometry/distance.js';
import { hyperbolicEmbedding } from '../../../src/manifolds/layers/embedding.js';
import { leakedTensors } from '../../laws/gradient.js';
import { networkWith } from './support.js';

beforeAll(async () => {
  await openEngine();
});

const ball = { kind: 'poincare', dim: 2, curvature: -0.5 } as const;
const options = { name: 'e', count: 6, space: ball, initial: { kind: 'uniform', radius: 0.01 } } as const;

describe('hyperbolic embedding', () => {
  it('gives the rows asked for, again and again', async () => {
    const layer = hyperbolicEmbedding(options);
    const network = await networkWith(layer);
    const [{ data: table }] = await network.parameters.read();
    const rows = tf.tidy(() =>
      Array.from(layer.apply(network.inferencePass(), tf.tensor1d([5, 0, 5], 'int32')).dataSync()),
    );
    expect(rows).toEqual([...table.slice(10, 12), ...table.slice(0, 2), ...table.slice(10, 12)]);
    network.dispose();
  });

  it('sums the gradients of a row that is asked for twice, and gives 0 to the others', async () => {
    const layer = hyperbolicEmbedding(options);
    const network = await networkWith(layer);
    const step = () =>
      network.gradient((pass) => tf.sum(layer.apply(pass, tf.tensor1d([5, 0, 5], 'int32'))) as tf.Scalar);
    const { value, gradient } = step();
    expect(Array.from(gradient.dataSync())).toEqual([1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 2, 2, 0, 0]);
    tf.dispose([value, gradient]);
    expect(await leakedTensors(() => Object.values(step()))).toBe(0);
    network.dispose();
  });

  it('says in which space its points lie', () => {
    expect(hyperbolicEmbedding(options).parameters).toMatchObject([
      { name: 'e/points', shape: [6, 2], space: ball },
    ]);
  });

  it('starts within the radius, or with the standard deviation, asked for', async () => {
    const radiiOf = async (module: ReturnType<typeof hyperbolicEmbedding>, columns: number) => {
      const network = await networkWith(module);
      const [{ data }] = await network.parameters.read();
      network.dispose();
      return Array.from({ length: data.length / columns }, (_, i) =>
        data.slice(i * columns, (i + 1) * columns),
      );
    };
    const uniform = await radiiOf(hyperbolicEmbedding(options), 2);
    // float32 coordinates of 1e-2.
    for (const p of uniform) expect(distance(ball, [0, 0], p)).toBeLessThan(0.01 * (1 + 1e-6));
    const space = { kind: 'lorentz', dim: 4, curvature: -1 } as const;
    const wide = { name: 'e', count: 2000, space, initial: { kind: 'wrappedNormal', sigma: 0.5 } } as const;
    const normal = await radiiOf(hyperbolicEmbedding(wide), 5);
    const squares = normal.map((p) => distance(space, [1, 0, 0, 0, 0], p) ** 2);
    const mean = squares.reduce((a, b) => a + b) / 2000;
    // Five standard deviations of the mean of 2000 χ² values of 4 degrees of freedom, relative.
    expect(Math.abs(mean / (4 * 0.25) - 1)).toBeLessThan(5 * Math.sqrt(2 / (4 * 2000)));
  });

  it('refuses an empty table, and points that float32 puts on the rim', () => {
    expect(() => hyperbolicEmbedding({ ...options, count: 0 })).toThrow(UsageError);
    const far = hyperbolicEmbedding({ ...options, initial: { kind: 'wrappedNormal', sigma: 100 } });
    expect(() => new Network([far], new Rng(1))).toThrow(/e initial row \d+: expected norm </);
  });
});
