import { row } from '../../../src/core/matrix.js';
import type { NegativesArm } from '../../../src/evaluation/negatives/arms.js';
import { distance } from '../../../src/geometry/distance.js';

/** One anchor among some items, by definition and one pair at a time. */
export interface SlowAnchor {
  readonly p: number;
  readonly largest: number;
  readonly effective: number;
  /** Rows, hardest first. */
  readonly hardest: number[];
  readonly pOf: number[];
  readonly nearer: number;
  readonly within: number;
  readonly chance: number;
  readonly variance: number;
}

export function slowAnchor(
  { space, matrix }: NegativesArm,
  labels: ArrayLike<number>,
  anchor: number,
  items: readonly number[],
  temperature: number,
  quantile: number,
): SlowAnchor {
  const to = new Map(items.map((j) => [j, distance(space, row(matrix, anchor), row(matrix, j))]));
  const d = (j: number) => to.get(j)!;
  const positives = items.filter((j) => j !== anchor && labels[j] === labels[anchor]);
  const negatives = items.filter((j) => labels[j] !== labels[anchor]);
  const hardest = [...negatives].sort((a, b) => d(a) - d(b) || a - b);
  const pOf = hardest.map((j) => {
    const each = positives.map((plus) => {
      const all = negatives.reduce(
        (sum, k) => sum + Math.exp(-d(k) / temperature),
        Math.exp(-d(plus) / temperature),
      );
      return Math.exp(-d(j) / temperature) / all;
    });
    return each.reduce((a, b) => a + b, 0) / positives.length;
  });
  const p = pOf.reduce((a, b) => a + b, 0);
  const entropy = -pOf.reduce((sum, own) => sum + (own / p) * Math.log(own / p), 0);
  const near = positives.map(d).sort((a, b) => a - b);
  const held = Math.ceil(quantile * near.length);
  const far = negatives.map(d);
  const mean = far.reduce((a, b) => a + b, 0) / far.length;
  return {
    ...{ p, largest: pOf[0], effective: Math.exp(entropy), hardest, pOf },
    nearer: far.filter((v) => v < near[0]).length,
    within: far.filter((v) => v <= near[held - 1]).length,
    chance: held / (near.length + 1),
    variance: far.reduce((sum, v) => sum + (v - mean) ** 2, 0) / far.length,
  };
}
