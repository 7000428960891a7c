import { describe, expect, it } from 'vitest';
import { DomainError, ShapeError } from '../../src/core/errors.js';
import { matrix } from '../../src/core/matrix.js';
import { Rng } from '../../src/core/rng.js';
import { codeRelativeChange, orientationErrorDegrees } from '../../src/evaluation/equivariance.js';
import { matrix32, randomMatrix } from './support.js';

describe('codeRelativeChange', () => {
  it('is mean change over mean distance between items, by hand', () => {
    const codes = matrix32([
      [0, 0],
      [4, 0],
      [0, 3],
    ]);
    const moved = matrix32([
      [1, 0],
      [4, 2],
      [0, 3],
    ]);
    // Changes 1, 2, 0; distances 4, 3, 5.
    expect(codeRelativeChange(codes, [moved])).toBeCloseTo(1 / 4, 15);
    expect(codeRelativeChange(codes, [moved, codes])).toBeCloseTo(1 / 8, 15);
  });

  it('is 0 for an invariant code, and near 1 for codes that forget the item', () => {
    const rng = new Rng(1);
    const codes = randomMatrix(300, 8, rng);
    expect(codeRelativeChange(codes, [codes])).toBe(0);
    // 300 pairs: the mean distance of Gaussian vectors is known to 1.5 %; five times that.
    expect(Math.abs(codeRelativeChange(codes, [randomMatrix(300, 8, rng)]) - 1)).toBeLessThan(0.075);
  });

  it('has no unit', () => {
    const codes = randomMatrix(10, 3, new Rng(2));
    const moved = randomMatrix(10, 3, new Rng(3));
    const times4 = (m: typeof codes) =>
      matrix(
        m.data.map((v) => 4 * v),
        m.rows,
        m.columns,
      );
    expect(codeRelativeChange(times4(codes), [times4(moved)])).toBeCloseTo(
      codeRelativeChange(codes, [moved]),
      12,
    );
  });

  it('refuses collapsed codes, one item, NaN and other shapes', () => {
    const codes = randomMatrix(2, 2, new Rng(4));
    const collapsed = matrix(new Float32Array(4), 2, 2);
    expect(() => codeRelativeChange(collapsed, [codes])).toThrow(/collapsed/);
    expect(() => codeRelativeChange(randomMatrix(1, 2, new Rng(4)), [codes])).toThrow(ShapeError);
    expect(() => codeRelativeChange(codes, [])).toThrow(ShapeError);
    expect(() => codeRelativeChange(codes, [randomMatrix(3, 2, new Rng(4))])).toThrow(ShapeError);
    expect(() => codeRelativeChange(codes, [matrix(Float32Array.of(0, 1, 2, Number.NaN), 2, 2)])).toThrow(
      DomainError,
    );
  });
});

describe('orientationErrorDegrees', () => {
  it('goes the short way round, by hand', () => {
    const degrees = (...values: number[]) => values.map((v) => (v * Math.PI) / 180);
    // ψ(gx) - g - ψ(x): 0, 10, and 350, which is -10.
    expect(orientationErrorDegrees(degrees(10, 170, 5), degrees(20, 20, 5), degrees(30, 200, 0))).toBeCloseTo(
      20 / 3,
      12,
    );
    expect(orientationErrorDegrees([0], [0], [Math.PI])).toBeCloseTo(180, 12);
  });

  it('is 0 for an equivariant ψ whatever the turns', () => {
    const rng = new Rng(1);
    const before = Array.from({ length: 50 }, () => rng.uniform(-4, 4));
    const turns = Array.from({ length: 50 }, () => rng.uniform(-20, 20));
    const after = before.map((angle, i) => angle + turns[i] + 2 * Math.PI * rng.below(5));
    expect(orientationErrorDegrees(before, turns, after)).toBeLessThan(1e-11);
  });

  it('refuses other lengths, no items and NaN', () => {
    expect(() => orientationErrorDegrees([0], [0, 1], [0])).toThrow(ShapeError);
    expect(() => orientationErrorDegrees([], [], [])).toThrow(ShapeError);
    expect(() => orientationErrorDegrees([0], [Number.NaN], [0])).toThrow(DomainError);
  });
});
