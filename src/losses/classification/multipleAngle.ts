import * as tf from '../../engine/tf.js';
import type { Margin, PointMargin } from './marginCrossEntropy.js';

/**
 * f(cos θ) = (-1)^j cos(m θ) - 2j for θ in [jπ/m, (j + 1)π/m]: falls from 1 at θ = 0 to 1 - 2m at θ = π, without
 * corners in between. cos(mθ) is the Chebyshev polynomial T_m of cos θ, its derivative m U_{m-1}, so no angle is needed.
 * @param m whole number >= 1
 * @source Liu et al. 2016, arXiv:1612.02295, eq. 6
 */
export function multipleAngle(m: number): Margin {
  return (cosine) => {
    let turns: tf.Tensor = tf.zerosLike(cosine);
    let sign: tf.Tensor = tf.sub(1, turns);
    for (let j = 1; j < m; j++) {
      const past = tf.cast(tf.greaterEqual(Math.cos((j * Math.PI) / m), cosine), 'float32');
      turns = tf.add(turns, past);
      sign = tf.mul(sign, tf.sub(1, tf.mul(past, 2)));
    }
    const { first, second } = chebyshev(cosine, m);
    return {
      value: tf.sub(tf.mul(sign, first), tf.mul(turns, 2)) as tf.Tensor2D,
      slope: tf.mul(tf.mul(sign, second), m) as tf.Tensor2D,
    };
  };
}

/** The same for one item on the host. @param m whole number >= 1 */
export function multipleAngleAt(m: number): PointMargin {
  const bounds = Array.from({ length: m - 1 }, (_, j) => Math.cos(((j + 1) * Math.PI) / m));
  return (squaredChord) => {
    const cosine = 1 - squaredChord / 2;
    const turns = bounds.filter((bound) => bound >= cosine).length;
    const sign = turns % 2 === 0 ? 1 : -1;
    let [first, firstBefore, second, secondBefore] = [cosine, 1, 1, 0];
    for (let j = 1; j < m; j++) {
      [first, firstBefore] = [2 * cosine * first - firstBefore, first];
      [second, secondBefore] = [2 * cosine * second - secondBefore, second];
    }
    return { value: sign * first - 2 * turns, slope: sign * m * second };
  };
}

/** T_m and U_{m-1}. */
function chebyshev(x: tf.Tensor2D, m: number): { first: tf.Tensor; second: tf.Tensor } {
  const twice = tf.mul(x, 2);
  const next = (current: tf.Tensor, previous: tf.Tensor | number) => tf.sub(tf.mul(twice, current), previous);
  let [first, firstBefore]: [tf.Tensor, tf.Tensor | number] = [x, 1];
  let [second, secondBefore]: [tf.Tensor, tf.Tensor | number] = [tf.fill(x.shape, 1), 0];
  for (let j = 1; j < m; j++) {
    [first, firstBefore] = [next(first, firstBefore), first];
    [second, secondBefore] = [next(second, secondBefore), second];
  }
  return { first, second };
}
