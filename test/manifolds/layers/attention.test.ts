import { beforeAll, describe, expect, it } from 'vitest';
import { ShapeError, UsageError } from '../../../src/core/errors.js';
import { openEngine } from '../../../src/engine/openEngine.js';
import * as tf from '../../../src/engine/tf.js';
import { distance } from '../../../src/geometry/distance.js';
import { midpoint } from '../../../src/geometry/stereographicGyrovector.js';
import {
  type AttentionInput,
  hyperbolicAttention,
  hyperbolicAttentionLayer,
} from '../../../src/manifolds/layers/attention.js';
import { applied, ballPoints, expectNear, networkWith, tensor, type Values } from './support.js';

beforeAll(async () => {
  await openEngine();
});

const K = -0.5;
const BETA = 1.7;
const queries = ballPoints([3, 2], -K, 0.9, 1);
const keys = ballPoints([4, 2], -K, 0.9, 2);
const values = ballPoints([4, 3], -K, 0.9, 3);
const rowOf = ({ data, shape }: Values, i: number) => data.slice(i * shape[1], (i + 1) * shape[1]);

function attend(input: Record<Exclude<keyof AttentionInput, 'mask'>, Values> & { mask?: Values }): Values {
  const [shape, data] = tf.tidy(() => {
    const { mask, ...points } = input;
    const y = hyperbolicAttention(
      {
        queries: tensor(points.queries),
        keys: tensor(points.keys),
        values: tensor(points.values),
        ...(mask ? { mask: tensor(mask) } : {}),
      },
      K,
      BETA,
    );
    return [y.shape, Array.from(y.dataSync())];
  });
  return { shape, data };
}

/** The rows in the order given. */
const permuted = (v: Values, order: readonly number[]): Values => ({
  shape: v.shape,
  data: order.flatMap((i) => rowOf(v, i)),
});

describe('hyperbolic attention', () => {
  it('is the midpoint of the values, weighted by exp(-β d), in float64', () => {
    const space = { kind: 'poincare', dim: 2, curvature: K } as const;
    const points = { data: Float64Array.from(values.data), rows: 4, columns: 3 };
    const expected = [0, 1, 2].flatMap((i) => {
      const weights = [0, 1, 2, 3].map((j) =>
        Math.exp(-BETA * distance(space, rowOf(queries, i), rowOf(keys, j))),
      );
      return Array.from(midpoint(points, weights, K));
    });
    expectNear(attend({ queries, keys, values }), { shape: [3, 3], data: expected });
  });

  it('does not depend on the order of keys, and follows that of the queries', () => {
    const base = attend({ queries, keys, values });
    const order = [2, 0, 3, 1];
    expectNear(attend({ queries, keys: permuted(keys, order), values: permuted(values, order) }), base);
    expectNear(attend({ queries: permuted(queries, [2, 0, 1]), keys, values }), permuted(base, [2, 0, 1]));
  });

  it('with a mask sees only what is open, and is NaN where nothing is', () => {
    const mask = { shape: [3, 4], data: [1, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0] };
    const y = attend({ queries, keys, values, mask });
    const open = (rows: number[], query: number) =>
      attend({
        queries: permuted({ ...queries, shape: [1, 2] }, [query]),
        keys: permuted({ ...keys, shape: [rows.length, 2] }, rows),
        values: permuted({ ...values, shape: [rows.length, 3] }, rows),
      });
    expectNear({ shape: [1, 3], data: rowOf(y, 0) }, open([0, 2], 0));
    expectNear({ shape: [1, 3], data: rowOf(y, 1) }, { shape: [1, 3], data: rowOf(values, 3) });
    expect(rowOf(y, 2).every(Number.isNaN)).toBe(true);
  });

  it('refuses values and masks of other shapes', () => {
    expect(() => attend({ queries, keys, values: ballPoints([3, 3], 1, 0.5, 4) })).toThrow(ShapeError);
    const mask = { shape: [4, 3], data: new Array(12).fill(1) };
    expect(() => attend({ queries, keys, values, mask })).toThrow(
      /attention mask: expected shape 3x4, got "4x3"/,
    );
  });
});

describe('hyperbolic attention layer', () => {
  const options = { name: 'a', inputDim: 3, dim: 4, heads: 2, curvature: K };
  const x = ballPoints([5, 3], -K, 0.8, 5);

  it('is equivariant to the order of its points', async () => {
    const order = [3, 1, 4, 0, 2];
    const layer = hyperbolicAttentionLayer(options);
    const y = await applied(layer, x);
    expect(y.shape).toEqual([5, 4]);
    expectNear(await applied(layer, permuted(x, order)), permuted(y, order));
  });

  it('lets some points ask others', async () => {
    const layer = hyperbolicAttentionLayer({ ...options, heads: 1 });
    const network = await networkWith(layer);
    const all = await applied(layer, x);
    const [shape, data] = tf.tidy(() => {
      const y = layer.attend(network.inferencePass(), tf.slice(tensor(x), [0, 0], [2, 3]), tensor(x));
      return [y.shape, Array.from(y.dataSync())];
    });
    expectNear({ shape, data }, { shape: [2, 4], data: all.data.slice(0, 8) });
    network.dispose();
  });

  it('refuses heads that do not divide the dimension', () => {
    expect(() => hyperbolicAttentionLayer({ ...options, heads: 3 })).toThrow(UsageError);
    expect(() => hyperbolicAttentionLayer({ ...options, heads: 0 })).toThrow(/heads/);
  });
});
