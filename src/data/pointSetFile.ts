import { DomainError, expectation, ShapeError } from '../core/errors.js';
import { readFileBytes } from '../core/files.js';
import { type Matrix, matrix } from '../core/matrix.js';
import { type NpyArray, parseNpy } from '../core/npy.js';
import { parseNpz } from '../core/npz.js';

/** Sets or clouds of different size as a file has them. */
export interface PointSetFile {
  /** [points, dim] each */
  readonly items: readonly Matrix[];
  readonly ids: BigInt64Array | undefined;
  readonly labels: BigInt64Array | undefined;
}

export interface PointSetFileOptions {
  /** Coordinates of a point or numbers of an element; of `classes` how many there are. */
  readonly dim: number;
  /** `classes`: whole numbers 0..dim - 1, which become one-hot; `vectors`: dim numbers a point. */
  readonly elements: 'classes' | 'vectors';
}

/**
 * A .npy of float32 or float64 [n, points, dim], of classes integers [n, points]; or a .npz with that as `points` and,
 * where items differ, `sizes` [n], how many points each has: the first so many count. `ids` and `labels` [n] are kept.
 * @throws MissingError without the file, FormatError if it is neither, ShapeError for other shapes or types, DomainError
 *   naming the item with a class or a size out of range
 */
export function readPointSets(path: string, options: PointSetFileOptions): PointSetFile {
  const bytes = readFileBytes(path, 'points');
  const isZip = bytes[0] === 0x50 && bytes[1] === 0x4b;
  const arrays: Readonly<Record<string, NpyArray>> = isZip
    ? parseNpz(bytes, path)
    : { points: parseNpy(bytes, path) };
  const { points } = arrays;
  if (!points) throw new ShapeError(expectation(path, 'an array `points`', 'none', 'name one so'));
  const { data, shape } = points;
  const isWhole = !(data instanceof Float32Array || data instanceof Float64Array);
  const { dim, elements } = options;
  const fits =
    elements === 'classes'
      ? shape.length === 2 && isWhole
      : shape.length === 3 && shape[2] === dim && !isWhole;
  if (!fits) {
    const wanted = elements === 'classes' ? 'integers [n, points]' : `floats [n, points, ${dim}]`;
    const remedy = 'save the items so, or correct encoder in the config';
    throw new ShapeError(expectation(path, wanted, describe(points), remedy));
  }
  const [count, most] = shape;
  const sizes = sizesOf(arrays['sizes'], count, most, path);
  const items = Array.from({ length: count }, (_, i) => {
    if (elements === 'classes')
      return oneHot(data.subarray(i * most, i * most + sizes[i]), dim, `${path} item ${i}`);
    const values = (data as Float32Array | Float64Array).slice(i * most * dim, (i * most + sizes[i]) * dim);
    return matrix(values, sizes[i], dim) as Matrix;
  });
  return {
    items,
    ids: integers(arrays['ids'], count, `${path} ids`),
    labels: integers(arrays['labels'], count, `${path} labels`),
  };
}

function sizesOf(array: NpyArray | undefined, count: number, most: number, path: string): Int32Array {
  const given = integers(array, count, `${path} sizes`);
  if (!given) return new Int32Array(count).fill(most);
  return Int32Array.from(given, (value, i) => {
    if (value >= 0n && value <= BigInt(most)) return Number(value);
    throw new DomainError(
      expectation(`${path} sizes, item ${i}`, `a number in 0..${most}`, value, 'correct it'),
    );
  });
}

function integers(array: NpyArray | undefined, count: number, who: string): BigInt64Array | undefined {
  if (!array) return undefined;
  const { data, shape } = array;
  const isWhole = !(data instanceof Float32Array || data instanceof Float64Array);
  if (isWhole && shape.length === 1 && shape[0] === count) return BigInt64Array.from(data, BigInt);
  throw new ShapeError(expectation(who, `${count} integers`, describe(array), 'give one integer an item'));
}

function oneHot(classes: ArrayLike<number | bigint>, dim: number, who: string): Matrix {
  const data = new Float32Array(classes.length * dim);
  for (let p = 0; p < classes.length; p++) {
    const kind = Number(classes[p]);
    if (!(kind >= 0 && kind < dim)) {
      const remedy = 'correct it, or raise encoder.dim';
      throw new DomainError(expectation(who, `classes 0..${dim - 1}`, classes[p], remedy));
    }
    data[p * dim + kind] = 1;
  }
  return matrix(data, classes.length, dim);
}

function describe({ data, shape }: NpyArray): string {
  return `${data.constructor.name.replace(/Array$/, '')} [${shape.join(', ')}]`;
}
