import type { Pass } from '../../engine/network.js';
import { normal, type ParameterSpec } from '../../engine/parameters.js';
import * as tf from '../../engine/tf.js';
import { linear, perceptron, timesLast } from '../dense.js';
import type { Edges } from './edges.js';

/** What is known of each point: S numbers that no motion changes and V vectors that turn with the cloud. */
export interface PointFeatures {
  /** [n, N, S] */
  readonly scalars: tf.Tensor3D;
  /** [n, N, 3, V] */
  readonly vectors: tf.Tensor4D;
}

export interface MessageLayer {
  readonly parameters: readonly ParameterSpec[];
  apply(pass: Pass, x: PointFeatures, edges: Edges): PointFeatures;
}

export interface MessageLayerOptions {
  readonly scalars: number;
  readonly vectors: number;
  /** Radial functions of an edge. */
  readonly functions: number;
  /**
   * What the vectors do in a mirror. `rotations`: cross products are among them, which a mirror image turns round, so that
   * the layer commutes with SO(3) alone and can tell left from right. `mirrors`: none, and it commutes with O(3).
   */
  readonly symmetry: 'rotations' | 'mirrors';
}

/** Inside a square root of squared lengths; vectors shorter than its root count as zero. */
const LEAST_SQUARE = 1e-8;

/**
 * Messages relu(s_i A + s_j B + rbf(d_ij) C) between points, the mean of which goes to the scalars, and with the direction
 * from i to j to the vectors; vectors of others come weighted by a number a message. Then each point's scalars learn
 * the lengths of its vectors and rule over them. The first product is split into one a point, and the sums over j are one
 * product of small matrices, so that nothing of the width of an edge is multiplied by a matrix.
 * @source EGNN: Satorras et al. 2021, arXiv:2102.09844; vectors and gates: Schütt et al. 2021 (PaiNN), arXiv:2102.03150
 */
export function messageLayer(name: string, options: MessageLayerOptions): MessageLayer {
  const { scalars, vectors, functions, symmetry } = options;
  const ends = linear(`${name}/ends`, scalars, 2 * scalars);
  const radial = linear(`${name}/radial`, functions, scalars, false);
  const relay = linear(`${name}/relay`, scalars, 1, false);
  const spread = linear(`${name}/directions`, scalars, vectors, false);
  const mixed = linear(`${name}/mixed`, vectors, 2 * vectors, false);
  const update = perceptron(`${name}/update`, [2 * scalars + 2 * vectors, scalars, scalars + vectors]);
  const crossed: ParameterSpec[] =
    symmetry === 'rotations'
      ? [{ name: `${name}/crossed`, shape: [vectors, vectors], initial: normal(1 / Math.sqrt(vectors)) }]
      : [];
  return {
    parameters: [...[ends, radial, relay, spread, mixed, update].flatMap((d) => d.parameters), ...crossed],
    apply(pass, { scalars: s, vectors: v }, edges) {
      const [n, N] = s.shape;
      const { directions } = edges;
      const K = directions.shape[1];
      const [toPoint, fromPoint] = tf.split(ends.apply(pass, s), 2, 2) as tf.Tensor3D[];
      const messages = tf.relu(
        tf.addN([
          tf.broadcastTo(tf.expandDims(toPoint, 2), [n, N, K, scalars]),
          tf.broadcastTo(edges.heard(fromPoint), [n, N, K, scalars]),
          radial.apply(pass, edges.radial),
        ]),
      );
      const byPoint = tf.reshape(messages, [n * N, K, scalars]) as tf.Tensor3D;
      const sums = tf.matMul(directions, byPoint, true);
      const [heard, towards] = tf.split(sums, [1, 3], 1) as tf.Tensor3D[];
      const pointing = tf.reshape(spread.apply(pass, towards), [n, N, 3, vectors]) as tf.Tensor4D;
      const relayed = relayVectors(relay.apply(pass, byPoint) as tf.Tensor3D, v, edges);
      let moved: tf.Tensor4D = tf.add(v, tf.add(pointing, relayed));
      const [a, b] = tf.split(mixed.apply(pass, moved), 2, 3) as tf.Tensor4D[];
      const lengths = tf.sqrt(tf.add(tf.sum(tf.square(a), 2), LEAST_SQUARE));
      // Shorter than 1, so that products grow as the vectors do, not as their squares, in a cloud beyond the radius too.
      const short = tf.div(b, tf.sqrt(tf.add(tf.sum(tf.square(b), 2, true), 1))) as tf.Tensor4D;
      const products = tf.sum(tf.mul(a, short), 2);
      const known = tf.concat([s, tf.reshape(heard, s.shape), lengths, products], 2);
      const [step, gate] = tf.split(update.apply(pass, known), [scalars, vectors], 2) as tf.Tensor3D[];
      if (symmetry === 'rotations')
        moved = tf.add(moved, timesLast(cross(a, short), pass.weight(`${name}/crossed`)));
      return {
        scalars: tf.add(s, step),
        vectors: tf.mul(moved, tf.expandDims(tf.sigmoid(gate), 2)),
      };
    },
  };
}

/** Σ_j w_ij v_j / (number heard), w [n * N, K, 1], v [n, N, 3, V]. */
function relayVectors(weights: tf.Tensor3D, v: tf.Tensor4D, edges: Edges): tf.Tensor4D {
  const [n, N, , vectors] = v.shape;
  const K = weights.shape[1];
  const share = tf.slice(edges.directions, [0, 0, 0], [n * N, K, 1]);
  const weighted = tf.mul(weights, share);
  const flat = tf.reshape(v, [n, N, 3 * vectors]) as tf.Tensor3D;
  const heard = edges.heard(flat);
  const sums =
    heard.shape[1] === 1
      ? tf.matMul(tf.reshape(weighted, [n, N, K]) as tf.Tensor3D, flat)
      : tf.matMul(weighted, tf.reshape(heard, [n * N, K, 3 * vectors]) as tf.Tensor3D, true);
  return tf.reshape(sums, v.shape);
}

/** a x b of vectors [n, N, 3, V]. */
function cross(a: tf.Tensor4D, b: tf.Tensor4D): tf.Tensor4D {
  const [a0, a1, a2] = tf.split(a, 3, 2);
  const [b0, b1, b2] = tf.split(b, 3, 2);
  const minor = (p: tf.Tensor, q: tf.Tensor, r: tf.Tensor, s: tf.Tensor) =>
    tf.sub(tf.mul(p, q), tf.mul(r, s));
  return tf.concat([minor(a1, b2, a2, b1), minor(a2, b0, a0, b2), minor(a0, b1, a1, b0)], 2) as tf.Tensor4D;
}
