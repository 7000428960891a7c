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
  const arrays: Record<string, NpyArray> = {};
  for (const [name, content] of Object.entries(files)) {
    arrays[name.slice(0, -4)] = parseNpy(content, `${who} ${name}`);
  }
  return arrays;
}

/** Stored, not compressed, as numpy.savez does: embeddings hardly compress and this is read often. */
export function formatNpz(arrays: Readonly<Record<string, NpyArray>>): Uint8Array {
  const files: Record<string, Uint8Array> = {};
  for (const [name, array] of Object.entries(arrays)) files[`${name}.npy`] = formatNpy(array);
  // A fixed date keeps the bytes the same from run to run.
  return zipSync(files, { level: 0, mtime: new Date(1980, 0, 1) });
}
