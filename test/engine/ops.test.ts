import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { openEngine } from '../../src/engine/openEngine.js';
import * as tf from '../../src/engine/tf.js';
import { gradientError } from '../laws/gradient.js';
import { GRADIENT_BY_DIFFERENCES } from '../laws/tolerance.js';

beforeAll(async () => {
  await openEngine();
});

type Op = (x: tf.Tensor2D) => tf.Tensor;
const other = () =>
  tf.tensor2d([
    [0.4, -0.7, 1.1],
    [0.9, 0.2, -0.3],
  ]);
const image = (x: tf.Tensor2D) => tf.reshape(x, [1, 2, 3, 1]) as tf.Tensor4D;

/** Every op that code on the gradient tape calls, at the input below. */
const ON_TAPE: Readonly<Record<string, Op>> = {
  abs: (x) => tf.abs(x),
  add: (x) => tf.add(x, other()),
  addN: (x) => tf.addN([x, other()]),
  asinh: (x) => tf.asinh(x),
  atan: (x) => tf.atan(x),
  atanh: (x) => tf.atanh(tf.mul(x, 0.5)),
  avgPool: (x) => tf.avgPool(image(x), 2, 1, 'valid'),
  broadcastTo: (x) => tf.broadcastTo(tf.reshape(x, [1, 2, 3]), [4, 2, 3]),
  clone: (x) => tf.clone(x),
  concat: (x) => tf.concat([x, other()], 1),
  conv2d: (x) => tf.conv2d(image(x), tf.ones([2, 2, 1, 2]), 1, 'valid'),
  div: (x) => tf.div(other(), x),
  exp: (x) => tf.exp(x),
  expandDims: (x) => tf.expandDims(x, 1),
  gather: (x) => tf.gather(x, tf.tensor1d([1, 0, 1], 'int32')),
  log: (x) => tf.log(tf.square(x)),
  logSumExp: (x) => tf.logSumExp(x, 1),
  matMul: (x) => tf.matMul(x, other(), false, true),
  max: (x) => tf.max(x, 1),
  maximum: (x) => tf.maximum(x, 0.1),
  mean: (x) => tf.mean(x, 0),
  minimum: (x) => tf.minimum(x, 0.1),
  moments: (x) => tf.moments(x, 1).variance,
  mul: (x) => tf.mul(x, other()),
  neg: (x) => tf.neg(x),
  pad: (x) =>
    tf.pad(x, [
      [1, 0],
      [0, 2],
    ]),
  reciprocal: (x) => tf.reciprocal(x),
  relu: (x) => tf.relu(x),
  reshape: (x) => tf.reshape(x, [3, 2]),
  reverse: (x) => tf.reverse(x, 1),
  rsqrt: (x) => tf.rsqrt(tf.square(x)),
  sigmoid: (x) => tf.sigmoid(x),
  sin: (x) => tf.sin(x),
  sinh: (x) => tf.sinh(x),
  slice: (x) => tf.slice(x, [0, 1], [2, 2]),
  softmax: (x) => tf.softmax(x),
  softplus: (x) => tf.softplus(x),
  split: (x) => tf.add(...(tf.split(tf.concat([x, x], 1), 2, 1) as [tf.Tensor, tf.Tensor])),
  sqrt: (x) => tf.sqrt(tf.square(x)),
  square: (x) => tf.square(x),
  stack: (x) => tf.stack([x, other()]),
  sub: (x) => tf.sub(other(), x),
  sum: (x) => tf.sum(x, 1),
  tan: (x) => tf.tan(x),
  tanh: (x) => tf.tanh(x),
  transpose: (x) => tf.transpose(x),
  unstack: (x) => tf.mul(...(tf.unstack(x) as [tf.Tensor, tf.Tensor])),
};

/** Called only on constants, inside customGrad, in a gradient itself or outside of any tape. */
const OFF_TAPE = new Set(
  `engine ceil fill logicalAnd logicalOr min unsortedSegmentSum topk floor cumsum grads onesLike scalar tensor where greater greaterEqual pow argMax batchNorm cast cosh divNoNan equal notEqual ones oneHot range scatterND sign step tensorScatterUpdate tile tensor1d tensor2d tensor3d variable zeros zerosLike customGrad valueAndGrad valueAndGrads variableGrads zeros
   tidy scope keep dispose getBackend backend findBackend setBackend ready getKernel registerKernel unregisterKernel
   registerGradient unregisterGradient registerBackend removeBackend`.split(/\s+/),
);

/** Names called as tf.NAME( anywhere in src. */
function opsInUse(): string[] {
  const names = new Set<string>();
  for (const file of readdirSync('src', { recursive: true, encoding: 'utf8' })) {
    if (!file.endsWith('.ts')) continue;
    for (const [, name] of readFileSync(join('src', file), 'utf8').matchAll(/\btf\.([a-zA-Z0-9]+)\(/g))
      names.add(name);
  }
  return [...names].sort();
}

describe('ops', () => {
  it('in use are all either tested here or known to stay off the tape', () => {
    expect(opsInUse().filter((name) => !(name in ON_TAPE) && !OFF_TAPE.has(name))).toEqual([]);
  });

  it.each(Object.keys(ON_TAPE))('%s has the gradient of its values', (name) => {
    // Away from 0, 0.1 and ties, where relu, maximum and max have corners.
    const x = tf.tensor2d([
      [0.35, -0.62, 0.88],
      [-0.41, 0.73, 0.24],
    ]);
    const f = (t: tf.Tensor) => {
      const y = ON_TAPE[name](t as tf.Tensor2D);
      return tf.sum(tf.mul(tf.mul(y, y), tf.reshape(tf.range(1, y.size + 1), y.shape))) as tf.Scalar;
    };
    expect(gradientError(f, x, 3e-3)).toBeLessThan(GRADIENT_BY_DIFFERENCES);
    x.dispose();
  });

  it.each(Object.keys(ON_TAPE))('%s leaves no tensors behind', (name) => {
    const x = tf.tensor2d([
      [0.35, -0.62, 0.88],
      [-0.41, 0.73, 0.24],
    ]);
    const before = tf.memory().numTensors;
    tf.tidy(() =>
      tf
        .grad((t) => tf.sum(ON_TAPE[name](t as tf.Tensor2D)))(x)
        .dataSync(),
    );
    expect(tf.memory().numTensors).toBe(before);
    x.dispose();
  });
});
