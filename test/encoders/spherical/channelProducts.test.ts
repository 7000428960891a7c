import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Rng } from '../../../src/core/rng.js';
import { channelProducts } from '../../../src/encoders/spherical/channelProducts.js';
import { planTables } from '../../../src/encoders/spherical/productTables.js';
import { registerFused } from '../../../src/engine/fused.js';
import { openEngine } from '../../../src/engine/openEngine.js';
import * as tf from '../../../src/engine/tf.js';
import { loadNative } from '../../../src/native/index.js';
import { channelProduct, productPaths } from '../../../src/symmetry/so3/channelProduct.js';
import { wigner3j } from '../../../src/symmetry/so3/wigner3j.js';
import { leakedTensors } from '../../laws/gradient.js';

beforeAll(async () => {
  await openEngine();
});

/** Sums of some dozen float32 products. */
const ROUNDING = 2e-6;

/** Entry (l3, m3) of each path by its definition, in float64: rows as channelProduct has them, of one column. */
function byDefinition(inDegree: number, outDegree: number, x: Float32Array): number[] {
  const paths = productPaths(inDegree, outDegree);
  const out: number[] = [];
  for (let l3 = 0; l3 <= outDegree; l3++) {
    for (let k = 0; k <= 2 * l3; k++) {
      for (const { l1, l2 } of paths.filter((path) => path.l3 === l3)) {
        const w = wigner3j(l1, l2, l3);
        let sum = 0;
        for (let i = 0; i <= 2 * l1; i++)
          for (let j = 0; j <= 2 * l2; j++)
            sum += w[(i * (2 * l2 + 1) + j) * (2 * l3 + 1) + k] * x[l1 * l1 + i] * x[l2 * l2 + j];
        out.push(Math.sqrt(2 * l3 + 1) * sum);
      }
    }
  }
  return out;
}

function randomRows(rows: number, columns: number, seed: number): tf.Tensor2D {
  const rng = new Rng(seed);
  return tf.tensor2d(
    Float32Array.from({ length: rows * columns }, () => rng.normal()),
    [rows, columns],
  );
}

function worst(a: ArrayLike<number>, b: ArrayLike<number>): number {
  const scale = Math.max(...Array.from(b, Math.abs));
  return Math.max(...Array.from(a, (v, k) => Math.abs(v - b[k]))) / scale;
}

describe('productPaths', () => {
  it('has as many rows and terms up to degree 10 as the published configuration without its dead paths', () => {
    const { forward } = channelProduct(productPaths(10, 10), 10);
    // 2,091 rows less 400 that are zero; 14,398 terms: docs of the measured peer.
    expect([forward.outRows, forward.factors.length]).toEqual([1691, 14398]);
  });

  it('lets every degree that the triangle rule allows have a say, by as few pairs as can be', () => {
    for (let l3 = 1; l3 <= 5; l3++) {
      const trees = productPaths(5, 5).filter((path) => path.l3 === l3 && path.l1 < path.l2);
      const reachable = productPaths(5, 5, 'all').filter((path) => path.l3 === l3 && path.l1 < path.l2);
      const degrees = new Set(reachable.flatMap(({ l1, l2 }) => [l1, l2]));
      expect(new Set(trees.flatMap(({ l1, l2 }) => [l1, l2]))).toEqual(degrees);
      expect(trees.length).toBeLessThan(degrees.size);
    }
  });

  it('has no product of a degree with itself in an odd one', () => {
    expect(productPaths(6, 6).filter(({ l1, l2, l3 }) => l1 === l2 && l3 % 2 === 1)).toEqual([]);
  });
});

describe.each(['native', 'tensors'] as const)('channelProducts, %s', (kind) => {
  const product = channelProduct(productPaths(4, 3), 4);
  const tables = { forward: planTables(product.forward), backward: planTables(product.backward) };
  afterAll(() => {
    tables.forward.dispose();
    tables.backward.dispose();
  });
  const withKind = async <T>(work: () => T): Promise<T> => {
    const kernel = loadNative()?.couplings;
    registerFused('couplings', kind === 'native' ? kernel : undefined);
    try {
      return work();
    } finally {
      registerFused('couplings', kernel);
    }
  };

  it('is the contraction with the 3j symbols, for columns that fill tiles and some that do not', async () => {
    await withKind(() => {
      const x = randomRows(25, 131, 1);
      const found = channelProducts(tables, x).dataSync();
      for (const column of [0, 63, 64, 130]) {
        const own = Float32Array.from({ length: 25 }, (_, r) => x.dataSync()[r * 131 + column]);
        const rows = Array.from({ length: product.forward.outRows }, (_, r) => found[r * 131 + column]);
        expect(worst(rows, byDefinition(4, 3, own))).toBeLessThan(ROUNDING);
      }
    });
  });

  it('has the gradient that differences show', async () => {
    await withKind(() => {
      const [x, v] = [randomRows(25, 3, 2), randomRows(25, 3, 3)];
      const g = randomRows(product.forward.outRows, 3, 4);
      const value = (t: tf.Tensor) =>
        tf.sum(tf.mul(channelProducts(tables, t as tf.Tensor2D), g)) as tf.Scalar;
      const slope = tf.sum(tf.mul(tf.grad(value)(x), v)).dataSync()[0];
      // The map is quadratic: a central difference of any width is its derivative, but for rounding.
      const at = (step: number) => value(tf.add(x, tf.mul(v, step))).dataSync()[0];
      expect(Math.abs((at(0.5) - at(-0.5)) / slope - 1)).toBeLessThan(1e-4);
    });
  });

  it('leaves no tensors behind', async () => {
    await withKind(async () => {
      expect(
        await leakedTensors(() => {
          tf.tidy(() => {
            const x = randomRows(25, 2, 5);
            tf.grad((t) => tf.sum(channelProducts(tables, t as tf.Tensor2D)))(x);
          });
        }),
      ).toBe(0);
    });
  });
});

describe('native couplings', () => {
  it('refuse arrays that are not the plan of theirs', () => {
    const couplings = loadNative()?.couplings;
    const plan = {
      ...{ starts: Int32Array.of(0, 1), factors: Int32Array.of(0), others: Int32Array.of(1) },
      ...{ coefficients: Float32Array.of(1), aRows: 1, bRows: 2 },
    };
    const [a, b] = [new Float32Array(2), new Float32Array(4)];
    expect(couplings?.(plan, a, b, 2)).toEqual(new Float32Array(2));
    expect(() => couplings?.(plan, b, b, 2)).toThrow(/couplings a: expected "?1 x 2 values/);
    expect(() => couplings?.({ ...plan, others: Int32Array.of(2) }, a, b, 2)).toThrow(
      /a row that is not there/,
    );
    expect(() => couplings?.({ ...plan, starts: Int32Array.of(0, 2) }, a, b, 2)).toThrow(/cover all terms/);
    expect(() => couplings?.({ ...plan, coefficients: new Float32Array(2) }, a, b, 2)).toThrow(
      /as many of each/,
    );
  });
});
