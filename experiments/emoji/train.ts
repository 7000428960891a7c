import {
  AdamW,
  hardContrastive,
  mixedLogits,
  Network,
  type PairPlan,
  pairsOfLabels,
  pairwiseCrossEntropy,
  planOfViewPairs,
  Rng,
  reducers,
  residualCnn,
  tf,
  trainingLoop,
  viewPairs,
  warmupCosine,
} from '../../src/index.js';
import { augment } from './augment.js';
import { classBatches } from './batches.js';
import { CHANNELS, type Drawings } from './drawings.js';
import { mixedHeads, outputColumns, pointsOf, trainedReading } from './heads.js';
import type { Arm, Settings, Size } from './settings.js';
import type { Split } from './split.js';

const ADAM = { beta1: 0.9, beta2: 0.999, epsilon: 1e-8 };
/** Steps between two looks at the loss. */
const REPORT_EVERY = 100;
/** Drawings embedded at a time. */
const CHUNK = 256;

/** What is left of a training: outputs of the drawings it did not see. */
export interface Trained {
  /** [split.test, outputColumns] */
  readonly outputs: Float32Array;
  readonly loss: number;
  readonly seconds: number;
}

/**
 * Trains an arm on split.train and embeds split.test. All arms of a seed have the same start, batches and augmentation,
 * but for weights of maps that only one of them has.
 */
export async function trainArm(
  drawings: Drawings,
  split: Split,
  arm: Arm,
  settings: Settings,
  size: Size,
  seed: number,
): Promise<Trained> {
  const { dim, weightDecay, clipNorm, warmup, beta } = settings;
  const { classes, perClass, learningRate, augmentation } = size;
  const side = drawings.size;
  const rng = new Rng(seed).split('emoji');
  const encoder = residualCnn({
    ...{ height: side, width: side, channels: CHANNELS, codeDim: outputColumns(arm, dim) },
    ...{ widths: size.widths, stemStride: size.stemStride },
  });
  const network = new Network([encoder], rng.split('network'));
  const optimizer = new AdamW(network.parameters, { ...ADAM, weightDecay, clipNorm });
  const reading = trainedReading(arm, dim);
  const heads = mixedHeads(reading);
  const lossOf = objectiveOf(arm, beta, classes, perClass);
  const train = pixelsOf(drawings, split.train);
  const draw = classBatches(
    Array.from(split.train, (i) => drawings.rows[i].emoji),
    classes,
    perClass,
    rng.split('batches'),
  );
  const changes = rng.split('augmentation');
  const steps = Math.round(size.steps * (arm.timesSteps ?? 1));
  const schedule = { peak: learningRate, warmup: Math.max(1, Math.round(warmup * steps)), steps };
  try {
    const { loss, seconds } = await trainingLoop({
      ...{ network, optimizer, steps, reportEvery: REPORT_EVERY },
      learningRate: (step) => warmupCosine(step, schedule),
      nextBatch: () => ({
        rows: tf.tidy(() => {
          const images = tf.reshape(tf.gather(train, tf.tensor1d(draw(), 'int32')), [
            -1,
            side,
            side,
            CHANNELS,
          ]);
          return tf.reshape(augment(images as tf.Tensor4D, augmentation, changes), [classes * perClass, -1]);
        }),
      }),
      objective: (pass, { rows }) => {
        const { code } = encoder.encode(pass, rows);
        const distances = tf.neg(mixedLogits(heads, pointsOf(code, reading)));
        return { total: lossOf.value(distances), parts: {} };
      },
    });
    const outputs = await embed(drawings, split.test, (images) => {
      return encoder.encode(network.inferencePass(), images).code;
    });
    return { outputs, loss, seconds };
  } finally {
    tf.dispose(train);
    lossOf.dispose();
    optimizer.dispose();
    network.dispose();
    encoder.dispose();
  }
}

interface Objective {
  /** Of negated logits, view by view. */
  value(distances: tf.Tensor2D): tf.Scalar;
  dispose(): void;
}

function objectiveOf({ loss }: Arm, beta: number, classes: number, views: number): Objective {
  const plan = loss === 'hcl' ? tf.scope(() => planOfViewPairs(classes, views)) : planOfViews(classes, views);
  return {
    value(distances) {
      if (loss === 'pair') {
        return reducers.mean(pairwiseCrossEntropy({ distances, plan }, { temperature: 1, views }).positives);
      }
      const compared = { distances: viewPairs(distances, views), plan };
      const hard = { temperature: 1, beta, tauPlus: 0, lowest: 'batch' } as const;
      return reducers.mean(hardContrastive(compared, hard).positives);
    },
    dispose: () => tf.dispose(Object.values(plan)),
  };
}

function planOfViews(classes: number, views: number): PairPlan {
  return tf.scope(() => {
    const labels = tf.tile(tf.range(0, classes, 1, 'int32'), [views]) as tf.Tensor1D;
    return pairsOfLabels(labels);
  });
}

/** Colours of the given drawings, 0..1 and inverted, so that the white ground is 0: [rows, side * side * 3]. */
function pixelsOf({ size, pixels }: Drawings, rows: Int32Array): tf.Tensor2D {
  const columns = size * size * CHANNELS;
  const values = new Float32Array(rows.length * columns);
  for (const [i, row] of rows.entries()) {
    for (let k = 0; k < columns; k++) values[i * columns + k] = 1 - pixels[row * columns + k] / 255;
  }
  return tf.tidy(() => tf.tensor2d(values, [rows.length, columns]));
}

async function embed(
  drawings: Drawings,
  rows: Int32Array,
  encode: (images: tf.Tensor2D) => tf.Tensor2D,
): Promise<Float32Array> {
  const parts: Float32Array[] = [];
  for (let from = 0; from < rows.length; from += CHUNK) {
    const images = pixelsOf(drawings, rows.subarray(from, from + CHUNK));
    const outputs = tf.tidy(() => encode(images));
    parts.push((await outputs.data()) as Float32Array);
    tf.dispose([images, outputs]);
  }
  const all = new Float32Array(parts.reduce((sum, { length }) => sum + length, 0));
  parts.reduce((at, part) => {
    all.set(part, at);
    return at + part.length;
  }, 0);
  return all;
}
