import * as tf from '../../engine/tf.js';
import type { Curvature } from '../manifold.js';
import { asinRatio, signOf } from '../trigonometry.js';
import type { Chord } from './chord.js';
import type { PairSpace } from './pairSpace.js';

/** How the distance follows from u: 2 asin_K √u, or 2u, which is 1 - cos. */
export interface Law {
  readonly cosine: boolean;
  readonly K: Curvature;
  /** Whether K may be positive: then antipodes exist. */
  readonly antipodes: boolean;
}

export function lawOf(kind: PairSpace['kind'], K: Curvature): Law {
  const antipodes = kind === 'sphere' || (kind === 'stereographic' && !(typeof K === 'number' && K <= 0));
  return { cosine: kind === 'cosine', K: kind === 'euclidean' ? 0 : K, antipodes };
}

/** The distances; off the tape. */
export function arcOf({ cosine, K, antipodes }: Law, { u, rest }: Chord): tf.Tensor {
  if (cosine) return tf.mul(u, 2);
  const z = tf.mul(u, K);
  const near = (ratio: tf.Tensor) => tf.mul(tf.mul(tf.sqrt(u), ratio), 2);
  if (!antipodes) return near(asinRatio(z, signOf(K)));
  const w = rest();
  const beyond = tf.step(tf.sub(z, 0.5));
  const close = near(asinRatio(tf.minimum(z, 0.5), signOf(K)));
  const complement = tf.mul(tf.sqrt(w), asinRatio(tf.minimum(w, 0.5), 1));
  const radius = tf.rsqrt(tf.maximum(K, SMALLEST));
  const far = tf.mul(tf.mul(tf.sub(Math.PI / 2, complement), 2), radius);
  return tf.add(tf.mul(close, tf.sub(1, beyond)), tf.mul(far, beyond));
}

/** d'(u) = 1/√(u (1 - K u)), 0 at coincident points and antipodes; its own gradient, to u alone, is in closed form. */
export function slopeOf({ cosine, K, antipodes }: Law, { u, rest }: Chord): tf.Tensor {
  if (cosine) return tf.fill(u.shape, 2);
  const op = tf.customGrad((...args) => {
    const [v, save] = args as unknown as [tf.Tensor, tf.GradSaveFunc];
    const product = tf.mul(v, antipodes ? rest() : tf.sub(1, tf.mul(v, K)));
    const slope = tf.divNoNan(1, tf.sqrt(product));
    save([v, slope]);
    const gradFunc = (dy: tf.Tensor, [sv, sSlope]: tf.Tensor[]) => {
      const cube = tf.mul(tf.square(sSlope), sSlope);
      return tf.mul(dy, tf.mul(tf.sub(tf.mul(sv, K), 0.5), cube));
    };
    return { value: slope, gradFunc };
  });
  return op(u);
}

/** ∂d/∂K at fixed u, 2 u^(3/2) h'(K u) with h(z) = asin √z / √z: by its series near K u = 0. Off the tape. */
export function curvatureSlopeOf(law: Law, chord: Chord): tf.Tensor {
  const { u } = chord;
  const z = tf.mul(u, law.K);
  const inside = tf.step(tf.sub(SERIES_END, tf.abs(z)));
  const small = tf.mul(z, inside);
  let series: tf.Tensor = tf.fill(u.shape, SERIES[SERIES.length - 1]);
  for (let n = SERIES.length - 2; n >= 0; n--) series = tf.add(tf.mul(series, small), SERIES[n]);
  const t = tf.sqrt(u);
  const nearby = tf.mul(tf.mul(tf.mul(u, t), series), 2);
  const difference = tf.sub(tf.mul(u, slopeOf(law, chord)), tf.mul(arcOf(law, chord), 0.5));
  const beyond = tf.divNoNan(difference, tf.mul(tf.sub(1, inside), law.K));
  return tf.add(tf.mul(nearby, inside), beyond);
}

const SMALLEST = 1e-30;
/** Where the terms below end at float32 accuracy, and the closed form has lost two bits. */
const SERIES_END = 0.25;
/** n c_n, n = 1.., of h(z) = Σ c_n z^n, c_n = (2n)! / (4^n n!² (2n + 1)). */
const SERIES = Array.from({ length: 10 }, (_, i) => {
  let central = 1;
  for (let n = 0; n <= i; n++) central *= (2 * n + 1) / (2 * n + 2);
  return ((i + 1) * central) / (2 * i + 3);
});
