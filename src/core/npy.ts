import { requireLength } from './checks.js';
import { expectation, FormatError } from './errors.js';
import { sizeOf } from './shape.js';

export type NpyData = Float32Array | Float64Array | Int32Array | BigInt64Array | Uint8Array;

/** A numpy array: C order, little-endian. */
export interface NpyArray<A extends NpyData = NpyData> {
  readonly data: A;
  readonly shape: readonly number[];
}

type TypeEntry = { readonly make: new (buffer: ArrayBuffer) => NpyData; readonly bytes: number };
const TYPES: Readonly<Record<string, TypeEntry>> = {
  '<f4': { make: Float32Array, bytes: 4 },
  '<f8': { make: Float64Array, bytes: 8 },
  '<i4': { make: Int32Array, bytes: 4 },
  '<i8': { make: BigInt64Array, bytes: 8 },
  '|u1': { make: Uint8Array, bytes: 1 },
};
const MAGIC = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59];
const MAX_HEADER = 65536;

/** What stands before the values of a .npy. */
export interface NpyHeader {
  readonly shape: readonly number[];
  /** Bytes before the first value. */
  readonly start: number;
  /** Bytes a value. */
  readonly bytes: number;
  /** The values in `buffer`, little-endian. */
  values(buffer: ArrayBuffer): NpyData;
}

/** No header of numpy's, together with what comes before it, is longer than this. */
export const NPY_HEAD_BYTES = 12 + MAX_HEADER;

/**
 * Reads one .npy of version 1, 2 or 3.
 * @throws FormatError naming `who` for anything but a complete little-endian C-order array of f4, f8, i4, i8 or u1
 * @source NEP 1, "A simple file format for NumPy arrays"
 */
export function parseNpy(bytes: Uint8Array, who: string): NpyArray {
  const { shape, start, values } = parseNpyHeader(bytes, bytes.byteLength, who);
  const copy = new Uint8Array(bytes.subarray(start));
  return { data: values(copy.buffer as ArrayBuffer), shape };
}

/**
 * @param head      the first NPY_HEAD_BYTES of the file, or all of a shorter one
 * @param fileBytes length of the whole file, which has to be the one that the header asks for
 * @throws FormatError as parseNpy does
 */
export function parseNpyHeader(head: Uint8Array, fileBytes: number, who: string): NpyHeader {
  if (head.byteLength < 10 || MAGIC.some((m, i) => head[i] !== m)) {
    return fail(who, 'a .npy file', `${fileBytes} bytes that do not begin as one`);
  }
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength);
  const long = head[6] >= 2;
  if (head[6] < 1 || head[6] > 3 || (long && head.byteLength < 12))
    return fail(who, '.npy version 1, 2 or 3', head[6]);
  const begin = long ? 12 : 10;
  const headerLength = long ? view.getUint32(8, true) : view.getUint16(8, true);
  const start = begin + headerLength;
  if (headerLength > MAX_HEADER || start > head.byteLength)
    return fail(who, 'a complete header', `${fileBytes} bytes`);
  const header = new TextDecoder('latin1').decode(head.subarray(begin, start));
  const descr = /'descr':\s*'([^']*)'/.exec(header)?.[1];
  const order = /'fortran_order':\s*(True|False)/.exec(header)?.[1];
  const dims = /'shape':\s*\(([^)]*)\)/.exec(header)?.[1];
  if (descr === undefined || order === undefined || dims === undefined)
    return fail(who, 'a numpy header', header.trim());
  if (order === 'True') return fail(who, 'C order', 'Fortran order (save numpy.ascontiguousarray(x))');
  const type = Object.hasOwn(TYPES, descr) ? TYPES[descr] : undefined;
  if (!type) return fail(who, `element type ${Object.keys(TYPES).join(', ')}`, descr);
  const shape = dims
    .split(',')
    .map((s) => s.trim())
    .filter((s) => s !== '')
    .map(Number);
  if (shape.some((s) => !Number.isSafeInteger(s) || s < 0))
    return fail(who, 'a shape of whole numbers', dims);
  const size = sizeOf(shape);
  if (fileBytes - start !== size * type.bytes) {
    return fail(who, `${size * type.bytes} bytes for shape (${dims}) of ${descr}`, fileBytes - start);
  }
  return { shape, start, bytes: type.bytes, values: (buffer) => new type.make(buffer) };
}

/** A .npy of version 1, its data at a multiple of 64 bytes. @throws ShapeError unless the shape has as many values as data */
export function formatNpy({ data, shape }: NpyArray): Uint8Array {
  requireLength(data.length, sizeOf(shape), 'formatNpy');
  const descr = Object.keys(TYPES).find((key) => data instanceof TYPES[key].make)!;
  const dims = shape.length === 1 ? `(${shape[0]},)` : `(${shape.join(', ')})`;
  const text = `{'descr': '${descr}', 'fortran_order': False, 'shape': ${dims}, }`;
  const length = Math.ceil((10 + text.length + 1) / 64) * 64;
  const bytes = new Uint8Array(length + data.byteLength).fill(0x20, 0, length);
  bytes.set([...MAGIC, 1, 0, (length - 10) & 255, (length - 10) >> 8]);
  bytes.set(new TextEncoder().encode(text), 10);
  bytes[length - 1] = 0x0a;
  bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), length);
  return bytes;
}

function fail(who: string, expected: string, got: unknown): never {
  throw new FormatError(expectation(who, expected, got, 'write the array with numpy.save'));
}
