import type { Linearization } from '../engine/linearization.js';
import type { Pass } from '../engine/network.js';
import * as tf from '../engine/tf.js';
import type { Dense } from './dense.js';

/** How much a map may shrink and stretch distances: lower |x - y| <= |f(x) - f(y)| <= upper |x - y| for all x and y. */
export interface LipschitzBounds<T = number> {
  readonly lower: T;
  readonly upper: T;
}

/** A map of rows with its derivative and with bounds that hold everywhere, in Euclidean lengths. */
export interface RowLayer extends Dense {
  /** x [n, inputs]; the value is that of `apply`. Call inside tidy. */
  linearize(pass: Pass, x: tf.Tensor2D): Linearization;
  /** Bounds by the weights of this pass; lower 0 where nothing better is known. Call inside tidy. */
  lipschitz(pass: Pass): LipschitzBounds<tf.Scalar>;
}

/** One layer after another: derivatives by the chain rule, bounds multiplied. */
export function inSequence(layers: readonly RowLayer[]): RowLayer {
  return {
    parameters: layers.flatMap(({ parameters }) => parameters),
    apply: (pass, x) => layers.reduce((y, layer) => layer.apply(pass, y), x),
    linearize(pass, x) {
      const parts: Linearization[] = [];
      let value = x;
      for (const layer of layers) {
        const part = layer.linearize(pass, value);
        parts.push(part);
        value = part.value;
      }
      return {
        value,
        pushforward: (v) => parts.reduce((w, part) => part.pushforward(w), v),
        pullback: (u) => parts.reduceRight((w, part) => part.pullback(w), u),
      };
    },
    lipschitz(pass) {
      const bounds = layers.map((layer) => layer.lipschitz(pass));
      const product = (factors: tf.Scalar[]): tf.Scalar =>
        factors.reduce((a, b) => tf.mul(a, b), tf.scalar(1));
      return {
        lower: product(bounds.map(({ lower }) => lower)),
        upper: product(bounds.map(({ upper }) => upper)),
      };
    },
  };
}

export type ActivationKind = 'relu' | 'tanh' | 'softplus';

interface Activation {
  value(x: tf.Tensor): tf.Tensor;
  /** Its derivative at x, where the value is y. */
  slope(x: tf.Tensor, y: tf.Tensor): tf.Tensor;
}

const ACTIVATIONS: Readonly<Record<ActivationKind, Activation>> = {
  relu: { value: (x) => tf.relu(x), slope: (x) => tf.step(x) },
  tanh: { value: (x) => tf.tanh(x), slope: (_, y) => tf.sub(1, tf.square(y)) },
  softplus: { value: (x) => tf.softplus(x), slope: (x) => tf.sigmoid(x) },
};

/**
 * A function of each number, which stretches nothing. tanh and softplus are smooth, so that a penalty of the derivative
 * reaches the weights before them too; through relu it reaches only kernels.
 */
export function activation(kind: ActivationKind): RowLayer {
  const { value, slope } = ACTIVATIONS[kind];
  return {
    parameters: [],
    apply: (_, x) => value(x),
    linearize(_, x) {
      const y = value(x) as tf.Tensor2D;
      const slopes = slope(x, y);
      const times = (v: tf.Tensor) => tf.mul(v, slopes);
      return { value: y, pushforward: times, pullback: times };
    },
    lipschitz: () => ({ lower: tf.scalar(0), upper: tf.scalar(1) }),
  };
}

/** Reads the bounds of a layer with the weights of a pass. Float32: good to about 1e-5 of themselves. */
export async function lipschitzBounds(
  layer: RowLayer,
  network: { inferencePass(): Pass },
): Promise<LipschitzBounds> {
  const bounds = tf.scope(() => ({ ...layer.lipschitz(network.inferencePass()) }));
  const [[lower], [upper]] = await Promise.all([bounds.lower.data(), bounds.upper.data()]);
  tf.dispose([bounds.lower, bounds.upper]);
  return { lower, upper };
}
