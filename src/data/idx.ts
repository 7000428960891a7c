import { expectation, FormatError } from '../core/errors.js';
import { sizeOf } from '../core/shape.js';

export interface IdxArray {
  /** A view into the bytes that were read. */
  readonly data: Uint8Array;
  readonly shape: readonly number[];
}

/** The element type of every MNIST file. */
const UNSIGNED_BYTE = 0x08;

/**
 * Reads one IDX file of unsigned bytes: two zero bytes, the element type, the number of dimensions, each size as
 * big-endian 32 bits, the values in row-major order.
 * @throws FormatError naming `who` for another type, a header or values cut short, or bytes left over
 * @source LeCun, Cortes, Burges, "The MNIST database of handwritten digits", "The IDX file format"
 */
export function parseIdx(bytes: Uint8Array, who: string): IdxArray {
  const start = 4 + 4 * (bytes[3] ?? 0);
  if (bytes.length < 4 || bytes[0] !== 0 || bytes[1] !== 0 || bytes[3] === 0) {
    fail(who, 'an IDX file', `bytes ${Array.from(bytes.subarray(0, 4)).join(' ')}`);
  }
  if (bytes[2] !== UNSIGNED_BYTE) fail(who, `element type ${UNSIGNED_BYTE} (unsigned byte)`, bytes[2]);
  if (bytes.length < start) fail(who, `a header of ${start} bytes`, bytes.length);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const shape = Array.from({ length: bytes[3] }, (_, i) => view.getUint32(4 + 4 * i));
  const size = sizeOf(shape);
  if (bytes.length - start !== size) {
    fail(who, `${size} values for shape ${shape.join(' x ')}`, bytes.length - start);
  }
  return { data: new Uint8Array(bytes.buffer, bytes.byteOffset + start, size), shape };
}

function fail(who: string, expected: string, got: unknown): never {
  throw new FormatError(expectation(who, expected, got, 'restore the file from its source'));
}
