import { describe, expect, it } from 'vitest';
import {
  DomainError,
  expectation,
  FormatError,
  GyrometricError,
  MissingError,
  ShapeError,
  StorageError,
  UsageError,
} from '../../src/core/errors.js';

describe('errors', () => {
  it('carry the exit code that design.md fixes: 2 for wrong use, 1 for the rest', () => {
    const codes = [UsageError, ShapeError, DomainError, FormatError, MissingError, StorageError].map(
      (Class) => new Class('x').exitCode,
    );
    expect(codes).toEqual([2, 2, 1, 1, 1, 1]);
  });

  it('are named after their class and keep their cause', () => {
    const cause = new Error('inner');
    const error = new FormatError('outer', { cause });
    expect(error).toBeInstanceOf(GyrometricError);
    expect([error.name, error.message, error.cause]).toEqual(['FormatError', 'outer', cause]);
  });
});

describe('expectation', () => {
  const got = (value: unknown) =>
    expectation('who', 'E', value, 'do this').replace(/^who: expected E, got /, '');

  it('says who speaks, what was expected, what came and what to do', () => {
    expect(expectation('tau', 'a number > 0', -1, 'raise it')).toBe(
      'tau: expected a number > 0, got -1; raise it',
    );
  });

  it.each([
    [Number.NaN, 'NaN'],
    [undefined, 'undefined'],
    [null, 'null'],
    [true, 'true'],
    [12n, '12n'],
    ['text', '"text"'],
    [[1, 2], '[1,2]'],
    [{ a: 1 }, '{"a":1}'],
    [new Float32Array(5), 'Float32Array(5)'],
    [new DataView(new ArrayBuffer(6)), 'DataView(6)'],
  ])('shows %s as %s', (value, shown) => {
    expect(got(value)).toBe(`${shown}; do this`);
  });

  it('cuts what is long to 80 characters', () => {
    expect(got('x'.repeat(81))).toBe(`"${'x'.repeat(77)}..."; do this`);
    expect(got('x'.repeat(80))).toBe(`"${'x'.repeat(80)}"; do this`);
    expect(got(Array.from({ length: 100 }, () => 7))).toHaveLength(80 + '; do this'.length);
  });

  it('shows objects that have no JSON instead of failing in their place', () => {
    const circular: { self?: unknown } = {};
    circular.self = circular;
    expect(got(circular)).toBe('[object Object]; do this');
    expect(got({ n: 1n })).toBe('[object Object]; do this');
  });
});
