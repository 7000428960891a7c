import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DomainError, ShapeError } from '../../src/core/errors.js';
import { matrix, row } from '../../src/core/matrix.js';
import { Rng } from '../../src/core/rng.js';
import { orbitDistance, orbitDistanceMatrix } from '../../src/symmetry/orbitDistance.js';

function randomRows(n: number, columns: number, seed: number) {
  const rng = new Rng(seed);
  return matrix(
    Float64Array.from({ length: n * columns }, () => rng.uniform()),
    n,
    columns,
  );
}

function slow(x: ArrayLike<number>, y: ArrayLike<number>, radii: number, angles: number): number {
  const at = (s: number) => {
    let sum = 0;
    for (let r = 0; r < radii; r++) {
      for (let a = 0; a < angles; a++) {
        sum += (r + 0.5) * (x[r * angles + a] - y[r * angles + ((a + s) % angles)]) ** 2;
      }
    }
    return Math.sqrt(sum);
  };
  return Math.min(...Array.from({ length: angles }, (_, s) => at(s)));
}

function turned(x: ArrayLike<number>, s: number, angles: number): Float64Array {
  return Float64Array.from({ length: x.length }, (_, k) => {
    const ring = Math.floor(k / angles);
    return x[ring * angles + (((k % angles) + angles - s) % angles)];
  });
}

describe('orbitDistance', () => {
  it.each([
    { radii: 1, angles: 1 },
    { radii: 2, angles: 2 },
    { radii: 3, angles: 7 },
    { radii: 5, angles: 16 },
  ])('equals the slow loop over turns on $radii x $angles', ({ radii, angles }) => {
    const X = randomRows(4, radii * angles, 1);
    const Y = randomRows(3, radii * angles, 2);
    const D = orbitDistanceMatrix(X, Y, { radii, angles });
    for (let i = 0; i < 4; i++) {
      for (let j = 0; j < 3; j++) {
        expect(D.data[i * 3 + j]).toBeCloseTo(slow(row(X, i), row(Y, j), radii, angles), 12);
      }
    }
  });

  it('is a distance of orbits: symmetric, a triangle, blind to turns, 0 within an orbit', () => {
    const grid = { radii: 3, angles: 8 };
    fc.assert(
      fc.property(fc.nat(), fc.nat({ max: 7 }), (seed, s) => {
        const X = randomRows(3, 24, seed % 2 ** 31);
        const D = orbitDistanceMatrix(X, X, grid).data;
        expect(orbitDistance(row(X, 1), row(X, 0), grid)).toBeCloseTo(D[1], 12);
        expect(D[2]).toBeLessThanOrEqual(D[1] + D[5] + 1e-12);
        expect(orbitDistance(row(X, 0), turned(row(X, 1), s, 8), grid)).toBeCloseTo(D[1], 12);
        expect(orbitDistance(row(X, 0), turned(row(X, 0), s, 8), grid)).toBe(0);
      }),
      { seed: 7, numRuns: 100 },
    );
  });

  it('weighs a ring by its radius, by hand', () => {
    expect(orbitDistance([1, 0, 0, 0], [0, 0, 0, 0], { radii: 2, angles: 2 })).toBeCloseTo(
      Math.sqrt(0.5),
      15,
    );
    expect(orbitDistance([0, 0, 0, 1], [0, 0, 0, 0], { radii: 2, angles: 2 })).toBeCloseTo(
      Math.sqrt(1.5),
      15,
    );
  });

  it('of a set to itself has equal halves and zeros', () => {
    const X = randomRows(6, 20, 5);
    const { data } = orbitDistanceMatrix(X, X, { radii: 2, angles: 10 });
    for (let i = 0; i < 6; i++) {
      expect(data[i * 6 + i]).toBe(0);
      for (let j = 0; j < 6; j++) expect(data[i * 6 + j]).toBe(data[j * 6 + i]);
    }
  });

  it('refuses images of another grid and NaN', () => {
    expect(() => orbitDistance([1, 2, 3], [1, 2, 3], { radii: 2, angles: 2 })).toThrow(ShapeError);
    expect(() => orbitDistance([1, Number.NaN], [1, 2], { radii: 1, angles: 2 })).toThrow(DomainError);
  });
});
