import { leaveOneOutNeighbors, type Matrix32, matrix, Rng, takeRows } from '../../src/index.js';
import { drawClouds, placed } from './clouds.js';
import { FLOORS } from './floors.js';
import type { Arm } from './settings.js';
import { type Trained, train, type Work } from './train.js';

/** Of each query: whether the nearest other test model is of its class, and its average precision, means over draws. */
export interface Retrieved {
  readonly hits: readonly number[];
  readonly precisions: readonly number[];
}

/** JSON. */
export interface Measured {
  /** Among test models of frequent words. */
  readonly word: Retrieved;
  /** Among all test models. */
  readonly category: Retrieved;
  /** Mean change of a description under another pose and order, over the mean distance to that of another model. */
  readonly poseChange: number;
}

export async function measure(name: string, arm: Arm, work: Work, seed: number): Promise<Measured> {
  if (arm.kind === 'floor') {
    const describe = FLOORS[name];
    return score(async (clouds) => described(clouds, describe), work, seed);
  }
  const trained: Trained = await train(arm, work, seed);
  try {
    return await score((clouds) => trained.codes(clouds), work, seed);
  } finally {
    trained.dispose();
  }
}

function described(clouds: readonly Matrix32[], describe: (cloud: Matrix32) => number[]): Matrix32 {
  const rows = clouds.map(describe);
  return matrix(Float32Array.from(rows.flat()), rows.length, rows[0].length);
}

async function score(
  describe: (clouds: readonly Matrix32[]) => Promise<Matrix32>,
  { models, task, settings, size }: Work,
  seed: number,
): Promise<Measured> {
  const rng = new Rng(seed).split('test clouds');
  const { shift, draws } = settings;
  const sums = { word: sumsOf(task.word, task.test), category: sumsOf(task.category, task.test) };
  let poseChange = 0;
  for (let draw = 0; draw < draws; draw++) {
    const clouds = drawClouds(models, task.test, { points: size.points, shift }, rng);
    const codes = await describe(clouds);
    poseChange += changeOf(codes, await describe(clouds.map((cloud) => reposed(cloud, shift, rng)))) / draws;
    for (const { places, labels, hits, precisions } of Object.values(sums)) {
      const found = await ranked(takeRows(codes, places), labels);
      found.forEach(({ hit, precision }, q) => {
        hits[q] += hit / draws;
        precisions[q] += precision / draws;
      });
    }
  }
  const of = ({ hits, precisions }: Retrieved): Retrieved => ({ hits, precisions });
  return { word: of(sums.word), category: of(sums.category), poseChange };
}

/** The test models that have a class with another, their places among the test models and their classes. */
function sumsOf(classes: Int32Array, test: Int32Array) {
  const counts = new Map<number, number>();
  for (const model of test) counts.set(classes[model], (counts.get(classes[model]) ?? 0) + 1);
  const places = Array.from(test.keys()).filter(
    (t) => classes[test[t]] >= 0 && counts.get(classes[test[t]])! > 1,
  );
  return {
    places,
    labels: places.map((t) => classes[test[t]]),
    hits: places.map(() => 0),
    precisions: places.map(() => 0),
  };
}

/** Each query's hit at 1 and average precision over the ranking of all others. */
async function ranked(
  vectors: Matrix32,
  labels: readonly number[],
): Promise<{ readonly hit: number; readonly precision: number }[]> {
  const k = labels.length - 1;
  const { rows } = await leaveOneOutNeighbors({ kind: 'euclidean', dim: vectors.columns }, vectors, k);
  return labels.map((label, q) => {
    let [found, sum] = [0, 0];
    for (let r = 0; r < k; r++) {
      if (labels[rows[q * k + r]] !== label) continue;
      found++;
      sum += found / (r + 1);
    }
    return { hit: Number(labels[rows[q * k]] === label), precision: sum / found };
  });
}

/** The same points, turned, shifted and in another order. */
function reposed({ data, rows }: Matrix32, shift: number, rng: Rng): Matrix32 {
  const ordered = Array.from(rng.permutation(rows), (p) => [...data.subarray(3 * p, 3 * p + 3)]).flat();
  return placed(Float32Array.from(ordered), shift, rng);
}

function changeOf(a: Matrix32, b: Matrix32): number {
  const distance = (x: Matrix32, i: number, y: Matrix32, j: number) => {
    let sum = 0;
    for (let k = 0; k < x.columns; k++) sum += (x.data[i * x.columns + k] - y.data[j * x.columns + k]) ** 2;
    return Math.sqrt(sum);
  };
  let [change, scale] = [0, 0];
  for (let i = 0; i < a.rows; i++) {
    change += distance(a, i, b, i);
    scale += distance(a, i, a, (i + 1) % a.rows);
  }
  return change / scale;
}
