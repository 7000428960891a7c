import { describe, expect, it } from 'vitest';
import { requireFinite, requireInteger, requireLength, requirePositive } from '../../src/core/checks.js';
import { DomainError, ShapeError, UsageError } from '../../src/core/errors.js';

const { NaN: NAN, POSITIVE_INFINITY: INFINITE, MIN_VALUE, MAX_VALUE, MAX_SAFE_INTEGER } = Number;

describe('the guards', () => {
  it('let the whole allowed range pass, ends included', () => {
    for (const value of [MIN_VALUE, 1, MAX_VALUE]) requirePositive(value, 'x');
    for (const value of [3, 4, 5]) requireInteger(value, 3, 'x', 5);
    requireInteger(MAX_SAFE_INTEGER, 0, 'x');
    requireFinite([-MAX_VALUE, 0, MAX_VALUE], 1, 'x');
    requireFinite([], 3, 'x');
    requireLength(0, 0, 'x');
  });

  it('requirePositive refuses 0, NaN and infinity with a DomainError', () => {
    for (const value of [0, -1, NAN, INFINITE]) {
      expect(() => requirePositive(value, 'tau')).toThrow(DomainError);
      expect(() => requirePositive(value, 'tau')).toThrow(`tau: expected a finite number > 0, got ${value}`);
    }
  });

  it('requireInteger refuses fractions, NaN and what is out of range, and names the range', () => {
    for (const value of [2, 6, 3.5, NAN, INFINITE]) {
      expect(() => requireInteger(value, 3, 'k', 5)).toThrow(UsageError);
      expect(() => requireInteger(value, 3, 'k', 5)).toThrow(
        `k: expected a whole number in 3..5, got ${value}`,
      );
    }
    expect(() => requireInteger(-1, 0, 'k')).toThrow('k: expected a whole number >= 0, got -1');
    expect(() => requireInteger(2 ** 53, 0, 'k')).toThrow(UsageError);
  });

  it('requireFinite names the first row with a value that is not finite', () => {
    for (const value of [NAN, INFINITE, -INFINITE]) {
      const values = Float32Array.of(1, 2, 3, 4, 5, value, value, 8);
      expect(() => requireFinite(values, 2, 'x')).toThrow(DomainError);
      expect(() => requireFinite(values, 2, 'x')).toThrow(`x row 2: expected finite numbers, got ${value}`);
    }
  });

  it('requireLength says both lengths', () => {
    expect(() => requireLength(4, 5, 'labels')).toThrow(ShapeError);
    expect(() => requireLength(4, 5, 'labels')).toThrow('labels: expected 5 values, got 4');
  });
});
