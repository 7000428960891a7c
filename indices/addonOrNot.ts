import { MissingError } from '../src/core/errors.js';
import { loadNative, type Native, nativeUnavailableReason } from '../src/native/index.js';

/** @throws MissingError with the command that builds the addon */
export function requireNative(who: string): Native {
  const native = loadNative();
  if (native) return native;
  throw new MissingError(`${who}: the native addon is needed; ${nativeUnavailableReason()}`);
}

let told = false;

/** The addon, or undefined and, the first time, one line on stderr. */
export function nativeOrNotice(): Native | undefined {
  const native = loadNative();
  if (!native && !told) {
    told = true;
    process.stderr.write(`gyrometric: exact search in TypeScript, as the native addon is missing: `);
    process.stderr.write(`${nativeUnavailableReason()}\n`);
  }
  return native;
}
