import { requireInteger, requireLength } from '../../core/checks.js';
import { expectation, UsageError } from '../../core/errors.js';

/** Highest degree l of harmonics, Wigner D and 3j: as far as they are tested to 1e-13. */
export const MAX_DEGREE = 20;

/**
 * Channels at each degree: [4, 2] is four scalars and two vectors. A row of coefficients holds degree after degree,
 * within a degree channel after channel, within a channel m = -l..l. With one channel a degree, (l, m) is at l² + l + m.
 */
export type Multiplicities = readonly number[];

/** @throws UsageError unless degree is a whole number 0..MAX_DEGREE */
export function requireDegree(degree: number, who: string): void {
  if (Number.isInteger(degree) && degree >= 0 && degree <= MAX_DEGREE) return;
  const expected = `a degree 0..${MAX_DEGREE}, as far as the tables go`;
  throw new UsageError(expectation(who, expected, degree, 'choose a lower degree'));
}

/** One channel at each degree 0..degree. */
export function singleChannels(degree: number): Multiplicities {
  return new Array<number>(degree + 1).fill(1);
}

/** Length of a row of coefficients. @throws UsageError for a degree above the tables or a broken count, naming it */
export function coefficientCount(multiplicities: Multiplicities): number {
  requireDegree(multiplicities.length - 1, 'multiplicities, highest degree');
  return multiplicities.reduce((sum, channels, l) => {
    requireInteger(channels, 0, `multiplicities of degree ${l}`);
    return sum + channels * (2 * l + 1);
  }, 0);
}

/** @throws ShapeError unless `columns` is the length of a row of these multiplicities */
export function requireCoefficients(columns: number, multiplicities: Multiplicities, who: string): void {
  requireLength(columns, coefficientCount(multiplicities), `${who} columns`);
}
