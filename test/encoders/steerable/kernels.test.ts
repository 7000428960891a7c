import { describe, expect, it } from 'vitest';
import { UsageError } from '../../../src/core/errors.js';
import { angularKernels } from '../../../src/encoders/steerable/angularKernels.js';
import { kernelBasis } from '../../../src/encoders/steerable/kernelBasis.js';
import {
  allRotations,
  allRotationsAndReflections,
  composeElements,
  cyclic,
  dihedral,
  elementsOf,
  type PlaneElement,
  type PlaneGroup,
} from '../../../src/encoders/steerable/planeGroup.js';
import {
  directSum,
  frequenciesUpTo,
  irrep,
  type Representation,
  regularRepresentation,
  signIrrep,
} from '../../../src/encoders/steerable/representation.js';
import { FLOAT64 } from '../../laws/tolerance.js';
import { wholeMatrix } from './action.js';

const multiply = (a: number[][], b: number[][]): number[][] =>
  a.map((row) => b[0].map((_, c) => row.reduce((sum, value, k) => sum + value * b[k][c], 0)));
const transposed = (a: number[][]): number[][] => a[0].map((_, c) => a.map((row) => row[c]));
const largestDifference = (a: number[][], b: number[][]): number =>
  Math.max(...a.flatMap((row, r) => row.map((value, c) => Math.abs(value - b[r][c]))));

/** Elements at no particular angle of an infinite group; all of a finite one. */
function someElements(group: PlaneGroup): PlaneElement[] {
  if (Number.isFinite(group.rotations)) return elementsOf(group, 0);
  const angles = [0.3, 1.234, -2.5];
  return angles.flatMap((angle) =>
    (group.reflections ? [false, true] : [false]).map((mirrored) => ({ angle, mirrored })),
  );
}

const REPRESENTATIONS: readonly Representation[] = [
  frequenciesUpTo(allRotations, 3),
  directSum(frequenciesUpTo(allRotationsAndReflections, 2), signIrrep(allRotationsAndReflections)),
  regularRepresentation(cyclic(5)),
  directSum(regularRepresentation(cyclic(8)), irrep(cyclic(8), 1), irrep(cyclic(8), 4)),
  directSum(regularRepresentation(dihedral(3)), irrep(dihedral(3), 1), signIrrep(dihedral(3))),
];

describe.each(REPRESENTATIONS.map((r) => [`${r.name} of ${r.group.name}`, r] as const))('%s', (_, rho) => {
  it('takes products of elements to products of orthogonal matrices', () => {
    const elements = someElements(rho.group);
    for (const g of elements) {
      const matrix = wholeMatrix(rho, g);
      const one = multiply(matrix, transposed(matrix));
      expect(largestDifference(one, wholeMatrix(rho, { angle: 0, mirrored: false }))).toBeLessThan(FLOAT64);
      for (const h of elements)
        expect(
          largestDifference(multiply(matrix, wholeMatrix(rho, h)), wholeMatrix(rho, composeElements(g, h))),
        ).toBeLessThan(FLOAT64);
    }
  });

  it('has kernels that turn with the plane: K(g x) = ρ(g) K(x) ρ(g)⁻¹, at any angle of the group', () => {
    let solutions = 0;
    for (const from of rho.parts) {
      for (const to of rho.parts) {
        for (let k = 0; k <= 4; k++) {
          for (const { coefficients } of angularKernels(rho, from, to, k)) {
            solutions++;
            const kernelAt = (phi: number) => {
              const harmonics = k === 0 ? [1] : [Math.cos(k * phi), Math.sin(k * phi)];
              return Array.from({ length: to.dim }, (_, o) =>
                Array.from({ length: from.dim }, (_, i) =>
                  harmonics.reduce(
                    (sum, y, c) => sum + y * coefficients[(o * from.dim + i) * harmonics.length + c],
                    0,
                  ),
                ),
              );
            };
            for (const g of someElements(rho.group)) {
              const part = (p: typeof from) => wholeMatrix({ ...rho, dim: p.dim, parts: [p] }, g);
              const moved = kernelAt((g.mirrored ? -0.7 : 0.7) + g.angle);
              const expected = multiply(multiply(part(to), kernelAt(0.7)), transposed(part(from)));
              expect(largestDifference(moved, expected)).toBeLessThan(FLOAT64);
            }
          }
        }
      }
    }
    expect(solutions).toBeGreaterThan(0);
  });
});

