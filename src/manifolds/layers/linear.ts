import { requireInteger } from '../../core/checks.js';
import { expectation, UsageError } from '../../core/errors.js';
import type { Rng } from '../../core/rng.js';
import { normal, type ParameterSpec, zeros } from '../../engine/parameters.js';
import * as tf from '../../engine/tf.js';
import { hyperplaneScores } from '../gyrovector.js';
import type { Curvature } from '../manifold.js';
import { squaredNorm } from '../stable.js';
import { project } from '../stereographic.js';
import { sinK } from '../trigonometry.js';
import { type CurvatureSource, curvatureIn, type Layer } from './layer.js';

/**
 * Scores beyond which a point is past the rim of float32 in any case, and past which sinh overflows; times
 * √|K|.
 */
const LARGEST_SCORE = 40;

/**
 * The Poincaré fully connected layer: the point whose signed distances to the coordinate hyperplanes through
 * the origin are the scores v of x. y = w / (1 + √(1 - K|w|²)), w_k = sin_K(v_k). At K = 0 it is 2 (x z - r
 * |z|). Rows with a score above 40/√|K| are scaled down to it, and points on the rim moved back by `project`:
 * both are farther out than float32 has points.
 * @param x [n, d] @param z [d, m], r [m] or null: the hyperplanes, as for `hyperplaneScores`
 * @returns [n, m]
 * @source Shimizu, Mukuta, Harada 2021, arXiv:2006.08210, eq. 7
 */
export function fullyConnected(
  x: tf.Tensor2D,
  z: tf.Tensor2D,
  r: tf.Tensor1D | null,
  K: Curvature,
): tf.Tensor2D {
  return tf.tidy(() => {
    const v = hyperplaneScores(x, z, r, K);
    const largest = tf.mul(tf.max(tf.square(v), 1, true), magnitude(K));
    const bounded = tf.mul(v, tf.mul(tf.rsqrt(tf.maximum(largest, LARGEST_SCORE ** 2)), LARGEST_SCORE));
    const w = sinK(bounded, K);
    const time = tf.sqrt(tf.sub(1, tf.mul(squaredNorm(w as tf.Tensor2D), K)));
    return project(tf.div(w, tf.add(time, 1)) as tf.Tensor2D, K);
  });
}

const magnitude = (K: Curvature): Curvature => (typeof K === 'number' ? Math.abs(K) : tf.abs(K));

/**
 * `identity`: z = I/2, so that the layer starts as the identity on the first columns; further normals start
 * at length 1e-3, since at 0 they had no direction to learn from. `normal`: independent normal entries of
 * variance 1/(2 inputDim outputDim). Offsets start at 0.
 */
export type LinearInitial = 'identity' | 'normal';

export interface LinearOptions {
  readonly name: string;
  readonly inputDim: number;
  readonly outputDim: number;
  readonly curvature: CurvatureSource;
  /** Whether the hyperplanes may leave the origin; default true. */
  readonly bias?: boolean;
  /** Default: identity where outputDim >= inputDim, else normal. */
  readonly initial?: LinearInitial;
}

/**
 * Poincaré fully connected layer, [n, inputDim] -> [n, outputDim].
 * @throws UsageError for widths below 1, and for an identity with fewer outputs than inputs
 * @source Shimizu, Mukuta, Harada 2021, arXiv:2006.08210, section 3.2; the identity from van Spengler,
 *   Berkhout, Mettes 2023, arXiv:2303.14027
 */
export function hyperbolicLinear(options: LinearOptions): Layer {
  const { name, bias = true } = options;
  return {
    parameters: linearParameters(options),
    batchNorms: [],
    apply(pass, x) {
      const z = pass.weight(`${name}/normals`);
      const r = bias ? pass.weight<tf.Tensor1D>(`${name}/offsets`) : null;
      return fullyConnected(x, z, r, curvatureIn(pass, options.curvature));
    },
  };
}

/** The normals and, with a bias, the offsets of a fully connected layer. */
export function linearParameters(options: LinearOptions): readonly ParameterSpec[] {
  const { name, inputDim, outputDim, bias = true } = options;
  requireInteger(inputDim, 1, `${name} inputDim`);
  requireInteger(outputDim, 1, `${name} outputDim`);
  const { initial = inputDim <= outputDim ? 'identity' : 'normal' } = options;
  if (initial === 'identity' && inputDim > outputDim) {
    const remedy = 'start with initial "normal"';
    throw new UsageError(
      expectation(`${name} identity`, `outputDim >= inputDim = ${inputDim}`, outputDim, remedy),
    );
  }
  const normals: ParameterSpec = {
    name: `${name}/normals`,
    shape: [inputDim, outputDim],
    initial:
      initial === 'normal'
        ? normal(1 / Math.sqrt(2 * inputDim * outputDim))
        : (rng) => halfIdentity(inputDim, outputDim, rng),
  };
  return bias ? [normals, { name: `${name}/offsets`, shape: [outputDim], initial: zeros }] : [normals];
}

/** Length of a normal beyond the identity. */
const FURTHER_NORMAL = 1e-3;

function halfIdentity(rows: number, columns: number, rng: Rng): Float32Array {
  const sd = FURTHER_NORMAL / Math.sqrt(rows);
  return Float32Array.from({ length: rows * columns }, (_, at) => {
    const [i, j] = [Math.floor(at / columns), at % columns];
    if (j >= rows) return sd * rng.normal();
    return i === j ? 0.5 : 0;
  });
}
