import { requireInteger, requirePositive } from '../../core/checks.js';
import type { Pass } from '../../engine/network.js';
import { normal } from '../../engine/parameters.js';
import type { PointSets } from '../../engine/records.js';
import * as tf from '../../engine/tf.js';
import { linear, perceptron, timesLast } from '../dense.js';
import { spaceFrames } from '../groups/frames.js';
import type { Scores } from '../groups/permutations.js';
import type { Two } from '../groups/products.js';
import type { EquivariantEncoder } from '../invariantAutoencoder.js';
import { poolElements } from '../sets/pooling.js';
import { deepSetLayer } from '../sets/setLayers.js';
import { centred } from './centre.js';
import { edgesOf, radialFunctions } from './edges.js';
import { messageLayer, type PointFeatures } from './messageLayer.js';
import { farthestPoints } from './pointFrame.js';

/** What ψ of motions and orders reads: a place [n, 3], vectors [n, 2, 3], and the scores of the points. */
export type CloudFeatures = Two<Two<tf.Tensor2D, tf.Tensor3D>, Scores>;

export interface CloudEncoderOptions {
  readonly codeDim: number;
  /** Size of the clouds, in their unit, > 0: distances are resolved up to it. */
  readonly radius: number;
  /** Columns of the kinds of a point; 0, points all alike, by default. */
  readonly kinds?: number;
  /** Layers of messages, 0 or more; 2 by default. */
  readonly layers?: number;
  /** Scalars of a point, 32 by default, and its vectors, 16 by default. */
  readonly scalars?: number;
  readonly vectors?: number;
  /** Radial functions of a distance; 8 by default. */
  readonly functions?: number;
  /** Nearest points that each hears from; by default all, N x N edges. */
  readonly neighbors?: number;
  /** As in MessageLayerOptions; `rotations` by default. With `mirrors` and frame `vectors` the code is that of the mirror image too. */
  readonly symmetry?: 'rotations' | 'mirrors';
  /**
   * Where the frame comes from. `vectors`, the default: means of the points' vectors, which hardly move when points do, but
   * vanish for symmetric clouds. `points`: the farthest points (farthestPoints), right for symmetric clouds too, and
   * turned by one small learned rotation after another; for clouds of few points.
   */
  readonly frame?: 'vectors' | 'points';
  /**
   * What the code is made of. `scalars`, the default: the mean and the largest of the points' scalars, which change little
   * when the cloud does. `canonical`: the points as they lie in the frame, which says all of the cloud but jumps where the
   * frame does.
   */
  readonly code?: 'scalars' | 'canonical';
  /** Units of the layers behind the messages; 64 by default. */
  readonly hidden?: number;
}

/** Larger first corrections of the frame would undo what the points say. */
const FIRST_CORRECTION = normal(0.01);

/**
 * Clouds of points -> a code that knows neither place nor pose nor order, and what ψ in SE(3) x S_N reads: the mean point,
 * two vectors, a score a point. Nothing depends on a point's number. A cloud may be empty, a point, or on a line: its
 * frame then is one of those that are right.
 * @throws UsageError for counts that are not whole numbers in range, DomainError for a radius that is not > 0
 * @source Winter et al. 2022, arXiv:2202.07559, section 3 and appendix; messages: see messageLayer
 */
