import { FormatError } from '../../src/core/errors.js';
import { Rng } from '../../src/core/rng.js';

type Parse = (bytes: Uint8Array) => unknown;

/** True when the bytes were refused as they should be; any other error is thrown on. */
export function refused(parse: Parse, bytes: Uint8Array): boolean {
  try {
    parse(bytes);
    return false;
  } catch (error) {
    if (error instanceof FormatError) return true;
    throw error;
  }
}

/** Lengths at which the file cut short is still accepted. */
export function acceptedLengths(parse: Parse, bytes: Uint8Array): number[] {
  return Array.from(bytes, (_, length) => length).filter((length) => !refused(parse, bytes.slice(0, length)));
}

/** Every byte in turn set to 0, 255 and with each bit flipped, then `runs` random sets of 1..8 bytes; how many were refused. */
export function survive(
  parse: Parse,
  bytes: Uint8Array,
  { runs, seed }: { runs: number; seed: number },
): number {
  const rng = new Rng(seed);
  let count = 0;
  for (let i = 0; i < bytes.length; i++) {
    const values = [0, 255, ...Array.from({ length: 8 }, (_, bit) => bytes[i] ^ (1 << bit))];
    for (const value of values) if (refused(parse, bytes.with(i, value))) count++;
  }
  for (let run = 0; run < runs; run++) {
    const damaged = bytes.slice();
    for (let k = rng.below(8); k >= 0; k--) damaged[rng.below(bytes.length)] = rng.below(256);
    if (refused(parse, damaged)) count++;
  }
  return count;
}
