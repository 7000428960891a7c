import {
  type ClusterAgreement,
  classify,
  clusterAgreement,
  kMeans,
  logisticRegression,
  type Matrix32,
  matrix,
  neighborVote,
  Rng,
} from '../../src/index.js';
import type { Settings } from './settings.js';

/** Features of the two parts of a task, and the labels. */
export interface Features {
  readonly train: Matrix32;
  readonly test: Matrix32;
  readonly trainLabels: Int32Array;
  readonly testLabels: Int32Array;
}

export interface Probed extends ClusterAgreement {
  readonly inverse: number;
  /** 1 where a test digit is classified rightly, else 0. */
  readonly logistic: number[];
  readonly neighbors: number[];
}

/** Logistic regression, whose penalty the last tenth of the training digits chooses; neighbours; clusters of the test. */
export async function probe(features: Features, settings: Settings['probes'], seed: number): Promise<Probed> {
  const { train, test, trainLabels, testLabels } = features;
  const used = Math.floor(0.9 * train.rows);
  const [first, last] = [rowsOf(train, 0, used), rowsOf(train, used, train.rows)];
  const scored = settings.inverse.map((inverse) => {
    const classifier = logisticRegression(first, trainLabels.subarray(0, used), inverse, FIT);
    return mean(rightly(classify(classifier, last), trainLabels.subarray(used)));
  });
  const inverse = settings.inverse[scored.indexOf(Math.max(...scored))];
  const voted = await neighborVote(test, train, trainLabels, settings.neighbors);
  const { assignments } = await kMeans(test, 10, new Rng(seed).split('clusters'), {
    restarts: settings.restarts,
  });
  return {
    inverse,
    logistic: rightly(classify(logisticRegression(train, trainLabels, inverse, FIT), test), testLabels),
    neighbors: rightly(voted, testLabels),
    ...clusterAgreement(testLabels, assignments),
  };
}

/** Gradients are sums over thousands of digits. */
const FIT = { tolerance: 1e-2, iterations: 200 };

/**
 * Accuracy on the test by so many labels, as many a class, drawn anew several times: logistic regression (inverse penalty 1)
 * on columns divided by their root mean square over the training digits, which needs no labels.
 */
export function labelCurve(features: Features, { sizes, draws }: Settings['labels']): number[] {
  const { test, trainLabels, testLabels } = features;
  const scale = rootMeanSquares(features.train);
  const [train, queries] = [divided(features.train, scale), divided(test, scale)];
  return sizes.map((size) => {
    const accuracies = Array.from({ length: draws }, (_, draw) => {
      const rows = drawPerClass(trainLabels, size / 10, new Rng(draw).split(`labels ${size}`));
      const classifier = logisticRegression(
        picked(train, rows),
        rows.map((row) => trainLabels[row]),
        1,
      );
      return mean(rightly(classify(classifier, queries), testLabels));
    });
    return mean(accuracies);
  });
}

function drawPerClass(labels: Int32Array, perClass: number, rng: Rng): number[] {
  const order = rng.shuffle(Array.from(labels.keys()));
  const left = new Map<number, number>();
  return order.filter((row) => {
    const taken = left.get(labels[row]) ?? 0;
    left.set(labels[row], taken + 1);
    return taken < perClass;
  });
}

function rootMeanSquares({ data, rows, columns }: Matrix32): Float64Array {
  const squares = new Float64Array(columns);
  data.forEach((value, at) => {
    squares[at % columns] += value ** 2 / rows;
  });
  // A column of zeros stays one.
  return squares.map((square) => (square > 0 ? Math.sqrt(square) : 1));
}

const divided = ({ data, rows, columns }: Matrix32, by: Float64Array): Matrix32 =>
  matrix(
    data.map((value, at) => value / by[at % columns]),
    rows,
    columns,
  );

const rowsOf = ({ data, columns }: Matrix32, from: number, to: number): Matrix32 =>
  matrix(data.slice(from * columns, to * columns), to - from, columns);

const picked = ({ data, columns }: Matrix32, rows: readonly number[]): Matrix32 =>
  matrix(
    Float32Array.from({ length: rows.length * columns }, (_, at) => {
      return data[rows[Math.floor(at / columns)] * columns + (at % columns)];
    }),
    rows.length,
    columns,
  );

const rightly = (found: ArrayLike<number>, labels: Int32Array): number[] =>
  Array.from(labels, (label, i) => (found[i] === label ? 1 : 0));

export const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;
