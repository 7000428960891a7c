import { beforeAll, describe, expect, it } from 'vitest';
import { DomainError, ShapeError, UsageError } from '../../../src/core/errors.js';
import { type Matrix32, matrix } from '../../../src/core/matrix.js';
import { Rng } from '../../../src/core/rng.js';
import type { EquivariantEncoder } from '../../../src/encoders/invariantAutoencoder.js';
import { pointSetLayout } from '../../../src/encoders/layouts.js';
import { packPointSets } from '../../../src/encoders/packPointSets.js';
import { poolElements } from '../../../src/encoders/sets/pooling.js';
import { setDecoder } from '../../../src/encoders/sets/setDecoder.js';
import { setEncoder } from '../../../src/encoders/sets/setEncoder.js';
import { attentionLayer, deepSetLayer, type SetLayer } from '../../../src/encoders/sets/setLayers.js';
import { Network } from '../../../src/engine/network.js';
import { openEngine } from '../../../src/engine/openEngine.js';
import type { PointSets } from '../../../src/engine/records.js';
import * as tf from '../../../src/engine/tf.js';
import { gradientError, leakedTensors } from '../../laws/gradient.js';
import { FLOAT32, GRADIENT_BY_DIFFERENCES } from '../../laws/tolerance.js';

beforeAll(async () => {
  await openEngine();
});

const [N, DIM] = [5, 3];
const LAYOUT = { maxPoints: N, dim: DIM };
const rng = new Rng(5);
const setOf = (count: number): Matrix32 =>
  matrix(
    Float32Array.from({ length: count * DIM }, () => rng.normal()),
    count,
    DIM,
  );
/** Whole, partly filled, of one element and empty. */
const SETS: readonly Matrix32[] = [5, 3, 1, 0].map(setOf);

function batchOf(sets: readonly Matrix32[]): PointSets {
  const rows = packPointSets(sets, LAYOUT);
  return pointSetLayout(LAYOUT).unpack(tf.tensor2d(rows.data, [rows.rows, rows.columns]));
}

/** The elements of each set in another order. */
function reordered(sets: readonly Matrix32[]): readonly Matrix32[] {
  return sets.map(({ data, rows }) => {
    const order = Array.from({ length: rows }, (_, i) => (i + 2) % Math.max(1, rows));
    return matrix(
      Float32Array.from(order.flatMap((p) => [...data.subarray(p * DIM, p * DIM + DIM)])),
      rows,
      DIM,
    );
  });
}

const largest = (t: tf.Tensor) => Math.max(0, ...Array.from(tf.abs(t).dataSync()));
const difference = (a: tf.Tensor, b: tf.Tensor) => largest(tf.sub(a, b)) / Math.max(1, largest(a));

const LAYERS: Readonly<Record<string, () => SetLayer>> = {
  'deepSetLayer, mean': () => deepSetLayer('layer', DIM, 4),
  'deepSetLayer, sum': () => deepSetLayer('layer', DIM, 4, 'sum'),
  'deepSetLayer, max': () => deepSetLayer('layer', DIM, 4, 'max'),
  attentionLayer: () => attentionLayer('layer', DIM, 3),
};

/** What the layer gives for those elements that are there, of each set. */
function applied(layer: SetLayer, sets: readonly Matrix32[]): number[][][] {
  const network = new Network([{ ...layer, batchNorms: [] }], new Rng(1));
  const values = tf.tidy(() => {
    const { points, mask } = batchOf(sets);
    return layer.apply(network.inferencePass(), points, mask).arraySync();
  });
  network.dispose();
  return values.map((of, i) => of.slice(0, sets[i].rows));
}

