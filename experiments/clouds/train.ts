import {
  AdamW,
  cloudDecoder,
  cloudEncoder,
  createLoss,
  type EquivariantEncoder,
  invariantAutoencoder,
  type Matrix32,
  matrix,
  motionsAndOrdersBatch,
  Network,
  normalizeRows,
  type PointSets,
  placesError,
  pointSetLayout,
  Rng,
  setEncoder,
  tf,
  trainAutoencoder,
  trainingLoop,
  warmupCosine,
} from '../../src/index.js';
import { drawClouds, packClouds } from './clouds.js';
import type { Models, Task } from './models.js';
import type { Arm, Settings, Size } from './settings.js';

type Learned = Exclude<Arm, { kind: 'floor' }>;

/** Codes of clouds. Dispose of it when done. */
export interface Trained {
  codes(clouds: readonly Matrix32[]): Promise<Matrix32>;
  dispose(): void;
}

export interface Work {
  readonly models: Models;
  readonly task: Task;
  readonly settings: Settings;
  readonly size: Size;
}

/** Trains an arm on clouds of the task's training models, drawn anew at every step. */
export function train(arm: Learned, work: Work, seed: number): Promise<Trained> {
  return arm.kind === 'autoencoder' ? trainUnseen(arm, work, seed) : trainContrastive(arm, work, seed);
}

function encoderOf({ settings }: Work): ReturnType<typeof cloudEncoder> {
  const { codeDim, radius, layers, scalars, vectors, neighbors, hidden } = settings;
  return cloudEncoder({ codeDim, radius, layers, scalars, vectors, neighbors, hidden });
}

async function trainUnseen(arm: Learned, work: Work, seed: number): Promise<Trained> {
  const { models, task, settings, size } = work;
  const { codeDim, radius, learningRate, warmup, shift } = settings;
  const { points } = size;
  const rng = new Rng(seed).split('clouds');
  const trained = await trainAutoencoder(
    invariantAutoencoder({
      layout: pointSetLayout({ maxPoints: points, dim: 3 }),
      encoder: encoderOf(work),
      decoder: cloudDecoder({ codeDim, maxPoints: points, radius, hidden: 128 }),
      group: motionsAndOrdersBatch(undefined, { temperature: { start: 1, end: 0.1 } }),
      error: placesError,
    }),
    {
      ...{ seed, steps: arm.steps, learningRate, warmup },
      nextRows: () => {
        const chosen = Array.from({ length: arm.batch }, () => task.train[rng.below(task.train.length)]);
        return rowsOf(drawClouds(models, chosen, { points, shift }, rng), points);
      },
    },
  );
  return {
    codes: (clouds) => trained.codes(packClouds(clouds, points)),
    dispose: () => trained.dispose(),
  };
}

async function trainContrastive(arm: Learned, work: Work, seed: number): Promise<Trained> {
  const { models, task, settings, size } = work;
  const { codeDim, temperature, learningRate, warmup, shift, hidden } = settings;
  const { points } = size;
  const rng = new Rng(seed).split('clouds');
  const encoder: EquivariantEncoder<PointSets, unknown> =
    arm.kind === 'not invariant' ? setEncoder({ dim: 3, codeDim, hidden, pooling: 'max' }) : encoderOf(work);
  const network = new Network([encoder], new Rng(seed).split('weights'));
  const optimizer = new AdamW(network.parameters, {
    ...{ beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 1e-4, clipNorm: 1 },
  });
  const layout = pointSetLayout({ maxPoints: points, dim: 3 });
  const loss = createLoss('NTXentLoss', { temperature });
  const codes = (pass: Parameters<typeof encoder.encode>[0], rows: tf.Tensor2D): tf.Tensor2D => {
    const x = layout.unpack(rows);
    // Points about their mean: what is left for the network without invariance is the rotation alone.
    const centred = { ...x, points: tf.sub(x.points, tf.mean(x.points, 1, true)) as tf.Tensor3D };
    return normalizeRows(encoder.encode(pass, arm.kind === 'not invariant' ? centred : x).code);
  };
  let labels: number[] = [];
  try {
    if (arm.steps > 0) {
      await trainingLoop({
        ...{ network, optimizer, steps: arm.steps, reportEvery: 100 },
        learningRate: (step) => warmupCosine(step, { peak: learningRate, warmup, steps: arm.steps }),
        nextBatch: () => {
          const chosen =
            arm.kind === 'supervised' ? someOfWords(arm.batch, task, rng) : some(arm.batch, task, rng);
          const twice = [...chosen, ...chosen];
          labels = arm.kind === 'supervised' ? twice.map((model) => task.word[model]) : twice;
          return { rows: rowsOf(drawClouds(models, twice, { points, shift }, rng), points) };
        },
        objective: (pass, { rows }) => {
          const total = loss.evaluate({
            embeddings: codes(pass, rows),
            relation: { kind: 'labels', labels },
          });
          return { total, parts: {} };
        },
      });
    }
  } catch (error) {
    network.dispose();
    encoder.dispose();
    throw error;
  } finally {
    optimizer.dispose();
    loss.dispose();
  }
  return {
    codes: async (clouds) => {
      const found = new Float32Array(clouds.length * codeDim);
      for (let from = 0; from < clouds.length; from += CHUNK) {
        const code = tf.tidy(() =>
          codes(network.inferencePass(), rowsOf(clouds.slice(from, from + CHUNK), points)),
        );
        found.set(await code.data(), from * codeDim);
        code.dispose();
      }
      return matrix(found, clouds.length, codeDim);
    },
    dispose() {
      network.dispose();
      encoder.dispose();
    },
  };
}

/** Clouds encoded at a time. */
const CHUNK = 64;

function rowsOf(clouds: readonly Matrix32[], points: number): tf.Tensor2D {
  const { data, rows, columns } = packClouds(clouds, points);
  return tf.tensor2d(data, [rows, columns]);
}

/** Different training models. */
function some(count: number, { train }: Task, rng: Rng): number[] {
  return Array.from(rng.permutation(train.length).subarray(0, count), (i) => train[i]);
}

/** Training models of half as many words, two of each. */
function someOfWords(count: number, { train, word }: Task, rng: Rng): number[] {
  const byWord = new Map<number, number[]>();
  for (const model of train) {
    if (word[model] >= 0) byWord.set(word[model], [...(byWord.get(word[model]) ?? []), model]);
  }
  const words = rng.shuffle([...byWord.values()]).slice(0, count / 2);
  return words.flatMap((of) => rng.shuffle([...of]).slice(0, 2));
}
