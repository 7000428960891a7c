import { expectation, FormatError } from './errors.js';
import { sizeOf } from './shape.js';

/** A named float32 array of any shape. */
export interface NamedTensor {
  readonly name: string;
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

const MAX_HEADER = 100_000_000;

/**
 * The bytes of a safetensors file: u64 header length, JSON header, data.
 * @source https://github.com/huggingface/safetensors, "Format"
 */
export function formatSafetensors(
  tensors: readonly NamedTensor[],
  metadata: Readonly<Record<string, string>>,
): Uint8Array {
  let offset = 0;
  const entries: Record<string, unknown> = { __metadata__: metadata };
  for (const { name, shape, data } of tensors) {
    entries[name] = { dtype: 'F32', shape, data_offsets: [offset, offset + data.byteLength] };
    offset += data.byteLength;
  }
  const json = new TextEncoder().encode(JSON.stringify(entries));
  // The data begins on a multiple of 8, as the format asks for.
  const start = 8 + Math.ceil(json.length / 8) * 8;
  const bytes = new Uint8Array(start + offset).fill(0x20, 8, start);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(start - 8), true);
  bytes.set(json, 8);
  let at = start;
  for (const { data } of tensors) {
    bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), at);
    at += data.byteLength;
  }
  return bytes;
}

/** @throws FormatError naming `who` for a damaged file, or one with other element types than F32 */
export function parseSafetensors(
  bytes: Uint8Array,
  who: string,
): { tensors: NamedTensor[]; metadata: Readonly<Record<string, string>> } {
  const fail = (expected: string, got: unknown): never => {
    throw new FormatError(expectation(who, expected, got, 'restore the file from a copy'));
  };
  if (bytes.byteLength < 8) fail('a safetensors file', `${bytes.byteLength} bytes`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const headerLength = Number(view.getBigUint64(0, true));
  if (!(headerLength <= MAX_HEADER && 8 + headerLength <= bytes.byteLength))
    fail('a complete header', `${headerLength} bytes`);
  const start = 8 + headerLength;
  let header: Record<string, { dtype?: unknown; shape?: unknown; data_offsets?: unknown }> = {};
  try {
    header = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes.subarray(8, start)));
  } catch {
    fail('a JSON header', 'something else');
  }
  if (header === null || typeof header !== 'object' || Array.isArray(header))
    fail('a JSON object as header', header);
  const tensors: NamedTensor[] = [];
  const ranges: [number, number][] = [];
  for (const [name, entry] of Object.entries(header)) {
    if (name === '__metadata__') continue;
    const { dtype, shape, data_offsets: offsets } = entry ?? {};
    if (dtype !== 'F32') fail(`dtype F32 for ${name}`, dtype);
    if (!isSizes(shape)) return fail(`a shape for ${name}`, shape);
    if (!isSizes(offsets) || offsets.length !== 2) return fail(`two offsets for ${name}`, offsets);
    const [from, to] = offsets;
    const size = sizeOf(shape);
    if (to - from !== size * 4 || start + to > bytes.byteLength)
      fail(`${size} values inside the file for ${name}`, offsets);
    tensors.push({
      name,
      shape,
      data: new Float32Array(new Uint8Array(bytes.subarray(start + from, start + to)).buffer),
    });
    ranges.push([from, to]);
  }
  let covered = 0;
  for (const [from, to] of ranges.sort(([a, b], [c, d]) => a - c || b - d)) {
    if (from !== covered) fail(`data without holes, the next at ${covered}`, from);
    covered = to;
  }
  if (covered !== bytes.byteLength - start) fail(`${covered} bytes of data`, bytes.byteLength - start);
  const metadata: unknown = header['__metadata__'] ?? {};
  if (!isTexts(metadata)) return fail('texts by name as __metadata__', metadata);
  return { tensors, metadata };
}

function isTexts(value: unknown): value is Record<string, string> {
  return (
    typeof value === 'object' &&
    value !== null &&
    !Array.isArray(value) &&
    Object.values(value).every((text) => typeof text === 'string')
  );
}

function isSizes(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((n) => Number.isSafeInteger(n) && n >= 0);
}
