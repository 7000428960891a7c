import { requireInteger } from '../core/checks.js';
import { DomainError, expectation } from '../core/errors.js';
import { normal, zeros } from '../engine/parameters.js';
import * as tf from '../engine/tf.js';
import { linearMap } from './dense.js';
import { orthogonalDense } from './orthogonalDense.js';
import { type ActivationKind, activation, inSequence, type RowLayer } from './rowLayer.js';
import { spectralNormBound } from './spectralNorm.js';

export interface BiLipschitzOptions {
  /** Columns of the rows before and after. */
  readonly width: number;
  /** Units within a block. Default: the width. */
  readonly hidden?: number;
  /** Default 4. */
  readonly blocks?: number;
  /** Largest stretch κ of what a block adds, 0 < κ < 1. Default 0.5. */
  readonly contraction?: number;
  /** Default tanh. */
  readonly activation?: ActivationKind;
}

/**
 * Turns and small bends of rows, block after block: x -> x Q, x -> x + g(x), g no steeper than κ. So the whole shrinks no
 * distance below (1 - κ)^blocks of itself and stretches none beyond (1 + κ)^blocks, has an inverse, and `lipschitz` tells
 * the narrower bounds of the weights as they are.
 * @throws UsageError for whole numbers below 1, DomainError unless 0 < contraction < 1
 * @source Behrmann et al. 2019, arXiv:1811.00995, lemma 2, with Gram iteration in the place of power iteration
 */
export function biLipschitz(name: string, options: BiLipschitzOptions): RowLayer {
  const { width, hidden = width, blocks = 4, contraction = 0.5, activation: kind = 'tanh' } = options;
  requireInteger(blocks, 1, `${name} blocks`);
  if (!(contraction > 0 && contraction < 1)) {
    const remedy = 'choose less than 1: a block keeps an inverse only then';
    throw new DomainError(
      expectation(`${name} contraction`, 'a number between 0 and 1', contraction, remedy),
    );
  }
  const limit = Math.sqrt(contraction);
  return inSequence(
    Array.from({ length: blocks }, (_, i) => `${name}/${i + 1}`).flatMap((block) => [
      orthogonalDense(`${block}/turn`, width, width),
      residual(
        inSequence([
          boundedLinear(`${block}/in`, width, hidden, limit),
          activation(kind),
          boundedLinear(`${block}/out`, hidden, width, limit),
        ]),
      ),
    ]),
  );
}

/**
 * x W + b that stretches at most by `limit`: W is scaled down where the bound of its largest singular value is above it.
 * @throws UsageError for widths below 1, DomainError unless limit > 0
 */
export function boundedLinear(name: string, inputs: number, outputs: number, limit: number): RowLayer {
  requireInteger(inputs, 1, `${name} inputs`);
  requireInteger(outputs, 1, `${name} outputs`);
  if (!(limit > 0)) {
    throw new DomainError(expectation(`${name} limit`, 'a number > 0', limit, 'choose the largest stretch'));
  }
  const stretched = (kernel: tf.Tensor2D) => {
    const bound = spectralNormBound(kernel);
    return { bound, scale: tf.div(limit, tf.maximum(bound, limit)) };
  };
  const map = linearMap(
    (pass) => {
      const kernel = pass.weight(`${name}/kernel`);
      return tf.mul(kernel, stretched(kernel).scale);
    },
    (pass) => pass.weight<tf.Tensor1D>(`${name}/offset`),
  );
  return {
    parameters: [
      { name: `${name}/kernel`, shape: [inputs, outputs], initial: normal(1 / Math.sqrt(inputs)) },
      { name: `${name}/offset`, shape: [outputs], initial: zeros },
    ],
    ...map,
    lipschitz(pass) {
      const { bound, scale } = stretched(pass.weight(`${name}/kernel`));
      return { lower: tf.scalar(0), upper: tf.mul(bound, scale) };
    },
  };
}

/** x + g(x): shrinks by no more than 1 - L and stretches by no more than 1 + L, L the upper bound of g. */
export function residual(layer: RowLayer): RowLayer {
  return {
    parameters: layer.parameters,
    apply: (pass, x) => tf.add(x, layer.apply(pass, x)),
    linearize(pass, x) {
      const { value, pushforward, pullback } = layer.linearize(pass, x);
      return {
        value: tf.add(x, value),
        pushforward: (v) => tf.add(v, pushforward(v)),
        pullback: (u) => tf.add(u, pullback(u)),
      };
    },
    lipschitz(pass) {
      const { upper } = layer.lipschitz(pass);
      return { lower: tf.maximum(tf.sub(1, upper), 0), upper: tf.add(upper, 1) };
    },
  };
}
