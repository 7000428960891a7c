import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { FormatError, UsageError } from '../../src/core/errors.js';
import { matrix } from '../../src/core/matrix.js';
import { loadNouns } from '../../src/data/wordnet.js';
import {
  firstNounSenses,
  parseNounSenses,
  parseWordVectors,
  readWordVectors,
  writeWordVectors,
} from '../../src/data/wordVectors.js';

const folder = mkdtempSync(join(tmpdir(), 'gyrometric-words-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Two numbers a word, their norm and the word's number behind them, as in the package; words come before vectors there. */
const JSON_TEXT = JSON.stringify({
  ...{ precision: 8, l2NormIndex: 2, wordIndex: 3, size: 5, dimensions: 2 },
  words: ['the', 'vectors', '"', 'café', 'cat'],
  vectors: {
    the: [0.5, -1.25, 1.3, 0],
    vectors: [1e-3, 2, 2, 1],
    '"': [7, 8, 9, 2],
    café: [-0.038194, 3, 3, 3],
    cat: [4, 5, 6, 4],
  },
  unkVector: [0, 0, 0, -1],
});

async function* cut(text: string, size: number): AsyncGenerator<Uint8Array> {
  const bytes = new TextEncoder().encode(text);
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}
const parse = (text: string, size: number, keep = (_: string) => true, limit = 1000) =>
  parseWordVectors(cut(text, size), { keep, limit }, 'words.json');

describe('parseWordVectors', () => {
  it.each([1, 2, 7, 50, 10_000])('reads all words of a file in pieces of %i bytes', async (size) => {
    const { words, vectors } = await parse(JSON_TEXT, size);
    expect(words).toEqual(['the', 'vectors', '"', 'café', 'cat']);
    expect([vectors.rows, vectors.columns]).toEqual([5, 2]);
    expect([...vectors.data]).toEqual(
      [0.5, -1.25, 1e-3, 2, 7, 8, -0.038194, 3, 4, 5].map((x) => Math.fround(x)),
    );
  });

  it('keeps the wanted words alone, and reads no further than the last of them', async () => {
    let pieces = 0;
    async function* counted() {
      for await (const piece of cut(JSON_TEXT, 16)) {
        pieces++;
        yield piece;
      }
    }
    const keep = (word: string) => word !== 'the';
    const { words, vectors } = await parseWordVectors(counted(), { keep, limit: 2 }, 'words.json');
    expect(words).toEqual(['vectors', '"']);
    expect([...vectors.data]).toEqual([Math.fround(1e-3), 2, 7, 8]);
    expect(pieces).toBeLessThan(JSON_TEXT.length / 16 - 3);
  });

  it('gives what there is when the file has fewer words than wanted', async () => {
    expect((await parse(JSON_TEXT, 64, (word) => word === 'cat')).words).toEqual(['cat']);
    expect((await parse(JSON_TEXT, 64, () => false)).vectors.rows).toBe(0);
  });

  it('names the word, or what is missing, of what is damaged', async () => {
    await expect(parse(JSON_TEXT.slice(0, -60), 9)).rejects.toThrow(
      'words.json: expected a whole file, got "an end after 3 words"',
    );
    await expect(parse(JSON_TEXT.replace('-1.25', 'null'), 9)).rejects.toThrow('2 numbers for "the"');
    await expect(parse(JSON_TEXT.replace('[4,5,6,4]', '[4]'), 9)).rejects.toThrow('2 numbers for "cat"');
    await expect(parse('{"dimensions":2,"words":[]}', 9)).rejects.toThrow('expected "vectors"');
    await expect(parse('{"vectors":{"a":[1]}}', 9)).rejects.toThrow('"dimensions"');
    await expect(parse(`{"dimensions":2,"vectors":{${' '.repeat(70_000)}`, 900)).rejects.toThrow(FormatError);
    await expect(parse(JSON_TEXT, 9, () => true, 0)).rejects.toThrow(UsageError);
  });
});

describe('a file of word vectors', () => {
  const path = join(folder, 'words.safetensors');
  const stored = { words: ['cat', 'dog'], vectors: matrix(Float32Array.of(1, 2, 3, -0.1, 0, 5), 2, 3) };

  it('gives back the words and vectors that were written', () => {
    expect(readWordVectors(path)).toBeUndefined();
    writeWordVectors(path, stored);
    expect(readWordVectors(path)).toEqual(stored);
  });

  it('is refused when any byte of its words or vectors has changed, or when it is another file', () => {
    writeWordVectors(path, stored);
    const good = readFileSync(path);
    const damaged = (at: number) => {
      const bytes = Uint8Array.from(good);
      bytes[at] ^= 1;
      writeFileSync(path, bytes);
      return () => readWordVectors(path);
    };
    expect(damaged(good.length - 3)).toThrow(FormatError);
    expect(damaged(good.indexOf('cat'))).toThrow('its checksum sums up');
    expect(damaged(good.indexOf('gyrometric-word-vectors'))).toThrow('delete it, so that it is made anew');
    expect(damaged(2)).toThrow(FormatError);
  });
});

describe('the first noun senses of words', () => {
  const LINES = [
    '  1 This software and database is being provided to you  ',
    'cat n 3 5 @ ~ #m + ; 3 1 02124272 10172934 09919956  ',
    'cat_box n 1 1 @ 1 0 02988962  ',
    "'hood n 1 2 @ ; 1 0 08659519  ",
    '',
  ];

  it('are those of single words of letters', () => {
    expect([...parseNounSenses(LINES.join('\n'), 'index.noun')]).toEqual([['cat', '02124272']]);
  });

  it('are refused by line when damaged', () => {
    const text = LINES.join('\n').replace('n 3 5', 'v 3 5');
    expect(() => parseNounSenses(text, 'index.noun')).toThrow('index.noun line 2: expected senses of a noun');
    expect(() => parseNounSenses('cat n 3\n', 'index.noun')).toThrow(FormatError);
  });

  it.each(['3.0', '3.1'] as const)('are nouns of WordNet %s', (version) => {
    const { ids, words } = loadNouns(version);
    const senses = firstNounSenses(version);
    const rows = new Map(ids.map((id, i) => [id, i]));
    expect(senses.size).toBeGreaterThan(50_000);
    expect([...senses.values()].every((id) => rows.has(id))).toBe(true);
    const synset = (word: string) => words[rows.get(senses.get(word) ?? '') as number];
    expect(['cat', 'oak', 'car', 'physicist'].map(synset)).toEqual(['cat', 'oak', 'car', 'physicist']);
  });
});
