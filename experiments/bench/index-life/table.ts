import type { BenchRow } from '../bench.js';

/** Share of the expected ids that were found, k a query. */
export function recallOf(found: BigInt64Array, expected: BigInt64Array, k: number): number {
  let hits = 0;
  for (let at = 0; at < expected.length; at += k) {
    const row = new Set(found.subarray(at, at + k));
    for (const id of expected.subarray(at, at + k)) hits += row.has(id) ? 1 : 0;
  }
  return hits / expected.length;
}

/** Two numbers that are no seconds. */
export function numbers(name: string, unit: string, ours: number, peer: number, peerName: string): BenchRow {
  const ratio = peer / ours;
  return { case: name, unit, ours, peer, peerVersion: peerName, ratio, low: ratio, high: ratio };
}

export async function secondsOf(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return (performance.now() - start) / 1000;
}