/** Numbers of solutions of each angular frequency 0 to 6. */
function counts(from: Representation, to: Representation): number[] {
  return Array.from({ length: 7 }, (_, k) => angularKernels(from, from.parts[0], to.parts[0], k).length);
}

describe('numbers of steerable kernels', () => {
  it('are those of tables 8 and 10 of Weiler and Cesa 2019 for frequencies of SO(2) and O(2)', () => {
    const so2 = (m: number) => irrep(allRotations, m);
    expect(counts(so2(0), so2(0))).toEqual([1, 0, 0, 0, 0, 0, 0]);
    expect(counts(so2(0), so2(2))).toEqual([0, 0, 2, 0, 0, 0, 0]);
    expect(counts(so2(1), so2(3))).toEqual([0, 0, 2, 0, 2, 0, 0]);
    expect(counts(so2(2), so2(2))).toEqual([2, 0, 0, 0, 2, 0, 0]);
    const o2 = (m: number) => irrep(allRotationsAndReflections, m);
    expect(counts(o2(0), o2(2))).toEqual([0, 0, 1, 0, 0, 0, 0]);
    expect(counts(o2(1), o2(3))).toEqual([0, 0, 1, 0, 1, 0, 0]);
    expect(counts(signIrrep(allRotationsAndReflections), o2(0))).toEqual([0, 0, 0, 0, 0, 0, 0]);
  });

  it('are one function of the angle for each pair of elements between regular fields', () => {
    const c4 = regularRepresentation(cyclic(4));
    expect(counts(c4, c4)).toEqual([4, 8, 8, 8, 8, 8, 8]);
    const d3 = regularRepresentation(dihedral(3));
    expect(counts(d3, d3).slice(0, 3)).toEqual([6, 12, 12]);
  });
});

describe('filters on the pixel grid', () => {
  it('keep the variance: each number of a part has 1 on average for uncorrelated inputs of variance 1', () => {
    const [from, to] = [regularRepresentation(cyclic(4)), frequenciesUpTo(cyclic(4), 1)];
    const { kernel, values, count, shares } = kernelBasis(from, to, 5);
    const variances = Array<number>(to.dim).fill(0);
    for (let at = 0; at < values.length; at++)
      variances[Math.floor(at / count) % to.dim] += values[at] ** 2 * shares[at % count];
    expect(values.length).toBe(kernel * kernel * from.dim * to.dim * count);
    expect(variances[0]).toBeCloseTo(1, 9);
    expect((variances[1] + variances[2]) / 2).toBeCloseTo(1, 9);
  });

  it('need an odd number of pixels and two representations of one group', () => {
    const c4 = regularRepresentation(cyclic(4));
    expect(() => kernelBasis(c4, c4, 4)).toThrow(UsageError);
    expect(() => kernelBasis(c4, regularRepresentation(cyclic(8)), 3)).toThrow(UsageError);
  });
});

describe('representations', () => {
  it('that a group does not have are errors', () => {
    expect(() => irrep(cyclic(4), 3)).toThrow(UsageError);
    expect(() => signIrrep(cyclic(4))).toThrow(UsageError);
    expect(() => regularRepresentation(allRotations)).toThrow(UsageError);
    expect(() => directSum(regularRepresentation(cyclic(4)), regularRepresentation(cyclic(8)))).toThrow(
      UsageError,
    );
    expect(() => directSum()).toThrow(UsageError);
    expect(() => cyclic(0)).toThrow();
    expect(() => dihedral(1.5)).toThrow();
  });
});
