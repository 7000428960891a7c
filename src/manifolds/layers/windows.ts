import { requireInteger } from '../../core/checks.js';
import { expectation, ShapeError } from '../../core/errors.js';
import * as tf from '../../engine/tf.js';

/** A number for both sides, or [along height, along width]. */
export type Sides = number | readonly [number, number];

export interface WindowOptions {
  readonly kernel: Sides;
  /** Steps between windows; default 1. */
  readonly stride?: Sides;
  /** Rows and columns added on each side; default 0. */
  readonly padding?: Sides;
  /** Steps between the entries of a window; default 1. */
  readonly dilation?: Sides;
}

/** @throws UsageError unless kernel, stride and dilation are whole numbers >= 1 and padding >= 0 */
export function requireWindows(options: WindowOptions, who: string): void {
  for (const side of both(options.kernel)) requireInteger(side, 1, `${who} kernel`);
  for (const side of both(options.stride ?? 1)) requireInteger(side, 1, `${who} stride`);
  for (const side of both(options.padding ?? 0)) requireInteger(side, 0, `${who} padding`);
  for (const side of both(options.dilation ?? 1)) requireInteger(side, 1, `${who} dilation`);
}

/** Entries of one window. */
export function windowSize(options: WindowOptions): number {
  const [height, width] = both(options.kernel);
  return height * width;
}

/**
 * Entry (i, j) of every window as an image of its own, i slow. Made of padding, reshapes and slices alone,
 * whose gradients every engine has.
 * @param images [n, height, width, channels] @param filler what padding is filled with
 * @returns kernel height * width tensors [n, windows down, windows across, channels]
 * @throws ShapeError where a window is larger than the padded image
 */
export function windowEntries(images: tf.Tensor4D, options: WindowOptions, filler = 0): tf.Tensor4D[] {
  const [kernel, stride] = [both(options.kernel), both(options.stride ?? 1)];
  const [padding, dilation] = [both(options.padding ?? 0), both(options.dilation ?? 1)];
  const [batch, height, width, channels] = images.shape;
  const count = [height, width].map((side, k) => {
    const spread = dilation[k] * (kernel[k] - 1) + 1;
    if (side + 2 * padding[k] >= spread) return Math.floor((side + 2 * padding[k] - spread) / stride[k]) + 1;
    const remedy = 'pass larger images or pad them';
    throw new ShapeError(
      expectation('windows', `at least ${spread} rows and columns`, side + 2 * padding[k], remedy),
    );
  });
  // Room for whole strides after the last entry of a window, so that a stride is an axis.
  const after = [height, width].map((side, k) =>
    Math.max(0, dilation[k] * (kernel[k] - 1) + count[k] * stride[k] - side - padding[k]),
  );
  const padded = tf.pad(
    images,
    [
      [0, 0],
      [padding[0], after[0]],
      [padding[1], after[1]],
      [0, 0],
    ],
    filler,
  );
  const entries: tf.Tensor4D[] = [];
  for (let i = 0; i < kernel[0]; i++) {
    for (let j = 0; j < kernel[1]; j++) {
      const from = [0, i * dilation[0], j * dilation[1], 0];
      const span = [batch, count[0] * stride[0], count[1] * stride[1], channels];
      entries.push(everyOther(tf.slice(padded, from, span) as tf.Tensor4D, stride));
    }
  }
  return entries;
}

/** The first of every `stride` rows and columns, of an image of whole strides. */
function everyOther(images: tf.Tensor4D, [down, across]: readonly [number, number]): tf.Tensor4D {
  if (down === 1 && across === 1) return images;
  const [batch, height, width, channels] = images.shape;
  const byRow = tf.reshape(images, [batch, height / down, down, width * channels]);
  const rows = tf.slice(byRow, [0, 0, 0, 0], [batch, height / down, 1, width * channels]);
  const byColumn = tf.reshape(rows, [batch, height / down, width / across, across * channels]);
  return tf.slice(byColumn, [0, 0, 0, 0], [batch, height / down, width / across, channels]) as tf.Tensor4D;
}

function both(sides: Sides): readonly [number, number] {
  return typeof sides === 'number' ? [sides, sides] : sides;
}
