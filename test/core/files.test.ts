import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FormatError, UsageError } from '../../src/core/errors.js';
import {
  isTemporaryFile,
  readFileBytes,
  readJson,
  recoverFolder,
  requireFile,
  sha256,
  writeFileAtomic,
  writeFolderAtomic,
  writeJson,
} from '../../src/core/files.js';
import { canLimitFileSize, withFileSizeLimit } from './fileSizeLimit.js';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'gyrometric-files-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));
const text = (path: string) => readFileSync(path, 'utf8');
const never = () => false;
const always = () => true;

describe('writeFileAtomic', () => {
  it('writes texts and bytes, makes missing folders, and leaves nothing else there', () => {
    const path = join(folder, 'a', 'b', 'x.txt');
    writeFileAtomic(path, 'größe');
    expect(text(path)).toBe('größe');
    writeFileAtomic(path, Uint8Array.of(9, 104, 105).subarray(1));
    expect(text(path)).toBe('hi');
    writeFileAtomic(path, '');
    expect(text(path)).toBe('');
    expect(readdirSync(join(folder, 'a', 'b'))).toEqual(['x.txt']);
  });

  it.skipIf(!canLimitFileSize())(
    'leaves the old file whole when the disk takes only part of the new one',
    () => {
      const path = join(folder, 'x.bin');
      writeFileAtomic(path, 'old');
      const attempt = () => writeFileAtomic(path, new Uint8Array(100_000));
      expect(() => withFileSizeLimit(4096, attempt)).toThrow(/EFBIG/);
      expect(text(path)).toBe('old');
      expect(readdirSync(folder)).toEqual(['x.bin']);
    },
  );

  it('leaves what stands there when the rename fails', () => {
    const path = join(folder, 'taken');
    mkdirSync(path);
    writeFileSync(join(path, 'inside'), 'kept');
    expect(() => writeFileAtomic(path, 'new')).toThrow();
    expect(text(join(path, 'inside'))).toBe('kept');
    expect(readdirSync(folder)).toEqual(['taken']);
  });
});

describe('writeFolderAtomic', () => {
  const path = () => join(folder, 'model');
  const files = { 'a.txt': 'A', 'b.bin': Uint8Array.of(1, 2) };

  it('writes a new folder, and into the place of an empty one', () => {
    writeFolderAtomic(path(), files, never);
    expect(readdirSync(path()).sort()).toEqual(['a.txt', 'b.bin']);
    const empty = join(folder, 'deep', 'empty');
    mkdirSync(empty, { recursive: true });
    writeFolderAtomic(empty, files, never);
    expect([...readFileSync(join(empty, 'b.bin'))]).toEqual([1, 2]);
    expect(readdirSync(folder).sort()).toEqual(['deep', 'model']);
    expect(readdirSync(join(folder, 'deep'))).toEqual(['empty']);
  });

  it('replaces all of a folder that may be replaced, and asks about that folder', () => {
    writeFolderAtomic(path(), { 'old.txt': 'old' }, never);
    const asked: string[] = [];
    writeFolderAtomic(path(), files, (at) => asked.push(at) > 0);
    expect(asked).toEqual([path()]);
    expect(readdirSync(path()).sort()).toEqual(['a.txt', 'b.bin']);
    expect(readdirSync(folder)).toEqual(['model']);
  });

  it('refuses a folder that may not be replaced, and any file, before it writes', () => {
    mkdirSync(path());
    writeFileSync(join(path(), 'thesis.tex'), 'years of work');
    expect(() => writeFolderAtomic(path(), files, never)).toThrow(UsageError);
    expect(() => writeFolderAtomic(path(), files, never)).toThrow(/choose another folder/);
    expect(text(join(path(), 'thesis.tex'))).toBe('years of work');
    const file = join(folder, 'file');
    writeFileSync(file, 'kept');
    expect(() => writeFolderAtomic(file, files, always)).toThrow(UsageError);
    expect(text(file)).toBe('kept');
    expect(readdirSync(folder).sort()).toEqual(['file', 'model']);
  });

  it.skipIf(!canLimitFileSize())(
    'leaves the old folder whole when the disk takes only part of the new one',
    () => {
      writeFolderAtomic(path(), { 'old.txt': 'old' }, never);
      const attempt = () =>
        writeFolderAtomic(path(), { ...files, 'big.bin': new Uint8Array(100_000) }, always);
      expect(() => withFileSizeLimit(4096, attempt)).toThrow(/EFBIG/);
      expect(readdirSync(path())).toEqual(['old.txt']);
      expect(readdirSync(folder)).toEqual(['model']);
    },
  );

  it('brings the old folder back when the new one cannot take its place', () => {
    writeFolderAtomic(path(), { 'old.txt': 'old' }, never);
    // Without files there is no new folder to rename.
    expect(() => writeFolderAtomic(path(), {}, always)).toThrow(/ENOENT/);
    expect(text(join(path(), 'old.txt'))).toBe('old');
    expect(readdirSync(folder)).toEqual(['model']);
  });
});

