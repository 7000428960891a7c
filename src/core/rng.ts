import { requireInteger } from './checks.js';
import { expectation, UsageError } from './errors.js';

const TWO_NEG_32 = 2 ** -32;

function splitMix32(state: number): () => number {
  let s = state | 0;
  return () => {
    s = (s + 0x9e3779b9) | 0;
    let z = s;
    z = Math.imul(z ^ (z >>> 16), 0x85ebca6b);
    z = Math.imul(z ^ (z >>> 13), 0xc2b2ae35);
    return (z ^ (z >>> 16)) >>> 0;
  };
}

/** FNV-1a over UTF-16 code units, so that split('train') and split('test') start far apart. */
function hashKey(key: string): number {
  let h = 0x811c9dc5;
  for (let i = 0; i < key.length; i++) h = Math.imul(h ^ key.charCodeAt(i), 0x01000193);
  return h >>> 0;
}

/** The four words of an Rng between two draws; plain JSON. */
export type RngState = readonly [number, number, number, number];

/**
 * Seeded random numbers, the same on every engine and machine.
 * @source Blackman and Vigna 2018, xoshiro128**, arXiv:1805.01407; seeded by splitmix32.
 */
export class Rng {
  private a = 0;
  private b = 0;
  private c = 0;
  private d = 0;

  /** @param seed whole number 0..2^32-1 @throws UsageError otherwise */
  constructor(seed: number) {
    if (!(Number.isInteger(seed) && seed >= 0 && seed < 2 ** 32)) {
      throw new UsageError(expectation('seed', 'a whole number 0..4294967295', seed, 'choose another seed'));
    }
    const next = splitMix32(seed);
    this.restore([next(), next(), next(), next()]);
  }

  /** An independent stream named by `key`; drawing from it leaves this one where it is. */
  split(key: string): Rng {
    const child = new Rng(0);
    const next = splitMix32(hashKey(key) ^ this.a ^ Math.imul(this.c, 0x9e3779b9));
    child.restore([next() ^ this.a, next() ^ this.b, next() ^ this.c, next() ^ this.d]);
    return child;
  }

  save(): RngState {
    return [this.a, this.b, this.c, this.d];
  }

  restore([a, b, c, d]: RngState): void {
    // The all-zero state is the one fixed point of the generator.
    [this.a, this.b, this.c, this.d] =
      (a | b | c | d) === 0 ? [1, 2, 3, 4] : [a >>> 0, b >>> 0, c >>> 0, d >>> 0];
  }

  /** 0..2^32-1, uniform. */
  uint32(): number {
    const m = Math.imul(this.b, 5);
    const result = Math.imul((m << 7) | (m >>> 25), 9) >>> 0;
    const t = this.b << 9;
    this.c ^= this.a;
    this.d ^= this.b;
    this.b ^= this.c;
    this.a ^= this.d;
    this.c ^= t;
    this.d = (this.d << 11) | (this.d >>> 21);
    return result;
  }

  /** Uniform in [low, high). */
  uniform(low = 0, high = 1): number {
    return low + (high - low) * this.uint32() * TWO_NEG_32;
  }

  /** Uniform whole number in [0, n), without modulo bias. @throws UsageError unless n is a whole number 1..2^32 */
  below(n: number): number {
    requireInteger(n, 1, 'Rng.below', 2 ** 32);
    const limit = 2 ** 32 - (2 ** 32 % n);
    let u = this.uint32();
    while (u >= limit) u = this.uint32();
    return u % n;
  }

  /** Standard normal, by Box and Muller; the second of each pair is dropped so that the state stays four words. */
  normal(): number {
    const u = (this.uint32() + 1) * TWO_NEG_32;
    return Math.sqrt(-2 * Math.log(u)) * Math.cos(2 * Math.PI * this.uniform());
  }

  /** Fisher-Yates, in place; returns its argument. */
  shuffle<T extends { length: number; [i: number]: unknown }>(items: T): T {
    for (let i = items.length - 1; i > 0; i--) {
      const j = this.below(i + 1);
      const kept = items[i];
      items[i] = items[j];
      items[j] = kept;
    }
    return items;
  }

  /** 0..n-1 in random order. */
  permutation(n: number): Int32Array {
    return this.shuffle(Int32Array.from({ length: n }, (_, i) => i));
  }
}
