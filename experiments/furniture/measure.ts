import {
  classify,
  concatColumns,
  logisticRegression,
  type Matrix32,
  matrix,
  powerSpectrum,
  Rng,
  type Space,
  takeRows,
} from '../../src/index.js';
import { drawPoses } from './figure.js';
import { type LabelledViews, trainHeads } from './heads.js';
import { trainCodec } from './network.js';
import { type Ranked, ranked } from './retrieval.js';
import type { NetworkSettings, Settings, Size } from './settings.js';
import { modelsWhere, type Task } from './task.js';
import { CHANNELS, type Views } from './views.js';

/** Of each scored model, in the order of folds and numbers, mean over its poses; JSON. */
export type Scores = Readonly<Record<string, Ranked>>;

export interface Measured {
  readonly retrieval: Scores;
  /** Accuracy of words by so many labelled models, of each scored model; one list a number. */
  readonly curve: number[][];
}

/** What a pose is described by. Invariants are those between the encoder's layers; untrained, with random weights. */
export type Features =
  | 'raw coefficients'
  | 'power spectrum'
  | 'untrained invariants'
  | 'H-AE'
  | 'H-AE invariants'
  | 'H-AE and power spectrum';

/** Of all poses of all models. */
export interface Encoded {
  readonly codes: Matrix32;
  readonly invariants: Matrix32;
}

export interface Work {
  readonly views: Views;
  readonly task: Task;
  readonly settings: Settings;
  readonly size: Size;
  /** By fold, seed and training, what is made already. */
  readonly encoded: Map<string, Encoded>;
  /** Where to draw what the first fold's autoencoder makes of models that it did not see. */
  readonly figure?: string;
}

/** All folds of one kind of features; with heads also what they make of them. */
export async function measure(
  features: Features,
  withHeads: boolean,
  work: Work,
  seed: number,
): Promise<Measured> {
  const { task, settings } = work;
  const retrieval: Record<string, { hits: number[]; precisions: number[] }> = {};
  const curve = settings.labels.map((): number[] => []);
  for (let fold = 0; fold < settings.folds; fold++) {
    const vectors = await described(features, fold, work, seed);
    const test = modelsWhere(task.fold, (f) => f === fold);
    const labels = test.map((model) => task.word[model]);
    const add = async (name: string, space: Space, points: (view: number) => Matrix32) => {
      const { hits, precisions } = await meanRanked(space, points, labels, settings.views);
      retrieval[name] ??= { hits: [], precisions: [] };
      retrieval[name].hits.push(...hits);
      retrieval[name].precisions.push(...precisions);
    };
    const train = labelledViews(
      vectors,
      modelsWhere(task.fold, (f) => f >= 0 && f !== fold),
      work,
    );
    const rowsOfView = (view: number) => test.map((model) => model * settings.views + view);
    const { kind, columns } = await bestUnlearned(vectors, fold, work);
    await add('unlearned distance', { kind, dim: columns.columns }, (view) =>
      takeRows(columns, rowsOfView(view)),
    );
    if (withHeads) {
      const rows = Array.from({ length: settings.views }, (_, view) => rowsOfView(view));
      const heads = await trainHeads(train, settings, seed, takeRows(vectors, rows.flat()));
      for (const [name, { space, vectors: points }] of Object.entries(heads)) {
        const perView = (view: number) =>
          takeRows(
            points,
            test.map((_, i) => view * test.length + i),
          );
        await add(`heads, ${name}`, space, perView);
      }
    }
    const scored = labelledViews(vectors, test, work);
    curveOf(train, scored, settings).forEach((values, k) => {
      curve[k].push(...values);
    });
  }
  return { retrieval, curve };
}

/**
 * Of Euclid's distance and the cosine, of the columns as they are and standardized, what finds the words of the training
 * models best, first pose.
 */
async function bestUnlearned(vectors: Matrix32, fold: number, { task, settings }: Work) {
  const known = modelsWhere(task.fold, (f) => f >= 0 && f !== fold);
  const labels = known.map((model) => task.word[model]);
  const ways = [vectors, standardized(vectors)].flatMap((columns) =>
    (['euclidean', 'cosine'] as const).map((kind) => ({ kind, columns })),
  );
  const scores: number[] = [];
  for (const { kind, columns } of ways) {
    const points = takeRows(
      columns,
      known.map((model) => model * settings.views),
    );
    const { precisions } = await ranked({ kind, dim: columns.columns }, points, labels);
    scores.push(precisions.reduce((sum, precision) => sum + precision, 0));
  }
  return ways[scores.indexOf(Math.max(...scores))];
}

async function meanRanked(
  space: Space,
  points: (view: number) => Matrix32,
  labels: readonly number[],
  views: number,
): Promise<Ranked> {
  const hits = labels.map(() => 0);
  const precisions = labels.map(() => 0);
  for (let view = 0; view < views; view++) {
    const found = await ranked(space, points(view), labels);
    for (let i = 0; i < labels.length; i++) {
      hits[i] += found.hits[i] / views;
      precisions[i] += found.precisions[i] / views;
    }
  }
  return { hits, precisions };
}

