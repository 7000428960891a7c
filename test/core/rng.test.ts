import { describe, expect, it } from 'vitest';
import { UsageError } from '../../src/core/errors.js';
import { Rng } from '../../src/core/rng.js';

const draws = (rng: Rng, n: number) => Array.from({ length: n }, () => rng.uint32());

/** Half the width of a band that a correct mean or share leaves once in 1.7 million trials. */
const FIVE_SIGMA = 5;

describe('Rng', () => {
  it('is xoshiro128**: the first numbers of the authors own C program from the state 1, 2, 3, 4', () => {
    const rng = new Rng(0);
    rng.restore([1, 2, 3, 4]);
    expect(draws(rng, 10)).toEqual([
      11520, 0, 5927040, 70819200, 2031721883, 1637235492, 1287239034, 3734860849, 3729100597, 4258142804,
    ]);
  });

  it('gives these numbers from these seeds, in every version of gyrometric', () => {
    expect(draws(new Rng(0), 3)).toEqual([3809008728, 1133695204, 53579671]);
    expect(draws(new Rng(1), 3)).toEqual([2442144158, 3238099751, 3819917871]);
    expect(draws(new Rng(4294967295), 3)).toEqual([835879718, 1921286648, 2356205009]);
    expect(draws(new Rng(1).split('weights'), 3)).toEqual([1640707778, 1570676593, 1990672599]);
    expect([...new Rng(1).permutation(8)]).toEqual([1, 7, 0, 2, 4, 3, 5, 6]);
    expect(new Rng(1).normal()).toBe(0.026228537245302802);
  });

  it('refuses seeds that are not whole numbers of 32 bits', () => {
    for (const seed of [-1, 2 ** 32, 0.5, Number.NaN]) expect(() => new Rng(seed)).toThrow(UsageError);
  });

  it('goes on from a saved state, which survives JSON', () => {
    const rng = new Rng(5);
    draws(rng, 17);
    const state = JSON.parse(JSON.stringify(rng.save()));
    const expected = draws(rng, 20);
    const other = new Rng(9);
    other.restore(state);
    expect(draws(other, 20)).toEqual(expected);
  });

  it('leaves the all-zero state, from which xoshiro would never move', () => {
    const rng = new Rng(0);
    rng.restore([0, 0, 0, 0]);
    expect(new Set(draws(rng, 20)).size).toBe(20);
  });
});

describe('split', () => {
  it('leaves its parent where it is, and gives the same stream for the same key', () => {
    const [rng, twin] = [new Rng(3), new Rng(3)];
    const child = draws(rng.split('a'), 5);
    expect(draws(rng.split('a'), 5)).toEqual(child);
    expect(rng.save()).toEqual(twin.save());
  });

  it('gives unrelated streams for other keys, other parents and other orders of keys', () => {
    const streams = [
      new Rng(3),
      new Rng(3).split('a'),
      new Rng(3).split('b'),
      new Rng(3).split(''),
      new Rng(4).split('a'),
      new Rng(3).split('a').split('b'),
      new Rng(3).split('b').split('a'),
    ].map((rng) => draws(rng, 4096));
    for (let i = 0; i < streams.length; i++) {
      for (let j = 0; j < i; j++) {
        // Bits that agree: half of 131072, standard deviation 181.
        let agreeing = 0;
        for (let k = 0; k < 4096; k++) {
          let same = ~(streams[i][k] ^ streams[j][k]);
          for (; same !== 0; same &= same - 1) agreeing++;
        }
        expect(Math.abs(agreeing - 65536)).toBeLessThan(FIVE_SIGMA * Math.sqrt(131072 / 4));
      }
    }
  });

  it('gives other streams for thousands of keys', () => {
    const firsts = Array.from({ length: 5000 }, (_, i) => new Rng(1).split(`key ${i}`).save().join());
    expect(new Set(firsts).size).toBe(5000);
  });
});

