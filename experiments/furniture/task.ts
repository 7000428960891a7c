import { Rng, rowsByClass } from '../../src/index.js';
import type { Settings } from './settings.js';

/** Models by number. */
export interface Task {
  /** Of every model: its word among those of `leastOfWord` models or more, -1 for others. */
  readonly word: Int32Array;
  readonly words: readonly string[];
  /** Of every model with a word: in which fold it is scored; -1 for others, which only train. */
  readonly fold: Int32Array;
}

/** Every model of a frequent word is scored once, in the fold that did not train on it, in none of its poses. */
export function taskOf(
  names: readonly string[],
  { leastOfWord, folds }: Pick<Settings, 'leastOfWord' | 'folds'>,
): Task {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  const words = [...counts].flatMap(([name, count]) => (name !== '' && count >= leastOfWord ? [name] : []));
  const word = Int32Array.from(names, (name) => words.indexOf(name));
  const fold = new Int32Array(names.length).fill(-1);
  const rng = new Rng(0).split('folds');
  let next = 0;
  for (const models of rowsByClass(word)) {
    if (word[models[0]] < 0) continue;
    for (const model of rng.shuffle(models)) fold[model] = next++ % folds;
  }
  return { word, words, fold };
}

export const modelsWhere = (fold: Int32Array, keep: (fold: number) => boolean): number[] =>
  Array.from(fold.keys()).filter((model) => keep(fold[model]));
