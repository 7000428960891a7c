import { zipSync } from 'fflate';
import { formatNpy, type NpyArray, parseNpy } from './npy.js';
import { readZip } from './zip.js';

/**
 * Named arrays of a .npz; other files in it are passed over.
 * @throws FormatError for anything but a zip of .npy files, or one that claims more content than its size allows
 */
export function parseNpz(bytes: Uint8Array, who: string): Record<string, NpyArray> {
  const isArray = (name: string) => name.endsWith('.npy');
  const files = readZip(
    bytes,
    who,
    isArray,
    'a .npz file (a zip of .npy files)',
    'write it with numpy.savez',
  );
  return Object.fromEntries(
    Object.entries(files).map(([name, content]) => [name.slice(0, -4), parseNpy(content, `${who} ${name}`)]),
  );
}

/** Stored, not compressed, as numpy.savez does: embeddings hardly compress and this is read often. */
export function formatNpz(arrays: Readonly<Record<string, NpyArray>>): Uint8Array {
  const files: Record<string, Uint8Array> = {};
  for (const [name, array] of Object.entries(arrays)) files[`${name}.npy`] = formatNpy(array);
  // A fixed date keeps the bytes the same from run to run.
  return zipSync(files, { level: 0, mtime: new Date(1980, 0, 1) });
}
