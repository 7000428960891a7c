import { expectation, ShapeError, UsageError } from '../../core/errors.js';
import { readFileBytes } from '../../core/files.js';
import { parseNpy } from '../../core/npy.js';
import type { NegativesArm } from '../../evaluation/negatives/arms.js';
import type { ImageStack } from '../../report/negatives/input.js';

/** Arms over the same items, and what is known of these. */
export interface Gathered {
  readonly arms: readonly NegativesArm[];
  readonly labels: BigInt64Array;
  readonly images?: ImageStack;
  /** What the items are. */
  readonly data: string;
}

/** Places of the labels among their sorted values, and these as text. */
export function classesOf(labels: BigInt64Array): { readonly classes: Int32Array; readonly names: string[] } {
  const values = [...new Set(labels)].sort((a, b) => (a < b ? -1 : 1));
  const places = new Map(values.map((value, place) => [value, place]));
  return { classes: Int32Array.from(labels, (label) => places.get(label)!), names: values.map(String) };
}

/** The arms of all sources side by side. @throws UsageError unless all have the same items */
export function joined(sources: readonly Gathered[]): Gathered {
  const [first, ...others] = sources;
  if (!first) {
    const remedy = 'name a model folder, an E.npz, or --vectors with --space and --temperature';
    throw new UsageError(expectation('negatives', 'something to look at', 'nothing', remedy));
  }
  for (const { labels, data } of others) {
    if (labels.length === first.labels.length && labels.every((label, i) => label === first.labels[i]))
      continue;
    const got = `${labels.length} others (${data})`;
    const remedy = 'compare arms on the same items in the same order';
    throw new UsageError(
      expectation('negatives', `the ${first.labels.length} items of ${first.data}`, got, remedy),
    );
  }
  const images = sources.find((source) => source.images)?.images;
  const arms = distinct(sources.flatMap((source) => source.arms));
  return { arms, labels: first.labels, data: first.data, ...(images && { images }) };
}

/** Numbers names that come more than once. */
function distinct(arms: readonly NegativesArm[]): NegativesArm[] {
  const seen = new Map<string, number>();
  return arms.map((arm) => {
    const times = (seen.get(arm.name) ?? 0) + 1;
    seen.set(arm.name, times);
    return times === 1 ? arm : { ...arm, name: `${arm.name} (${times})` };
  });
}

/**
 * Thumbnails of the items: uint8 of shape [n, height, width] or [n, height, width, 3].
 * @throws ShapeError for another shape, element type or number of images
 */
export function readImageStack(path: string, items: number): ImageStack {
  const { data, shape } = parseNpy(readFileBytes(path, '--images'), path);
  const [count, height, width, channels = 1] = shape;
  const fits = (shape.length === 3 || (shape.length === 4 && channels === 3)) && height > 0 && width > 0;
  if (!(data instanceof Uint8Array) || !fits || count !== items) {
    const expected = `uint8 [${items}, height, width] or [${items}, height, width, 3]`;
    const got = `${data.constructor.name} [${shape.join(', ')}]`;
    throw new ShapeError(expectation(`--images ${path}`, expected, got, 'give one image an item'));
  }
  return { pixels: data, height, width, channels: channels === 3 ? 3 : 1 };
}
