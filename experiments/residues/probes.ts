import { RandomForestRegression } from 'ml-random-forest';
import {
  classify,
  logisticRegression,
  type Matrix32,
  matrix,
  neighborVote,
  Rng,
  rocArea,
  takeRows,
} from '../../src/index.js';
import { foldsOf, type Pocket, pooled } from './pockets.js';
import type { Settings } from './settings.js';

/** Vectors of sites and their residue types. */
export interface Labelled {
  readonly vectors: Matrix32;
  readonly types: ArrayLike<number>;
}

export interface TypeScores {
  /** A test site: 1 where the type is told, else 0. */
  readonly logistic: number[];
  readonly neighbors: number[];
  /** The same by so many labels, mean over the draws; one list a number of labels. */
  readonly curve: number[][];
  readonly penalty: number;
}

/** Gradients are sums over thousands of sites. */
const FIT = { tolerance: 1e-2, iterations: 100 };

/**
 * Probes of residue types. The penalty is chosen by what one family teaches about the other, as the test has other folds
 * than either.
 */
export async function probeTypes(
  families: readonly [Labelled, Labelled],
  test: Labelled,
  settings: Settings,
): Promise<TypeScores> {
  const [first, second] = families;
  const scored = settings.penalties.map((penalty) => mean(told(first, second, penalty)));
  const penalty = settings.penalties[scored.indexOf(Math.max(...scored))];
  const train = below(first, second);
  const scale = standardizer(train.vectors);
  const votes = await neighborVote(
    scale(test.vectors),
    scale(train.vectors),
    train.types,
    settings.neighbors,
  );
  return {
    logistic: told(train, test, penalty),
    neighbors: hits(votes, test.types),
    curve: labelCurve(train, test, settings),
    penalty,
  };
}

/** Hits of a test by so many labels drawn from all, columns standardised without labels; the mildest penalty. */
export function labelCurve(train: Labelled, test: Labelled, { labels, labelDraws }: Settings): number[][] {
  const scale = standardizer(train.vectors);
  const [known, queries] = [scale(train.vectors), scale(test.vectors)];
  return labels.map((count) => {
    const sum = new Array<number>(test.vectors.rows).fill(0);
    for (let draw = 0; draw < labelDraws; draw++) {
      const rows = new Rng(draw).split(`${count} labels`).permutation(known.rows).subarray(0, count);
      const types = Array.from(rows, (row) => train.types[row]);
      const classifier = logisticRegression(takeRows(known, rows), types, FEW, FIT);
      hits(classify(classifier, queries), test.types).forEach((hit, i) => {
        sum[i] += hit / labelDraws;
      });
    }
    return sum;
  });
}

/** Inverse penalty of the curve, the same for all features. */
const FEW = 0.1;

/**
 * A target: area under the ROC curve of its pocket's surface sites against its others, by logistic regression on the other
 * folds' targets.
 * @param vectors of each target's surface sites
 */
export function pocketAreas(
  vectors: readonly Matrix32[],
  pockets: readonly Pocket[],
  { folds }: Settings,
): number[] {
  return acrossFolds(pockets.length, folds, (others) => {
    const train = others.map((t) => vectors[t]).reduce(stacked);
    const scale = standardizer(train);
    const labels = others.flatMap((t) => Array.from(pockets[t].isPocket));
    const { weights } = logisticRegression(scale(train), labels, FEW / 10, FIT);
    return (t) => {
      const { data, rows, columns } = scale(vectors[t]);
      const scores = new Float64Array(rows);
      data.forEach((value, at) => {
        const column = at % columns;
        scores[Math.floor(at / columns)] += value * (weights[2 * column + 1] - weights[2 * column]);
      });
      return rocArea(scores, pockets[t].isPocket);
    };
  });
}

/** A target: the share of its decoys that its pocket outscores, by a random forest on sums over their sites. */
export function pooledAreas(
  vectors: readonly Matrix32[],
  pockets: readonly Pocket[],
  { folds, forest }: Settings,
  seed: number,
): number[] {
  const sums = pockets.map(({ isPocket, decoys }, t) => {
    const own = Array.from(isPocket.keys()).filter((i) => isPocket[i] === 1);
    return [own, ...decoys].map((rows) => pooled(vectors[t], rows));
  });
  return acrossFolds(pockets.length, folds, (others) => {
    const model = new RandomForestRegression({
      ...{ seed, nEstimators: forest.trees, maxFeatures: featuresOf(vectors[0].columns, forest.share) },
      ...{ replacement: false, useSampleBagging: true, noOOB: true, selectionMethod: 'mean' },
    });
    const train = others.flatMap((t) => sums[t]);
    model.train(
      train,
      others.flatMap((t) => sums[t].map((_, patch) => Number(patch === 0))),
    );
    return (t) =>
      rocArea(
        model.predict(sums[t]),
        sums[t].map((_, patch) => patch === 0),
      );
  });
}

const featuresOf = (columns: number, share: number): number => Math.max(1, Math.round(share * columns));

/** What the models of the other folds say about each target. */
function acrossFolds(
  count: number,
  folds: number,
  train: (others: readonly number[]) => (target: number) => number,
): number[] {
  const fold = foldsOf(count, folds);
  const found = new Array<number>(count);
  const targets = Array.from(fold.keys());
  for (let f = 0; f < folds; f++) {
    const score = train(targets.filter((t) => fold[t] !== f));
    for (const t of targets) if (fold[t] === f) found[t] = score(t);
  }
  return found;
}

function told(train: Labelled, test: Labelled, penalty: number): number[] {
  const scale = standardizer(train.vectors);
  const classifier = logisticRegression(scale(train.vectors), train.types, penalty, FIT);
  return hits(classify(classifier, scale(test.vectors)), test.types);
}

const hits = (found: ArrayLike<number>, types: ArrayLike<number>): number[] =>
  Array.from(types, (type, i) => Number(found[i] === type));

/** Columns less their mean, over their deviation; one that is constant becomes 0. */
export function standardizer({ data, rows, columns }: Matrix32): (vectors: Matrix32) => Matrix32 {
  const mean = new Float64Array(columns);
  const square = new Float64Array(columns);
  data.forEach((value, at) => {
    mean[at % columns] += value / rows;
  });
  data.forEach((value, at) => {
    square[at % columns] += (value - mean[at % columns]) ** 2 / rows;
  });
  const factor = square.map((v) => (v > 0 ? 1 / Math.sqrt(v) : 0));
  return (vectors) => ({
    ...vectors,
    data: vectors.data.map((value, at) => (value - mean[at % columns]) * factor[at % columns]),
  });
}

export const below = (a: Labelled, b: Labelled): Labelled => ({
  vectors: stacked(a.vectors, b.vectors),
  types: [...Array.from(a.types), ...Array.from(b.types)],
});

export function stacked(a: Matrix32, b: Matrix32): Matrix32 {
  const data = new Float32Array(a.data.length + b.data.length);
  data.set(a.data);
  data.set(b.data, a.data.length);
  return matrix(data, a.rows + b.rows, a.columns);
}

export const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;
