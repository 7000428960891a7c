import { DomainError, expectation, ShapeError, UsageError } from './errors.js';

// Each guard states the condition that must hold, so that NaN fails it.

export function requirePositive(value: number, who: string): void {
  if (value > 0 && value < Number.POSITIVE_INFINITY) return;
  throw new DomainError(expectation(who, 'a finite number > 0', value, 'check this argument'));
}

export function requireNumber(value: number, who: string): void {
  if (Number.isFinite(value)) return;
  throw new DomainError(expectation(who, 'a finite number', value, 'check this argument'));
}

/** Finite numbers in [low, high]. */
export function requireWithin(
  value: number,
  low: number,
  who: string,
  high = Number.POSITIVE_INFINITY,
): void {
  if (Number.isFinite(value) && value >= low && value <= high) return;
  const range = high === Number.POSITIVE_INFINITY ? `>= ${low}` : `in [${low}, ${high}]`;
  throw new DomainError(expectation(who, `a finite number ${range}`, value, 'check this argument'));
}

/** Whole numbers in [low, high]; `high` defaults to the largest exactly representable integer. */
export function requireInteger(
  value: number,
  low: number,
  who: string,
  high = Number.MAX_SAFE_INTEGER,
): void {
  if (Number.isInteger(value) && value >= low && value <= high) return;
  const range = high === Number.MAX_SAFE_INTEGER ? `>= ${low}` : `in ${low}..${high}`;
  throw new UsageError(expectation(who, `a whole number ${range}`, value, 'check this argument'));
}

/** Every value finite; the error names the first row that is not. `columns` turns positions into rows. */
export function requireFinite(values: ArrayLike<number>, columns: number, who: string): void {
  for (let i = 0; i < values.length; i++) {
    if (values[i] - values[i] === 0) continue;
    const row = Math.floor(i / columns);
    throw new DomainError(
      expectation(`${who} row ${row}`, 'finite numbers', values[i], 'remove or repair that row'),
    );
  }
}

export function requireLength(length: number, expected: number, who: string): void {
  if (length === expected) return;
  throw new ShapeError(expectation(who, `${expected} values`, length, 'pass one for each row'));
}
