import { ones, zeros } from '../../engine/parameters.js';
import * as tf from '../../engine/tf.js';
import {
  requireSignal,
  rowTables,
  type SignalLayer,
  type SignalShape,
  spreadOverRows,
} from './signalRows.js';

const EPSILON = 1e-5;

/**
 * Scalars less their mean over the batch; then each channel of each degree divided by the root of the mean square over the
 * batch and the degree's m (plus 1e-5), times a learned scale; then a learned offset to the scalars. At inference the
 * running mean and mean square.
 * @source Geiger and Smidt 2022 (e3nn), arXiv:2207.09453, batch normalisation, normalisation `component`
 */
export function signalBatchNorm(name: string, shape: SignalShape): SignalLayer {
  requireSignal(shape, name);
  const { degree, channels } = shape;
  const tables = rowTables(degree);
  return {
    output: shape,
    // Rank 1, as scales and offsets do not decay.
    parameters: [
      { name: `${name}/scale`, shape: [(degree + 1) * channels], initial: ones },
      { name: `${name}/offset`, shape: [channels], initial: zeros },
    ],
    batchNorms: [],
    statistics: [
      { name: `${name}/mean`, shape: [channels], initial: zeros },
      { name: `${name}/square`, shape: [degree + 1, channels], initial: ones },
    ],
    apply(pass, rows) {
      const ofScalars = (values: tf.Tensor1D) => tf.mul(tables.scalar, tf.reshape(values, [1, channels, 1]));
      const mean = pass.statistic(`${name}/mean`, () => {
        const scalars = tf.slice(rows, 0, 1);
        return tf.reshape(tf.mean(scalars, 2), [channels]) as tf.Tensor1D;
      });
      const centred = tf.sub(rows, ofScalars(mean));
      const square = pass.statistic(`${name}/square`, () =>
        tf.matMul(tables.means, tf.mean(tf.square(centred), 2) as tf.Tensor2D),
      );
      const weights = tf.reshape(pass.weight<tf.Tensor1D>(`${name}/scale`), [degree + 1, channels]);
      const scale = tf.mul(weights, tf.rsqrt(tf.add(square, EPSILON))) as tf.Tensor2D;
      const offset = ofScalars(pass.weight<tf.Tensor1D>(`${name}/offset`));
      return tf.add(tf.mul(centred, spreadOverRows(scale, tables)), offset) as tf.Tensor3D;
    },
    dispose: tables.dispose,
  };
}
