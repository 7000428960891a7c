import { describe, expect, it } from 'vitest';
import { DomainError, FormatError } from '../../../src/core/errors.js';
import { matrix } from '../../../src/core/matrix.js';
import { Rng } from '../../../src/core/rng.js';
import { meshExtents, surfaceCentroid } from '../../../src/data/furniture/extents.js';
import { type Mesh, parseObj } from '../../../src/data/furniture/mesh.js';
import { randomRotation } from '../../../src/symmetry/so3/quaternion.js';
import { rotatePoints } from '../../../src/symmetry/so3/rotationMatrix.js';
import { gridPoints, sphereGrid } from '../../../src/symmetry/so3/sphereGrid.js';

/** A cube of side 2s about a place. */
function cube(s: number, [x, y, z]: readonly number[] = [0, 0, 0]): Mesh {
  const vertices = Array.from({ length: 8 }, (_, i) => [
    x + (i & 1 ? s : -s),
    y + (i & 2 ? s : -s),
    z + (i & 4 ? s : -s),
  ]).flat();
  const quads = [
    [0, 1, 3, 2],
    [4, 5, 7, 6],
    [0, 1, 5, 4],
    [2, 3, 7, 6],
    [0, 2, 6, 4],
    [1, 3, 7, 5],
  ];
  const triangles = quads.flatMap(([a, b, c, d]) => [a, b, c, a, c, d]);
  return { vertices: Float64Array.from(vertices), triangles: Int32Array.from(triangles) };
}

const joined = (a: Mesh, b: Mesh): Mesh => ({
  vertices: Float64Array.from([...a.vertices, ...b.vertices]),
  triangles: Int32Array.from([...a.triangles, ...Array.from(b.triangles, (v) => v + a.vertices.length / 3)]),
});

/** Every ray against every triangle, by Möller and Trumbore's solution of o + t d = a + u (b - a) + v (c - a). */
function byTrial({ vertices, triangles }: Mesh, rays: Float64Array, centre: readonly number[]): number[] {
  const minus = (a: number[], b: readonly number[]) => a.map((v, k) => v - b[k]);
  const cross = (a: number[], b: number[]) =>
    [0, 1, 2].map((k) => a[(k + 1) % 3] * b[(k + 2) % 3] - a[(k + 2) % 3] * b[(k + 1) % 3]);
  const dot = (a: number[], b: number[]) => a.reduce((sum, v, k) => sum + v * b[k], 0);
  return Array.from({ length: rays.length / 3 }, (_, r) => {
    const d = Array.from(rays.subarray(3 * r, 3 * r + 3));
    let farthest = 0;
    for (let t = 0; t < triangles.length; t += 3) {
      const [a, b, c] = [0, 1, 2].map((k) =>
        minus(Array.from(vertices.subarray(3 * triangles[t + k], 3 * triangles[t + k] + 3)), centre),
      );
      const [e, f] = [minus(b, a), minus(c, a)];
      const p = cross(d, f);
      const s = a.map((v) => -v);
      const q = cross(s, e);
      const determinant = dot(e, p);
      const [u, v, distance] = [dot(s, p), dot(d, q), dot(f, q)].map((x) => x / determinant);
      if (u >= -1e-12 && v >= -1e-12 && u + v <= 1 + 1e-12) farthest = Math.max(farthest, distance);
    }
    return farthest;
  });
}

const grid = sphereGrid(8, 'shifted');

describe('meshExtents', () => {
  it('is s over the largest coordinate of the direction for a cube of side 2s', () => {
    const rays = gridPoints(grid).data;
    const { distances, cosines } = meshExtents(cube(3, [5, -2, 1]), grid, 'cube');
    for (let i = 0; i < distances.length; i++) {
      const largest = Math.max(...rays.subarray(3 * i, 3 * i + 3).map(Math.abs));
      expect(distances[i]).toBeCloseTo(3 / largest, 12);
      expect(cosines[i]).toBeCloseTo(largest, 12);
    }
  });

  it('is the farthest of several surfaces, as trial of all rays on all triangles finds', () => {
    const rng = new Rng(3);
    for (let trial = 0; trial < 4; trial++) {
      const boxes = [cube(1), cube(0.3, [2, 1, 0.5]), cube(0.05, [-0.4, 3, -1]), cube(0.2, [0, 0, -2])];
      const mesh = boxes.reduce(joined);
      const turned = rotatePoints(matrix(mesh.vertices, mesh.vertices.length / 3, 3), randomRotation(rng));
      const one = { vertices: Float64Array.from(turned.data), triangles: mesh.triangles };
      const centre = [0.3, 0.2, -0.1] as const;
      const { distances } = meshExtents(one, grid, 'boxes', centre);
      const expected = byTrial(one, gridPoints(grid).data, centre);
      expected.forEach((value, i) => {
        expect(distances[i]).toBeCloseTo(value, 10);
      });
    }
  });

  it('is 0 where a ray meets nothing', () => {
    const roof = parseObj('v -1 -1 1\nv 1 -1 1\nv 0 1 1\nf 1 2 3\n', 'roof');
    const { distances } = meshExtents(roof, grid, 'roof', [0, 0, 0]);
    const below = gridPoints(grid)
      .data.filter((_, at) => at % 3 === 2)
      .map((z) => Number(z <= 0));
    expect(distances.some((d) => d > 0)).toBe(true);
    below.forEach((isBelow, i) => {
      if (isBelow) expect(distances[i]).toBe(0);
    });
  });

  it('takes the centroid of the surface, not of the vertices', () => {
    const plate = parseObj('v 0 0 0\nv 3 0 0\nv 0 3 0\nv 0 0 0\nv 0 0 0\nf 1 2 3\n', 'plate');
    expect(surfaceCentroid(plate, 'plate')).toEqual([1, 1, 0]);
  });

  it('names a mesh without faces, one without area, and a vertex that is no point', () => {
    const vertices = Float64Array.of(0, 0, 0, 1, 0, 0, 2, 0, 0);
    const none = { vertices, triangles: new Int32Array(0) };
    const flat = { vertices, triangles: Int32Array.of(0, 1, 2) };
    const broken = { vertices: Float64Array.of(0, Number.NaN, 0), triangles: Int32Array.of(0, 0, 0) };
    expect(() => meshExtents(none, grid, 'chair.obj')).toThrow(FormatError);
    expect(() => meshExtents(none, grid, 'chair.obj')).toThrow(/chair\.obj: .*without faces/);
    expect(() => meshExtents(flat, grid, 'chair.obj')).toThrow(/chair\.obj: .*area of 0/);
    expect(() => meshExtents(broken, grid, 'chair.obj')).toThrow(DomainError);
    expect(() => meshExtents(broken, grid, 'chair.obj')).toThrow(/chair\.obj vertices row 0/);
  });
});
