export type PairPart = 'train' | 'validation' | 'test';

/**
 * The part that a pair of nodes belongs to: of ten pairs about eight train, one validates, one tests. It follows from the
 * two rows alone, in either order, so that every arm and seed holds out the same pairs.
 */
export function partOfPair(a: number, b: number): PairPart {
  // Two odd constants and three rounds of xor and multiply mix all bits of both rows.
  let h = Math.imul(Math.min(a, b), 0x9e3779b1) ^ Math.imul(Math.max(a, b), 0x85ebca77);
  h = Math.imul(h ^ (h >>> 15), 0x2c1b3c6d);
  h = Math.imul(h ^ (h >>> 12), 0x297a2d39);
  const tenth = ((h ^ (h >>> 15)) >>> 0) % 10;
  return tenth === 0 ? 'validation' : tenth === 1 ? 'test' : 'train';
}
