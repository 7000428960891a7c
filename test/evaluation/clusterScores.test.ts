import { describe, expect, it } from 'vitest';
import { DomainError, ShapeError, UsageError } from '../../src/core/errors.js';
import type { Matrix32 } from '../../src/core/matrix.js';
import { Rng } from '../../src/core/rng.js';
import type { Space } from '../../src/core/space.js';
import { clusterScores } from '../../src/evaluation/clusterScores.js';
import { flatCoordinates } from '../../src/evaluation/flatCoordinates.js';
import { kMeans } from '../../src/evaluation/kMeans.js';
import { mutualInformation } from '../../src/evaluation/mutualInformation.js';
import { distance } from '../../src/geometry/distance.js';
import { matrix32, REFERENCE_TOLERANCE, randomMatrix, readFixture } from './support.js';

interface PeerCase {
  readonly name: string;
  readonly a: number[];
  readonly b: number[];
  readonly nmi: number;
  readonly ami: number;
}

const PEER = (readFixture('mutualInformation') as { cases: PeerCase[] }).cases;
const PLANE = { kind: 'euclidean', dim: 2 } as const;

describe('mutualInformation', () => {
  it.each(PEER.map((one) => [one.name, one] as const))(
    'agrees with the peer: %s',
    (_, { a, b, nmi, ami }) => {
      const { normalized, adjusted } = mutualInformation(a, b);
      expect(Math.abs(normalized - nmi)).toBeLessThanOrEqual(REFERENCE_TOLERANCE);
      expect(Math.abs(adjusted - ami)).toBeLessThanOrEqual(REFERENCE_TOLERANCE);
      const exchanged = mutualInformation(b, a);
      expect(exchanged.adjusted).toBeCloseTo(adjusted, 12);
    },
  );

  it('is ln 2 nats for two halves that agree', () => {
    expect(mutualInformation([0, 0, 1, 1], [5, 5, -2, -2])).toEqual({
      information: Math.log(2),
      normalized: 1,
      adjusted: 1,
    });
  });

  it('keeps its digits with many items', () => {
    // Random labellings of 100,000 items: adjusted is 0 but for noise of about 1e-4.
    const rng = new Rng(3);
    const labels = () => Int32Array.from({ length: 100_000 }, () => rng.below(50));
    expect(Math.abs(mutualInformation(labels(), labels()).adjusted)).toBeLessThan(1e-3);
  });

  it('refuses other lengths, no items, and what is no number', () => {
    expect(() => mutualInformation([0, 1], [0])).toThrow(ShapeError);
    expect(() => mutualInformation([], [])).toThrow(ShapeError);
    expect(() => mutualInformation([0, Number.NaN], [0, 1])).toThrow(/row 1/);
  });
});

/** `each` points around each centre. */
function clustersAround(centers: readonly (readonly number[])[], each: number, spread: number, rng: Rng) {
  const rows = centers.flatMap((c) =>
    Array.from({ length: each }, () => c.map((v) => v + spread * rng.normal())),
  );
  return { vectors: matrix32(rows), labels: rows.map((_, i) => Math.floor(i / each)) };
}

describe('kMeans', () => {
  it('leaves every row with the nearest centre, and every centre in the middle of its rows', async () => {
    const points = randomMatrix(200, 3, new Rng(1));
    const { assignments, centers, inertia } = await kMeans(points, 6, new Rng(2));
    const sums = new Float64Array(18);
    const counts = new Float64Array(6);
    let total = 0;
    for (let i = 0; i < 200; i++) {
      const squares = Array.from({ length: 6 }, (_, c) =>
        [0, 1, 2].reduce((sum, k) => sum + (points.data[i * 3 + k] - centers.data[c * 3 + k]) ** 2, 0),
      );
      expect(squares[assignments[i]]).toBe(Math.min(...squares));
      total += squares[assignments[i]];
      counts[assignments[i]]++;
      for (let k = 0; k < 3; k++) sums[assignments[i] * 3 + k] += points.data[i * 3 + k];
    }
    expect(inertia).toBeCloseTo(total, 10);
    sums.forEach((sum, at) => {
      expect(centers.data[at]).toBeCloseTo(sum / counts[Math.floor(at / 3)], 6);
    });
  });

  it('gives the same clusters for the same seed, and no worse ones for more restarts', async () => {
    const points = randomMatrix(150, 2, new Rng(3));
    const one = await kMeans(points, 8, new Rng(4), { restarts: 1 });
    expect(await kMeans(points, 8, new Rng(4), { restarts: 1 })).toEqual(one);
    const best = await kMeans(points, 8, new Rng(4), { restarts: 6 });
    expect(best.inertia).toBeLessThanOrEqual(one.inertia);
  });

  it('takes fewer different points than clusters, as many clusters as points, and one', async () => {
    const points = matrix32([
      [0, 0],
      [0, 0],
      [1, 1],
      [1, 1],
    ]);
    const three = await kMeans(points, 3, new Rng(1));
    expect(three.inertia).toBe(0);
    expect((await kMeans(randomMatrix(5, 2, new Rng(2)), 5, new Rng(1))).inertia).toBe(0);
    expect((await kMeans(points, 1, new Rng(1))).centers.data).toEqual(Float32Array.of(0.5, 0.5));
  });

  it('moves a centre without rows to the row farthest from its own', async () => {
    // Many starts on collinear groups: none may end with an empty cluster.
    const { vectors } = clustersAround(
      [
        [0, 0],
        [100, 0],
        [101, 0],
        [102, 0],
      ],
      5,
      0.01,
      new Rng(5),
    );
    for (let seed = 0; seed < 20; seed++) {
      const { assignments } = await kMeans(vectors, 4, new Rng(seed), { restarts: 1 });
      expect(new Set(assignments).size).toBe(4);
    }
  });

  it('refuses more clusters than rows and rows that are not finite', async () => {
    await expect(kMeans(randomMatrix(3, 2, new Rng(1)), 4, new Rng(1))).rejects.toThrow(UsageError);
    await expect(kMeans(matrix32([[0, Number.NaN]]), 1, new Rng(1))).rejects.toThrow(DomainError);
  });
});

