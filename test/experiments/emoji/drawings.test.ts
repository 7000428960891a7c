import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Drawings, readDrawings, writeDrawings } from '../../../experiments/emoji/drawings.js';
import { splitEmojis, splitForValidation } from '../../../experiments/emoji/split.js';

const SIZE = 2;
const row = (emoji: number, group = 0) => ({ emoji, set: 0, group, subgroup: 3 });
const drawings: Drawings = {
  size: SIZE,
  pixels: Uint8Array.from({ length: 2 * SIZE * SIZE * 3 }, (_, i) => 10 * i),
  rows: [row(0), row(1)],
};

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'gyrometric-emoji-'));
  path = join(folder, 'emoji');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Writes the drawings and changes one of their files. */
function damaged(ending: string, change: (bytes: Buffer) => Buffer): Drawings | undefined {
  writeDrawings(path, drawings);
  writeFileSync(path + ending, change(readFileSync(path + ending)));
  return readDrawings(path, SIZE);
}

describe('the cache of drawings', () => {
  it('gives back what was written', () => {
    expect(readDrawings(path, SIZE)).toBeUndefined();
    writeDrawings(path, drawings);
    expect(readDrawings(path, SIZE)).toEqual(drawings);
  });

  it.each([
    ['.npy', 'cut off', (bytes: Buffer) => bytes.subarray(0, -1)],
    [
      '.npy',
      'with another last pixel',
      (bytes: Buffer) => Buffer.concat([bytes.subarray(0, -1), Buffer.of(7)]),
    ],
    ['.npy', 'empty', () => Buffer.alloc(0)],
    ['.json', 'cut off', (bytes: Buffer) => bytes.subarray(0, -1)],
    ['.json', 'empty', () => Buffer.alloc(0)],
    ['.json', 'null', () => Buffer.from('null')],
    ['.json', 'of other sources', (bytes: Buffer) => Buffer.from(String(bytes).replace('noto 1', 'noto 2'))],
  ])('is not used with a file %s that is %s', (ending, _, change) => {
    expect(damaged(ending, change)).toBeUndefined();
  });

  it('is not used with one of its files alone', () => {
    for (const ending of ['.npy', '.json']) {
      writeDrawings(path, drawings);
      rmSync(path + ending);
      expect(readDrawings(path, SIZE)).toBeUndefined();
    }
  });
});

describe('splits of emoji', () => {
  const flag = 9;
  const rows = [...Array.from({ length: 22 }, (_, emoji) => row(emoji)), row(23, flag), row(28, flag)];
  const emojiOf = (places: Int32Array) => Array.from(places, (i) => rows[i].emoji);

  it('test on emoji at odd places that are no flags', () => {
    const { train, test } = splitEmojis(rows);
    expect(emojiOf(train)).toEqual([0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 28]);
    expect(emojiOf(test)).toEqual([1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21]);
  });

  it('choose settings on a fifth of the training emoji, which does not train then', () => {
    const { train, test } = splitForValidation(rows);
    expect(emojiOf(test)).toEqual([8, 18]);
    expect(emojiOf(train)).toEqual([0, 2, 4, 6, 10, 12, 14, 16, 20]);
  });
});
