import { crc32 } from 'node:zlib';
import { unzipSync, zipSync } from 'fflate';
import { expectation, FormatError } from './errors.js';
import { formatNpy, type NpyArray, parseNpy } from './npy.js';

/** What an entry of a zip's directory takes at least, besides the entry's content. */
const ENTRY_BYTES = 46;
/** Deflate makes no more of one byte. */
const MAX_RATIO = 1032;

/**
 * Named arrays of a .npz; other files in it are passed over.
 * @throws FormatError for anything but a zip of .npy files, or one that claims more content than its size allows
 */
export function parseNpz(bytes: Uint8Array, who: string): Record<string, NpyArray> {
  let files: Record<string, Uint8Array>;
  try {
    let claimed = 0;
    files = unzipSync(bytes, {
      // A damaged directory may claim billions of entries, or gigabytes for one: hours and memory for nothing.
      filter: ({ name, size, originalSize }) => {
        claimed += ENTRY_BYTES + size;
        if (claimed > bytes.byteLength || originalSize > MAX_RATIO * size)
          throw new Error('sizes beyond the file');
        return name.endsWith('.npy');
      },
    });
  } catch (cause) {
    throw new FormatError(
      expectation(
        who,
        'a .npz file (a zip of .npy files)',
        `${bytes.byteLength} bytes`,
        'write it with numpy.savez',
      ),
      { cause },
    );
  }
  const checksums = checksumsOf(bytes);
  const arrays: Record<string, NpyArray> = {};
  for (const [name, content] of Object.entries(files)) {
    const expected = checksums.get(name);
    if (expected !== undefined && crc32(content) !== expected) {
      throw new FormatError(
        expectation(
          `${who} ${name}`,
          'the content that its checksum sums up',
          'another',
          'restore it from a copy',
        ),
      );
    }
    arrays[name.slice(0, -4)] = parseNpy(content, `${who} ${name}`);
  }
  return arrays;
}

/**
 * CRC-32 of each entry's content, which fflate does not look at; from the zip's directory. An archive beyond 4 GiB has
 * its directory elsewhere and gives none.
 * @source PKWARE, APPNOTE.TXT, sections 4.3.12 and 4.3.16
 */
function checksumsOf(bytes: Uint8Array): Map<string, number> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const found = new Map<string, number>();
  let end = bytes.byteLength - 22;
  while (end >= 0 && view.getUint32(end, true) !== 0x06054b50) end--;
  if (end < 0) return found;
  let at = view.getUint32(end + 16, true);
  for (let left = view.getUint16(end + 10, true); left > 0; left--) {
    if (at + ENTRY_BYTES > end || view.getUint32(at, true) !== 0x02014b50) break;
    const [name, extra, comment] = [28, 30, 32].map((field) => view.getUint16(at + field, true));
    const start = at + ENTRY_BYTES;
    found.set(new TextDecoder().decode(bytes.subarray(start, start + name)), view.getUint32(at + 16, true));
    at = start + name + extra + comment;
  }
  return found;
}

/** Stored, not compressed, as numpy.savez does: embeddings hardly compress and this is read often. */
export function formatNpz(arrays: Readonly<Record<string, NpyArray>>): Uint8Array {
  const files: Record<string, Uint8Array> = {};
  for (const [name, array] of Object.entries(arrays)) files[`${name}.npy`] = formatNpy(array);
  // A fixed date keeps the bytes the same from run to run.
  return zipSync(files, { level: 0, mtime: new Date(1980, 0, 1) });
}
