import { describe, expect, it } from 'vitest';
import { DomainError, ShapeError } from '../../../src/core/errors.js';
import { rocArea } from '../../../src/evaluation/probes/rocArea.js';

describe('rocArea', () => {
  it('is the share of pairs in order, ties half, by hand', () => {
    expect(rocArea([1, 2, 3, 4], [0, 0, 1, 1])).toBe(1);
    expect(rocArea([4, 3, 2, 1], [0, 0, 1, 1])).toBe(0);
    expect(rocArea([1, 2, 2, 3], [0, 1, 0, 1])).toBe(3.5 / 4);
    expect(rocArea([5, 5, 5], [1, 0, 0])).toBe(0.5);
  });

  it('needs both sides and finite scores', () => {
    expect(() => rocArea([1, 2], [1, 1])).toThrow(DomainError);
    expect(() => rocArea([1, Number.NaN], [1, 0])).toThrow(/row 1/);
    expect(() => rocArea([1], [1, 0])).toThrow(ShapeError);
  });
});
