import { requireInteger, requirePositive } from '../../core/checks.js';
import type { Rng } from '../../core/rng.js';
import { normal, type ParameterSpec, zeros } from '../../engine/parameters.js';
import * as tf from '../../engine/tf.js';
import { squaredNorm } from '../stable.js';
import { type CurvatureSource, curvatureIn, type Layer } from './layer.js';

export interface LorentzLinearOptions {
  readonly name: string;
  /** Dimensions of the hyperboloids: one less than the columns. */
  readonly inputDim: number;
  readonly outputDim: number;
  /** K < 0, of input and output. */
  readonly curvature: CurvatureSource;
  /** Default true. */
  readonly bias?: boolean;
  /**
   * With a scale, the spatial part has norm λ sigmoid(v·x + b'), λ learned from this value > 0 on; without,
   * the norm that the linear map gives it.
   */
  readonly scale?: number;
}

/** Below this norm of the spatial part its direction is not normalised to length 1, since it has none. */
const SMALL_NORM = 1e-6;

/**
 * Lorentz linear layer: points [n, inputDim + 1], time first -> [n, outputDim + 1]. All columns of x, time
 * too, go through one linear map to the spatial part s = x W + b of the result; its time √(|s|² - 1/K) puts
 * it on the hyperboloid. W is uniform within ±1/√outputDim with 0 for the time, so that the origin starts at
 * the origin; b = 0, b' = 0, v of standard deviation 1/√(inputDim + 1) with 0 for the time.
 * @throws UsageError for widths below 1; DomainError unless scale > 0
 * @source Chen et al. 2022, arXiv:2105.14686, the linear layer in its general form, φ(Wx, v)
 */
export function lorentzLinear(options: LorentzLinearOptions): Layer {
  const { name, inputDim, outputDim, bias = true, scale } = options;
  requireInteger(inputDim, 1, `${name} inputDim`);
  requireInteger(outputDim, 1, `${name} outputDim`);
  if (scale !== undefined) requirePositive(scale, `${name} scale`);
  const columns = inputDim + 1;
  const parameters: ParameterSpec[] = [
    {
      name: `${name}/kernel`,
      shape: [columns, outputDim],
      initial: withoutTime(outputDim, uniform(1 / Math.sqrt(outputDim))),
    },
  ];
  if (bias) parameters.push({ name: `${name}/bias`, shape: [outputDim], initial: zeros });
  if (scale !== undefined) {
    parameters.push(
      {
        name: `${name}/gate`,
        shape: [columns, 1],
        initial: withoutTime(1, normal(1 / Math.sqrt(columns))),
      },
      { name: `${name}/gateBias`, shape: [1], initial: zeros },
      { name: `${name}/logScale`, shape: [1], initial: () => Float32Array.of(Math.log(scale)) },
    );
  }
  return {
    parameters,
    batchNorms: [],
    apply(pass, x) {
      const K = curvatureIn(pass, options.curvature);
      return tf.tidy(() => {
        const linear = tf.matMul(x, pass.weight(`${name}/kernel`));
        const shifted = bias ? tf.add(linear, pass.weight(`${name}/bias`)) : linear;
        if (scale === undefined) return ontoHyperboloid(shifted as tf.Tensor2D);
        const gate = tf.add(tf.matMul(x, pass.weight(`${name}/gate`)), pass.weight(`${name}/gateBias`));
        const length = tf.mul(tf.sigmoid(gate), tf.exp(pass.weight(`${name}/logScale`)));
        const squared = squaredNorm(shifted as tf.Tensor2D);
        const own = tf.rsqrt(tf.maximum(squared, SMALL_NORM ** 2));
        return ontoHyperboloid(tf.mul(shifted, tf.mul(own, length)) as tf.Tensor2D);
      });

      function ontoHyperboloid(space: tf.Tensor2D): tf.Tensor2D {
        const time = tf.sqrt(tf.sub(squaredNorm(space), tf.div(1, K)));
        return tf.concat([time, space], 1) as tf.Tensor2D;
      }
    },
  };
}

type Initial = (rng: Rng, size: number) => Float32Array;

const uniform =
  (reach: number): Initial =>
  (rng, size) =>
    Float32Array.from({ length: size }, () => rng.uniform(-reach, reach));

/** The first row, what time is multiplied with, is 0. */
const withoutTime =
  (columns: number, initial: Initial): Initial =>
  (rng, size) =>
    initial(rng, size).fill(0, 0, columns);
