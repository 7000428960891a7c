import { uniform } from '../../engine/parameters.js';
import * as tf from '../../engine/tf.js';
import { requireSignal, rowTables, type SignalLayer, type SignalShape } from './signalRows.js';

/** Glorot's bound: the variance of sums is that of their terms, forwards and backwards. */
export const glorotUniform = (inputs: number, outputs: number) => uniform(Math.sqrt(6 / (inputs + outputs)));

/**
 * Mixes the channels of each degree, the same for its 2l + 1 rows: all linear maps that commute with rotations. No offset,
 * which only scalars could have.
 */
export function signalLinear(name: string, input: SignalShape, channels: number): SignalLayer {
  requireSignal(input, name);
  const output = { degree: input.degree, channels };
  requireSignal(output, name);
  const tables = rowTables(input.degree);
  return {
    output,
    parameters: [
      {
        name: `${name}/kernels`,
        shape: [input.degree + 1, input.channels, channels],
        initial: glorotUniform(input.channels, channels),
      },
    ],
    batchNorms: [],
    apply(pass, rows) {
      const kernels = tf.gather(pass.weight<tf.Tensor3D>(`${name}/kernels`), tables.degrees);
      return tf.matMul(kernels, rows, true);
    },
    dispose: tables.dispose,
  };
}
