import {
  encodePng,
  firstImages,
  type LabelledImages,
  type TrainedAutoencoder,
  takeImages,
  type tf,
} from '../../src/index.js';
import type { Element } from './arms.js';
import { turnedBy } from './digits.js';

const TURNS = 8;
const DIGITS = 8;
/** Blank pixels between the images. */
const GAP = 2;
const ENLARGED = 2;

/**
 * A PNG: of the first test digit of some classes three rows each, at eight turns: the image, ψ(x) δ(η(x)), and
 * δ(η(x)), which should be the same at all turns.
 */
export async function canonicalPicture(
  trained: TrainedAutoencoder<tf.Tensor4D, Element, Element>,
  test: LabelledImages,
): Promise<Uint8Array> {
  const classes = Array.from({ length: DIGITS }, (_, i) => Array.from(test.labels).indexOf(i + 2));
  const digits = takeImages(
    test,
    classes.filter((row) => row >= 0),
  );
  const { width: side, count } = firstImages(digits, digits.count);
  const cell = side + GAP;
  // Two blocks of digits beside each other.
  const perBlock = Math.ceil(count / 2);
  const [columns, rows] = [2 * TURNS * cell + 3 * GAP, perBlock * (3 * cell + 2 * GAP)];
  const canvas = new Uint8Array(columns * rows).fill(255);
  for (let t = 0; t < TURNS; t++) {
    const images = turnedBy(digits, Array<number>(count).fill((2 * Math.PI * t) / TURNS));
    await trained.each(
      images,
      ({ output, canonical }, x) => ({ x, output: output.clone(), canonical: canonical.clone() }),
      async (shown) => {
        for (const [line, tensor] of [shown.x, shown.output, shown.canonical].entries()) {
          const values = await tensor.data();
          for (let d = 0; d < count; d++) {
            const left = (Math.floor(d / perBlock) * TURNS + t) * cell + Math.floor(d / perBlock) * 3 * GAP;
            const top = (d % perBlock) * (3 * cell + 2 * GAP) + line * cell;
            for (let at = 0; at < side * side; at++) {
              const [r, q] = [Math.floor(at / side), at % side];
              canvas[(top + r) * columns + left + q] = Math.round(255 * (1 - values[d * side * side + at]));
            }
          }
        }
      },
    );
  }
  return encodePng(enlarged(canvas, rows, columns));
}

function enlarged(pixels: Uint8Array, rows: number, columns: number) {
  const [height, width] = [rows * ENLARGED, columns * ENLARGED];
  const large = Uint8Array.from({ length: height * width }, (_, at) => {
    const [r, q] = [Math.floor(at / width), at % width];
    return pixels[Math.floor(r / ENLARGED) * columns + Math.floor(q / ENLARGED)];
  });
  return { pixels: large, height, width };
}
