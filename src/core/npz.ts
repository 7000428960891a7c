import { unzipSync, zipSync } from 'fflate';
import { expectation, FormatError } from './errors.js';
import { formatNpy, type NpyArray, parseNpy } from './npy.js';

/** Named arrays of a .npz. @throws FormatError for anything but a zip of .npy files */
export function parseNpz(bytes: Uint8Array, who: string): Record<string, NpyArray> {
  let files: Record<string, Uint8Array>;
  try {
    files = unzipSync(bytes);
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
    if (!name.endsWith('.npy')) continue;
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
