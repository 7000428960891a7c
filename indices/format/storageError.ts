import { expectation, GyrometricError, StorageError } from '../../src/core/errors.js';

const REMEDIES: Readonly<Record<string, string>> = {
  ENOSPC: 'make room on the disk',
  EDQUOT: 'make room on the disk',
  EFBIG: 'make room on the disk',
  EACCES: 'check the permissions',
  EPERM: 'check the permissions',
  EROFS: 'choose a folder that can be written',
  ENOENT: 'check the folder',
  ENOTDIR: 'check the folder',
};

/** What the system refused, in our words; an error that is ours already stays as it is. */
export function asStorageError(who: string, expected: string, cause: unknown): GyrometricError {
  if (cause instanceof GyrometricError) return cause;
  const { code, message } = cause as NodeJS.ErrnoException;
  return new StorageError(
    expectation(who, expected, code ?? message, REMEDIES[code ?? ''] ?? `see to this first (${message})`),
    { cause },
  );
}
