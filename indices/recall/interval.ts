/** A mean and the interval that holds the expected value in at least 95 % of samples. */
export interface MeanInterval {
  readonly mean: number;
  readonly low: number;
  readonly high: number;
}

/** One minus the confidence, shared by both ends. */
const ALPHA = 0.05;
/** Least capital, as a logarithm, at which a mean is excluded on one side. */
const EXCLUDED = Math.log(2 / ALPHA);
/** Largest stake, as a share of the one that can lose everything: 1/2 or 3/4 in the paper. */
const STAKE = 0.75;
/** Halvings of [0, 1]: finer than any sample tells. */
const HALVINGS = 40;

/**
 * Mean of independent draws in 0..1, with a 95 % interval that holds for every distribution and any number of draws: no
 * normal approximation, which fails where nearly all values are 1 and a rare one is 0, as recalls of queries are. Its
 * width follows the variance of the draws. At n draws of 1 the lower end is 1 - 4.9/n (1 - 3.7/n is the most that any
 * two-sided 95 % interval can claim there).
 * @param values n >= 1 numbers in 0..1, in random order
 * @source Waudby-Smith and Ramdas 2024, J. R. Stat. Soc. B 86(1), arXiv:2010.09686, the hedged capital interval for a
 *   fixed number of draws
 */
export function meanInterval(values: Float64Array): MeanInterval {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const low = lowerEnd(values);
  const high = 1 - lowerEnd(values.map((value) => 1 - value));
  return { mean, low: Math.min(low, mean), high: Math.max(high, mean) };
}

/**
 * Someone bets on each draw to be above m, stakes chosen from the draws before. If the mean is m or less, the capital
 * grows 40-fold with a probability of 1/40 at most, so those m at which it does are excluded; all below them are too.
 */
function lowerEnd(values: Float64Array): number {
  const stakes = stakesOf(values);
  let [low, high] = [0, 1];
  for (let i = 0; i < HALVINGS; i++) {
    const middle = (low + high) / 2;
    if (logCapital(values, stakes, middle) >= EXCLUDED) low = middle;
    else high = middle;
  }
  return low;
}

function logCapital(values: Float64Array, stakes: Float64Array, m: number): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += Math.log1p(Math.min(stakes[i], STAKE / m) * (values[i] - m));
  return sum;
}

/** sqrt(2 ln(2/alpha) / (n s²)), s² the variance of the draws before and of one more with mean 1/2 and variance 1/4. */
function stakesOf(values: Float64Array): Float64Array {
  let [sum, squares] = [0.5, 0.25];
  return values.map((value, i) => {
    const stake = Math.sqrt((2 * EXCLUDED * (i + 1)) / (values.length * squares));
    sum += value;
    squares += (value - sum / (i + 2)) ** 2;
    return stake;
  });
}
