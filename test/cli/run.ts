import { execFile } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'vitest';

export const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
/** The compiled program; `npm test` builds it first. */
export const PROGRAM = join(ROOT, 'dist', 'src', 'cli', 'gyrometric.js');

export interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly cwd?: string;
  /** Beside this process's own. */
  readonly env?: Readonly<Record<string, string>>;
  readonly program?: string;
}

/** Runs the program as a shell would. */
export function gyrometric(args: readonly string[], options: RunOptions = {}): Promise<Outcome> {
  const { cwd = ROOT, env = {}, program = PROGRAM } = options;
  return new Promise((resolve, reject) => {
    execFile(
      process.execPath,
      [program, ...args],
      { cwd, env: { ...process.env, ...env }, maxBuffer: 1e8 },
      (error, stdout, stderr) => {
        if (error && typeof error.code !== 'number') reject(error);
        else resolve({ code: error ? Number(error.code) : 0, stdout, stderr });
      },
    );
  });
}

/** What an engine says as it starts, and lines of progress: neither result nor error. */
const NOTICE = /^(WARNING: All log messages before absl|[IW]\d{4} |engine: WebAssembly|[a-z ]+: \d)/;

export function linesWithoutNotices(stderr: string): string[] {
  return stderr.split('\n').filter((line) => line !== '' && !NOTICE.test(line));
}

/** The one sentence on stderr of a command that failed; nothing went to stdout. */
export function sentenceOf({ stdout, stderr }: Outcome): string {
  const lines = linesWithoutNotices(stderr);
  expect(lines).toHaveLength(1);
  expect(lines[0]).toMatch(/^error /);
  expect(stdout).toBe('');
  return lines[0].slice('error '.length);
}

/** Every path below a folder, sorted. */
export function listing(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort();
}