describe.each(Object.keys(LAYERS))('%s', (name) => {
  it('commutes with every order of the elements, in sets of any size', () => {
    const straight = applied(LAYERS[name](), SETS);
    const other = applied(LAYERS[name](), reordered(SETS));
    straight.forEach((elements, i) => {
      elements.forEach((_, p) => {
        const from = elements[(p + 2) % elements.length];
        other[i][p].forEach((value, k) => {
          expect(Math.abs(value - from[k])).toBeLessThan(FLOAT32 * Math.max(1, Math.abs(from[k])));
        });
      });
    });
  });

  it('does not see the places that are empty', () => {
    const alone = applied(LAYERS[name](), [SETS[1]]);
    const beside = applied(LAYERS[name](), SETS);
    expect(alone[0].flat().length).toBe(beside[1].flat().length);
    alone[0].flat().forEach((value, k) => {
      expect(Math.abs(value - beside[1].flat()[k])).toBeLessThan(FLOAT32 * Math.max(1, Math.abs(value)));
    });
  });

  it('sees the other elements', () => {
    const changed = SETS.map((set, i) =>
      i > 0 ? set : matrix(set.data.map((v, k) => (k >= 4 * DIM ? v + 1 : v)) as Float32Array, 5, DIM),
    );
    const [before] = applied(LAYERS[name](), SETS);
    const [after] = applied(LAYERS[name](), changed);
    expect(Math.max(...before[0].map((v, k) => Math.abs(v - after[0][k])))).toBeGreaterThan(1e-3);
  });

  it('has the gradient of its values', () => {
    const layer = LAYERS[name]();
    const network = new Network([{ ...layer, batchNorms: [] }], new Rng(1));
    const x = tf.tensor3d(setOf(4).data, [2, 2, DIM]);
    const mask = tf.tensor2d([
      [1, 1],
      [1, 0],
    ]);
    const f = (t: tf.Tensor) =>
      tf.sum(
        tf.square(
          tf.mul(layer.apply(network.inferencePass(), t as tf.Tensor3D, mask), tf.expandDims(mask, 2)),
        ),
      ) as tf.Scalar;
    expect(gradientError(f, x)).toBeLessThan(GRADIENT_BY_DIFFERENCES);
    tf.dispose([x, mask]);
    network.dispose();
  });
});

describe('poolElements', () => {
  it('is by hand the sum, the mean and the maximum of those that are there, and zero of none', () => {
    tf.tidy(() => {
      const h = tf.tensor3d([
        [[1], [-5], [100]],
        [[7], [7], [7]],
      ]);
      const mask = tf.tensor2d([
        [1, 1, 0],
        [0, 0, 0],
      ]);
      const of = (pooling: 'sum' | 'mean' | 'max') =>
        Array.from(poolElements(h, mask, pooling).dataSync(), (v) => v + 0);
      expect([of('sum'), of('mean'), of('max')]).toEqual([
        [-4, 0],
        [-2, 0],
        [1, 0],
      ]);
    });
  });
});

describe.each([
  { name: 'deep sets', context: 'deepSets' as const },
  { name: 'attention', context: { heads: 2 } },
])('setEncoder with $name', ({ context }) => {
  const make = () => setEncoder({ dim: DIM, codeDim: 6, hidden: 8, context });
  const encoded = (encoder: EquivariantEncoder<PointSets, unknown>, sets: readonly Matrix32[]) => {
    const network = new Network([encoder], new Rng(2));
    const result = tf.scope(() => {
      const { code, features } = encoder.encode(network.inferencePass(), batchOf(sets));
      return { code, scores: (features as { scores: tf.Tensor2D }).scores };
    });
    network.dispose();
    return result;
  };

  it('forgets the order in the code and carries it in the scores', () => {
    const a = encoded(make(), SETS);
    const b = encoded(make(), reordered(SETS));
    expect(difference(a.code, b.code)).toBeLessThan(FLOAT32);
    const [scores, moved] = [a.scores.arraySync(), b.scores.arraySync()];
    for (let p = 0; p < 5; p++) expect(moved[0][p]).toBeCloseTo(scores[0][(p + 2) % 5], 5);
    tf.dispose([a, b] as unknown as tf.TensorContainer);
  });

  it('gives different sets different codes, and an empty one a finite code', () => {
    const { code, scores } = encoded(make(), SETS);
    const rows = code.arraySync();
    for (let i = 1; i < 4; i++) {
      expect(rows[i].every(Number.isFinite)).toBe(true);
      expect(Math.max(...rows[i].map((v, k) => Math.abs(v - rows[0][k])))).toBeGreaterThan(1e-3);
    }
    tf.dispose([code, scores]);
  });

  it('leaves no tensors behind', async () => {
    const encoder = make();
    const network = new Network([encoder], new Rng(2));
    const leaked = await leakedTensors(() => {
      const { value, gradient } = network.gradient((pass) => {
        const { code, features } = encoder.encode(pass, batchOf(SETS));
        return tf.add(tf.sum(code), tf.sum(features.scores)) as tf.Scalar;
      });
      return [value, gradient];
    });
    expect(leaked).toBe(0);
    network.dispose();
  });
});