/** Of all poses of all models. */
async function described(features: Features, fold: number, work: Work, seed: number): Promise<Matrix32> {
  const { coefficients } = work.views;
  if (features === 'raw coefficients') return coefficients;
  const spectrum = spectrumOf(coefficients, work.settings.degree);
  if (features === 'power spectrum') return spectrum;
  if (features === 'untrained invariants') {
    return (await encodedBy({ ...work.size.network, ...AT_REST }, fold, work, seed)).invariants;
  }
  const { codes, invariants } = await encodedBy(work.size.network, fold, work, seed);
  if (features === 'H-AE invariants') return invariants;
  return features === 'H-AE' ? codes : concatColumns([standardized(codes), standardized(spectrum)]);
}

/** At this rate the weights stay as they were drawn while the batch norms see their statistics. */
const AT_REST = { epochs: 4, learningRate: 1e-9 };

/** Roots of the power spectrum. */
function spectrumOf(coefficients: Matrix32, degree: number): Matrix32 {
  const { data, rows, columns } = powerSpectrum(coefficients, new Array<number>(degree + 1).fill(CHANNELS));
  return matrix(Float32Array.from(data, Math.sqrt), rows, columns);
}

/** By an autoencoder that saw no pose of the models of this fold. */
async function encodedBy(network: NetworkSettings, fold: number, work: Work, seed: number): Promise<Encoded> {
  const { views, task, settings, encoded } = work;
  const key = `${fold} ${seed} ${network.learningRate}`;
  const made = encoded.get(key);
  if (made) return made;
  const models = modelsWhere(task.fold, (f) => f !== fold);
  const rows = models.flatMap((model) => rowsOfModel(model, settings));
  const codec = await trainCodec(takeRows(views.coefficients, rows), settings.degree, network, seed);
  try {
    const { codes } = await codec.encode(views.coefficients);
    const found = { codes, invariants: await codec.invariants(views.coefficients) };
    encoded.set(key, found);
    if (work.figure && fold === 0 && network === work.size.network) {
      await drawPoses(work.figure, codec, takeRows(views.coefficients, posesToDraw(work)));
    }
    return found;
  } finally {
    codec.dispose();
  }
}

/** Two of the first model that is scored in the first fold of each of the most frequent words. */
function posesToDraw({ task: { word, words, fold }, settings: { views } }: Work): number[] {
  const scored = modelsWhere(fold, (f) => f === 0);
  const sizes = words.map((_, w) => scored.filter((model) => word[model] === w).length);
  const frequent = Array.from(words.keys()).sort((a, b) => sizes[b] - sizes[a]);
  const models = frequent.slice(0, DRAWN).flatMap((w) => scored.find((model) => word[model] === w) ?? []);
  return models.flatMap((model) => [model * views, model * views + 1]);
}

const DRAWN = 6;

const rowsOfModel = (model: number, { views }: Settings): number[] =>
  Array.from({ length: views }, (_, view) => model * views + view);

function labelledViews(
  vectors: Matrix32,
  models: readonly number[],
  { task, settings }: Work,
): LabelledViews {
  const rows = models.flatMap((model) => rowsOfModel(model, settings));
  const modelOf = rows.map((row) => Math.floor(row / settings.views));
  return {
    vectors: takeRows(vectors, rows),
    classes: Int32Array.from(modelOf, (model) => task.word[model]),
    models: Int32Array.from(modelOf),
  };
}

/** Of each scored model the share of its poses whose word is told by so many training models. */
function curveOf(
  train: LabelledViews,
  scored: LabelledViews,
  { labels, labelDraws, views }: Settings,
): number[][] {
  const both = standardized({
    data: Float32Array.from([...train.vectors.data, ...scored.vectors.data]),
    rows: train.vectors.rows + scored.vectors.rows,
    columns: train.vectors.columns,
  });
  const queries = takeRows(
    both,
    Array.from(scored.models, (_, i) => train.vectors.rows + i),
  );
  return labels.map((count) => {
    const hits = new Array<number>(scored.models.length / views).fill(0);
    for (let draw = 0; draw < labelDraws; draw++) {
      const models = new Rng(draw).split(`${count} labels`).permutation(train.models.length / views);
      const rows = Array.from(models.subarray(0, count)).flatMap((place) =>
        Array.from({ length: views }, (_, view) => place * views + view),
      );
      const words = rows.map((row) => train.classes[row]);
      const classifier = logisticRegression(takeRows(both, rows), words, 0.1, {
        tolerance: 1e-2,
        iterations: 100,
      });
      classify(classifier, queries).forEach((word, i) => {
        hits[Math.floor(i / views)] += Number(word === scored.classes[i]) / views / labelDraws;
      });
    }
    return hits;
  });
}

/** Columns less their mean, over their deviation; one that is constant becomes 0. No label is needed for it. */
function standardized({ data, rows, columns }: Matrix32): Matrix32 {
  const mean = new Float64Array(columns);
  const square = new Float64Array(columns);
  data.forEach((value, at) => {
    mean[at % columns] += value / rows;
  });
  data.forEach((value, at) => {
    square[at % columns] += (value - mean[at % columns]) ** 2 / rows;
  });
  return matrix(
    data.map((value, at) => {
      const variance = square[at % columns];
      return variance > 0 ? (value - mean[at % columns]) / Math.sqrt(variance) : 0;
    }),
    rows,
    columns,
  );
}
