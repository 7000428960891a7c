import { describe, expect, it } from 'vitest';
import { ShapeError, UsageError } from '../../src/core/errors.js';
import { concatColumns, matrix, row, sliceColumns, takeRows } from '../../src/core/matrix.js';

const M = matrix(Float64Array.of(0, 1, 2, 10, 11, 12, 20, 21, 22), 3, 3);

describe('matrix', () => {
  it('keeps the array it is given', () => {
    const data = Float32Array.of(1, 2, 3, 4, 5, 6);
    expect(matrix(data, 2, 3)).toEqual({ data, rows: 2, columns: 3 });
    expect(matrix(data, 2, 3).data).toBe(data);
  });

  it('refuses a length other than rows * columns, and NaN', () => {
    expect(() => matrix(new Float32Array(5), 2, 3)).toThrow(ShapeError);
    expect(() => matrix(new Float32Array(5), 2, 3)).toThrow('matrix: expected 2 x 3 = 6 values, got 5');
    expect(() => matrix(new Float32Array(0), Number.NaN, 3)).toThrow(ShapeError);
  });
});

describe('row', () => {
  it('is a view: what is written to it is written to the matrix', () => {
    const m = matrix(new Float64Array(4), 2, 2);
    row(m, 1)[0] = 7;
    expect([...m.data]).toEqual([0, 0, 7, 0]);
  });
});

describe('takeRows', () => {
  it('copies rows in the order asked for, again and again if asked, in the same element type', () => {
    const taken = takeRows(M, Int32Array.of(2, 0, 2));
    expect(taken).toEqual(matrix(Float64Array.of(20, 21, 22, 0, 1, 2, 20, 21, 22), 3, 3));
    taken.data[0] = -1;
    expect(M.data[6]).toBe(20);
    expect(takeRows(matrix(new Float32Array(2), 2, 1), []).data).toEqual(new Float32Array(0));
  });

  it('refuses rows that are not there instead of giving zeros', () => {
    for (const i of [3, -1, 0.5, Number.NaN]) expect(() => takeRows(M, [0, i])).toThrow(UsageError);
  });
});

describe('concatColumns', () => {
  it('puts parts of both element types side by side as float32', () => {
    const left = matrix(Float32Array.of(1, 2), 2, 1);
    const right = matrix(Float64Array.of(3, 4, 5, 0.1), 2, 2);
    expect(concatColumns([left, right])).toEqual(matrix(Float32Array.of(1, 3, 4, 2, 5, 0.1), 2, 3));
  });

  it('is undone by sliceColumns', () => {
    const parts = [sliceColumns(M, 0, 1), sliceColumns(M, 1, 1), sliceColumns(M, 1, 3)];
    expect([...concatColumns(parts).data]).toEqual([...M.data]);
  });

  it('is empty of no parts, and refuses parts of other rows', () => {
    expect(concatColumns([])).toEqual(matrix(new Float32Array(0), 0, 0));
    const short = matrix(new Float64Array(2), 2, 1);
    expect(() => concatColumns([M, short])).toThrow(ShapeError);
    expect(() => concatColumns([M, short])).toThrow(/expected 3 rows in every part, got 2/);
  });
});

describe('sliceColumns', () => {
  it('copies [from, to) of every row', () => {
    const slice = sliceColumns(M, 1, 3);
    expect(slice).toEqual(matrix(Float64Array.of(1, 2, 11, 12, 21, 22), 3, 2));
    slice.data[0] = -1;
    expect(M.data[1]).toBe(1);
  });

  it('refuses columns that are not there instead of going on into the next row', () => {
    for (const [from, to] of [
      [0, 4],
      [2, 1],
      [-1, 2],
      [0, Number.NaN],
    ]) {
      expect(() => sliceColumns(M, from, to)).toThrow(UsageError);
    }
  });
});
