import { beforeAll, describe, expect, it } from 'vitest';
import { ShapeError, UsageError } from '../../src/core/errors.js';
import { Rng } from '../../src/core/rng.js';
import { loadMnist } from '../../src/data/mnist.js';
import type { Encoder } from '../../src/encoders/encoder.js';
import { plainCnn } from '../../src/encoders/images/plainCnn.js';
import { polarCnn } from '../../src/encoders/images/polarCnn.js';
import { Network } from '../../src/engine/network.js';
import { openEngine } from '../../src/engine/openEngine.js';
import * as tf from '../../src/engine/tf.js';
import { wrapAngle } from '../../src/symmetry/groups/so2.js';
import { leakedTensors } from '../laws/gradient.js';

beforeAll(async () => {
  await openEngine();
});

/** Sums of hundreds of float32 products in another order, four layers deep. */
const ROUNDING = 1e-4;
const CHANNELS = [4, 6, 8, 8] as const;
/** Mean and maximum of each last channel. */
const POLAR_CODE = 16;
const COUNT = 8;
const POLAR = { height: 28, width: 28, radii: 16, angles: 24, channels: CHANNELS };
const PLAIN = { height: 28, width: 28, channels: CHANNELS, codeDim: 10 };

/** Images turned counter-clockwise by k quarter turns, as a permutation of their pixels. */
function quarterTurns(pixels: Float32Array, side: number, k: number): Float32Array {
  if (k === 0) return pixels;
  const turned = pixels.map((_, at) => {
    const image = at - (at % (side * side));
    const [row, column] = [Math.floor((at - image) / side), at % side];
    // What was at the right edge comes to the top.
    return pixels[image + column * side + (side - 1 - row)];
  });
  return quarterTurns(turned, side, k - 1);
}

/** The first test digits in the upper left corner of images of side >= 28. */
function digits(side = 28): Float32Array {
  const { pixels } = loadMnist('test');
  const images = new Float32Array(COUNT * side * side);
  for (let i = 0; i < COUNT * 784; i++) {
    const [image, row, column] = [Math.floor(i / 784), Math.floor((i % 784) / 28), i % 28];
    images[(image * side + row) * side + column] = pixels[i] / 255;
  }
  return images;
}

interface Encoded {
  readonly code: number[][];
  readonly orientation: number[][];
}

/** Encodes with fresh weights from a fixed seed. */
function encodeWith(encoder: Encoder, batches: readonly Float32Array[]): Encoded[] {
  const network = new Network([encoder], new Rng(3));
  const encoded = batches.map((pixels) =>
    tf.tidy(() => {
      const size = encoder.columns;
      const images = tf.tensor2d(pixels, [pixels.length / size, size]);
      const { code, orientation } = encoder.encode(network.inferencePass(), images);
      return { code: code.arraySync(), orientation: orientation?.arraySync() ?? [] };
    }),
  );
  network.dispose();
  encoder.dispose();
  return encoded;
}

/** Largest difference between codes, relative to the largest entry. */
function change(a: number[][], b: number[][]): number {
  const [x, y] = [a.flat(), b.flat()];
  return Math.max(...x.map((v, i) => Math.abs(v - y[i]))) / Math.max(...x.map(Math.abs));
}

describe.each([
  { name: 'MNIST', side: 28, angles: 24 },
  { name: 'the angles of the quickstart', side: 28, angles: 48 },
  { name: 'an odd side, digits off the centre', side: 31, angles: 16 },
])('polarCnn and quarter turns, $name', ({ side, angles }) => {
  const options = { ...POLAR, height: side, width: side, angles };
  const images = digits(side);
  const turned = [0, 1, 2, 3].map((k) => quarterTurns(images, side, k));

  it('gives the turned image the same code', () => {
    const [upright, ...others] = encodeWith(polarCnn(options), turned);
    expect(upright.code).toHaveLength(COUNT);
    expect(upright.code[0]).toHaveLength(POLAR_CODE);
    for (const { code } of others) expect(change(upright.code, code)).toBeLessThan(ROUNDING);
  });

  it('gives different images different codes', () => {
    const [{ code }] = encodeWith(polarCnn(options), [images]);
    for (let i = 1; i < COUNT; i++) expect(change([code[0]], [code[i]])).toBeGreaterThan(100 * ROUNDING);
  });

  it('turns the orientation by exactly the angle, and keeps its length', () => {
    const [upright, ...others] = encodeWith(polarCnn(options), turned);
    for (const [k, { orientation }] of others.entries()) {
      for (const [i, [x, y]] of orientation.entries()) {
        const [x0, y0] = upright.orientation[i];
        const angle = Math.atan2(y, x) - Math.atan2(y0, x0);
        expect(Math.abs(wrapAngle(angle - ((k + 1) * Math.PI) / 2))).toBeLessThan(ROUNDING);
        expect(Math.abs(Math.hypot(x, y) / Math.hypot(x0, y0) - 1)).toBeLessThan(ROUNDING);
      }
    }
  });
});

