import { requireInteger } from '../../core/checks.js';
import type { PointSets } from '../../engine/records.js';
import * as tf from '../../engine/tf.js';
import { linear, perceptron } from '../dense.js';
import type { Scores } from '../groups/permutations.js';
import type { EquivariantEncoder } from '../invariantAutoencoder.js';
import { type Pooling, poolElements } from './pooling.js';
import { attentionLayer, deepSetLayer } from './setLayers.js';

export interface SetEncoderOptions {
  /** Numbers of an element. */
  readonly dim: number;
  readonly codeDim: number;
  /** Units of every hidden layer; 128 by default. */
  readonly hidden?: number;
  /** Layers in which elements see each other, 0 or more; 1 by default. */
  readonly layers?: number;
  /** `deepSets`, the default, or self-attention with so many heads. */
  readonly context?: 'deepSets' | { readonly heads: number };
  /** What makes one vector of all elements; `sum`, which alone tells how many there are, by default. */
  readonly pooling?: Pooling;
}

/**
 * Sets -> a code that does not know their order, and a score an element, from which ψ in S_N reads it. Equal elements
 * have equal scores: exchanging them changes nothing. A set may be empty.
 * @throws UsageError for counts that are not whole numbers in range
 * @source Zaheer et al. 2017, arXiv:1703.06114; scores: Winter et al. 2022, arXiv:2202.07559, section 3
 */
export function setEncoder(options: SetEncoderOptions): EquivariantEncoder<PointSets, Scores> {
  const { dim, codeDim, hidden = 128, layers = 1, context = 'deepSets', pooling = 'sum' } = options;
  requireInteger(layers, 0, 'setEncoder layers');
  const embedding = perceptron('encoder/element', [dim, hidden, hidden]);
  const mixing = Array.from({ length: layers }, (_, i) => {
    const name = `encoder/set${i + 1}`;
    if (context === 'deepSets') return deepSetLayer(name, hidden, hidden, 'mean');
    return attentionLayer(name, hidden, context.heads);
  });
  const coder = perceptron('encoder/code', [hidden, hidden, codeDim]);
  const scorer = linear('encoder/score', hidden, 1);
  return {
    kind: 'setEncoder',
    codeDim,
    parameters: [embedding, ...mixing, coder, scorer].flatMap(({ parameters }) => parameters),
    batchNorms: [],
    encode(pass, { points, mask }) {
      const N = points.shape[1];
      let h = tf.relu(embedding.apply(pass, points)) as tf.Tensor3D;
      for (const layer of mixing) h = layer.apply(pass, h, mask);
      const scores = tf.reshape(scorer.apply(pass, h), [-1, N]) as tf.Tensor2D;
      const code = coder.apply(pass, poolElements(h, mask, pooling)) as tf.Tensor2D;
      return { code, features: { scores, mask } };
    },
    dispose: () => {},
  };
}
