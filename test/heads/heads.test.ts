import { beforeAll, describe, expect, it } from 'vitest';
import { UsageError } from '../../src/core/errors.js';
import { Rng } from '../../src/core/rng.js';
import { Network, type Pass } from '../../src/engine/network.js';
import { openEngine } from '../../src/engine/openEngine.js';
import { normal } from '../../src/engine/parameters.js';
import * as tf from '../../src/engine/tf.js';
import { euclideanHead } from '../../src/heads/euclideanHead.js';
import type { Head } from '../../src/heads/head.js';
import { type PoincareHeadOptions, poincareHead } from '../../src/heads/poincareHead.js';
import { FLOAT32 } from '../laws/tolerance.js';

beforeAll(async () => {
  await openEngine();
});

const CODE_DIM = 12;
const N = 24;
const OPTIONS: PoincareHeadOptions = { dim: 6, curvature: -0.4, feeding: 'free', clip: 2.3, startNorm: 0.7 };

function makeHeads(options: Partial<PoincareHeadOptions>, codeDim = CODE_DIM) {
  const euclidean = euclideanHead(codeDim, 6);
  return { euclidean, poincare: poincareHead(codeDim, { ...OPTIONS, ...options }, euclidean.tangent) };
}

function bothHeads(options: Partial<PoincareHeadOptions>, codeDim = CODE_DIM) {
  const { euclidean, poincare } = makeHeads(options, codeDim);
  return { euclidean, poincare, network: new Network([euclidean, poincare], new Rng(1)) };
}

function codes(rows: number, columns: number, size = 1): tf.Tensor2D {
  const rng = new Rng(2);
  return tf.tensor2d(
    Float32Array.from({ length: rows * columns }, () => size * rng.normal()),
    [rows, columns],
  );
}

const points = (head: Head, pass: Pass, code: tf.Tensor2D) => head.toPoints(head.tangent(pass, code));
const norms = (x: tf.Tensor) => Array.from(tf.norm(x, 2, 1).dataSync());

describe('the Euclidean head', () => {
  it('puts every code on the unit sphere, whatever its size', () => {
    const { euclidean, network } = bothHeads({});
    tf.tidy(() => {
      for (const size of [1e-3, 1, 1e3]) {
        const radii = norms(points(euclidean, network.inferencePass(), codes(N, CODE_DIM, size)));
        for (const r of radii) expect(Math.abs(r - 1)).toBeLessThan(FLOAT32);
      }
    });
    network.dispose();
  });
});

describe('feeding "unit"', () => {
  it('has no weights of its own', () => {
    const { poincare, network } = bothHeads({ feeding: 'unit' });
    expect(poincare.parameters).toEqual([]);
    network.dispose();
  });

  it('puts every point on one sphere, of the radius that exp gives a unit vector: tanh(√c) / √c', () => {
    const { poincare, network } = bothHeads({ feeding: 'unit' });
    const root = Math.sqrt(0.4);
    tf.tidy(() => {
      for (const r of norms(points(poincare, network.inferencePass(), codes(N, CODE_DIM, 3)))) {
        expect(Math.abs(r - Math.tanh(root) / root)).toBeLessThan(FLOAT32);
      }
    });
    network.dispose();
  });

  it.each([-0.1, -1, -4])('ranks all neighbours exactly as the Euclidean head does, K = %f', (curvature) => {
    const { euclidean, poincare, network } = bothHeads({ feeding: 'unit', curvature });
    const [flat, curved] = tf.tidy(() => {
      const pass = network.inferencePass();
      const code = codes(N, CODE_DIM);
      return [euclidean, poincare].map((head) => {
        const x = points(head, pass, code);
        return head.metric.pairwise(x, x).arraySync();
      });
    });
    const ranking = (d: number[]) => d.map((_, j) => j).sort((a, b) => d[a] - d[b]);
    for (let i = 0; i < N; i++) {
      expect(ranking(curved[i].with(i, -1))).toEqual(ranking(flat[i].with(i, -1)));
    }
    network.dispose();
  });
});

describe('feeding "free"', () => {
  it('keeps tangents within clip and points within the radius of clip, for codes of any size', () => {
    const { poincare, network } = bothHeads({});
    const root = Math.sqrt(0.4);
    tf.tidy(() => {
      for (const size of [0, 1, 1e3, 1e9]) {
        const tangent = poincare.tangent(network.inferencePass(), codes(N, CODE_DIM, size));
        for (const r of norms(tangent)) expect(r).toBeLessThanOrEqual(2.3 * (1 + FLOAT32));
        const rim = Math.tanh(root * 2.3) / root;
        for (const r of norms(poincare.toPoints(tangent))) expect(r).toBeLessThanOrEqual(rim * (1 + FLOAT32));
      }
    });
    network.dispose();
  });

  it('gives points of many radii', () => {
    const { poincare, network } = bothHeads({});
    const radii = tf.tidy(() => norms(points(poincare, network.inferencePass(), codes(N, CODE_DIM))));
    expect(Math.max(...radii)).toBeGreaterThan(1.5 * Math.min(...radii));
    network.dispose();
  });

  it.each([8, 64, 256])('starts at startNorm with codes of %i columns', (codeDim) => {
    const { poincare, network } = bothHeads({ dim: 64, clip: 1e4 }, codeDim);
    const squares = tf.tidy(() =>
      norms(poincare.tangent(network.inferencePass(), codes(200, codeDim))).map((r) => r * r),
    );
    const size = Math.sqrt(squares.reduce((a, b) => a + b, 0) / squares.length);
    // Mean squares of 64 codeDim weights are known to sqrt(2 / 512) = 6 % at 8 columns, and of 200 codes to
    // sqrt(2 / 8 / 200) = 4 %: together 7 %, half of it in the root; four times that.
    expect(Math.abs(size / 0.7 - 1)).toBeLessThan(0.14);
    network.dispose();
  });

  it('refuses a starting norm that the clip does not let through, but not where it plays no part', () => {
    for (const startNorm of [2.3, 5, 0, Number.NaN]) {
      expect(() => makeHeads({ startNorm })).toThrow(UsageError);
      expect(() => makeHeads({ startNorm })).toThrow(
        /poincareHead startNorm: expected a number in \(0, 2\.3\)/,
      );
      makeHeads({ feeding: 'unit', startNorm });
    }
  });
});

describe.each(['unit', 'free'] as const)('gradients with feeding "%s"', (feeding) => {
  it.each([0, 1e-30, 1e-3, 1, 1e6])('are finite at codes of size %f, in codes and weights', (size) => {
    const { euclidean, poincare } = makeHeads({ feeding });
    const codes = {
      parameters: [{ name: 'code', shape: [5, CODE_DIM], initial: normal(size) }],
      batchNorms: [],
    };
    const network = new Network([codes, euclidean, poincare], new Rng(4));
    const { value, gradient } = network.gradient((pass) => {
      // Every point comes twice: coincident pairs as well as the diagonal.
      const code = tf.concat([pass.weight('code'), pass.weight('code')]) as tf.Tensor2D;
      const sums = [euclidean, poincare].map((head) => {
        const x = points(head, pass, code);
        return tf.sum(head.metric.pairwise(x, x)) as tf.Scalar;
      });
      return tf.addN(sums);
    });
    expect(Number.isFinite(value.dataSync()[0])).toBe(true);
    expect(Array.from(gradient.dataSync()).every(Number.isFinite)).toBe(true);
    tf.dispose([value, gradient]);
    network.dispose();
  });
});
