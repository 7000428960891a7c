import { requireInteger } from '../core/checks.js';
import { rowsByClass } from '../core/classes.js';
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

/** The images of the given rows, copied, in the given order. @throws UsageError for a row that does not exist */
export function takeImages(images: LabelledImages, rows: ArrayLike<number>): LabelledImages {
  const { height, width } = images;
  const size = height * width;
  const pixels = new Uint8Array(rows.length * size);
  const labels = new Uint8Array(rows.length);
  for (let i = 0; i < rows.length; i++) {
    requireInteger(rows[i], 0, 'takeImages row', images.count - 1);
    pixels.set(images.pixels.subarray(rows[i] * size, (rows[i] + 1) * size), i * size);
    labels[i] = images.labels[rows[i]];
  }
  return { pixels, labels, count: rows.length, height, width };
}

function requireShare(share: number): number {
  if (share > 0 && share < 1) return share;
  throw new DomainError(
    expectation('holdOut share', 'a number in (0, 1)', share, 'pass { count } to hold out rows'),
  );
}
