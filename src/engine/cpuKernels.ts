import { installSegmentSum } from './segmentSum.js';
import * as tf from './tf.js';

/** tfjs-backend-cpu 4.22 gives the first image of a batch alone: each goes through its kernel as a batch of its own. */
function transformEach(original: tf.KernelFunc): tf.KernelFunc {
  return (parameters) => {
    const { image, transforms } = parameters.inputs as unknown as {
      image: tf.Tensor4D;
      transforms: tf.Tensor2D;
    };
    const one = (x: tf.Tensor, map: tf.Tensor) => {
      const inputs = { image: x, transforms: map } as unknown as tf.NamedTensorInfoMap;
      const { dataId, shape, dtype } = original({ ...parameters, inputs }) as tf.TensorInfo;
      return tf.engine().makeTensorFromTensorInfo({ dataId, shape, dtype });
    };
    return tf.tidy(() => {
      const images = tf.split(image, image.shape[0], 0);
      const maps =
        transforms.shape[0] === 1
          ? images.map(() => transforms)
          : tf.split(transforms, transforms.shape[0], 0);
      return tf.concat(images.map((x, i) => one(x, maps[i])));
    }) as unknown as tf.TensorInfo;
  };
}

let installed = false;

/** Replaces kernels of the JavaScript backend that give wrong values or take ages. */
export function installCpuKernels(): void {
  if (installed) return;
  installed = true;
  const config = tf.getKernel('Transform', 'cpu');
  tf.unregisterKernel('Transform', 'cpu');
  tf.registerKernel({ ...config, kernelFunc: transformEach(config.kernelFunc) });
  installSegmentSum('cpu');
}
