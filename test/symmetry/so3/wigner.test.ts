import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DomainError, ShapeError, UsageError } from '../../../src/core/errors.js';
import { Rng } from '../../../src/core/rng.js';
import { scaledClebschGordan } from '../../../src/symmetry/so3/clebschGordan.js';
import { couplingTable } from '../../../src/symmetry/so3/coupling.js';
import { coefficientCount, singleChannels } from '../../../src/symmetry/so3/degrees.js';
import { sphericalHarmonics } from '../../../src/symmetry/so3/harmonics.js';
import { randomRotation } from '../../../src/symmetry/so3/quaternion.js';
import {
  composeRotations,
  rotatePoints,
  rotationFromEuler,
} from '../../../src/symmetry/so3/rotationMatrix.js';
import { sparseWigner3j, wigner3j } from '../../../src/symmetry/so3/wigner3j.js';
import { rotateCoefficients, wignerD } from '../../../src/symmetry/so3/wignerD.js';
import { ROTATION_TABLES } from '../../laws/tolerance.js';
import {
  type E3nnFixture,
  expectClose,
  fixture,
  identity,
  randomPoints,
  rotation,
  times,
  transposed,
} from './support.js';

const peer = fixture<E3nnFixture>('e3nn');
const exact = fixture<{ clebschGordan: { of: number[]; value: number }[] }>('exact');
const LAWS = { seed: 21, numRuns: 20 };

describe('wignerD', () => {
  it('is that of e3nn at the same Euler angles, degrees 1 to 20', () => {
    const matrices = wignerD(rotationFromEuler(peer.euler), 20);
    peer.wignerDegrees.forEach((l, at) => {
      // The peer's exponential of a matrix is itself off an orthogonal one by 8e-14 at degree 20.
      expectClose(matrices[l], peer.wignerD[at], 2 * ROTATION_TABLES);
    });
  });

  it('turns harmonics: Y(R p) = D(R) Y(p)', () => {
    const points = randomPoints(3, 8);
    fc.assert(
      fc.property(rotation, (r) => {
        const turned = rotateCoefficients(sphericalHarmonics(points, 20), r, singleChannels(20));
        const direct = sphericalHarmonics(rotatePoints(points, r), 20);
        expectClose(direct.data, turned.data);
      }),
      LAWS,
    );
  });

  it('is a homomorphism into orthogonal matrices', () => {
    fc.assert(
      fc.property(rotation, rotation, (g, h) => {
        const [dg, dh] = [wignerD(g, 20), wignerD(h, 20)];
        wignerD(composeRotations(g, h), 20).forEach((d, l) => {
          const size = 2 * l + 1;
          expectClose(times(dg[l], dh[l], size, size), d);
          expectClose(times(d, transposed(d, size), size, size), identity(size));
        });
      }),
      { ...LAWS, numRuns: 5 },
    );
  });

  it('of the identity is the identity, and of a half turn about z has the signs (-1)^m', () => {
    wignerD(identity(3), 20).forEach((d, l) => {
      expectClose(d, identity(2 * l + 1));
    });
    wignerD([-1, 0, 0, 0, -1, 0, 0, 0, 1], 20).forEach((d, l) => {
      const signs = identity(2 * l + 1).map((value, at) => value * (-1) ** ((at % (2 * l + 1)) + l));
      expectClose(d, signs);
    });
  });

  it('has the character sin((l + 1/2) ω) / sin(ω/2) of the angle ω', () => {
    const r = rotationFromEuler({ alpha: 0.7, beta: 1.1, gamma: 2.3 });
    const omega = Math.acos((r[0] + r[4] + r[8] - 1) / 2);
    wignerD(r, 20).forEach((d, l) => {
      const size = 2 * l + 1;
      let trace = 0;
      for (let m = 0; m < size; m++) trace += d[m * (size + 1)];
      const character = Math.sin((l + 0.5) * omega) / Math.sin(omega / 2);
      expect(Math.abs(trace - character)).toBeLessThanOrEqual(10 * ROTATION_TABLES);
    });
  });

  it('refuses degrees above the tables and what is no rotation', () => {
    expect(() => wignerD(identity(3), 21)).toThrow(UsageError);
    expect(() => wignerD([2, 0, 0, 0, 2, 0, 0, 0, 2], 2)).toThrow(DomainError);
    expect(wignerD(identity(3), 0)).toEqual([Float64Array.of(1)]);
  });
});

