// tfjs-core registers its gradients only through the layers package when it runs in Node.
import '@tensorflow/tfjs-layers';
import { type TensorContainer, tidy } from '@tensorflow/tfjs-core';

export * from '@tensorflow/tfjs-core';

/** tidy for results of any record type: all tensors made inside are freed but those in the returned record. */
export function scope<T extends object>(work: () => T): T {
  return tidy(work as () => TensorContainer) as T;
}