describe('flatCoordinates', () => {
  const norm = (m: Matrix32, i: number) => Math.hypot(...m.data.subarray(i * m.columns, (i + 1) * m.columns));

  it.each([
    ['poincare', { kind: 'poincare', dim: 2, curvature: -0.5 }, [0.3, -0.8], [0, 0]],
    ['stereographic, K > 0', { kind: 'stereographic', dim: 2, curvature: 2 }, [0.3, -0.8], [0, 0]],
    ['stereographic, K = 0', { kind: 'stereographic', dim: 2, curvature: 0 }, [0.3, -0.8], [0, 0]],
    ['lorentz', { kind: 'lorentz', dim: 2, curvature: -1 }, [Math.sqrt(1 + 9 + 4), 3, -2], [1, 0, 0]],
  ] as const)('keeps the distance to the origin: %s', (_, space, point, origin) => {
    const flat = flatCoordinates(space, matrix32([point]));
    expect(flat.columns).toBe(2);
    // float32 coordinates.
    expect(norm(flat, 0)).toBeCloseTo(distance(space, matrix32([point]).data, origin), 5);
  });

  it('keeps the distances of a flat l2 product, and the angles of directions', () => {
    const space: Space = {
      kind: 'product',
      combine: 'l2',
      factors: [
        { space: { kind: 'euclidean', dim: 1 }, weight: 4 },
        { space: { kind: 'euclidean', dim: 2 }, weight: 0.25 },
      ],
    };
    const points = matrix32([
      [1, 2, 3],
      [2, -1, 5],
    ]);
    const { data } = flatCoordinates(space, points);
    const apart = Math.hypot(data[0] - data[3], data[1] - data[4], data[2] - data[5]);
    expect(apart).toBeCloseTo(distance(space, [1, 2, 3], [2, -1, 5]), 6);
    const directions = flatCoordinates(
      { kind: 'cosine', dim: 2 },
      matrix32([
        [3, 4],
        [0, 9],
      ]),
    );
    expect(Array.from(directions.data, (v) => Math.round(v * 1e6) / 1e6)).toEqual([0.6, 0.8, 0, 1]);
    const sphere = { kind: 'sphere', dim: 2, curvature: 0.25 } as const;
    expect(norm(flatCoordinates(sphere, matrix32([[0, 2]])), 0)).toBeCloseTo(2, 6);
  });

  it('leaves star offsets out, and refuses a star alone', () => {
    const space: Space = {
      kind: 'product',
      combine: 'sum',
      factors: [
        { space: { kind: 'euclidean', dim: 2 }, weight: 3 },
        { space: { kind: 'star', dim: 1 }, weight: 1 },
      ],
    };
    expect(flatCoordinates(space, matrix32([[1, 2, 7]])).data).toEqual(Float32Array.of(3, 6));
    expect(() => flatCoordinates({ kind: 'star', dim: 1 }, matrix32([[1]]))).toThrow(UsageError);
  });
});

describe('clusterScores', () => {
  it('is 1 for groups far apart, in flat and hyperbolic space', async () => {
    const corners = [
      [0.5, 0.5],
      [-0.5, 0.5],
      [0.5, -0.5],
    ];
    const { vectors, labels } = clustersAround(corners, 20, 0.02, new Rng(1));
    for (const space of [
      PLANE,
      { kind: 'poincare', dim: 2, curvature: -1 } as const,
      { kind: 'cosine', dim: 2 } as const,
    ]) {
      const { nmi, ami, clusters } = await clusterScores(space, vectors, labels, new Rng(2));
      expect([nmi, ami, clusters]).toEqual([1, 1, 3]);
    }
  });

  it('has an ami near 0, but not an nmi, where labels are drawn', async () => {
    const rng = new Rng(3);
    const vectors = randomMatrix(300, 2, rng);
    const labels = Array.from({ length: 300 }, () => rng.below(20));
    const { nmi, ami } = await clusterScores(PLANE, vectors, labels, rng);
    expect(Math.abs(ami)).toBeLessThan(0.05);
    expect(nmi).toBeGreaterThan(0.2);
  });

  it('is 1 with one class only, which is one cluster', async () => {
    const { nmi, ami } = await clusterScores(
      PLANE,
      randomMatrix(9, 2, new Rng(1)),
      new Array(9).fill(4),
      new Rng(1),
    );
    expect([nmi, ami]).toEqual([1, 1]);
  });

  it('refuses labels of another length or that are no numbers, no rows, and bad points', async () => {
    const vectors = randomMatrix(3, 2, new Rng(2));
    const rng = new Rng(1);
    await expect(clusterScores(PLANE, vectors, [0, 1], rng)).rejects.toThrow(ShapeError);
    await expect(clusterScores(PLANE, vectors, [0, 1, Number.NaN], rng)).rejects.toThrow(/labels row 2/);
    await expect(clusterScores(PLANE, randomMatrix(0, 2, rng), [], rng)).rejects.toThrow(ShapeError);
    await expect(clusterScores(PLANE, matrix32([[Number.NaN, 0]]), [0], rng)).rejects.toThrow(DomainError);
    await expect(clusterScores(PLANE, vectors, [0, 1, 2], rng, { clusters: 4 })).rejects.toThrow(UsageError);
  });
});
