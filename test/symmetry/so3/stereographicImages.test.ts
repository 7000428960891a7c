import { describe, expect, it } from 'vitest';
import { DomainError, ShapeError, UsageError } from '../../../src/core/errors.js';
import { gridPoints, sphereGrid } from '../../../src/symmetry/so3/sphereGrid.js';
import { projectImages, stereographicSampling } from '../../../src/symmetry/so3/stereographicImages.js';
import { expectClose, pointsOf, randomPoints } from './support.js';

/** The point of the unit sphere about the origin that is seen at (u, v) of the plane z = -1 from height `pole` above it. */
function seenAt(u: number, v: number, pole = 2.001): number[] {
  // (u s, v s, pole (1 - s)) lies on the sphere of centre (0, 0, 1): a s² + b s + c = 0, the nearer to the plane.
  const a = u * u + v * v + pole * pole;
  const b = -2 * pole * (pole - 1);
  const c = (pole - 1) ** 2 - 1;
  const s = (-b + Math.sqrt(b * b - 4 * a * c)) / (2 * a);
  return [u * s, v * s, pole * (1 - s) - 1];
}

const project = (pixels: Float32Array, height: number, width: number, points: number[][]) =>
  projectImages(pixels, 1, stereographicSampling(height, width, pointsOf(points))).data;

describe('images on the sphere', () => {
  it('have the middle of each pixel at its place of the window', () => {
    const pixels = Float32Array.from({ length: 20 }, (_, i) => i + 1);
    const middles = Array.from(pixels, (_, i) => {
      const [row, column] = [Math.floor(i / 5), i % 5];
      return seenAt(((column + 0.5) / 5 - 0.5) * 3, (0.5 - (row + 0.5) / 4) * 3);
    });
    expectClose(project(pixels, 4, 5, middles), pixels);
  });

  it('have the middle of the image at the south pole and nothing at the north pole', () => {
    const got = project(Float32Array.of(1, 2, 3, 4), 2, 2, [
      [0, 0, -1],
      [0, 0, 1],
    ]);
    expectClose(got, [2.5, 0]);
  });

  it('run right along x and up along y', () => {
    const right = seenAt(0.75, 0);
    const up = seenAt(0, 0.75);
    // Columns 1 2 over 3 4: the middle of the right column is 3, of the upper row 1.5.
    expectClose(project(Float32Array.of(1, 2, 3, 4), 2, 2, [right, up]), [3, 1.5]);
  });

  it('are linear between middles and fall to zero half a pixel beyond the edge', () => {
    const pixels = Float32Array.of(1, 1, 1, 1);
    const inside = project(pixels, 2, 2, [seenAt(0.3, -0.2), seenAt(1.5, 0), seenAt(2.26, 0), seenAt(0, -3)]);
    expectClose(inside, [1, 0.5, 0, 0]);
  });

  it('take bytes as 0..255 and several images at once, other windows too', () => {
    const sampling = stereographicSampling(1, 1, pointsOf([seenAt(0, 0), seenAt(1, 0)]), { halfWindow: 2 });
    expectClose(projectImages(Uint8Array.of(255, 51), 2, sampling).data, [1, 0.75, 0.2, 0.15]);
    expect(projectImages(new Uint8Array(0), 0, sampling)).toMatchObject({ rows: 0, columns: 2 });
  });

  it('cover a grid of bandwidth 30 below the pole and nothing above', () => {
    const points = gridPoints(sphereGrid(30));
    const sampling = stereographicSampling(28, 28, points);
    const { data } = projectImages(new Float32Array(784).fill(1), 1, sampling);
    const covered = Array.from(data, (value, i) => (value > 0 ? points.data[3 * i + 2] : -1));
    // A corner, (1.5, 1.5) and half a pixel of 3/28, is the highest place that is seen.
    const corner = 1.5 + 3 / 56;
    expect(Math.max(...covered)).toBeLessThanOrEqual(seenAt(corner, corner)[2]);
    expect(data[59 * 60]).toBeCloseTo(1, 12);
  });

  it('refuse points off the sphere by their place, poles inside the sphere, NaN by its image, other lengths', () => {
    expect(() =>
      stereographicSampling(
        2,
        2,
        pointsOf([
          [0, 0, -1],
          [0, 0, 1.1],
        ]),
      ),
    ).toThrow(/point 1/);
    expect(() => stereographicSampling(2, 2, pointsOf([[0, 0, 1]]), { pole: 2 })).toThrow(DomainError);
    expect(() => stereographicSampling(2, 2, pointsOf([]), { halfWindow: 0 })).toThrow(DomainError);
    expect(() => stereographicSampling(0, 2, pointsOf([]))).toThrow(UsageError);
    expect(() => stereographicSampling(2, 2, randomPoints(1, 1, 2))).toThrow(ShapeError);
    const sampling = stereographicSampling(1, 1, pointsOf([]));
    expect(() => projectImages(Float32Array.of(1, Number.NaN), 2, sampling)).toThrow(/image row 1/);
    expect(() => projectImages(Float32Array.of(1), 2, sampling)).toThrow(ShapeError);
  });
});
