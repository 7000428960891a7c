import * as tf from './tf.js';

/**
 * tf.grads on a tape of its own, so that it may be called inside of a gradient or of a customGrad: tfjs 4.22 has one
 * tape, which the end of the inner call would clear. Nothing of it is recorded outside.
 */
export function gradsOnOwnTape(f: (...args: tf.Tensor[]) => tf.Tensor, inputs: tf.Tensor[]): tf.Tensor[] {
  const { state } = tf.engine();
  const { activeTape, gradientDepth, kernelDepth } = state;
  Object.assign(state, { activeTape: null, gradientDepth: 0, kernelDepth: 0 });
  try {
    return tf.grads(f)(inputs);
  } finally {
    Object.assign(state, { activeTape, gradientDepth, kernelDepth });
  }
}

/**
 * After an error in a forward pass: frees what gradient functions saved for a backward pass that will not come, which
 * tfjs 4.22 keeps.
 */
export function releaseTape(): void {
  const { state } = tf.engine();
  if (state.gradientDepth > 0) return;
  for (const node of state.activeTape ?? []) tf.dispose(node.saved ?? []);
  state.activeTape = null as unknown as typeof state.activeTape;
}
