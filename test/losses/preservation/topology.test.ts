import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { DomainError, ShapeError, UsageError } from '../../../src/core/errors.js';
import { Rng } from '../../../src/core/rng.js';
import { openEngine } from '../../../src/engine/openEngine.js';
import * as tf from '../../../src/engine/tf.js';
import { nearest } from '../../../src/geometry/nearest.js';
import { graphDistances, type NeighborLists } from '../../../src/losses/preservation/graphDistances.js';
import { minimumSpanningTree } from '../../../src/losses/preservation/spanningTree.js';
import { topologicalPenalty } from '../../../src/losses/preservation/topology.js';
import { gradientError, leakedTensors } from '../../laws/gradient.js';
import { GRADIENT_BY_DIFFERENCES } from '../../laws/tolerance.js';
import { distancesOf, inputDistances, nameOf, number, numbers, SPACES, tangents } from './spaces.js';

beforeAll(async () => {
  await openEngine();
});

const N = 9;

/** Deaths of dimension 0 by their definition: the lengths at which the number of components falls as links appear. */
function deaths(d: Float64Array, n: number): number[] {
  const lengths = [...new Set(d)].sort((a, b) => a - b);
  const components = (length: number) => {
    const of = Int32Array.from({ length: n }, (_, i) => i);
    for (let round = 0; round < n; round++) {
      for (let i = 0; i < n; i++) {
        for (let j = 0; j < n; j++) if (d[i * n + j] <= length) of[i] = of[j] = Math.min(of[i], of[j]);
      }
    }
    return new Set(of).size;
  };
  const found: number[] = [];
  let before = n;
  for (const length of lengths) {
    const now = components(length);
    for (; before > now; before--) found.push(length);
  }
  return found;
}

describe('minimumSpanningTree', () => {
  it('has the deaths of dimension 0 as its lengths, for points with ties and duplicates', () => {
    const point = fc.tuple(fc.integer({ min: 0, max: 4 }), fc.integer({ min: 0, max: 4 }));
    fc.assert(
      fc.property(fc.array(point, { minLength: 0, maxLength: 9 }), (points) => {
        const n = points.length;
        const d = Float64Array.from({ length: n * n }, (_, at) => {
          const [p, q] = [points[Math.floor(at / n)], points[at % n]];
          return Math.hypot(p[0] - q[0], p[1] - q[1]);
        });
        const { first, second } = minimumSpanningTree(d, n);
        const lengths = Array.from(first, (i, edge) => d[i * n + second[edge]]).sort((a, b) => a - b);
        expect(lengths).toEqual(deaths(d, n));
      }),
      { seed: 7, numRuns: 200 },
    );
  });

  it('refuses NaN by its rows, distances below 0 and arrays of other sizes', () => {
    const d = Float32Array.of(0, 1, 2, 1, 0, Number.NaN, 2, Number.NaN, 0);
    expect(() => minimumSpanningTree(d, 3)).toThrow(DomainError);
    expect(() => minimumSpanningTree(d, 3)).toThrow(/rows 1 and 2/);
    expect(() => minimumSpanningTree(Float32Array.of(0, -1, -1, 0), 2)).toThrow(DomainError);
    expect(() => minimumSpanningTree(d, 4)).toThrow(ShapeError);
  });
});

describe('topologicalPenalty', () => {
  describe.each(SPACES.map((space) => [nameOf(space), space] as const))('of codes in %s', (_, space) => {
    it('is half the squared errors over the edges of both trees', () => {
      const [v, d] = [tangents(N, 1), inputDistances(N, 2)];
      const [e, host] = [numbers(() => distancesOf(space, v)), numbers(() => tf.clone(d))];
      let sum = 0;
      for (const of of [e, host]) {
        const { first, second } = minimumSpanningTree(of, N);
        first.forEach((i, edge) => {
          sum += (e[i * N + second[edge]] - host[i * N + second[edge]]) ** 2 / 2;
        });
      }
      expect(number(() => topologicalPenalty(distancesOf(space, v), d))).toBeCloseTo(sum, 4);
      tf.dispose([v, d]);
    });

    it.each([
      ['sum', 1],
      ['sum', 'best'],
      ['stress', 'best'],
    ] as const)('has the gradient of its values: %s, scale %s', (kind, scale) => {
      const [v, d] = [tangents(N, 3), inputDistances(N, 4)];
      const f = (t: tf.Tensor) => topologicalPenalty(distancesOf(space, t), d, { kind, scale });
      // The trees stay the same within this step.
      expect(gradientError(f, v, 1e-3)).toBeLessThan(2 * GRADIENT_BY_DIFFERENCES);
      tf.dispose([v, d]);
    });

    it('is 0 for an isometry, and for a scaled copy with the best scale', () => {
      const v = tangents(N, 5);
      const value = (factor: number, scale: 1 | 'best') =>
        number(() => {
          const d = distancesOf(space, v);
          return topologicalPenalty(tf.mul(d, factor), d, { scale });
        });
      expect(value(1, 1)).toBe(0);
      expect(value(3, 'best')).toBeCloseTo(0, 5);
      v.dispose();
    });
  });

  it('is defined for duplicates, one item and none', () => {
    for (const n of [0, 1, 4])
      expect(number(() => topologicalPenalty(tf.zeros([n, n]), tf.zeros([n, n])))).toBe(0);
  });

  it('refuses NaN, lists of pairs and different rows', () => {
    tf.tidy(() => {
      const d = tf.zeros([2, 2]) as tf.Tensor2D;
      expect(() => topologicalPenalty(tf.fill([2, 2], Number.NaN), d)).toThrow(DomainError);
      expect(() => topologicalPenalty(d, tf.fill([2, 2], Number.NaN))).toThrow(DomainError);
      expect(() => topologicalPenalty(d, tf.zeros([3, 3]))).toThrow(ShapeError);
      expect(() =>
        topologicalPenalty(tf.zeros([4]) as unknown as tf.Tensor2D, tf.zeros([4]) as unknown as tf.Tensor2D),
      ).toThrow(ShapeError);
    });
  });

  it('leaves no tensors behind', async () => {
    const [e, d] = [inputDistances(N, 6), inputDistances(N, 7)];
    expect(await leakedTensors(() => tf.grad((t) => topologicalPenalty(t as tf.Tensor2D, d))(e))).toBe(0);
    tf.dispose([e, d]);
  });
});

