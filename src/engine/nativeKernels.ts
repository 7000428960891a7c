import * as tf from './tf.js';

type Attribute = { name: string; type: number; value: unknown };

interface TensorflowBackend {
  readonly binding: Readonly<
    Record<'TF_ATTR_FLOAT' | 'TF_ATTR_STRING' | 'TF_ATTR_BOOL' | 'TF_ATTR_TYPE' | 'TF_FLOAT', number>
  >;
  executeMultipleOutputs(
    name: string,
    attributes: Attribute[],
    inputs: tf.Tensor[],
    outputs: number,
  ): tf.Tensor[];
}

/** The TensorFlow backend if it is the one in use; it runs any TensorFlow kernel by name, wrapped by tfjs or not. */
function tensorflowBackend(): TensorflowBackend | undefined {
  return tf.getBackend() === 'tensorflow' ? (tf.backend() as unknown as TensorflowBackend) : undefined;
}

/** dy where y > 0, else 0, in one pass; undefined where TensorFlow does not run. */
export function nativeReluGrad(dy: tf.Tensor, y: tf.Tensor): tf.Tensor | undefined {
  const backend = tensorflowBackend();
  if (!backend) return undefined;
  const { TF_ATTR_TYPE, TF_FLOAT } = backend.binding;
  return backend.executeMultipleOutputs(
    'ReluGrad',
    [{ name: 'T', type: TF_ATTR_TYPE, value: TF_FLOAT }],
    [dy, y],
    1,
  )[0];
}

function batchNormAttributes({ binding }: TensorflowBackend, epsilon: number): Attribute[] {
  return [
    { name: 'T', type: binding.TF_ATTR_TYPE, value: binding.TF_FLOAT },
    { name: 'U', type: binding.TF_ATTR_TYPE, value: binding.TF_FLOAT },
    { name: 'epsilon', type: binding.TF_ATTR_FLOAT, value: epsilon },
    { name: 'data_format', type: binding.TF_ATTR_STRING, value: 'NHWC' },
    { name: 'is_training', type: binding.TF_ATTR_BOOL, value: true },
  ];
}

/** [y, mean, variance, and three reserves for the gradient] of a training batch norm over all axes but the last. */
export function nativeBatchNorm(
  x: tf.Tensor4D,
  scale: tf.Tensor1D,
  offset: tf.Tensor1D,
  epsilon: number,
): tf.Tensor[] | undefined {
  const backend = tensorflowBackend();
  if (!backend) return undefined;
  const none = tf.tensor1d([]);
  const inputs = [x, scale, offset, none, none];
  const outputs = backend.executeMultipleOutputs(
    'FusedBatchNormV3',
    batchNormAttributes(backend, epsilon),
    inputs,
    6,
  );
  none.dispose();
  return outputs;
}

/** Gradients to x, scale and offset from the reserves of `nativeBatchNorm`. */
export function nativeBatchNormGrad(
  dy: tf.Tensor4D,
  x: tf.Tensor4D,
  scale: tf.Tensor1D,
  reserves: readonly tf.Tensor[],
  epsilon: number,
): tf.Tensor[] {
  const backend = tensorflowBackend()!;
  const inputs = [dy, x, scale, ...reserves];
  const outputs = backend.executeMultipleOutputs(
    'FusedBatchNormGradV3',
    batchNormAttributes(backend, epsilon),
    inputs,
    5,
  );
  for (const unused of outputs.splice(3)) unused.dispose();
  return outputs;
}

/** The kernel of tf.image.transform, which tfjs-node does not wrap though TensorFlow has it. */
const transform: tf.KernelFunc = ({ inputs, attrs }) => {
  const { image, transforms } = inputs as unknown as { image: tf.Tensor4D; transforms: tf.Tensor2D };
  const { interpolation, fillMode, fillValue, outputShape } = attrs as unknown as tf.TransformAttrs;
  const backend = tensorflowBackend()!;
  const { TF_ATTR_TYPE, TF_ATTR_STRING, TF_FLOAT } = backend.binding;
  const [, height, width] = image.shape;
  const size = tf.tensor1d(outputShape ?? [height, width], 'int32');
  const fill = tf.scalar(fillValue);
  const [moved] = backend.executeMultipleOutputs(
    'ImageProjectiveTransformV3',
    [
      { name: 'dtype', type: TF_ATTR_TYPE, value: TF_FLOAT },
      { name: 'interpolation', type: TF_ATTR_STRING, value: interpolation.toUpperCase() },
      { name: 'fill_mode', type: TF_ATTR_STRING, value: fillMode.toUpperCase() },
    ],
    [image, transforms, size, fill],
    1,
  );
  tf.dispose([size, fill]);
  return moved as unknown as tf.TensorInfo;
};

/** Adds the kernels that tfjs-node lacks. */
export function installNativeKernels(): void {
  if (tf.getKernel('Transform', 'tensorflow')) return;
  tf.registerKernel({ kernelName: 'Transform', backendName: 'tensorflow', kernelFunc: transform });
}
