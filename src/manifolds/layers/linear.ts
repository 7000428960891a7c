import { requireInteger } from '../../core/checks.js';
import { expectation, UsageError } from '../../core/errors.js';
import type { Rng } from '../../core/rng.js';
import { normal, type ParameterSpec, zeros } from '../../engine/parameters.js';
import * as tf from '../../engine/tf.js';
import { isBall } from '../closed/closedForm.js';
import { ballPointOfScores, drawnIn } from '../closed/hyperplanes.js';
import { hyperplaneScores } from '../gyrovector.js';
import type { Curvature } from '../manifold.js';
import { squaredNorm } from '../stable.js';
import { BALL_MARGIN, project } from '../stereographic.js';
import { sinK } from '../trigonometry.js';
import { type CurvatureSource, curvatureIn, type Layer } from './layer.js';

/** Largest score, times √-K: a point of such a score is past the rim of float32, and sinh overflows at 88. */
const LARGEST_SCORE = 40;

/**
 * The Poincaré fully connected layer: the point whose signed distances to the coordinate hyperplanes through
 * the origin are the scores v of x. y = w / (1 + √(1 - K|w|²)), w_k = sin_K(v_k). At K = 0 it is 2 (x z - r
 * |z|). Where K < 0, rows with a score beyond 40/√-K have all of their scores drawn in towards 0 by the excess, which
 * leaves y as it is to e^-40, and points on the rim are moved back by `project`: both are farther out than float32
 * has points.
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
  return tf.tidy(() => pointsOfScores(hyperplaneScores(x, z, r, K), K));
}

/** The hyperplanes of a fully connected layer, as for `hyperplaneScores`. */
export interface Hyperplanes {
  readonly z: tf.Tensor2D;
  readonly r: tf.Tensor1D;
}

/** Several fully connected layers of one width on the same points, computed together: [n, m] each. */
export function fullyConnectedTogether(
  x: tf.Tensor2D,
  layers: readonly Hyperplanes[],
  K: Curvature,
): tf.Tensor2D[] {
  if (layers.length === 1) return [fullyConnected(x, layers[0].z, layers[0].r, K)];
  const [n, m] = [x.shape[0], layers[0].z.shape[1]];
  return tf.tidy(() => {
    const z = tf.concat(
      layers.map((layer) => layer.z),
      1,
    );
    const r = tf.concat(layers.map((layer) => layer.r));
    const scores = tf.reshape(hyperplaneScores(x, z, r, K), [n * layers.length, m]);
    const points = tf.reshape(pointsOfScores(scores as tf.Tensor2D, K), [n, layers.length * m]);
    return tf.split(points, layers.length, 1) as tf.Tensor2D[];
  });
}

/** y from v. */
function pointsOfScores(scores: tf.Tensor2D, K: Curvature): tf.Tensor2D {
  const composed = (v: tf.Tensor2D) => {
    const w = sinK(inReach(v, K), K) as tf.Tensor2D;
    const time = tf.sqrt(tf.sub(1, tf.mul(squaredNorm(w), K)));
    return project(tf.div(w, tf.add(time, 1)) as tf.Tensor2D, K);
  };
  if (!isBall(K)) return composed(scores);
  const limits = { largest: LARGEST_SCORE / Math.sqrt(-K), margin: BALL_MARGIN };
  return ballPointOfScores(scores, K, limits, composed);
}

/** The scores drawn in. The point does not change with the excess, so that neither it nor K has a derivative here. */
function inReach(v: tf.Tensor2D, K: Curvature): tf.Tensor {
  if (typeof K === 'number' && K >= 0) return v;
  const op = tf.customGrad((...args) => {
    const scores = args[0] as tf.Tensor;
    const value = drawnIn(scores, typeof K === 'number' ? LARGEST_SCORE / Math.sqrt(-K) : largestScore(K));
    return { value, gradFunc: (dy: tf.Tensor) => tf.clone(dy) };
  });
  return op(v);
}

/** 40/√-K; infinite for K >= 0. */
function largestScore(K: tf.Scalar): tf.Tensor {
  return tf.mul(tf.rsqrt(tf.relu(tf.neg(K))), LARGEST_SCORE);
}

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
