import * as tf from './tf.js';

/** Twice the height and width of maps of one size. */
export interface Doubling {
  /** x [n, height, width, channels] -> [n, 2 height, 2 width, channels]. Call inside tidy. */
  apply(x: tf.Tensor4D): tf.Tensor4D;
  /** Frees its tables. */
  dispose(): void;
}

/**
 * Bilinear, the new pixels lying evenly round the middles of the old ones, the edge continued: what
 * tf.image.resizeBilinear with half-pixel centres gives, as two matrix products, whose gradient every engine has.
 */
export function bilinearDoubling(height: number, width: number): Doubling {
  const tables = tf.tidy(() => ({
    rows: tf.keep(weights(height)),
    columns: tf.keep(weights(width)),
  }));
  return {
    apply(x) {
      const [n, , , channels] = x.shape;
      const tall = tf.matMul(tables.rows, tf.reshape(x, [n, height, width * channels]) as tf.Tensor3D);
      const lines = tf.reshape(tall, [n * 2 * height, width, channels]) as tf.Tensor3D;
      return tf.reshape(tf.matMul(tables.columns, lines), [n, 2 * height, 2 * width, channels]);
    },
    dispose: () => tf.dispose(tables),
  };
}

/** [1, 2 size, size]: new pixel i lies at (i - 1/2) / 2 of the old ones. */
function weights(size: number): tf.Tensor3D {
  const values = new Float32Array(2 * size * size);
  for (let i = 0; i < 2 * size; i++) {
    const at = (i - 0.5) / 2;
    const below = Math.floor(at);
    values[i * size + Math.max(0, below)] += 1 - (at - below);
    values[i * size + Math.min(size - 1, below + 1)] += at - below;
  }
  return tf.tensor3d(values, [1, 2 * size, size]);
}
