import { resolve } from 'node:path';
import { loadNative, type Native } from '../../src/native/index.js';
import { buildAddon } from '../../src/setup/buildAddon.mjs';

export const root = resolve(import.meta.dirname, '..', '..');

const { status, reason } = await buildAddon({ root });
// A machine without a compiler runs without the addon by design; sources that do not compile are a failure.
if (status === 'unavailable' && reason.startsWith('compiling')) throw new Error(reason);

/** Tests of the addon ask for `describe.skipIf(!available)`, and nothing else may skip them. */
export const available = status !== 'unavailable';

export function addon(): Native {
  const native = loadNative();
  if (!native) throw new Error(reason);
  return native;
}
