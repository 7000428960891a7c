import { beforeAll, describe, expect, it } from 'vitest';
import { Rng } from '../../../src/core/rng.js';
import { fullProducts, pairProducts, pairTables } from '../../../src/encoders/spherical/pairProducts.js';
import { productLinear } from '../../../src/encoders/spherical/productLinear.js';
import type { SignalLayer } from '../../../src/encoders/spherical/signalRows.js';
import { registerFused } from '../../../src/engine/fused.js';
import { openEngine } from '../../../src/engine/openEngine.js';
import * as tf from '../../../src/engine/tf.js';
import { loadNative } from '../../../src/native/index.js';
import { channelProduct, productPaths } from '../../../src/symmetry/so3/channelProduct.js';
import { pairPaths, pairProduct } from '../../../src/symmetry/so3/pairProduct.js';
import { randomRotation } from '../../../src/symmetry/so3/quaternion.js';
import { wignerD } from '../../../src/symmetry/so3/wignerD.js';
import { leakedTensors } from '../../laws/gradient.js';
import { FLOAT32 } from '../../laws/tolerance.js';
import { largestShare, randomSignals, turnRows } from './equivariance.js';

beforeAll(async () => {
  await openEngine();
});

const flat = (x: tf.Tensor3D): tf.Tensor2D => tf.reshape(x, [x.shape[0], -1]);

/** Value, and gradients in the signal and the weights, by the native pass or by tensors. */
function productsOf(
  kind: 'native' | 'tensors',
  layer: SignalLayer,
  [x, pull, ...weights]: [tf.Tensor3D, tf.Tensor3D, ...tf.Tensor[]],
): tf.Tensor[] {
  const kernel = loadNative()?.mixedProducts;
  const names = layer.parameters.map(({ name }) => name);
  registerFused('mixedProducts', kind === 'native' ? kernel : undefined);
  try {
    const { value, grads } = tf.valueAndGrads((...args: tf.Tensor[]) => {
      const pass = { training: true, weight: (name: string) => args[1 + names.indexOf(name)] };
      return layer.apply(pass as never, args[0] as tf.Tensor3D);
    })([x, ...weights], pull);
    return [value, ...grads];
  } finally {
    registerFused('mixedProducts', kernel);
  }
}

describe('mixedProducts', () => {
  // Channels and outputs that fill vectors and some that do not, batches of whole tiles and not.
  it.each([
    [2, 3, 1, 1, 5],
    [4, 3, 3, 5, 21],
    [3, 3, 16, 16, 32],
    [3, 5, 6, 1, 40],
    [10, 10, 2, 3, 4],
  ])('of degree %i to %i, %i channels to %i, %i items: native and on tensors the same', (...sizes) => {
    if (!loadNative()?.mixedProducts) return;
    const [from, to, channels, outputs, batch] = sizes;
    const input = { degree: from, channels };
    const layer = productLinear('products', input, { degree: to, channels: outputs });
    tf.tidy(() => {
      const x = randomSignals(input, batch, 1);
      const pull = randomSignals({ degree: to, channels: outputs }, batch, 3);
      const rng = new Rng(2);
      const weights = layer.parameters.map(({ shape }) => {
        const values = Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => rng.normal());
        return tf.tensor(values, [...shape]);
      });
      const native = productsOf('native', layer, [x, pull, ...weights]);
      const tensors = productsOf('tensors', layer, [x, pull, ...weights]);
      native.forEach((values, k) => {
        expect(largestShare(values, tensors[k])).toBeLessThan(FLOAT32);
      });
    });
    layer.dispose();
  });

  it('natively do not depend on the number of threads, to the bit', () => {
    const native = loadNative()?.mixedProducts;
    if (!native) return;
    const product = channelProduct(productPaths(4, 4), 4);
    const call = {
      ...{ plan: product.forward, paths: Int32Array.from(product.paths) },
      ...{ channels: 5, outputs: 3, batch: 50 },
    };
    const numbers = (length: number) => Float32Array.from({ length }, (_, i) => Math.sin(i + 1));
    const kernels = numbers(5 * 3 * product.paths.reduce((a, b) => a + b, 0));
    const [x, dy] = [numbers(25 * 5 * 50), numbers(25 * 3 * 50)];
    const each = [1, 2, 3].map((threads) => {
      const result = native.forward(call, x, kernels, threads);
      return { ...result, pulled: native.backward(call, x, kernels, result, dy, threads) };
    });
    expect(each[1]).toEqual(each[0]);
    expect(each[2]).toEqual(each[0]);
  });

  it('natively refuse arrays that do not belong to the plan', () => {
    const native = loadNative()?.mixedProducts;
    if (!native) return;
    const product = channelProduct(productPaths(1, 1), 1);
    const call = {
      ...{ plan: product.forward, paths: Int32Array.from(product.paths) },
      ...{ channels: 1, outputs: 1, batch: 2 },
    };
    const kernels = new Float32Array(product.paths.reduce((a, b) => a + b, 0));
    expect(() => native.forward(call, new Float32Array(7), kernels)).toThrow(/mixed products x/);
    expect(() => native.forward(call, new Float32Array(8), new Float32Array(1))).toThrow(/kernels/);
    const other = { ...call, paths: Int32Array.of(1, 1) };
    expect(() => native.forward(other, new Float32Array(8), new Float32Array(2))).toThrow(/paths/);
  });
});

