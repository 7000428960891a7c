import { type FileHandle, open } from 'node:fs/promises';
import { requireInteger } from './checks.js';
import { expectation, FormatError, ShapeError } from './errors.js';
import { requireFile } from './files.js';
import { NPY_HEAD_BYTES, type NpyHeader, parseNpyHeader } from './npy.js';

/** Rows of a .npy that are read as they are asked for. */
export interface NpyStream {
  readonly rows: number;
  readonly columns: number;
  /**
   * All rows in order, in arrays of whole rows that are the caller's to keep. Float64 is rounded to float32; what
   * float32 cannot hold becomes infinite.
   * @param rowsAtOnce rows an array, the last may have fewer; whole, >= 1. Default: about 4 MB of the file
   * @throws FormatError if the file is no longer what it was when it was opened
   */
  chunks(rowsAtOnce?: number): AsyncGenerator<Float32Array, void, undefined>;
}

const CHUNK_BYTES = 1 << 22;

/**
 * Reads a .npy of any size by and by. The header is checked against the size of the file before anything else is read.
 * @throws UsageError for no such file, FormatError as parseNpy, ShapeError unless it is float32 or float64 [n, columns]
 */
export async function openNpyStream(path: string, who: string): Promise<NpyStream> {
  requireFile(path, who);
  const name = `${who} ${path}`;
  const header = await withFile(path, (file) => readHeader(file, name));
  const sample = header.values(new ArrayBuffer(0));
  if (!(sample instanceof Float32Array || sample instanceof Float64Array) || header.shape.length !== 2) {
    const got = `${sample.constructor.name} [${header.shape.join(', ')}]`;
    throw new ShapeError(
      expectation(name, 'float32 or float64 [n, columns]', got, 'convert with numpy.float32'),
    );
  }
  const [rows, columns] = header.shape;
  return { rows, columns, chunks: (rowsAtOnce) => readChunks(path, header, name, rowsAtOnce) };
}

async function* readChunks(
  path: string,
  { shape, start, bytes, values }: NpyHeader,
  name: string,
  rowsAtOnce?: number,
): AsyncGenerator<Float32Array, void, undefined> {
  const rowBytes = shape[1] * bytes;
  const step = rowsAtOnce ?? Math.max(1, Math.floor(CHUNK_BYTES / Math.max(1, rowBytes)));
  requireInteger(step, 1, `${name} rowsAtOnce`);
  if (rowBytes === 0) return;
  const file = await open(path, 'r');
  try {
    const { size } = await file.stat();
    if (size !== start + shape[0] * rowBytes) fail(name, size);
    for (let row = 0; row < shape[0]; row += step) {
      const block = new Uint8Array(Math.min(step, shape[0] - row) * rowBytes);
      await readFully(file, block, start + row * rowBytes, name);
      const data = values(block.buffer) as Float32Array | Float64Array;
      yield data instanceof Float32Array ? data : Float32Array.from(data);
    }
  } finally {
    await file.close();
  }
}

async function readHeader(file: FileHandle, name: string): Promise<NpyHeader> {
  const { size } = await file.stat();
  const head = new Uint8Array(Math.min(size, NPY_HEAD_BYTES));
  await readFully(file, head, 0, name);
  return parseNpyHeader(head, size, name);
}

async function readFully(file: FileHandle, bytes: Uint8Array, at: number, name: string): Promise<void> {
  for (let done = 0; done < bytes.byteLength; ) {
    const { bytesRead } = await file.read(bytes, done, bytes.byteLength - done, at + done);
    if (bytesRead === 0) fail(name, at + done);
    done += bytesRead;
  }
}

async function withFile<T>(path: string, use: (file: FileHandle) => Promise<T>): Promise<T> {
  const file = await open(path, 'r');
  try {
    return await use(file);
  } finally {
    await file.close();
  }
}

function fail(name: string, size: number): never {
  const remedy = 'leave the file alone while it is read';
  throw new FormatError(expectation(name, 'the size it had when it was opened', `${size} bytes`, remedy));
}
