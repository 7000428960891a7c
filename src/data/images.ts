import { DomainError, expectation, ShapeError } from '../core/errors.js';
import { readFileBytes } from '../core/files.js';
import { parseNpy } from '../core/npy.js';

/** Grey images without labels. */
export interface GreyImages {
  /** [count * height * width], 0..1. */
  readonly pixels: Float32Array;
  readonly count: number;
  readonly height: number;
  readonly width: number;
}

/**
 * Reads grey images from a .npy of shape [n, height, width]: uint8, divided by 255, or float32 in 0..1.
 * @throws UsageError without the file, FormatError if it is not a .npy, ShapeError for another shape or element type,
 *   DomainError naming the image with a value outside 0..1 or NaN
 */
export function readImages(path: string): GreyImages {
  const { data, shape } = parseNpy(readFileBytes(path, 'images'), path);
  const [count, height, width] = shape;
  if (shape.length !== 3 || height === 0 || width === 0) {
    const remedy = 'save the images as one array of that shape';
    throw new ShapeError(expectation(path, 'shape [n, height, width]', `[${shape.join(', ')}]`, remedy));
  }
  if (data instanceof Uint8Array) {
    return { pixels: Float32Array.from(data, (value) => value / 255), count, height, width };
  }
  if (!(data instanceof Float32Array)) {
    const got = data.constructor.name.replace(/^Big|Array$/g, '').toLowerCase();
    const remedy = 'convert with x.astype(numpy.float32)';
    throw new ShapeError(expectation(path, 'uint8 or float32', got, remedy));
  }
  for (let i = 0; i < data.length; i++) {
    if (data[i] >= 0 && data[i] <= 1) continue;
    const image = Math.floor(i / (height * width));
    throw new DomainError(
      expectation(
        `${path} image ${image}`,
        'grey values in 0..1',
        data[i],
        'scale the values, or save uint8',
      ),
    );
  }
  return { pixels: data, count, height, width };
}