describe('pairProducts', () => {
  const product = pairProduct(pairPaths(2, 3, 4), 2, 3);

  it('turn with both signals', () => {
    const tables = pairTables(product);
    tf.tidy(() => {
      const [a, b] = [
        randomSignals({ degree: 2, channels: 1 }, 6, 1),
        randomSignals({ degree: 3, channels: 1 }, 6, 2),
      ];
      const r = randomRotation(new Rng(4));
      const turned = pairProducts(tables, flat(turnRows(a, r)), flat(turnRows(b, r))).dataSync();
      const still = pairProducts(tables, flat(a), flat(b)).dataSync();
      let row = 0;
      wignerD(r, 4).forEach((matrix, l) => {
        const count = product.paths[l];
        const size = 2 * l + 1;
        for (let m = 0; m < size; m++) {
          for (let at = 0; at < count * 6; at++) {
            let sum = 0;
            for (let n = 0; n < size; n++) sum += matrix[m * size + n] * still[(row + n * count) * 6 + at];
            expect(Math.abs(turned[(row + m * count) * 6 + at] - sum)).toBeLessThan(10 * FLOAT32);
          }
        }
        row += size * count;
      });
    });
    tables.dispose();
  });

  it('have the gradients of a bilinear map: <a, da> = <b, db> = <products, pull>', () => {
    const tables = pairTables(product);
    tf.tidy(() => {
      const [a, b] = [
        flat(randomSignals({ degree: 2, channels: 1 }, 3, 1)),
        flat(randomSignals({ degree: 3, channels: 1 }, 3, 2)),
      ];
      const y = pairProducts(tables, a, b);
      const pull = tf.cos(tf.mul(y, 3)) as tf.Tensor2D;
      const { grads } = tf.valueAndGrads((...args: tf.Tensor[]) =>
        pairProducts(tables, args[0] as tf.Tensor2D, args[1] as tf.Tensor2D),
      )([a, b], pull);
      const dot = (u: tf.Tensor, v: tf.Tensor) => tf.sum(tf.mul(u, v)).dataSync()[0];
      const expected = dot(y, pull);
      expect(dot(a, grads[0]) / expected).toBeCloseTo(1, 4);
      expect(dot(b, grads[1]) / expected).toBeCloseTo(1, 4);
    });
    tables.dispose();
  });

  it('of every channel with every channel hold the products of a channel with itself', () => {
    const paths = pairPaths(2, 2, 2).filter(({ l1, l2 }) => l1 === 1 && l2 === 2);
    const tables = pairTables(pairProduct(paths, 2, 2));
    tf.tidy(() => {
      const x = randomSignals({ degree: 2, channels: 2 }, 4, 7);
      const full = fullProducts(tables, x);
      expect(full.shape).toEqual([3 + 5, 4, 4]);
      for (const channel of [0, 1]) {
        const signal = flat(tf.slice(x, [0, channel, 0], [-1, 1, -1]));
        const expected = pairProducts(tables, signal, signal);
        expect(largestShare(flat(tf.slice(full, [0, 3 * channel, 0], [-1, 1, -1])), expected)).toBeLessThan(
          FLOAT32,
        );
      }
    });
    tables.dispose();
  });

  it('leave no tensors behind', async () => {
    expect(
      await leakedTensors(() => {
        const tables = pairTables(product);
        tf.tidy(() => {
          const a = flat(randomSignals({ degree: 2, channels: 1 }, 3, 1));
          const b = flat(randomSignals({ degree: 3, channels: 1 }, 3, 2));
          tf.grad((input) => tf.sum(pairProducts(tables, input as tf.Tensor2D, b)))(a);
        });
        tables.dispose();
      }),
    ).toBe(0);
  });
});
