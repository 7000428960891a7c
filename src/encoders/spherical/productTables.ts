import * as tf from '../../engine/tf.js';
import type { ChannelProduct, CouplingPlan } from '../../symmetry/so3/channelProduct.js';

/** A plan, and its arrays on the device from the first time they are asked for. */
export interface PlanTables {
  readonly plan: CouplingPlan;
  /** The terms' rows of a, of b and of the result, and their coefficients [terms, 1]. */
  onDevice(): readonly [tf.Tensor1D, tf.Tensor1D, tf.Tensor1D, tf.Tensor2D];
  dispose(): void;
}

/** A product of the channels of signals with its constant tables. */
export interface ProductTables {
  readonly product: ChannelProduct;
  readonly channels: number;
  /** By degree: how many paths lead there. */
  readonly counts: Int32Array;
  readonly forward: PlanTables;
  readonly backward: PlanTables;
  /** [1, rows of the product x channels]: 1 / (2l + 1), what a square weighs in the norm of an item. */
  normWeights(): tf.Tensor2D;
  dispose(): void;
}

export function productTables(product: ChannelProduct, channels: number): ProductTables {
  const [forward, backward] = [planTables(product.forward), planTables(product.backward)];
  const weights = whenAsked(() =>
    tf.tensor2d(weightsOf(product, channels), [1, product.forward.outRows * channels]),
  );
  return {
    ...{ product, channels, counts: Int32Array.from(product.paths), forward, backward },
    normWeights: weights.get,
    dispose() {
      forward.dispose();
      backward.dispose();
      weights.dispose();
    },
  };
}

export function planTables(plan: CouplingPlan): PlanTables {
  const { factors, others, coefficients } = plan;
  const tensors = [
    whenAsked(() => tf.tensor1d(factors, 'int32')),
    whenAsked(() => tf.tensor1d(others, 'int32')),
    whenAsked(() => tf.tensor1d(rowsOfTerms(plan), 'int32')),
    whenAsked(() => tf.tensor2d(coefficients, [coefficients.length, 1])),
  ] as const;
  const [first, second, row, coefficient] = tensors;
  return {
    plan,
    onDevice: () => [first.get(), second.get(), row.get(), coefficient.get()],
    dispose() {
      for (const tensor of tensors) tensor.dispose();
    },
  };
}

/** A constant that engines with a native kernel never need. */
function whenAsked<T extends tf.Tensor>(make: () => T): { get(): T; dispose(): void } {
  let tensor: T | undefined;
  return {
    get() {
      tensor ??= tf.tidy(() => tf.keep(make()));
      return tensor;
    },
    dispose() {
      tensor?.dispose();
      tensor = undefined;
    },
  };
}

function rowsOfTerms({ starts, factors }: CouplingPlan): Int32Array {
  const rows = new Int32Array(factors.length);
  for (let r = 0; r + 1 < starts.length; r++) rows.fill(r, starts[r], starts[r + 1]);
  return rows;
}

function weightsOf({ paths }: ChannelProduct, channels: number): Float32Array {
  return Float32Array.from(
    paths.flatMap((count, l) => new Array<number>((2 * l + 1) * count * channels).fill(1 / (2 * l + 1))),
  );
}
