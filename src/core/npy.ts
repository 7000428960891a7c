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

/**
 * Reads one .npy of version 1, 2 or 3.
 * @throws FormatError naming `who` for anything but a complete little-endian C-order array of f4, f8, i4, i8 or u1
 * @source NEP 1, "A simple file format for NumPy arrays"
 */
export function parseNpy(bytes: Uint8Array, who: string): NpyArray {
  if (bytes.byteLength < 10 || MAGIC.some((m, i) => bytes[i] !== m)) {
    return fail(who, 'a .npy file', `${bytes.byteLength} bytes that do not begin as one`);
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const long = bytes[6] >= 2;
  if (bytes[6] < 1 || bytes[6] > 3 || (long && bytes.byteLength < 12))
    return fail(who, '.npy version 1, 2 or 3', bytes[6]);
  const start = long ? 12 : 10;
  const headerLength = long ? view.getUint32(8, true) : view.getUint16(8, true);
  const end = start + headerLength;
  if (headerLength > MAX_HEADER || end > bytes.byteLength)
    return fail(who, 'a complete header', `${bytes.byteLength} bytes`);
  const header = new TextDecoder('latin1').decode(bytes.subarray(start, end));
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
  if (bytes.byteLength - end !== size * type.bytes) {
    return fail(who, `${size * type.bytes} bytes for shape (${dims}) of ${descr}`, bytes.byteLength - end);
  }
  const copy = new Uint8Array(bytes.subarray(end));
  return { data: new type.make(copy.buffer as ArrayBuffer), shape };
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
