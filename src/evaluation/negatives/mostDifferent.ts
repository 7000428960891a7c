import { requireInteger } from '../../core/checks.js';
import { takeRows } from '../../core/matrix.js';
import { distanceMatrix } from '../../geometry/distance.js';
import type { NegativesArm } from './arms.js';
import { overlapOf } from './overlap.js';
import type { NegativeStatistics } from './records.js';

/** An item as an arm sees it from an anchor. */
export interface SeenItem {
  readonly row: number;
  readonly distance: number;
  /** Of a negative: its probability at the arm's own temperature. */
  readonly p?: number;
}

/** An anchor with what two arms put next to it. */
export interface DifferentAnchor {
  readonly row: number;
  /** Share of the hardest negatives that both arms have. */
  readonly overlap: number;
  readonly arms: readonly {
    readonly arm: number;
    /** Nearest first, of the whole set. */
    readonly positives: readonly SeenItem[];
    /** Hardest first, of the statistics' scope. */
    readonly negatives: readonly SeenItem[];
  }[];
}

export interface MostDifferentOptions {
  /** Anchors; default 12. */
  readonly count?: number;
  /** Hardest negatives whose overlap decides; default 10. */
  readonly compared?: number;
  /** Negatives and positives given of each; default 6 and 3. */
  readonly negatives?: number;
  readonly positives?: number;
  /** Most anchors of one class; default 2. */
  readonly perClass?: number;
}

/**
 * The anchors whose hardest negatives two arms agree on least, those with more p(x-) first where they agree alike.
 * @param statistics of these arms and labels
 * @param pair positions of the arms, twice the same for the anchors with most p(x-) of one arm
 */
export function mostDifferent(
  { summary, anchors }: NegativeStatistics,
  arms: readonly NegativesArm[],
  labels: ArrayLike<number>,
  pair: readonly [number, number],
  options: MostDifferentOptions = {},
): DifferentAnchor[] {
  const { count = 12, compared = 10, negatives = 6, positives = 3, perClass = 2 } = options;
  for (const arm of pair) requireInteger(arm, 0, 'mostDifferent pair', arms.length - 1);
  const { depth, items } = summary;
  const [first, second] = pair.map((arm) => anchors.arms[arm]);
  const marks = Array.from({ length: Math.min(compared, depth) }, (_, r) => r + 1);
  const { at } = overlapOf(first.nearest, second.nearest, depth, items, marks);
  // Some anchors have fewer negatives: theirs is the last share that there is.
  const overlap = Float64Array.from(anchors.rows, (_, slot) => {
    const shares = at.map((column) => column[slot]).filter((share) => !Number.isNaN(share));
    return shares[shares.length - 1];
  });
  const mass = (slot: number) => first.own.mass[slot] + second.own.mass[slot];
  const order = Int32Array.from(overlap, (_, slot) => slot).sort(
    (a, b) => overlap[a] - overlap[b] || mass(b) - mass(a) || a - b,
  );
  const taken = new Map<number, number>();
  const chosen: number[] = [];
  for (const slot of order) {
    if (chosen.length === count) break;
    const label = labels[anchors.rows[slot]];
    const known = taken.get(label) ?? 0;
    if (known >= perClass) continue;
    taken.set(label, known + 1);
    chosen.push(slot);
  }
  return chosen.map((slot) => ({
    row: anchors.rows[slot],
    overlap: overlap[slot],
    arms: [...new Set(pair)].map((arm) => ({
      arm,
      positives: nearestPositives(arms[arm], labels, anchors.rows[slot], positives),
      negatives: hardestOf(anchors.arms[arm], arms[arm].temperature, slot, depth, negatives),
    })),
  }));
}

function hardestOf(
  { nearest, distances, own }: NegativeStatistics['anchors']['arms'][number],
  temperature: number,
  slot: number,
  depth: number,
  count: number,
): SeenItem[] {
  const start = slot * depth;
  return Array.from({ length: Math.min(count, depth) }, (_, r) => ({
    row: nearest[start + r],
    distance: distances[start + r],
    p: own.largest[slot] * Math.exp((distances[start] - distances[start + r]) / temperature),
  })).filter(({ row }) => row >= 0);
}

function nearestPositives(
  { space, matrix }: NegativesArm,
  labels: ArrayLike<number>,
  anchor: number,
  count: number,
): SeenItem[] {
  const rows = Array.from(labels, (_, i) => i).filter((i) => i !== anchor && labels[i] === labels[anchor]);
  const { data } = distanceMatrix(space, takeRows(matrix, [anchor]), takeRows(matrix, rows));
  return rows
    .map((row, i) => ({ row, distance: data[i] }))
    .sort((a, b) => a.distance - b.distance || a.row - b.row)
    .slice(0, count);
}
