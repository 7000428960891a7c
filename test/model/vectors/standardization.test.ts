import { describe, expect, it } from 'vitest';
import { DomainError, UsageError } from '../../../src/core/errors.js';
import { matrix } from '../../../src/core/matrix.js';
import {
  constantColumns,
  standardizationOf,
  standardizedRows,
} from '../../../src/model/vectors/standardization.js';

const of = (rows: readonly (readonly number[])[]) =>
  matrix(Float32Array.from(rows.flat()), rows.length, rows[0].length);

describe('standardizationOf', () => {
  it('is mean and deviation of the rows that train, by hand', () => {
    // Column 0 of rows 0 and 2: 1 and 5, mean 3, deviation 2. Row 1 does not train.
    const found = standardizationOf(
      of([
        [1, 7],
        [1000, 8],
        [5, 3],
      ]),
      [0, 2],
    );
    expect(found).toEqual({ mean: Float32Array.of(3, 5), deviation: Float32Array.of(2, 2) });
  });

  it('holds for values near both ends of float32', () => {
    for (const size of [1e-38, 1e37]) {
      const vectors = of([[size], [3 * size]]);
      const z = standardizedRows(vectors.data, [0, 1], standardizationOf(vectors, [0, 1]));
      expect(Array.from(z, (value) => Math.round(value * 1e4) / 1e4)).toEqual([-1, 1]);
    }
  });

  it('takes a column for constant whose values differ by no more than the rounding of their mean', () => {
    const found = standardizationOf(
      of([
        [0.1, 1],
        [0.1, 2],
        [0.1, 3],
      ]),
      [0, 1, 2],
    );
    expect(found.deviation[0]).toBe(0);
    expect(constantColumns(found)).toBe(1);
  });

  it('refuses vectors that are all equal', () => {
    expect(() =>
      standardizationOf(
        of([
          [1, 2],
          [1, 2],
        ]),
        [0, 1],
      ),
    ).toThrow(UsageError);
  });
});

describe('standardizedRows', () => {
  const standardization = { mean: Float32Array.of(3, 5), deviation: Float32Array.of(2, 0) };

  it('gives 0 for a constant column, whatever it holds, and rows in the order asked for', () => {
    const { data } = of([
      [1, 5],
      [7, 99],
    ]);
    expect(standardizedRows(data, [1, 0], standardization)).toEqual(Float32Array.of(2, 0, -1, 0));
  });

  it('refuses values that are not finite or out of reach, and names the row as the user counts', () => {
    for (const bad of [Number.NaN, Number.POSITIVE_INFINITY, 1e20]) {
      const { data } = of([
        [1, 5],
        [bad, 5],
      ]);
      const call = () => standardizedRows(data, [0, 1], standardization, 100);
      expect(call).toThrow(DomainError);
      expect(call).toThrow(/row 101/);
    }
    const constant = of([[1, Number.NaN]]);
    expect(() => standardizedRows(constant.data, [0], standardization)).toThrow(/row 0.*finite/);
  });
});
