import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  cacheFolder,
  formatNpz,
  holdOut,
  loadFurniture,
  type Matrix32,
  matrix,
  parseNpz,
  Rng,
  row,
  sampleSurface,
  writeFileAtomic,
} from '../../src/index.js';

/** Models of furniture as points of their surface, a model a row [3 * dense], about their mean, at root mean square 1. */
export interface Models {
  readonly points: Matrix32;
  /** The last word of each model's name, and its category. */
  readonly words: readonly string[];
  readonly categories: readonly string[];
}

/** Samples every model's surface once; later runs read what the first one left in the cache. @throws MissingError */
export function loadModels(dense: number): Models {
  const base = join(cacheFolder(), `furniture-1.8-points-${dense}`);
  if (existsSync(`${base}.npz`) && existsSync(`${base}.json`)) {
    const { points } = parseNpz(readFileSync(`${base}.npz`), base);
    const names = JSON.parse(readFileSync(`${base}.json`, 'utf8')) as Omit<Models, 'points'>;
    return { ...names, points: matrix(points.data as Float32Array, names.words.length, 3 * dense) };
  }
  const furniture = loadFurniture();
  const rng = new Rng(0).split('furniture');
  const data = new Float32Array(furniture.length * 3 * dense);
  furniture.forEach(({ mesh, path }, i) => {
    data.set(normalized(sampleSurface(mesh, dense, rng.split(path))), i * 3 * dense);
  });
  const names = {
    words: furniture.map(({ word }) => word),
    categories: furniture.map(({ category }) => category),
  };
  writeFileAtomic(`${base}.npz`, formatNpz({ points: { data, shape: [furniture.length, dense, 3] } }));
  writeFileAtomic(`${base}.json`, JSON.stringify(names));
  return { ...names, points: matrix(data, furniture.length, 3 * dense) };
}

function normalized({ data, rows }: Matrix32): Float32Array {
  const mean = [0, 1, 2].map((k) => data.reduce((sum, v, at) => sum + (at % 3 === k ? v : 0), 0) / rows);
  const centred = data.map((v, at) => v - mean[at % 3]);
  const size = Math.sqrt(centred.reduce((sum, v) => sum + v * v, 0) / rows);
  return centred.map((v) => v / size);
}

/** Models by number. */
export interface Task {
  readonly train: Int32Array;
  readonly test: Int32Array;
  /** Of every model: its word among those of `leastOfWord` models or more, -1 for others; its category. */
  readonly word: Int32Array;
  readonly category: Int32Array;
}

/** Holds out models of every word and category: no cloud of a test model is ever trained on. */
export function taskOf(
  { words, categories }: Models,
  { leastOfWord, testShare }: { readonly leastOfWord: number; readonly testShare: number },
): Task {
  const counts = new Map<string, number>();
  for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1);
  const frequent = [...counts].filter(([word, count]) => word !== '' && count >= leastOfWord);
  const numberOf = new Map(frequent.map(([word], i) => [word, i]));
  const kinds = [...new Set(categories)].sort();
  const word = Int32Array.from(words, (w) => numberOf.get(w) ?? -1);
  const category = Int32Array.from(categories, (c) => kinds.indexOf(c));
  const strata = Int32Array.from(word, (w, i) => (w >= 0 ? w : frequent.length + category[i]));
  // One division for all seeds: arms and seeds are compared on the same models.
  const { train, held } = holdOut(strata, { share: testShare }, new Rng(0).split('models'));
  return { train, test: held, word, category };
}

/** One model's cloud: `count` of its points, drawn with replacement. */
export function drawPoints({ points }: Models, model: number, count: number, rng: Rng): Float32Array {
  const all = row(points, model);
  const data = new Float32Array(3 * count);
  for (let i = 0; i < count; i++) {
    const p = 3 * rng.below(all.length / 3);
    data.set(all.subarray(p, p + 3), 3 * i);
  }
  return data;
}
