import {
  AdamW,
  ballPoints,
  frameDirections,
  inSequence,
  isotropyPenalty,
  type Matrix32,
  manifoldOn,
  matrix,
  metricOn,
  Network,
  orthogonalDense,
  perceptron,
  Rng,
  type RowLayer,
  randomDirections,
  type Space,
  tf,
  trainingLoop,
  warmupCosine,
} from '../../src/index.js';
import { isPairPenalty, PAIR_PENALTIES, type PenaltyName, tableOf } from './penalties.js';
import type { Settings } from './settings.js';

const CHUNK = 500;
/** Directions in which a decoder's derivative is looked at, and codes of a batch at which it is. */
const PROBES = 2;
const PROBED = 64;

export interface Arm {
  /** Columns of the codes. */
  readonly code: number;
  readonly penalty: PenaltyName | 'none';
  readonly weight: number;
  readonly seed: number;
  /** Euclidean unless told. */
  readonly geometry?: 'euclidean' | 'poincare';
  /** perceptron unless told; orthogonal: a learned rotation whose first columns are the code. */
  readonly encoder?: 'perceptron' | 'orthogonal';
}

export interface Training {
  readonly settings: Settings;
  readonly steps: number;
  readonly train: Matrix32;
  /** Distances along the graph of neighbours between the first rows, for the penalty `geodesic`. */
  readonly geodesics?: Matrix32;
  /** Looks at the codes after these steps. */
  readonly looks?: readonly number[];
  readonly onLook?: (step: number, coder: Coder) => Promise<void>;
}

/** A trained autoencoder. Dispose of it when done. */
export interface Coder {
  readonly space: Space;
  readonly secondsPerStep: number;
  codes(rows: Matrix32): Promise<Matrix32>;
  reconstruct(rows: Matrix32): Promise<Matrix32>;
  dispose(): void;
}

/** Of all training rows and pixels: what errors of reconstruction are divided by in the loss, so that it has no unit. */
function varianceOf({ data, rows, columns }: Matrix32): number {
  const mean = new Float64Array(columns);
  for (let at = 0; at < data.length; at++) mean[at % columns] += data[at] / rows;
  let sum = 0;
  for (let at = 0; at < data.length; at++) sum += (data[at] - mean[at % columns]) ** 2;
  return sum / data.length;
}

export async function trainCoder(arm: Arm, training: Training): Promise<Coder> {
  const { settings, steps, train, geodesics, looks = [], onLook } = training;
  const { code, weight, seed, penalty } = arm;
  const { columns } = train;
  const { encoder, decoder, space } = modulesOf(arm, columns, settings.hidden);
  const rng = new Rng(seed);
  const modules = [encoder, decoder].map(({ parameters }) => ({ parameters, batchNorms: [] }));
  const network = new Network(modules, rng.split('weights'));
  const optimizer = new AdamW(network.parameters, {
    ...{ beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 0, clipNorm: 5 },
  });
  const metric = metricOn(space);
  const variance = varianceOf(train);
  const next = batchesOf(train, settings.batch, rng.split('batches'));
  const drawn = rng.split('pairs');
  const few = geodesics?.rows ?? 0;
  const start = performance.now();
  let looking = 0;
  const coder = (seconds: number): Coder => ({
    space,
    secondsPerStep: seconds,
    codes: (rows) => inChunks(rows, code, (x) => encoder.apply(network.inferencePass(), x)),
    reconstruct: (rows) =>
      inChunks(rows, columns, (x) => {
        const pass = network.inferencePass();
        return decoder.apply(pass, encoder.apply(pass, x));
      }),
    dispose: () => network.dispose(),
  });
  try {
    if (looks.includes(0)) await onLook?.(0, coder(0));
    await trainingLoop({
      ...{ network, optimizer, steps, reportEvery: steps },
      learningRate: (step) =>
        warmupCosine(step, { peak: settings.learningRate, warmup: settings.warmup, steps }),
      nextBatch: () => ({ rows: next() }),
      objective: (pass, { rows }) => {
        const codes = encoder.apply(pass, rows) as tf.Tensor2D;
        const output = decoder.apply(pass, codes) as tf.Tensor2D;
        const error: tf.Scalar = tf.div(tf.mean(tf.square(tf.sub(output, rows))), variance);
        if (penalty === 'none') return { total: error, parts: {} };
        const extra = (): tf.Scalar => {
          if (!isPairPenalty(penalty)) return decoderPenalty(penalty, pass, decoder, codes, space, drawn);
          if (penalty !== 'geodesic') {
            const inputs = metricOn({ kind: 'euclidean', dim: columns }).pairwise(rows, rows);
            return PAIR_PENALTIES[penalty]({ codes: metric.pairwise(codes, codes), inputs, rng: drawn });
          }
          const items = Array.from({ length: settings.batch }, () => drawn.below(few));
          const known = encoder.apply(pass, take(train, items)) as tf.Tensor2D;
          const inputs = tableOf(geodesics as Matrix32, items);
          return PAIR_PENALTIES.geodesic({ codes: metric.pairwise(known, known), inputs, rng: drawn });
        };
        return { total: tf.add(error, tf.mul(extra(), weight)), parts: {} };
      },
      onStep: async (done) => {
        if (!looks.includes(done)) return;
        const before = performance.now();
        await onLook?.(done, coder(0));
        looking += performance.now() - before;
      },
    });
  } catch (failure) {
    network.dispose();
    throw failure;
  } finally {
    optimizer.dispose();
  }
  return coder((performance.now() - start - looking) / 1000 / steps);
}