describe('below', () => {
  it('has no modulo bias: thirds of 3 * 2^30, of which u % n would take the first third twice as often', () => {
    const n = 3 * 2 ** 30;
    const rng = new Rng(11);
    const thirds = [0, 0, 0];
    for (let i = 0; i < 30000; i++) thirds[Math.floor(rng.below(n) / 2 ** 30)]++;
    // Binomial with p = 1/3: standard deviation sqrt(30000 * 2/9).
    for (const count of thirds) {
      expect(Math.abs(count - 10000)).toBeLessThan(FIVE_SIGMA * Math.sqrt((30000 * 2) / 9));
    }
  });

  it('reaches every number of a small range about equally often', () => {
    const rng = new Rng(12);
    const counts = new Array<number>(7).fill(0);
    for (let i = 0; i < 70000; i++) counts[rng.below(7)]++;
    for (const count of counts) {
      expect(Math.abs(count - 10000)).toBeLessThan(FIVE_SIGMA * Math.sqrt((70000 * 6) / 49));
    }
  });

  it('takes 1 and 2^32, and refuses what has no numbers below it', () => {
    expect(new Rng(1).below(1)).toBe(0);
    expect(new Rng(1).below(2 ** 32)).toBe(new Rng(1).uint32());
    for (const n of [0, -1, 1.5, 2 ** 32 + 1, Number.NaN]) {
      expect(() => new Rng(1).below(n)).toThrow(UsageError);
    }
  });
});

describe('uniform, normal and shuffle', () => {
  it('uniform stays in [low, high) with the mean in the middle', () => {
    const rng = new Rng(13);
    let sum = 0;
    let outside = 0;
    for (let i = 0; i < 40000; i++) {
      const u = rng.uniform(-3, 5);
      if (!(u >= -3 && u < 5)) outside++;
      sum += u;
    }
    expect(outside).toBe(0);
    // Standard deviation of a mean of 40000: 8 / sqrt(12) / 200.
    expect(Math.abs(sum / 40000 - 1)).toBeLessThan((FIVE_SIGMA * 8) / Math.sqrt(12) / 200);
  });

  it('normal has the moments 0, 1, 0, 3 and no correlation from draw to draw', () => {
    const n = 100000;
    const rng = new Rng(14);
    const z = Float64Array.from({ length: n }, () => rng.normal());
    const moment = (f: (v: number, i: number) => number) => z.reduce((sum, v, i) => sum + f(v, i), 0) / n;
    // Variances of z, z², z³, z⁴ and of z z' are 1, 2, 15, 96, 1.
    const within = (value: number, exact: number, variance: number) =>
      expect(Math.abs(value - exact)).toBeLessThan(FIVE_SIGMA * Math.sqrt(variance / n));
    within(
      moment((v) => v),
      0,
      1,
    );
    within(
      moment((v) => v ** 2),
      1,
      2,
    );
    within(
      moment((v) => v ** 3),
      0,
      15,
    );
    within(
      moment((v) => v ** 4),
      3,
      96,
    );
    within(
      moment((v, i) => v * (z[i - 1] ?? 0)),
      0,
      1,
    );
  });

  it('shuffle gives all 24 orders of four items about equally often, in place', () => {
    const rng = new Rng(15);
    const items = [5];
    expect(rng.shuffle(items)).toBe(items);
    const counts = new Map<string, number>();
    for (let i = 0; i < 24000; i++) {
      const order = rng.shuffle([0, 1, 2, 3]).join('');
      counts.set(order, (counts.get(order) ?? 0) + 1);
    }
    expect(counts.size).toBe(24);
    for (const count of counts.values()) {
      expect(Math.abs(count - 1000)).toBeLessThan(FIVE_SIGMA * Math.sqrt((24000 * 23) / 24 ** 2));
    }
  });

  it('permutation holds every number once; of 0 and 1 items it draws nothing', () => {
    expect([...new Rng(16).permutation(100)].sort((a, b) => a - b)).toEqual(
      Array.from({ length: 100 }, (_, i) => i),
    );
    const rng = new Rng(16);
    expect([...rng.permutation(0), ...rng.permutation(1)]).toEqual([0]);
    expect(rng.save()).toEqual(new Rng(16).save());
  });
});
