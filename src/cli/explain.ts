import { CommanderError } from 'commander';
import { GyrometricError } from '../core/errors.js';

/** What the user is told: exit code 2 for wrong use, 130 after Ctrl-C, 1 for any other failure; one sentence. */
export interface Explanation {
  readonly code: 0 | 1 | 2 | 130;
  /** Empty when all has been said. */
  readonly text: string;
}

const FOLDER_NEEDED = 'expected a folder, got a file; choose another path';
const SYSTEM_ERRORS: Readonly<Record<string, readonly [code: 1 | 2, text: string]>> = {
  ENOSPC: [1, 'the disk is full; free some space and run the command again'],
  EACCES: [1, 'permission denied; choose another path or change its permissions'],
  EPERM: [1, 'permission denied; choose another path or change its permissions'],
  EROFS: [1, 'the file system is read-only; choose another path'],
  EISDIR: [2, 'expected a file, got a folder; check the path'],
  ENOTDIR: [2, FOLDER_NEEDED],
  EEXIST: [2, FOLDER_NEEDED],
  ENOENT: [2, 'expected a path that exists, got none; check the path'],
};

/** What to say of anything that a command threw. */
export function explain(error: unknown): Explanation {
  if (error instanceof CommanderError) return explainUsage(error);
  if (error instanceof GyrometricError) return { code: error.exitCode, text: error.message };
  if (error instanceof Error && error.name === 'AbortError') return { code: 130, text: error.message };
  if (error instanceof RangeError && /typed array length|allocation/i.test(error.message)) {
    return {
      code: 1,
      text: `memory: expected arrays that fit, got "${error.message}"; ask for less at once`,
    };
  }
  if (!(error instanceof Error)) return unexpected(String(error));
  // `dest` is what the user named when a finished file could not be moved to its place.
  const { code, path, dest, message } = error as NodeJS.ErrnoException & { readonly dest?: string };
  const known = code === undefined ? undefined : SYSTEM_ERRORS[code];
  if (known) return { code: known[0], text: `${dest ?? path ?? 'a path of this command'}: ${known[1]}` };
  return unexpected(message);
}

function unexpected(message: string): Explanation {
  return { code: 1, text: `${message} (unexpected; --verbose prints where it came from)` };
}

/** commander's own sentence and suggestion, in one line. */
function explainUsage({ code, exitCode, message }: CommanderError): Explanation {
  if (exitCode === 0) return { code: 0, text: '' };
  if (code === 'commander.help') return { code: 2, text: '' };
  const [sentence, suggestion] = message
    .replace(/^error: /, '')
    .split('\n')
    .map((line) => line.replace(/\.$/, ''));
  const hint = suggestion ? ` ${suggestion.replace('(Did', '(did')}` : '';
  return { code: 2, text: `${sentence}${hint}; add --help for usage` };
}
