import * as tf from '../../engine/tf.js';

/** Constant tensors of a record or a list, made and kept when they are first asked for: engines with a native kernel never do. */
export function whenAsked<T extends object>(make: () => T): { get(): T; dispose(): void } {
  let made: T | undefined;
  return {
    get() {
      made ??= tf.tidy(() => {
        const tensors = make();
        for (const tensor of Object.values(tensors) as tf.Tensor[]) tf.keep(tensor);
        return tensors as tf.TensorContainer;
      }) as T;
      return made;
    },
    dispose() {
      if (made) tf.dispose(Object.values(made) as tf.Tensor[]);
      made = undefined;
    },
  };
}
