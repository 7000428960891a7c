const FACTORIALS: bigint[] = [1n];
const PASCAL: bigint[][] = [[1n]];

function factorial(n: number): bigint {
  for (let k = FACTORIALS.length; k <= n; k++) FACTORIALS.push(FACTORIALS[k - 1] * BigInt(k));
  return FACTORIALS[n];
}

/** 0 outside 0 <= k <= n. */
function binomial(n: number, k: number): bigint {
  for (let i = PASCAL.length; i <= n; i++) {
    const above = PASCAL[i - 1];
    PASCAL.push(Array.from({ length: i + 1 }, (_, j) => (above[j - 1] ?? 0n) + (above[j] ?? 0n)));
  }
  return PASCAL[n][k] ?? 0n;
}

/**
 * <l1 m1 l2 m2 | l3 m1+m2> / √(2 l3 + 1), phases of Condon and Shortley; exact up to the last rounding: its terms reach
 * 1e33 at l = 20 and cancel, so that they are summed as integers. Zero outside the triangle and where |m| > l.
 * @source Racah 1942, Phys. Rev. 62:438, eq. 16, factorials of the sum gathered into three binomials
 */
export function scaledClebschGordan(l1: number, m1: number, l2: number, m2: number, l3: number): number {
  const m3 = m1 + m2;
  const [a, b, c] = [l1 + l2 - l3, l3 + l1 - l2, l3 - l1 + l2];
  if (Math.min(a, b, c, l1 - Math.abs(m1), l2 - Math.abs(m2), l3 - Math.abs(m3)) < 0) return 0;
  let sum = 0n;
  for (let k = 0; k <= a; k++) {
    const term = binomial(a, k) * binomial(b, l1 - m1 - k) * binomial(c, l2 + m2 - k);
    sum += k % 2 === 0 ? term : -term;
  }
  const states = [l1 + m1, l1 - m1, l2 + m2, l2 - m2, l3 + m3, l3 - m3];
  const numerator = states.reduce((product, n) => product * factorial(n), sum * sum);
  const denominator = [a, b, c].reduce((product, n) => product * factorial(n), factorial(l1 + l2 + l3 + 1));
  return (sum < 0n ? -1 : 1) * Math.sqrt(quotient(numerator, denominator));
}

/** Rounded once: the integer quotient carries at least 60 bits. */
function quotient(numerator: bigint, denominator: bigint): number {
  const shift = Math.max(0, 64 + 4 * (denominator.toString(16).length - numerator.toString(16).length));
  return Number((numerator << BigInt(shift)) / denominator) / 2 ** shift;
}
