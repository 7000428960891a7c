import { requireInteger } from '../core/checks.js';
import { DomainError, expectation } from '../core/errors.js';
import type { LabelledImages } from '../core/records.js';
import type { Rng } from '../core/rng.js';

/** Rows of both parts, each ascending; together every row once. */
export interface Split {
  readonly train: Int32Array;
  readonly held: Int32Array;
}

/**
 * Holds out a random part of every class, in proportion to its size: each class gives its share rounded down, and the
 * rows still missing come from the classes with the largest remainders, the smaller label first.
 * @param size a share in (0, 1), or a count in 0..n
 * @throws DomainError or UsageError for a share or count out of range
 */
export function holdOut(
  labels: ArrayLike<number>,
  size: { readonly share: number } | { readonly count: number },
  rng: Rng,
): Split {
  const n = labels.length;
  const count = 'count' in size ? size.count : Math.round(requireShare(size.share) * n);
  requireInteger(count, 0, 'holdOut count', n);
  const classes = rowsByClass(labels).map((rows) => {
    const exact = n > 0 ? (count * rows.length) / n : 0;
    return { rows: rng.shuffle(rows), take: Math.floor(exact), remainder: exact - Math.floor(exact) };
  });
  const missing = count - classes.reduce((sum, { take }) => sum + take, 0);
  const byRemainder = [...classes].sort((a, b) => b.remainder - a.remainder);
  for (const one of byRemainder.slice(0, missing)) one.take++;
  const held = classes.flatMap(({ rows, take }) => rows.slice(0, take));
  const train = classes.flatMap(({ rows, take }) => rows.slice(take));
  return { train: Int32Array.from(train).sort(), held: Int32Array.from(held).sort() };
}

/** The first `count` images, as views. @throws UsageError unless count is in 0..images.count */
export function firstImages(images: LabelledImages, count: number): LabelledImages {
  requireInteger(count, 0, 'firstImages count', images.count);
  const { height, width } = images;
  const pixels = images.pixels.subarray(0, count * height * width);
  return { pixels, labels: images.labels.subarray(0, count), count, height, width };
}

/** Rows of each class, classes by ascending label. */
function rowsByClass(labels: ArrayLike<number>): number[][] {
  const rows = new Map<number, number[]>();
  for (let i = 0; i < labels.length; i++) {
    const known = rows.get(labels[i]);
    if (known) known.push(i);
    else rows.set(labels[i], [i]);
  }
  return [...rows].sort(([a], [b]) => a - b).map(([, list]) => list);
}

function requireShare(share: number): number {
  if (share > 0 && share < 1) return share;
  throw new DomainError(
    expectation('holdOut share', 'a number in (0, 1)', share, 'pass { count } to hold out rows'),
  );
}