describe('recoverFolder', () => {
  // The number of no process on Linux and macOS, whose numbers end at 2^22 and 99998.
  const left = (end: string, pid: number | string = 2 ** 30) =>
    join(folder, `.model-${pid}-0123456789ab.${end}`);
  const make = (path: string, content: string) => {
    mkdirSync(path);
    writeFileSync(join(path, 'x'), content);
  };
  const target = () => join(folder, 'model');

  it('puts the new folder in place when the writer was killed between its two renames', () => {
    make(left('old'), 'old');
    make(left('new'), 'new');
    recoverFolder(target());
    expect(text(join(target(), 'x'))).toBe('new');
    expect(readdirSync(folder)).toEqual(['model']);
  });

  it('brings the old folder back when there is no new one', () => {
    make(left('old'), 'old');
    recoverFolder(target());
    expect(text(join(target(), 'x'))).toBe('old');
  });

  it('removes what is left beside a folder that stands, and half a new one alone', () => {
    make(target(), 'kept');
    make(left('old'), 'old');
    recoverFolder(target());
    expect(text(join(target(), 'x'))).toBe('kept');
    expect(readdirSync(folder)).toEqual(['model']);
    rmSync(target(), { recursive: true });
    make(left('new'), 'half');
    recoverFolder(target());
    expect(readdirSync(folder)).toEqual([]);
  });

  it('leaves alone what a running process writes, and names that are not its own', () => {
    make(left('new', process.pid), 'in work');
    make(left('new', 'mine'), 'a user');
    make(join(folder, '.model2-1073741824-0123456789ab.new'), 'of another model');
    const before = readdirSync(folder);
    recoverFolder(target());
    expect(readdirSync(folder)).toEqual(before);
    recoverFolder(join(folder, 'no', 'such', 'parent'));
  });
});

describe('isTemporaryFile', () => {
  it('knows the names that a killed writeFileAtomic leaves, and no others', () => {
    expect(isTemporaryFile('.123-0123456789ab.tmp')).toBe(true);
    for (const name of [
      '123-0123456789ab.tmp',
      '.x.tmp',
      '.123-0123456789ab.tmp2',
      '.123-0123456789AB.tmp',
    ]) {
      expect(isTemporaryFile(name)).toBe(false);
    }
  });
});

describe('reading', () => {
  it('gives bytes whose slices are copies', () => {
    writeFileSync(join(folder, 'x'), 'abc');
    const bytes = readFileBytes(join(folder, 'x'), 'x');
    expect(Buffer.isBuffer(bytes)).toBe(false);
    bytes.slice(0, 1)[0] = 0;
    expect([...bytes]).toEqual([97, 98, 99]);
  });

  it('refuses a path without a file, and a folder, with a UsageError that names it', () => {
    const missing = join(folder, 'missing.npy');
    expect(() => readFileBytes(missing, '--vectors')).toThrow(UsageError);
    expect(() => readFileBytes(missing, '--vectors')).toThrow(
      `--vectors: expected a file that exists, got "`,
    );
    expect(() => requireFile(folder, 'CONFIG')).toThrow(UsageError);
    expect(() => readJson(folder, 'CONFIG')).toThrow(UsageError);
  });

  it('refuses what is no JSON with a FormatError that names the file and shows its beginning', () => {
    const path = join(folder, 'c.json');
    writeFileSync(path, '{"a": 1,}');
    expect(() => readJson(path, 'config')).toThrow(FormatError);
    expect(() => readJson(path, 'config')).toThrow(/^config .*c\.json: expected JSON, got "\{"a": 1,\}"/);
  });

  it('reads the JSON that writeJson wrote, which ends in a newline', () => {
    const path = join(folder, 'c.json');
    writeJson(path, { a: [1, null, 'ö'] });
    expect(readJson(path, 'config')).toEqual({ a: [1, null, 'ö'] });
    expect(text(path).endsWith('}\n')).toBe(true);
  });

  it('sums up as SHA-256 does: the standard example "abc"', () => {
    expect(sha256(new TextEncoder().encode('abc'))).toBe(
      'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
    );
  });
});
