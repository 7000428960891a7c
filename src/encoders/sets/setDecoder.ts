import { requireInteger } from '../../core/checks.js';
import { expectation, ShapeError } from '../../core/errors.js';
import { heNormal, normal } from '../../engine/parameters.js';
import type { PointSets } from '../../engine/records.js';
import * as tf from '../../engine/tf.js';
import { perceptron, timesLast } from '../dense.js';
import type { Decoder } from '../invariantAutoencoder.js';

export interface SetDecoderOptions {
  readonly codeDim: number;
  /** Most elements of a set. */
  readonly maxPoints: number;
  /** Numbers of an element: coordinates, or one logit a kind of element. */
  readonly dim: number;
  /** Further numbers of a point, logits of its kinds; 0 by default. */
  readonly kinds?: number;
  /** Units of every hidden layer; 128 by default. */
  readonly hidden?: number;
  /** Hidden layers, 1 or more; 2 by default. */
  readonly layers?: number;
}

/**
 * The same network at every slot, from the code and a learned vector of the slot: slots 0..k-1 of an item with k
 * points, zeros elsewhere.
 * @throws UsageError for counts that are not whole numbers in range; decode throws ShapeError for items of another
 *   maxPoints
 * @source Winter et al. 2022, arXiv:2202.07559, appendix (sets of digits)
 */
export function setDecoder(options: SetDecoderOptions): Decoder<PointSets> {
  const { codeDim, maxPoints, dim, kinds = 0, hidden = 128, layers = 2 } = options;
  for (const [name, value] of Object.entries({ codeDim, maxPoints, dim, hidden, layers }))
    requireInteger(value, 1, `setDecoder ${name}`);
  requireInteger(kinds, 0, 'setDecoder kinds');
  const rest = perceptron('decoder/rest', [...Array.from({ length: layers }, () => hidden), dim + kinds]);
  return {
    parameters: [
      { name: 'decoder/code', shape: [codeDim, hidden], initial: heNormal(codeDim) },
      { name: 'decoder/slots', shape: [maxPoints, hidden], initial: normal(1) },
      ...rest.parameters,
    ],
    batchNorms: [],
    decode(pass, code, { mask }) {
      if (mask.shape[1] !== maxPoints) {
        const remedy = 'pack the items with the maxPoints of the decoder';
        throw new ShapeError(expectation('setDecoder items', `${maxPoints} slots`, mask.shape[1], remedy));
      }
      const ofCode = tf.expandDims(timesLast(code, pass.weight('decoder/code')), 1);
      const h = tf.relu(tf.add(ofCode, pass.weight('decoder/slots')));
      const all = tf.mul(rest.apply(pass, h), tf.expandDims(mask, 2)) as tf.Tensor3D;
      if (kinds === 0) return { points: all, mask };
      const [points, kind] = tf.split(all, [dim, kinds], 2) as tf.Tensor3D[];
      return { points, mask, kinds: kind };
    },
    dispose: () => {},
  };
}
