import { mixedLogits, tf } from '../../src/index.js';
import { isBall, isCosine, mixedHeads, outputColumns, pointsOf, type Reading } from './heads.js';
import type { Similarities } from './ranks.js';
import type { Arm, BallSetting } from './settings.js';

/** Rows of the matrix of similarities that are computed at a time. */
const BLOCK = 512;

/** For arms that train without a ball or without a cosine: HypMix's. */
const COSINE = { space: 'cosine', temperature: 0.05 } as const;
const BALL: BallSetting = { space: 'poincare', curvature: -0.1, temperature: 0.2 };

/** One model's outputs of n items, and the arm that it is of. */
export interface Outputs {
  readonly arm: Arm;
  /** [n, outputColumns] */
  readonly values: Float32Array;
}

/** The three ways to compare a model's outputs, and the one that it was trained for. */
export interface Readings {
  readonly own: Reading;
  readonly cosine: Reading;
  readonly hyperbolic: Reading;
  readonly mixed: Reading;
}

export const READINGS = ['cosine', 'hyperbolic', 'mixed'] as const;

export function readingsOf(arm: Arm, dim: number): Readings {
  const { heads, feeding = 'unit', ownMaps = false } = arm;
  const balls = heads.some(isBall) ? heads.filter(isBall) : [BALL];
  const cosines = heads.some(isCosine) ? heads.filter(isCosine) : [COSINE];
  const reading = (some: Reading['heads']): Reading => ({ heads: some, feeding, ownMaps, dim });
  return {
    own: reading(heads),
    cosine: reading(cosines),
    hyperbolic: reading(balls),
    mixed: reading([...cosines, ...balls]),
  };
}

/** Logits of all pairs. */
export async function similaritiesOf({ arm, values }: Outputs, reading: Reading): Promise<Similarities> {
  const columns = outputColumns(arm, reading.dim);
  const n = values.length / columns;
  const heads = mixedHeads(reading);
  const points = tf.tidy(() => pointsOf(tf.tensor2d(values, [n, columns]), reading));
  const similarities = new Float32Array(n * n);
  for (let from = 0; from < n; from += BLOCK) {
    const rows = Math.min(BLOCK, n - from);
    const block = tf.tidy(() => {
      const anchors = points.map((p) => tf.slice(p, [from, 0], [rows, p.shape[1]]));
      return mixedLogits(heads, anchors, points);
    });
    similarities.set((await block.data()) as Float32Array, from * n);
    block.dispose();
  }
  tf.dispose(points);
  return similarities;
}