export function cloudEncoder(options: CloudEncoderOptions): EquivariantEncoder<PointSets, CloudFeatures> {
  const { codeDim, radius, kinds = 0, layers = 2, scalars = 32, vectors = 16, functions = 8 } = options;
  const {
    neighbors,
    symmetry = 'rotations',
    frame = 'vectors',
    code: from = 'scalars',
    hidden = 64,
  } = options;
  const counts = { codeDim, scalars, vectors, hidden, ...(neighbors !== undefined && { neighbors }) };
  for (const [name, value] of Object.entries(counts)) requireInteger(value, 1, `cloudEncoder ${name}`);
  requireInteger(kinds, 0, 'cloudEncoder kinds');
  requireInteger(layers, 0, 'cloudEncoder layers');
  requireInteger(functions, 2, 'cloudEncoder functions');
  requirePositive(radius, 'cloudEncoder radius');

  const start = linear('encoder/start', functions + kinds, scalars);
  const messages = Array.from({ length: layers }, (_, i) =>
    messageLayer(`encoder/messages${i + 1}`, { scalars, vectors, functions, symmetry }),
  );
  const canonical = linear('encoder/canonical', 3 + scalars, hidden);
  const context = deepSetLayer('encoder/context', hidden, hidden, 'mean');
  const scorer = perceptron('encoder/score', [hidden, hidden, 1]);
  const pooled = from === 'canonical' ? hidden : 2 * scalars;
  const coder = perceptron('encoder/code', [pooled, hidden, codeDim]);
  const corrector = perceptron('encoder/correction', [hidden, hidden, 6], FIRST_CORRECTION);
  const modules = [start, ...messages, canonical, context, scorer, coder];
  const ofFrame =
    frame === 'points'
      ? corrector.parameters
      : [{ name: 'encoder/frame', shape: [vectors, 2], initial: normal(1 / Math.sqrt(vectors)) }];

  /** Of the points about their centre, in the unit of the radius. */
  function startOf(pass: Pass, { mask, kinds: given }: PointSets, places: tf.Tensor3D): PointFeatures {
    const [n, N] = mask.shape;
    const lengths = tf.sqrt(tf.sum(tf.square(places), 2, true)) as tf.Tensor3D;
    const known = [radialFunctions(lengths, 1, functions), ...(given ? [given] : [])];
    return {
      scalars: start.apply(pass, tf.concat(known, 2)) as tf.Tensor3D,
      vectors: tf.broadcastTo(tf.expandDims(places, 3), [n, N, 3, vectors]) as tf.Tensor4D,
    };
  }

  return {
    kind: 'cloudEncoder',
    codeDim,
    parameters: [...modules.flatMap(({ parameters }) => parameters), ...ofFrame],
    batchNorms: [],
    encode(pass, x) {
      const { mask } = x;
      const [n, N] = mask.shape;
      const { centre, places } = centred(x);
      const near: tf.Tensor3D = tf.div(places, radius);
      let features = startOf(pass, x, near);
      if (layers > 0) {
        const edges = edgesOf(near, mask, { neighbors, radius: 1, functions });
        for (const layer of messages) features = layer.apply(pass, features, edges);
      }
      const first =
        frame === 'points' ? farthestPoints(near, mask) : meanVectors(pass, features.vectors, mask);
      const pose = spaceFrames(first, false);
      const inFrame = tf.matMul(near, pose);
      const h = tf.relu(canonical.apply(pass, tf.concat([inFrame, features.scalars], 2))) as tf.Tensor3D;
      const known = context.apply(pass, h, mask);
      const scores = tf.reshape(scorer.apply(pass, known), [n, N]) as tf.Tensor2D;
      const all = poolElements(known, mask, 'mean');
      const code = coder.apply(pass, from === 'canonical' ? all : poolScalars(features.scalars, mask));
      const turned = frame === 'points' ? corrected(pose, corrector.apply(pass, all)) : first;
      return { code: code as tf.Tensor2D, features: [[centre, turned], { scores, mask }] };
    },
    dispose: () => {},
  };
}

/** [n, 2, 3] of vectors [n, N, 3, V]. */
function meanVectors(pass: Pass, vectors: tf.Tensor4D, mask: tf.Tensor2D): tf.Tensor3D {
  const [n, N, , V] = vectors.shape;
  const flat = tf.reshape(vectors, [n, N, 3 * V]) as tf.Tensor3D;
  const means = tf.reshape(poolElements(flat, mask, 'mean'), [n, 3, V]);
  return tf.transpose(timesLast(means, pass.weight('encoder/frame')) as tf.Tensor3D, [0, 2, 1]);
}

function poolScalars(scalars: tf.Tensor3D, mask: tf.Tensor2D): tf.Tensor2D {
  return tf.concat(
    [poolElements(scalars, mask, 'mean'), poolElements(scalars, mask, 'max')],
    1,
  ) as tf.Tensor2D;
}

/** The first two columns of the frame [n, 3, 3], each plus a combination [n, 6] of all three: [n, 2, 3]. */
function corrected(pose: tf.Tensor3D, combinations: tf.Tensor): tf.Tensor3D {
  const small = tf.reshape(combinations, [-1, 2, 3]);
  const axes = tf.tensor2d([
    [1, 0, 0],
    [0, 1, 0],
  ]);
  return tf.matMul(tf.add(small, axes) as tf.Tensor3D, pose, false, true);
}
