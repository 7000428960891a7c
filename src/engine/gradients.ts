import { nativeReluGrad } from './nativeKernels.js';
import * as tf from './tf.js';

type Saved = tf.Tensor[];
type Attributes = { axis?: number | number[]; reductionIndices?: number | number[] };

function replaceGradient(config: tf.GradConfig): void {
  tf.unregisterGradient(config.kernelName);
  tf.registerGradient(config);
}

/** `reduced` with the axes that a reduction took away put back as 1, so that it broadcasts against the input. */
function keepAxes(reduced: tf.Tensor, shape: number[], axis: number | number[] | undefined): tf.Tensor {
  const kept = shape.slice();
  for (const a of tf.util.parseAxisParam(axis ?? shape.map((_, i) => i), shape)) kept[a] = 1;
  return tf.reshape(reduced, kept);
}

/** dy where y > 0. A kernel called by name is not on the tape: its own gradient, for second derivatives, is the same. */
function reluGradient(dy: tf.Tensor, y: tf.Tensor): tf.Tensor {
  const op = tf.customGrad((pull) => ({
    value: nativeReluGrad(pull as tf.Tensor, y) ?? tf.mul(pull as tf.Tensor, tf.step(y)),
    gradFunc: (next: tf.Tensor) => reluGradient(next, y),
  }));
  return op(dy);
}

let installed = false;

/**
 * Replaces gradients of tfjs 4.22 that are slow or wrong; docs/engine.md has what each costs. Sum and Mean made an
 * array of ones of the input's size in JavaScript; Relu took three passes; Max gave the whole gradient to every tied
 * maximum, where it now shares it, so that it is a subgradient.
 */
export function installGradients(): void {
  if (installed) return;
  installed = true;
  replaceGradient({
    kernelName: 'Sum',
    inputsToSave: ['x'],
    gradFunc: (dy, [x]: Saved, attributes) => ({
      x: () => tf.broadcastTo(keepAxes(dy as tf.Tensor, x.shape, (attributes as Attributes).axis), x.shape),
    }),
  });
  replaceGradient({
    kernelName: 'Mean',
    inputsToSave: ['x'],
    gradFunc: (dy, [x]: Saved, attributes) => ({
      x: () => {
        const share = tf.mul(dy as tf.Tensor, (dy as tf.Tensor).size / x.size);
        return tf.broadcastTo(keepAxes(share, x.shape, (attributes as Attributes).axis), x.shape);
      },
    }),
  });
  replaceGradient({
    kernelName: 'Relu',
    outputsToSave: [true],
    gradFunc: (dy, [y]: Saved) => ({
      x: () => reluGradient(dy as tf.Tensor, y),
    }),
  });
  replaceGradient({
    kernelName: 'Max',
    inputsToSave: ['x'],
    outputsToSave: [true],
    gradFunc: (dy, [x, y]: Saved, attributes) => ({
      x: () => {
        const axis = (attributes as Attributes).reductionIndices;
        // 1 where x is the maximum: comparisons would go through booleans.
        const ties = tf.sub(1, tf.step(tf.sub(keepAxes(y, x.shape, axis), x)));
        // The kernel keeps the axes or not as it was asked; here they are always kept.
        const share = tf.div(keepAxes(dy as tf.Tensor, x.shape, axis), tf.sum(ties, axis, true));
        return tf.mul(ties, share);
      },
    }),
  });
}
