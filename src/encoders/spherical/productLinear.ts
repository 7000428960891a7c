import { expectation, UsageError } from '../../core/errors.js';
import { fused } from '../../engine/fused.js';
import { ones, type ParameterSpec, zeros } from '../../engine/parameters.js';
import * as tf from '../../engine/tf.js';
import { channelProduct, productPaths } from '../../symmetry/so3/channelProduct.js';
import { mixedProducts } from './mixedProducts.js';
import { productLinearTables } from './productLinearTables.js';
import { productsByGroups } from './productsByGroups.js';
import { glorotUniform } from './signalLinear.js';
import {
  requireSignal,
  rowTables,
  type SignalLayer,
  type SignalShape,
  spreadOverRows,
} from './signalRows.js';

export interface ProductLinearOptions {
  /** Which pairs of degrees are multiplied, as in productPaths; default `efficient`. */
  readonly pairs?: 'efficient' | 'all';
}

/**
 * Clebsch-Gordan nonlinearity, signal norm and linear map: products of each channel with itself, all of an item's divided
 * by the root of Σ (mean over m of their squares) + 1e-8, times a learned weight a degree, a learned offset to the scalars,
 * and mixed degree by degree. The products exist only on the way: weights of degrees and the offset act on what is mixed,
 * which is the same.
 * @throws UsageError where no product of the input reaches a degree of the output
 * @source Visani et al. 2022 (H-(V)AE), arXiv:2209.15567, section 3.2
 */
export function productLinear(
  name: string,
  input: SignalShape,
  output: SignalShape,
  { pairs = 'efficient' }: ProductLinearOptions = {},
): SignalLayer {
  requireSignal(input, name);
  requireSignal(output, name);
  const product = channelProduct(productPaths(input.degree, output.degree, pairs), input.degree);
  for (let l = 0; l <= output.degree; l++) {
    if (product.paths[l] > 0) continue;
    const expected = `an output degree that products of degrees 0..${input.degree} reach`;
    throw new UsageError(expectation(name, expected, l, 'lower the output degree'));
  }
  const tables = productLinearTables(product, input.channels);
  const rows = rowTables(output.degree);
  const inputs = product.paths.map((paths) => paths * input.channels);
  return {
    output,
    parameters: [
      {
        name: `${name}/kernels`,
        shape: [inputs.reduce((sum, count) => sum + count, 0), output.channels],
        initial: byDegree(inputs, output.channels),
      },
      { name: `${name}/scale`, shape: [output.degree + 1], initial: ones },
      { name: `${name}/offset`, shape: [1], initial: zeros },
    ],
    batchNorms: [],
    apply(pass, x) {
      const kernels = pass.weight<tf.Tensor2D>(`${name}/kernels`);
      const [scale, offset] = [
        pass.weight<tf.Tensor1D>(`${name}/scale`),
        pass.weight<tf.Tensor1D>(`${name}/offset`),
      ];
      const native = fused('mixedProducts');
      if (!native) return productsByGroups(tables, x, { kernels, scale, offset });
      const mixed = mixedProducts(native, product, x, kernels);
      const ofScalarsAlone = tf.mul(tf.sum(tf.slice(kernels, 0, inputs[0]), 0), offset);
      const ofScalars = tf.mul(rows.scalar, tf.reshape(ofScalarsAlone, [1, output.channels, 1]));
      const spread = spreadOverRows(tf.expandDims(scale, 1) as tf.Tensor2D, rows);
      return tf.add(tf.mul(mixed, spread), ofScalars) as tf.Tensor3D;
    },
    dispose() {
      tables.dispose();
      rows.dispose();
    },
  };
}

/** Kernels of each degree, one below the other. */
function byDegree(inputs: readonly number[], outputs: number): ParameterSpec['initial'] {
  return (rng, size) => {
    const values = new Float32Array(size);
    let at = 0;
    for (const count of inputs) {
      values.set(glorotUniform(count, outputs)(rng, count * outputs), at);
      at += count * outputs;
    }
    return values;
  };
}
