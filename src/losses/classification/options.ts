import { DomainError, expectation } from '../../core/errors.js';

/** A finite number in [low, high). @throws DomainError otherwise */
export function requireWithin(
  value: number,
  low: number,
  who: string,
  high = Number.POSITIVE_INFINITY,
): void {
  if (Number.isFinite(value) && value >= low && value < high) return;
  const range = high === Number.POSITIVE_INFINITY ? '' : ` and < ${high}`;
  const lowest = low === Number.NEGATIVE_INFINITY ? '' : ` >= ${low}`;
  throw new DomainError(expectation(who, `a finite number${lowest}${range}`, value, 'check this argument'));
}