describe('graphDistances', () => {
  const n = 40;
  const rng = new Rng(4);
  const points = { data: Float32Array.from({ length: 2 * n }, () => rng.normal()), rows: n, columns: 2 };
  const lists = (k: number): NeighborLists =>
    nearest({ kind: 'euclidean', dim: 2 }, points, points, k, { excludeSelf: true });

  /** All shortest paths at once, by Floyd and Warshall. */
  function allPaths({ rows, distances }: NeighborLists, k: number): Float64Array {
    const d = new Float64Array(n * n).fill(Number.POSITIVE_INFINITY);
    for (let i = 0; i < n; i++) d[i * n + i] = 0;
    rows.forEach((j, at) => {
      if (j < 0) return;
      const i = Math.floor(at / k);
      d[i * n + j] = Math.min(d[i * n + j], distances[at]);
      d[j * n + i] = Math.min(d[j * n + i], distances[at]);
    });
    for (let via = 0; via < n; via++) {
      for (let i = 0; i < n; i++) {
        for (let j = 0; j < n; j++) d[i * n + j] = Math.min(d[i * n + j], d[i * n + via] + d[via * n + j]);
      }
    }
    return d;
  }

  it.each([3, 6, 45])('are those of all shortest paths, with %s neighbours', (k) => {
    const neighbors = lists(k);
    const { data, rows, columns } = graphDistances(neighbors, n, { components: 'infinite' });
    expect([rows, columns]).toEqual([n, n]);
    allPaths(neighbors, k).forEach((wanted, at) => {
      expect(data[at]).toBe(Math.fround(wanted));
    });
  });

  it('are those of single landmarks too', () => {
    const all = graphDistances(lists(6), n);
    const sources = Int32Array.of(7, 3);
    const some = graphDistances(lists(6), n, { sources });
    expect(some.rows).toBe(2);
    sources.forEach((source, s) => {
      expect(some.data.slice(s * n, (s + 1) * n)).toEqual(all.data.slice(source * n, (source + 1) * n));
    });
  });

  it('refuse a graph of several parts, naming a point of another, unless infinities are asked for', () => {
    const apart = { rows: Int32Array.of(1, 0, 3, 2), distances: Float32Array.of(1, 1, 1, 1) };
    expect(() => graphDistances(apart, 4)).toThrow(DomainError);
    expect(() => graphDistances(apart, 4)).toThrow(/point 2.*none from 0, which reaches 2 of 4/);
    const { data } = graphDistances(apart, 4, { components: 'infinite', sources: Int32Array.of(0) });
    expect(Array.from(data)).toEqual([0, 1, Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY]);
  });

  it('keep duplicates at distance 0', () => {
    const twins = { rows: Int32Array.of(1, 0, 1), distances: Float32Array.of(0, 0, 2) };
    expect(Array.from(graphDistances(twins, 3).data)).toEqual([0, 0, 2, 0, 0, 2, 2, 2, 0]);
  });

  it('refuse lists of other lengths, bad neighbours and sources', () => {
    const of = (rows: number[], distances: number[]) => ({
      rows: Int32Array.from(rows),
      distances: Float32Array.from(distances),
    });
    expect(() => graphDistances(of([1, 0, 0], [1, 1, 1]), 2)).toThrow(ShapeError);
    expect(() => graphDistances(of([1, 0], [1]), 2)).toThrow(ShapeError);
    expect(() => graphDistances(of([1, 5], [1, 1]), 2)).toThrow(/point 1/);
    expect(() => graphDistances(of([1, 0], [1, Number.NaN]), 2)).toThrow(DomainError);
    expect(() => graphDistances(of([1, 0], [1, 1]), 2, { sources: Int32Array.of(2) })).toThrow(UsageError);
  });
});
