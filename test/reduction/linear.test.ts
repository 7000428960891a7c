import { describe, expect, it } from 'vitest';
import { ShapeError, UsageError } from '../../src/core/errors.js';
import { type Matrix64, matrix, row } from '../../src/core/matrix.js';
import { dot } from '../../src/geometry/vector.js';
import { linearAutoencoder, trainLinearAutoencoder } from '../../src/reduction/linearAutoencoder.js';
import { applyLinear, reconstructLinear } from '../../src/reduction/linearMap.js';
import { randomProjection } from '../../src/reduction/randomProjection.js';
import { largestDifference, normal, PEER, PEER_POINTS, within } from './points.js';

/** Largest sine of an angle between two row spaces, of rows that need not be orthonormal. */
function subspaceGap(a: Matrix64, orthonormal: Matrix64): number {
  let gap = 0;
  for (let p = 0; p < a.rows; p++) {
    const v = row(a, p);
    const rest = Float64Array.from(v);
    for (let q = 0; q < orthonormal.rows; q++) {
      const u = row(orthonormal, q);
      const along = dot(u, v);
      for (let k = 0; k < rest.length; k++) rest[k] -= along * u[k];
    }
    gap = Math.max(gap, Math.sqrt(dot(rest, rest) / dot(v, v)));
  }
  return gap;
}

describe('the linear autoencoder', () => {
  const points = normal(80, 6, 13, [3, 2.5, 2, 0.8, 0.5, 0.3]);

  it('is pca: trained from random weights it finds its subspace and its error', () => {
    const best = linearAutoencoder(points, 3);
    const trained = trainLinearAutoencoder(points, 3, { seed: 4 });
    expect(trained.error).toBeCloseTo(best.error, 9);
    expect(trained.error).toBeGreaterThanOrEqual(best.error - 1e-12);
    expect(subspaceGap(trained.decoder, best.projection)).toBeLessThan(1e-4);
    expect(subspaceGap(trained.projection, best.projection)).toBeLessThan(1e-4);
  });

  it('has the error of its own reconstruction', () => {
    for (const coder of [
      linearAutoencoder(points, 2),
      trainLinearAutoencoder(points, 2, { seed: 1, maxIterations: 7 }),
    ]) {
      const output = reconstructLinear(applyLinear(coder, points), coder.decoder, coder.mean);
      const sum = output.data.reduce((s, v, at) => s + (v - points.data[at]) ** 2, 0);
      expect(coder.error).toBeCloseTo(sum / points.data.length, 12);
    }
  });

  it('agrees with scikit-learn', () => {
    const coder = linearAutoencoder(PEER_POINTS, 3);
    expect(coder.error).toBeCloseTo(PEER.pca.error, 10);
    PEER.pca.components
      .flat()
      .forEach((value, at) => void expect(Math.abs(coder.projection.data[at])).toBeCloseTo(value, 8));
  });

  it('keeps everything at full width, and refuses bad input', () => {
    expect(linearAutoencoder(points, 6).error).toBeCloseTo(0, 12);
    expect(() => linearAutoencoder(points, 7)).toThrow(UsageError);
    expect(() => trainLinearAutoencoder(matrix(new Float64Array(0), 0, 2), 1, { seed: 1 })).toThrow(
      ShapeError,
    );
    expect(() =>
      trainLinearAutoencoder(matrix(Float64Array.of(1, Number.NaN), 2, 1), 1, { seed: 1 }),
    ).toThrow(/row 1/);
    expect(() => applyLinear(linearAutoencoder(points, 2), matrix(new Float64Array(4), 2, 2))).toThrow(
      ShapeError,
    );
    expect(() => reconstructLinear(points, points, new Float64Array(6))).toThrow(ShapeError);
  });
});

describe('randomProjection', () => {
  it.each(['gaussian', 'orthonormal'] as const)(
    'keeps squared lengths in the mean over seeds, %s',
    (kind) => {
      const x = normal(1, 50, 14);
      const square = dot(x.data, x.data);
      const ratios = Array.from({ length: 400 }, (_, seed) => {
        const code = applyLinear(randomProjection(50, 5, { kind, seed }), x).data;
        return dot(code, code) / square;
      });
      const mean = ratios.reduce((a, b) => a + b) / 400;
      // The standard error of the mean is √(2/5) / 20 = 0.032.
      expect(Math.abs(mean - 1)).toBeLessThan(0.1);
    },
  );

  it('is an isometry at full width when orthonormal', () => {
    const points = normal(20, 9, 15);
    const codes = applyLinear(randomProjection(9, 9, { seed: 1 }), points);
    expect(largestDifference(within(codes), within(points))).toBeLessThan(1e-12);
  });

  it('follows its seed, and refuses more components than columns', () => {
    const draw = (seed: number) => randomProjection(7, 3, { seed }).projection.data;
    expect(draw(5)).toEqual(draw(5));
    expect(draw(5)).not.toEqual(draw(6));
    expect(() => randomProjection(3, 4, { seed: 1 })).toThrow(UsageError);
  });
});
