import { createHash, randomBytes } from 'node:crypto';
import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { expectation, FormatError, UsageError } from './errors.js';

/** Writes all of `bytes` to `path` or nothing: a temporary file beside it, flushed, then renamed. Makes the folder. */
export function writeFileAtomic(path: string, bytes: Uint8Array | string): void {
  const data = typeof bytes === 'string' ? new TextEncoder().encode(bytes) : bytes;
  const folder = dirname(resolve(path));
  mkdirSync(folder, { recursive: true });
  const temporary = join(folder, `.${process.pid}-${randomBytes(6).toString('hex')}.tmp`);
  try {
    const file = openSync(temporary, 'wx');
    try {
      for (let offset = 0; offset < data.byteLength; ) offset += writeSync(file, data, offset);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(temporary, path);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
  syncFolder(folder);
}

/**
 * Puts a folder of the given files in the place of `path`, whole or not at all. What stood there is replaced only if
 * `replaceable` says so of it.
 * @throws UsageError when something else stands there
 */
export function writeFolderAtomic(
  path: string,
  files: Readonly<Record<string, Uint8Array | string>>,
  replaceable: (folder: string) => boolean,
): void {
  const target = resolve(path);
  const occupied = existsSync(target) && !(isFolder(target) && (isEmpty(target) || replaceable(target)));
  if (occupied) {
    throw new UsageError(
      expectation(path, 'a new or replaceable folder', 'one with other files', 'choose another folder'),
    );
  }
  const suffix = `${process.pid}-${randomBytes(6).toString('hex')}`;
  const fresh = join(dirname(target), `.${basename(target)}-${suffix}.new`);
  const old = join(dirname(target), `.${basename(target)}-${suffix}.old`);
  try {
    for (const [name, bytes] of Object.entries(files)) writeFileAtomic(join(fresh, name), bytes);
    if (existsSync(target)) renameSync(target, old);
    renameSync(fresh, target);
  } catch (error) {
    if (!existsSync(target) && existsSync(old)) renameSync(old, target);
    rmSync(fresh, { recursive: true, force: true });
    throw error;
  }
  rmSync(old, { recursive: true, force: true });
  syncFolder(dirname(target));
}

/**
 * Finishes what a process left that was killed inside writeFolderAtomic: puts the new folder, or else the old one, in
 * the place of `path` if nothing stands there, and removes what is left over.
 */
export function recoverFolder(path: string): void {
  const target = resolve(path);
  const parent = dirname(target);
  if (!existsSync(parent)) return;
  const prefix = `.${basename(target)}-`;
  const left = readdirSync(parent).filter((name) => {
    const [, pid] =
      (name.startsWith(prefix) && /^(\d+)-[0-9a-f]{12}\.(new|old)$/.exec(name.slice(prefix.length))) || [];
    return pid !== undefined && !isRunning(Number(pid));
  });
  // The old folder makes way only when the new one is complete.
  const old = left.find((name) => name.endsWith('.old'));
  if (old && !existsSync(target)) {
    const fresh = left.find((name) => name === old.replace(/old$/, 'new'));
    renameSync(join(parent, fresh ?? old), target);
  }
  for (const name of left) rmSync(join(parent, name), { recursive: true, force: true });
}

/** Names of files that a killed writeFileAtomic leaves behind. */
export function isTemporaryFile(name: string): boolean {
  return /^\.\d+-[0-9a-f]{12}\.tmp$/.test(name);
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

function isFolder(path: string): boolean {
  return statSync(path).isDirectory();
}

function isEmpty(folder: string): boolean {
  return readdirSync(folder).length === 0;
}

/** Without this a power cut after the rename may bring the old name back. */
function syncFolder(folder: string): void {
  if (process.platform === 'win32') return;
  const handle = openSync(folder, 'r');
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}

/** @throws UsageError if there is no such file */
export function readFileBytes(path: string, who: string): Uint8Array {
  requireFile(path, who);
  const { buffer, byteOffset, byteLength } = readFileSync(path);
  // Not a Buffer: its slice() is a view where a Uint8Array's is a copy.
  return new Uint8Array(buffer, byteOffset, byteLength);
}

/** @throws UsageError unless something that is no folder stands there */
export function requireFile(path: string, who: string): void {
  if (existsSync(path) && !isFolder(path)) return;
  throw new UsageError(expectation(who, 'a file that exists', path, 'check the path'));
}

/** @throws UsageError if there is no such file, FormatError if it is not JSON */
export function readJson(path: string, who: string): unknown {
  const text = new TextDecoder().decode(readFileBytes(path, who));
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new FormatError(
      expectation(
        `${who} ${path}`,
        'JSON',
        text.slice(0, 40),
        `correct the file (${(cause as Error).message})`,
      ),
      { cause },
    );
  }
}

export function writeJson(path: string, value: unknown): void {
  writeFileAtomic(path, `${JSON.stringify(value, null, 2)}\n`);
}

/** Hexadecimal SHA-256. */
export function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