describe('rotateCoefficients', () => {
  it('turns each channel of each degree by itself', () => {
    const multiplicities = [2, 0, 3];
    const coefficients = randomPoints(2, 3, coefficientCount(multiplicities));
    const r = randomRotation(new Rng(2));
    const { data, columns } = rotateCoefficients(coefficients, r, multiplicities);
    expect(columns).toBe(17);
    const second = wignerD(r, 2)[2];
    for (const from of [2, 7, 12, 17 + 12]) {
      expectClose(
        data.subarray(from, from + 5),
        times(second, coefficients.data.subarray(from, from + 5), 5, 5),
      );
    }
    expect(Array.from(data.subarray(17, 19))).toEqual(Array.from(coefficients.data.subarray(17, 19)));
  });

  it('refuses rows of another length and broken counts', () => {
    expect(() => rotateCoefficients(randomPoints(1, 1, 5), identity(3), [1, 1])).toThrow(ShapeError);
    expect(() => coefficientCount([1, -1])).toThrow(/multiplicities of degree 1/);
    expect(() => coefficientCount([])).toThrow(UsageError);
  });
});

describe('wigner3j', () => {
  const sumOf = (l1: number, l2: number, l3: number) => {
    const { i, j, k, value } = sparseWigner3j(l1, l2, l3);
    return value.reduce((sum, w, at) => sum + w * Math.cos(1.3 * i[at] + 2.7 * j[at] + 0.9 * k[at]), 0);
  };

  it('is that of e3nn, signs included: every triple to 11 and some to 20, by a sum with generic weights', () => {
    const sums = { ...peer.wigner3jSums, ...peer.wigner3jSumsAbove11 };
    const keys = Object.keys(sums);
    expect(keys.length).toBe(874);
    const got = keys.map((key) => {
      const [l1, l2, l3] = key.split(',').map(Number);
      return sumOf(l1, l2, l3);
    });
    expectClose(got, Object.values(sums));
  });

  it('is √(1/6) times the sign of the permutation for three vectors, and δ/√(2l + 1) with a scalar', () => {
    const w = wigner3j(1, 1, 1);
    const epsilon = (i: number, j: number, k: number) => ((i - j) * (j - k) * (k - i)) / 2;
    const expected = w.map(
      (_, at) => epsilon(Math.floor(at / 9), Math.floor(at / 3) % 3, at % 3) / Math.sqrt(6),
    );
    expectClose(w, expected);
    const scalar = identity(41).map((value) => value / Math.sqrt(41));
    expectClose(wigner3j(0, 20, 20), scalar);
    expectClose(wigner3j(20, 20, 0), scalar);
  });

  it.each([
    [1, 2, 3],
    [6, 5, 4],
    [12, 9, 15],
    [20, 20, 20],
    [20, 19, 20],
    [20, 3, 18],
  ])('of %i, %i, %i does not change under rotations', (l1, l2, l3) => {
    const w = wigner3j(l1, l2, l3);
    const d = wignerD(randomRotation(new Rng(31)), 20);
    const [n1, n2, n3] = [2 * l1 + 1, 2 * l2 + 1, 2 * l3 + 1];
    // One index at a time, turned to the back after each.
    let turned = times(d[l1], w, n1, n1);
    turned = times(d[l2], transposed(turned, n1), n2, n2);
    turned = times(d[l3], transposed(turned, n2), n3, n3);
    expectClose(transposed(turned, n3), w);
  });

  it('is orthonormal: Σ_ij w w over two triples is δ / (2 l3 + 1)', () => {
    for (const [l1, l2] of [
      [3, 2],
      [20, 20],
      [20, 7],
    ]) {
      const ends = [Math.abs(l1 - l2), Math.min(l1 + l2, 20)];
      const tables = ends.map((l3) => ({ l3, w: wigner3j(l1, l2, l3) }));
      for (const a of tables) {
        for (const b of tables) {
          const [rows, inner] = [2 * a.l3 + 1, (2 * l1 + 1) * (2 * l2 + 1)];
          const products = times(transposed(a.w, inner), b.w, rows, inner);
          const expected =
            a.l3 === b.l3 ? identity(rows).map((value) => value / rows) : products.map(() => 0);
          expectClose(products, expected);
        }
      }
    }
  });

  it('turns its sign with the parity of l1 + l2 + l3 when two degrees trade places', () => {
    for (const [l1, l2, l3] of [
      [2, 3, 4],
      [4, 7, 8],
      [9, 9, 7],
    ]) {
      const sign = (-1) ** (l1 + l2 + l3);
      const [n1, n2, n3] = [2 * l1 + 1, 2 * l2 + 1, 2 * l3 + 1];
      const swapped = wigner3j(l2, l1, l3);
      const expected = wigner3j(l1, l2, l3).map((_, at) => {
        const [i, j, k] = [Math.floor(at / (n2 * n3)), Math.floor(at / n3) % n2, at % n3];
        return sign * swapped[(j * n1 + i) * n3 + k];
      });
      expectClose(wigner3j(l1, l2, l3), expected);
    }
  });

  it('has at most two m3 for each m1 and m2, sorted by k, i, j, with Σ w² = 1', () => {
    for (const [l1, l2, l3] of [
      [5, 5, 4],
      [20, 20, 20],
      [20, 20, 19],
      [3, 18, 20],
    ]) {
      const { i, j, k, value } = sparseWigner3j(l1, l2, l3);
      expect(value.length).toBeLessThanOrEqual(2 * (2 * l1 + 1) * (2 * l2 + 1));
      const place = Array.from(value, (_, at) => (k[at] * 100 + i[at]) * 100 + j[at]);
      expect(place).toEqual([...new Set(place)].sort((a, b) => a - b));
      expect(value.reduce((sum, w) => sum + w * w, 0)).toBeCloseTo(1, 12);
    }
  });

  it('refuses degrees above the tables and outside the triangle rule', () => {
    expect(() => wigner3j(21, 0, 21)).toThrow(UsageError);
    expect(() => wigner3j(1, 1, 3)).toThrow(/l3 in 0..2 for l1 = 1, l2 = 1, got 3/);
    expect(() => wigner3j(2, 5, 2)).toThrow(UsageError);
  });
});

