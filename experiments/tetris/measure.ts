import {
  drawTetris,
  leaveOneOutScores,
  type Matrix32,
  matrix,
  packPointSets,
  Rng,
  randomRotation,
  rotatePoints,
  row,
  type TetrisClouds,
  tf,
  trainAutoencoder,
} from '../../src/index.js';
import { type Arm, autoencoderOf, LAYOUT, type Settings } from './models.js';

/** JSON. */
export interface Measured {
  /** Of each test cloud: mean over its coordinates of the squared and of the absolute error. */
  readonly squares: readonly number[];
  readonly absolutes: readonly number[];
  /** Share of test clouds whose nearest other code is of their shape. */
  readonly shapeAccuracy: number;
  /** Largest change of a code under another motion and order, over the largest code. */
  readonly codeChange: number;
  /** The codes, [2 * clouds] */
  readonly codes: readonly number[];
  readonly labels: readonly number[];
}

export async function measure(
  arm: Arm,
  settings: Settings,
  { seed, steps }: { readonly seed: number; readonly steps: number },
): Promise<Measured> {
  const { batch, learningRate, test, codeDim } = settings;
  const rng = new Rng(seed).split('tetris');
  const training = rng.split('train');
  const trained = await trainAutoencoder(autoencoderOf(arm, settings), {
    ...{ seed, steps, learningRate },
    nextRows: () => {
      const { data, rows, columns } = packPointSets(drawTetris(training, batch, settings).clouds, LAYOUT);
      return tf.tensor2d(data, [rows, columns]);
    },
    // The loss falls by four orders: the gradients of the start must not be remembered, nor bound those of the end.
    ...{ beta2: 0.99, clipNorm: 1000 },
  });
  try {
    const clouds = drawTetris(rng.split('test'), test, settings);
    const [squares, absolutes]: [number[], number[]] = [[], []];
    const rows = packPointSets(clouds.clouds, LAYOUT);
    await trained.each(
      rows,
      ({ output }, x) => {
        const difference = tf.sub(output.points, x.points);
        return {
          squared: tf.mean(tf.square(difference), [1, 2]),
          absolute: tf.mean(tf.abs(difference), [1, 2]),
        };
      },
      async ({ squared, absolute }) => {
        squares.push(...(await squared.data()));
        absolutes.push(...(await absolute.data()));
      },
    );
    const codes = await trained.codes(rows);
    const others = await trained.codes(packPointSets(moved(clouds, rng.split('moved')), LAYOUT));
    const space = { kind: 'euclidean', dim: codeDim } as const;
    return {
      ...{ squares, absolutes },
      shapeAccuracy: (await leaveOneOutScores(space, codes, clouds.labels)).recallAt1,
      codeChange: largestChange(codes, others),
      codes: Array.from(codes.data),
      labels: Array.from(clouds.labels),
    };
  } finally {
    trained.dispose();
  }
}

/** Each cloud turned about the origin and in another order. */
function moved({ clouds }: TetrisClouds, rng: Rng): Matrix32[] {
  return clouds.map((cloud) => {
    const turned = rotatePoints(cloud, randomRotation(rng)).data;
    const data = Array.from(rng.permutation(cloud.rows), (p) => [...turned.subarray(3 * p, 3 * p + 3)]);
    return matrix(Float32Array.from(data.flat()), cloud.rows, 3);
  });
}

function largestChange(a: Matrix32, b: Matrix32): number {
  let [change, scale] = [0, 0];
  for (let i = 0; i < a.rows; i++) {
    const [x, y] = [row(a, i), row(b, i)];
    for (let k = 0; k < a.columns; k++) {
      change = Math.max(change, Math.abs(x[k] - y[k]));
      scale = Math.max(scale, Math.abs(x[k]));
    }
  }
  return change / scale;
}
