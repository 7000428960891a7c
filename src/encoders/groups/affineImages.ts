import { expectation, ShapeError } from '../../core/errors.js';
import { isOnDevice } from '../../engine/device.js';
import { borrowFloats, floatsOf } from '../../engine/hostValues.js';
import * as tf from '../../engine/tf.js';
import { affineGradientsOnDevice, affineOnDevice } from './affineOnDevice.js';
import { affineGradients, affineValues, type ImageSize } from './affineOnHost.js';

/**
 * Images moved by affine maps, bilinear, zero outside: the value at a target point p is the image's at M p + t. Points are
 * (right, up) from the centre, in pixels. Differentiable in images and maps; the gradient to the images is the exact
 * transpose. Where values are near they go through arrays on the host, elsewhere through gathers: both are one operation
 * of the gradient tape.
 * @param images [n, height, width, channels]
 * @param maps [n, 2, 3]: rows (M00, M01, t0), (M10, M11, t1) of each image's map from target to source
 * @returns like images; NaN where a map is not finite
 * @throws ShapeError for other shapes
 */
export function affineImages(images: tf.Tensor4D, maps: tf.Tensor3D): tf.Tensor4D {
  const [n, height, width, channels] = images.shape;
  if (maps.shape.join() !== [n, 2, 3].join())
    throw new ShapeError(
      expectation('affineImages maps', `[${n}, 2, 3]`, `[${maps.shape.join(', ')}]`, 'pass one map an image'),
    );
  if (images.size === 0) return tf.clone(images);
  const size: ImageSize = { count: n, height, width, channels };
  const op = tf.customGrad((...args) => {
    const [x, map] = args as unknown as [tf.Tensor4D, tf.Tensor3D];
    const save = args[2] as unknown as tf.GradSaveFunc;
    save([x, map]);
    return {
      value: isOnDevice() ? affineOnDevice(x, map) : onHost(x, map, size),
      gradFunc: (dy: tf.Tensor, [savedX, savedMap]: tf.Tensor[]) =>
        isOnDevice()
          ? affineGradientsOnDevice(dy as tf.Tensor4D, savedX as tf.Tensor4D, savedMap as tf.Tensor3D)
          : gradientsOnHost(dy, savedX, savedMap, size),
    };
  });
  return op(images, maps) as tf.Tensor4D;
}

function onHost(x: tf.Tensor4D, maps: tf.Tensor3D, size: ImageSize): tf.Tensor {
  return tf.tensor(affineValues(borrowFloats(x), floatsOf(maps), size), x.shape);
}

function gradientsOnHost(dy: tf.Tensor, x: tf.Tensor, maps: tf.Tensor, size: ImageSize): tf.Tensor[] {
  const { dImages, dMaps } = affineGradients(floatsOf(dy), floatsOf(x), floatsOf(maps), size);
  return [tf.tensor(dImages, x.shape), tf.tensor(dMaps, maps.shape)];
}