describe('polarCnn', () => {
  it('says how wide its codes are, and takes 17 rings too', () => {
    const encoder = polarCnn({ ...POLAR, radii: 17 });
    expect([encoder.kind, encoder.codeDim]).toEqual(['polarCnn', POLAR_CODE]);
    const [{ code, orientation }] = encodeWith(encoder, [digits()]);
    expect([code[0].length, orientation[0].length]).toEqual([POLAR_CODE, 2]);
  });

  it('takes images that are not square', () => {
    const [{ code }] = encodeWith(polarCnn({ ...POLAR, height: 14, width: 56 }), [digits()]);
    expect(code.flat().every(Number.isFinite)).toBe(true);
  });

  it.each([15, 18, 0, Number.NaN])('refuses %f rings', (radii) => {
    expect(() => polarCnn({ ...POLAR, radii })).toThrow(UsageError);
    expect(() => polarCnn({ ...POLAR, radii })).toThrow(/polarCnn radii: expected 16 or 17, got/);
  });

  it('refuses half a ring', () => {
    expect(() => polarCnn({ ...POLAR, radii: 16.5 })).toThrow(UsageError);
  });

  it.each([23, 6, 0, -8, 24.5, Number.NaN])('refuses %f angles', (angles) => {
    expect(() => polarCnn({ ...POLAR, angles })).toThrow(UsageError);
    expect(() => polarCnn({ ...POLAR, angles })).toThrow(
      /polarCnn angles: expected an even number >= 8, got/,
    );
  });

  it('takes the fewest angles, 8, exactly invariant still', () => {
    const images = digits();
    const [a, b] = encodeWith(polarCnn({ ...POLAR, angles: 8 }), [images, quarterTurns(images, 28, 1)]);
    expect(change(a.code, b.code)).toBeLessThan(ROUNDING);
  });
});

describe('plainCnn', () => {
  it('gives the turned image another code, and no orientation', () => {
    const images = digits();
    const encoder = plainCnn(PLAIN);
    expect([encoder.kind, encoder.codeDim]).toEqual(['plainCnn', 10]);
    const turned = [0, 1, 2, 3].map((k) => quarterTurns(images, 28, k));
    const [upright, ...others] = encodeWith(encoder, turned);
    expect(upright.code[0]).toHaveLength(10);
    expect(upright.orientation).toEqual([]);
    for (const { code } of others) expect(change(upright.code, code)).toBeGreaterThan(0.1);
  });

  it('takes images from 24 x 24 on and refuses smaller ones', () => {
    const [{ code }] = encodeWith(plainCnn({ ...PLAIN, height: 24, width: 25 }), [
      new Float32Array(600).fill(0.5),
    ]);
    expect(code[0]).toHaveLength(10);
    for (const [height, width] of [
      [23, 28],
      [28, 23],
      [1, 1],
    ]) {
      expect(() => plainCnn({ ...PLAIN, height, width })).toThrow(ShapeError);
      expect(() => plainCnn({ ...PLAIN, height, width })).toThrow(
        `plainCnn: expected images of at least 24 x 24, got "${height} x ${width}"`,
      );
    }
  });
});

describe.each([
  { name: 'polarCnn', make: () => polarCnn({ ...POLAR, angles: 8, channels: [2, 2, 2, 2] }) },
  { name: 'plainCnn', make: () => plainCnn({ ...PLAIN, channels: [2, 2, 2, 2], codeDim: 3 }) },
])('$name', ({ make }) => {
  it('leaves no tensors behind', async () => {
    expect(await leakedTensors(() => void encodeWith(make(), [digits()]))).toBe(0);
  });

  it('gives every one of its weights a gradient', () => {
    const encoder = make();
    const network = new Network([encoder], new Rng(3));
    const { value, gradient } = network.gradient((pass) => {
      const { code, orientation } = encoder.encode(pass, tf.tensor2d(digits(), [COUNT, 784]));
      const size = (x: tf.Tensor | undefined) => (x ? tf.sum(tf.square(x)) : tf.scalar(0)) as tf.Scalar;
      return tf.add(size(code), size(orientation));
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
    encoder.dispose();
  });
});
