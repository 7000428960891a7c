import { describe, expect, it } from 'vitest';
import { meanInterval } from '../../indices/recall/interval.js';
import { Rng } from '../../src/core/rng.js';

/** Share of `k` neighbours found when each is found with probability p. */
function binomial(rng: Rng, k: number, p: number): number {
  let hits = 0;
  for (let i = 0; i < k; i++) hits += rng.uniform() < p ? 1 : 0;
  return hits / k;
}

/** Recalls of queries as they come: each neighbour missed by itself, whole queries lost, and both. */
const KINDS: readonly { name: string; mean: number; draw: (rng: Rng) => number }[] = [
  { name: 'neighbours missed one by one', mean: 0.98, draw: (rng) => binomial(rng, 10, 0.98) },
  { name: 'a query in a hundred lost', mean: 0.99, draw: (rng) => (rng.uniform() < 0.01 ? 0 : 1) },
  {
    name: 'a query in 300 lost, and some neighbours',
    mean: (1 - 1 / 300) * 0.9995,
    draw: (rng) => (rng.uniform() < 1 / 300 ? 0 : binomial(rng, 10, 0.9995)),
  },
  { name: 'half a recall for one in twenty', mean: 0.975, draw: (rng) => (rng.uniform() < 0.05 ? 0.5 : 1) },
  { name: 'a poor search', mean: 0.4, draw: (rng) => binomial(rng, 10, 0.4) },
  { name: 'everything found', mean: 1, draw: () => 1 },
];

describe('the interval of a mean', () => {
  it.each(KINDS)('holds the mean in 95 % of samples and more: $name', ({ mean, draw }) => {
    const rng = new Rng(9);
    for (const n of [20, 100, 400]) {
      let held = 0;
      for (let run = 0; run < 200; run++) {
        const { low, high } = meanInterval(Float64Array.from({ length: n }, () => draw(rng)));
        if (low <= mean && mean <= high) held++;
      }
      expect(held, `${n} draws`).toBeGreaterThanOrEqual(190);
    }
  });

  it('of n ones begins just below where n winning bets of 3/4 make 40 of 1', () => {
    // (1 + 3/4 (1 - m) / m)^n = 40, solved for m; the first bets are smaller, as nothing is known yet.
    for (const n of [100, 400, 2000]) {
      const { mean, low, high } = meanInterval(new Float64Array(n).fill(1));
      const best = 0.75 / (0.75 + 40 ** (1 / n) - 1);
      expect([mean, high]).toEqual([1, 1]);
      expect(low).toBeLessThan(best);
      expect(low).toBeGreaterThan(best - 0.3 * (1 - best));
      expect(low).toBeGreaterThan(1 - 5.2 / n);
    }
  });

  it('is a mirror image for mirrored values', () => {
    const rng = new Rng(2);
    const values = Float64Array.from({ length: 150 }, () => rng.uniform() ** 3);
    const there = meanInterval(values);
    const back = meanInterval(values.map((value) => 1 - value));
    expect(back.low).toBeCloseTo(1 - there.high, 9);
    expect(back.high).toBeCloseTo(1 - there.low, 9);
  });

  it('follows the variance: at equal means, the steadier values have the narrower interval', () => {
    const rng = new Rng(3);
    const width = (draw: () => number) => {
      const { low, high } = meanInterval(Float64Array.from({ length: 400 }, draw));
      return high - low;
    };
    const steady = width(() => binomial(rng, 100, 0.9));
    const wild = width(() => (rng.uniform() < 0.9 ? 1 : 0));
    expect(steady).toBeLessThan(0.4 * wild);
  });

  it('shrinks as draws are added, and one draw says nothing', () => {
    const rng = new Rng(4);
    const width = (n: number) => {
      const { low, high } = meanInterval(Float64Array.from({ length: n }, () => binomial(rng, 10, 0.9)));
      return high - low;
    };
    expect(width(1600)).toBeLessThan(width(100) / 3);
    expect(meanInterval(Float64Array.of(1))).toEqual({ mean: 1, low: 0, high: 1 });
    expect(meanInterval(Float64Array.of(0))).toEqual({ mean: 0, low: 0, high: 1 });
  });
});
