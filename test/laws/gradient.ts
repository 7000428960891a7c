import * as tf from '../../src/engine/tf.js';

/**
 * Largest difference between the gradient that the tape gives and central differences, relative to the largest entry.
 * float32 carries 7 digits, so with step 1e-2 the differences themselves are good to about 1e-3.
 */
export function gradientError(f: (x: tf.Tensor) => tf.Scalar, at: tf.Tensor, step = 1e-2): number {
  const values = at.dataSync();
  const gradient = tf.tidy(() => tf.grad(f)(at).dataSync());
  const value = (shifted: Float32Array) =>
    tf.tidy(() => f(tf.tensor(shifted, at.shape, 'float32')).dataSync()[0]);
  let worst = 0;
  let scale = 1e-6;
  for (let i = 0; i < values.length; i++) {
    const [up, down] = [Float32Array.from(values), Float32Array.from(values)];
    up[i] += step;
    down[i] -= step;
    const expected = (value(up) - value(down)) / (up[i] - down[i]);
    worst = Math.max(worst, Math.abs(gradient[i] - expected));
    scale = Math.max(scale, Math.abs(expected));
  }
  return worst / scale;
}

/** Tensors that `work` leaves behind; its result is disposed of first. */
export async function leakedTensors(work: () => unknown): Promise<number> {
  const before = tf.memory().numTensors;
  tf.dispose((await work()) as tf.TensorContainer);
  return tf.memory().numTensors - before;
}
