import { beforeAll, describe, expect, it } from 'vitest';
import { ShapeError } from '../../src/core/errors.js';
import { Rng } from '../../src/core/rng.js';
import { type ResidualCnnOptions, residualCnn } from '../../src/encoders/images/residualCnn.js';
import { Network } from '../../src/engine/network.js';
import { openEngine } from '../../src/engine/openEngine.js';
import { orthogonal } from '../../src/engine/parameters.js';
import * as tf from '../../src/engine/tf.js';
import { leakedTensors } from '../laws/gradient.js';
import { FLOAT32 } from '../laws/tolerance.js';

beforeAll(async () => {
  await openEngine();
});

const TINY: ResidualCnnOptions = {
  ...{ height: 17, width: 20, channels: 3, widths: [2, 3, 4, 5], stemStride: 1, codeDim: 4 },
};
const COUNT = 6;
const WHOLE = { height: 64, width: 64, channels: 3, widths: [64, 128, 256, 384], codeDim: 128 } as const;

function pictures({ height, width, channels }: ResidualCnnOptions, seed: number): Float32Array {
  const rng = new Rng(seed);
  return Float32Array.from({ length: COUNT * height * width * channels }, () => rng.uniform());
}

function codesOf(options: ResidualCnnOptions, pixels: Float32Array): number[][] {
  const encoder = residualCnn(options);
  const network = new Network([encoder], new Rng(3));
  const codes = tf.tidy(() => {
    const images = tf.tensor2d(pixels, [COUNT, pixels.length / COUNT]);
    return encoder.encode(network.batchStatisticsPass(), images).code.arraySync();
  });
  network.dispose();
  encoder.dispose();
  return codes;
}

describe('residualCnn', () => {
  it.each([1, 2] as const)('gives each image a code of its own, first step %i', (stemStride) => {
    const codes = codesOf({ ...TINY, stemStride }, pictures(TINY, 1));
    expect(codes.map((code) => code.length)).toEqual(Array(COUNT).fill(4));
    expect(new Set(codes.map(String)).size).toBe(COUNT);
  });

  it('has the 3.6 million parameters of a width of 64, and 0.2 million of a width of 16', () => {
    const sizeOf = (options: ResidualCnnOptions) => {
      const { parameters, batchNorms } = residualCnn(options);
      const arrays = parameters.map(({ shape }) => shape.reduce((a, b) => a * b, 1));
      return [...arrays, ...batchNorms.map(({ channels }) => 2 * channels)].reduce((a, b) => a + b, 0);
    };
    expect(sizeOf({ ...WHOLE, stemStride: 2 })).toBe(3_586_752);
    expect(sizeOf({ ...WHOLE, stemStride: 1, widths: [16, 32, 64, 96] })).toBe(234_768);
  });

  it('halves the images after the first stage, whether the width grows or not', () => {
    const names = (widths: ResidualCnnOptions['widths']) =>
      residualCnn({ ...TINY, widths }).parameters.map(({ name }) => name);
    expect(names([2, 2, 2, 2])).toEqual(names([2, 3, 4, 5]));
    expect(names([2, 2, 2, 2]).filter((name) => name.endsWith('shortcut'))).toHaveLength(3);
  });

  it('gives every one of its weights a gradient', () => {
    const encoder = residualCnn(TINY);
    const network = new Network([encoder], new Rng(3));
    const pixels = pictures(TINY, 2);
    const { value, gradient } = network.gradient((pass) => {
      const { code } = encoder.encode(pass, tf.tensor2d(pixels, [COUNT, pixels.length / COUNT]));
      return tf.sum(tf.square(code)) as tf.Scalar;
    });
    const values = gradient.dataSync();
    let offset = 0;
    for (const { name, shape } of network.parameters.specs) {
      const size = shape.reduce((a, b) => a * b, 1);
      const own = Array.from(values.subarray(offset, offset + size));
      expect(own.every(Number.isFinite), name).toBe(true);
      expect(
        own.some((g) => g !== 0),
        name,
      ).toBe(true);
      offset += size;
    }
    tf.dispose([value, gradient]);
    network.dispose();
  });

  it('refuses images that four stages leave one place of', () => {
    for (const [height, width, stemStride] of [
      [8, 32, 1],
      [32, 16, 2],
    ] as const) {
      expect(() => residualCnn({ ...TINY, height, width, stemStride })).toThrow(ShapeError);
    }
    expect(() => residualCnn({ ...TINY, height: 16, stemStride: 2 })).toThrow(
      'residualCnn: expected images larger than 16 x 16, got "16 x 20"',
    );
  });

  it('leaves no tensors behind', async () => {
    expect(await leakedTensors(() => void codesOf(TINY, pictures(TINY, 4)))).toBe(0);
  });
});

describe('orthogonal', () => {
  it.each([
    [6, 4],
    [4, 6],
    [5, 5],
  ])('of %i x %i has orthonormal columns, or rows where those are fewer', (rows, columns) => {
    const matrix = orthogonal(rows, columns)(new Rng(5));
    const few = Math.min(rows, columns);
    const at = (i: number, k: number) => (rows < columns ? matrix[i * columns + k] : matrix[k * columns + i]);
    for (let i = 0; i < few; i++) {
      for (let j = 0; j < few; j++) {
        let product = 0;
        for (let k = 0; k < Math.max(rows, columns); k++) product += at(i, k) * at(j, k);
        expect(Math.abs(product - (i === j ? 1 : 0))).toBeLessThan(FLOAT32);
      }
    }
  });
});
