import * as tf from '../../engine/tf.js';
import type { ChannelProduct, CouplingPlan } from '../../symmetry/so3/channelProduct.js';
import { whenAsked } from './whenAsked.js';

/** A plan, and its arrays on the device from the first time they are asked for. */
export interface PlanTables {
  readonly plan: CouplingPlan;
  /** The terms' rows of a, of b and of the result, and their coefficients [terms, 1]. */
  onDevice(): readonly [tf.Tensor1D, tf.Tensor1D, tf.Tensor1D, tf.Tensor2D];
  dispose(): void;
}

/** Constant tables of the products of a signal's channels with themselves, forwards and backwards. */
export interface ProductTables {
  readonly forward: PlanTables;
  readonly backward: PlanTables;
  dispose(): void;
}

export function productTables(product: ChannelProduct): ProductTables {
  const [forward, backward] = [planTables(product.forward), planTables(product.backward)];
  return {
    ...{ forward, backward },
    dispose() {
      forward.dispose();
      backward.dispose();
    },
  };
}

export function planTables(plan: CouplingPlan): PlanTables {
  const { factors, others, coefficients } = plan;
  const tensors = whenAsked(
    () =>
      [
        tf.tensor1d(factors, 'int32'),
        tf.tensor1d(others, 'int32'),
        tf.tensor1d(rowsOfTerms(plan), 'int32'),
        tf.tensor2d(coefficients, [coefficients.length, 1]),
      ] as const,
  );
  return { plan, onDevice: tensors.get, dispose: tensors.dispose };
}

function rowsOfTerms({ starts, factors }: CouplingPlan): Int32Array {
  const rows = new Int32Array(factors.length);
  for (let r = 0; r + 1 < starts.length; r++) rows.fill(r, starts[r], starts[r + 1]);
  return rows;
}