describe('setDecoder', () => {
  const decoder = setDecoder({ codeDim: 2, maxPoints: N, dim: DIM, kinds: 2, hidden: 8 });

  it('fills as many slots as the item has points, each its own way', () => {
    const network = new Network([decoder], new Rng(3));
    tf.tidy(() => {
      const like = batchOf(SETS);
      const code = tf.tensor2d([1, 2, 1, 2, 1, 2, 1, 2], [4, 2]);
      const { points, kinds } = decoder.decode(network.inferencePass(), code, like);
      const rows = points.arraySync();
      expect(kinds?.shape).toEqual([4, N, 2]);
      rows.forEach((slots, i) => {
        const filled = slots.map((slot) => (slot.some((v) => v !== 0) ? 1 : 0));
        expect(filled).toEqual([1, 1, 1, 1, 1].map((_, p) => (p < SETS[i].rows ? 1 : 0)));
      });
      expect(rows[0][0]).not.toEqual(rows[0][1]);
    });
    network.dispose();
  });

  it('refuses items of other slots', () => {
    const network = new Network([decoder], new Rng(3));
    tf.tidy(() => {
      const like = { points: tf.zeros<tf.Rank.R3>([1, 2, DIM]), mask: tf.ones<tf.Rank.R2>([1, 2]) };
      const code = tf.ones<tf.Rank.R2>([1, 2]);
      expect(() => decoder.decode(network.inferencePass(), code, like)).toThrow(ShapeError);
    });
    network.dispose();
  });
});

describe('bad input', () => {
  const ofValues = (values: number[], columns: number) =>
    matrix(Float32Array.from(values), values.length / columns, columns);

  it('is an item with more points than there are slots, named', () => {
    expect(() => packPointSets([SETS[0], setOf(6)], LAYOUT)).toThrow(ShapeError);
    expect(() => packPointSets([SETS[0], setOf(6)], LAYOUT)).toThrow(
      /item 1: expected at most 5 points, got 6/,
    );
  });

  it('is an item of other columns, named', () => {
    expect(() => packPointSets([ofValues([1, 2], 2)], LAYOUT)).toThrow(/item 0: expected 3 columns, got 2/);
  });

  it.each([Number.NaN, Number.POSITIVE_INFINITY])('is a coordinate %f, its item and point named', (value) => {
    const items = [SETS[0], ofValues([0, 0, 0, 1, value, 1], 3)];
    expect(() => packPointSets(items, LAYOUT)).toThrow(DomainError);
    expect(() => packPointSets(items, LAYOUT)).toThrow(/item 1 row 1: expected finite numbers/);
  });

  it('is not an empty item, nor no item at all', () => {
    expect(Array.from(packPointSets([setOf(0)], LAYOUT).data)).toEqual(Array(N * (DIM + 1)).fill(0));
    expect(packPointSets([], LAYOUT)).toMatchObject({ rows: 0, columns: N * (DIM + 1) });
  });

  it('is a number of heads that does not divide the width, and counts that are none', () => {
    expect(() => attentionLayer('layer', 8, 3)).toThrow(UsageError);
    expect(() => deepSetLayer('layer', 0, 3)).toThrow(UsageError);
    expect(() => setEncoder({ dim: 3, codeDim: 2, layers: -1 })).toThrow(/setEncoder layers/);
    expect(() => setDecoder({ codeDim: 2, maxPoints: 0, dim: 3 })).toThrow(/setDecoder maxPoints/);
  });
});
