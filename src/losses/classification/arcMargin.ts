import * as tf from '../../engine/tf.js';
import type { Margin, PointMargin } from './marginCrossEntropy.js';

/**
 * f(cos θ) = cos(θ + m) while θ <= π - m, and cos θ - m sin m beyond, where cos(θ + m) would rise again. Without an
 * angle in between, since acos has no derivative at ±1: cos(θ + m) = cos θ cos m - sin θ sin m. At θ = 0, where the
 * direction towards the class vector does not exist, the term with 1 / sin θ is left out of the slope.
 * @param m            radians, 0 <= m < π
 * @param squaredChord [n, 1]: 2 - 2 cos θ free of cancellation, from which sin θ of small angles keeps its digits
 */
export function arcMargin(m: number, squaredChord: tf.Tensor2D): Margin {
  return (cosine) => {
    // sin² θ = t (1 - t / 4) for the chord's square t; rounding may leave it below 0 at θ = π.
    const sine = tf.sqrt(tf.relu(tf.mul(squaredChord, tf.sub(1, tf.mul(squaredChord, 0.25)))));
    const turned = tf.sub(tf.mul(cosine, Math.cos(m)), tf.mul(sine, Math.sin(m)));
    const turnedSlope = tf.add(tf.mul(tf.mul(cosine, Math.sin(m)), tf.divNoNan(1, sine)), Math.cos(m));
    const within = tf.cast(tf.greaterEqual(cosine, -Math.cos(m)), 'float32');
    const beyond = tf.sub(1, within);
    const lowered = tf.sub(cosine, m * Math.sin(m));
    return {
      value: tf.add(tf.mul(within, turned), tf.mul(beyond, lowered)) as tf.Tensor2D,
      slope: tf.add(tf.mul(within, turnedSlope), beyond) as tf.Tensor2D,
    };
  };
}

/** The same for one item on the host. @param m radians, 0 <= m < π */
export function arcMarginAt(m: number): PointMargin {
  const [cos, sin] = [Math.cos(m), Math.sin(m)];
  return (squaredChord) => {
    const cosine = 1 - squaredChord / 2;
    if (cosine < -cos) return { value: cosine - m * sin, slope: 1 };
    const sine = Math.sqrt(Math.max(0, squaredChord * (1 - squaredChord / 4)));
    return { value: cosine * cos - sine * sin, slope: sine === 0 ? cos : cos + (cosine * sin) / sine };
  };
}