describe('scaledClebschGordan', () => {
  it('is that of sympy over √(2 l3 + 1) to the last digits at degree 20', () => {
    for (const { of: quantumNumbers, value } of exact.clebschGordan) {
      const [l1, m1, l2, m2, l3] = quantumNumbers;
      const got = scaledClebschGordan(l1, m1, l2, m2, l3) * Math.sqrt(2 * l3 + 1);
      expect(Math.abs(got - value)).toBeLessThanOrEqual(4 * Number.EPSILON * Math.abs(value));
    }
  });

  it('is zero outside the triangle and for |m| above l', () => {
    expect(scaledClebschGordan(1, 0, 1, 0, 3)).toBe(0);
    expect(scaledClebschGordan(1, 2, 2, -2, 1)).toBe(0);
    expect(scaledClebschGordan(2, 2, 2, 2, 3)).toBe(0);
  });
});

describe('couplingTable', () => {
  it('is the triples end to end', () => {
    const table = couplingTable([
      [1, 1, 2],
      [2, 2, 0],
    ]);
    const [first, second] = [sparseWigner3j(1, 1, 2), sparseWigner3j(2, 2, 0)];
    const middle = first.value.length;
    expect(Array.from(table.start)).toEqual([0, middle, middle + 5]);
    for (const key of ['i', 'j', 'k', 'value'] as const) {
      expect(Array.from(table[key])).toEqual([...first[key], ...second[key]]);
    }
  });

  it('of no triples is empty, and names a triple that breaks the rule', () => {
    expect(couplingTable([]).value.length).toBe(0);
    expect(() =>
      couplingTable([
        [1, 1, 1],
        [0, 1, 2],
      ]),
    ).toThrow(/l1 = 0, l2 = 1/);
  });
});