interface Modules {
  readonly encoder: RowLayer;
  readonly decoder: RowLayer;
  readonly space: Space;
}

function modulesOf({ code, geometry, encoder }: Arm, columns: number, hidden: readonly number[]): Modules {
  const decoder = perceptron('decoder', [code, ...[...hidden].reverse(), columns]);
  const space: Space =
    geometry === 'poincare'
      ? { kind: 'poincare', dim: code, curvature: -1 }
      : { kind: 'euclidean', dim: code };
  if (encoder === 'orthogonal') {
    return { encoder: orthogonalDense('encoder', columns, code), decoder, space };
  }
  const flat = perceptron('encoder', [columns, ...hidden, code]);
  return {
    encoder: geometry === 'poincare' ? inSequence([flat, ballPoints(code, -1)]) : flat,
    decoder,
    space,
  };
}

/** How far the decoder is from a scaled isometry, or from keeping angles, at some codes of the batch. */
function decoderPenalty(
  name: 'isometry' | 'conformal',
  pass: Parameters<RowLayer['apply']>[0],
  decoder: RowLayer,
  codes: tf.Tensor2D,
  space: Space,
  rng: Rng,
): tf.Scalar {
  const [n, columns] = codes.shape;
  const some = Math.min(PROBED, n);
  const at: tf.Tensor2D = tf.slice(codes, [0, 0], [some, columns]);
  const manifold = manifoldOn(space);
  const map = { side: 'decoder', linearization: decoder.linearize(pass, at), codes: at, manifold } as const;
  if (name === 'isometry') return isotropyPenalty(map, randomDirections(PROBES, some, columns, rng), 'batch');
  return isotropyPenalty(map, frameDirections(some, columns), 'point');
}

/** Every row once before any comes again. */
function batchesOf(rows: Matrix32, batch: number, rng: Rng): () => tf.Tensor2D {
  let order: ArrayLike<number> = [];
  let at = 0;
  return () => {
    const chosen = Array.from({ length: batch }, () => {
      if (at >= order.length) [order, at] = [rng.permutation(rows.rows), 0];
      return order[at++];
    });
    return take(rows, chosen);
  };
}

function take({ data, columns }: Matrix32, rows: readonly number[]): tf.Tensor2D {
  const values = new Float32Array(rows.length * columns);
  for (const [i, row] of rows.entries())
    values.set(data.subarray(row * columns, (row + 1) * columns), i * columns);
  return tf.tensor2d(values, [rows.length, columns]);
}

async function inChunks(
  { data, rows, columns }: Matrix32,
  outputs: number,
  map: (x: tf.Tensor2D) => tf.Tensor,
): Promise<Matrix32> {
  const found = new Float32Array(rows * outputs);
  for (let from = 0; from < rows; from += CHUNK) {
    const count = Math.min(CHUNK, rows - from);
    const part = data.slice(from * columns, (from + count) * columns);
    const result = tf.tidy(() => map(tf.tensor2d(part, [count, columns])));
    found.set((await result.data()) as Float32Array, from * outputs);
    result.dispose();
  }
  return matrix(found, rows, outputs);
}

/** Distances are kept by construction where nothing is left out: a rotation of all columns, with random mirrors. */
export async function rotationCodes(rows: Matrix32, seed: number): Promise<Matrix32> {
  const layer = inSequence([orthogonalDense('rotation', rows.columns, rows.columns)]);
  const network = new Network([{ parameters: layer.parameters, batchNorms: [] }], new Rng(seed));
  try {
    return await inChunks(rows, rows.columns, (x) => layer.apply(network.inferencePass(), x));
  } finally {
    network.dispose();
  }
}
