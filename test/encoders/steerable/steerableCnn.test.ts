import { beforeAll, describe, expect, it } from 'vitest';
import { ShapeError } from '../../../src/core/errors.js';
import { Rng } from '../../../src/core/rng.js';
import { loadMnist } from '../../../src/data/mnist.js';
import {
  encoderOfImages,
  orientedEncoder,
  plainEncoder,
} from '../../../src/encoders/images/imageEncoders.js';
import { plainCnn } from '../../../src/encoders/images/plainCnn.js';
import { steerableCnn } from '../../../src/encoders/steerable/steerableCnn.js';
import { Network } from '../../../src/engine/network.js';
import { openEngine } from '../../../src/engine/openEngine.js';
import * as tf from '../../../src/engine/tf.js';
import { wrapAngle } from '../../../src/symmetry/groups/so2.js';
import { rotateImages } from '../../../src/symmetry/rotation.js';
import { leakedTensors } from '../../laws/gradient.js';
import { FLOAT32 } from '../../laws/tolerance.js';
import { relativeDifference } from './action.js';

beforeAll(async () => {
  await openEngine();
});

const COUNT = 16;
/** Images [COUNT, 28, 28] of three smooth spots each, drawn at their turned places: nothing is interpolated. */
function spots(angle: number): Float32Array {
  const rng = new Rng(11);
  const images = new Float32Array(COUNT * 784);
  for (let image = 0; image < COUNT; image++) {
    for (let spot = 0; spot < 3; spot++) {
      const [radius, start] = [rng.uniform(1, 8), rng.uniform(-Math.PI, Math.PI)];
      const [right, up] = [radius * Math.cos(start + angle), radius * Math.sin(start + angle)];
      for (let at = 0; at < 784; at++) {
        const [dx, dy] = [(at % 28) - 13.5 - right, 13.5 - Math.floor(at / 28) - up];
        images[image * 784 + at] += Math.exp(-(dx * dx + dy * dy) / 18);
      }
    }
  }
  return images;
}

const digits = () => Float32Array.from(loadMnist('test').pixels.subarray(0, COUNT * 784), (v) => v / 255);
const asImages = (pixels: Float32Array) => tf.tensor4d(pixels, [COUNT, 28, 28, 1]);
const options = { height: 28, width: 28, rotations: 16, fields: [2, 3, 4, 8], codeDim: 6 } as const;

/** Codes and vectors of images turned by each angle, under one draw of weights. */
function encodedAt(angles: readonly number[], draw: (angle: number) => Float32Array, antialiased = false) {
  const encoder = steerableCnn({ ...options, antialiased });
  const network = new Network([encoder], new Rng(3));
  const encoded = angles.map((angle) =>
    tf.tidy(() => {
      const { code, features } = encoder.encode(network.inferencePass(), asImages(draw(angle)));
      return { code: tf.keep(code), features: tf.keep(features) };
    }),
  );
  network.dispose();
  encoder.dispose();
  return encoded;
}

describe('steerable network', () => {
  it('has codes that quarter turns leave as they are, and vectors that turn with the image', () => {
    const [still, ...turned] = encodedAt([0, Math.PI / 2, Math.PI, -Math.PI / 2], (angle) =>
      rotateImages(digits(), COUNT, 28, 28, Array<number>(COUNT).fill(angle)),
    );
    for (const [i, { code, features }] of turned.entries()) {
      expect(relativeDifference(code, still.code)).toBeLessThan(FLOAT32);
      const angle = ((i + 1) * Math.PI) / 2;
      const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
      tf.tidy(() => {
        const expected = tf.matMul(
          still.features,
          tf.tensor2d([
            [cos, sin],
            [-sin, cos],
          ]),
        );
        expect(relativeDifference(features, expected)).toBeLessThan(FLOAT32);
      });
    }
    tf.dispose([still, ...turned]);
  });

  it.each([false, true])(
    'follows other turns of smooth images, up to the pixels (antialiased: %s)',
    (antialiased) => {
      const angles = [0.4, 0.8, 2.1];
      const [still, ...turned] = encodedAt([0, ...angles], spots, antialiased);
      const directions = still.features.arraySync();
      for (const [i, { code, features }] of turned.entries()) {
        const change = tf.tidy(() => {
          const centred = tf.sub(still.code, tf.mean(still.code, 0));
          return tf.div(tf.norm(tf.sub(code, still.code)), tf.norm(centred)).dataSync()[0];
        });

        // Of untrained codes, which hardly differ from image to image: measured 0.36 to 0.46; unrelated codes give 1.4.
        expect(change).toBeLessThan(0.7);
        const errors = features.arraySync().map(([right, up], row) => {
          const [right0, up0] = directions[row];
          return Math.abs(wrapAngle(Math.atan2(up, right) - Math.atan2(up0, right0) - angles[i]));
        });
        const median = errors.sort((a, b) => a - b)[COUNT / 2];

        // Radians; measured 0.02 to 0.06.
        expect(median).toBeLessThan(0.12);
      }
      tf.dispose([still, ...turned]);
    },
  );

  it('takes other sizes, down to 12 x 12', () => {
    for (const [height, width] of [
      [12, 12],
      [30, 22],
    ]) {
      const encoder = steerableCnn({ ...options, height, width });
      const network = new Network([encoder], new Rng(3));
      tf.tidy(() => {
        const { code } = encoder.encode(network.inferencePass(), tf.ones([2, height, width, 1]));
        expect(code.shape).toEqual([2, 6]);
      });
      network.dispose();
      encoder.dispose();
    }
    expect(() => steerableCnn({ ...options, height: 8 })).toThrow(ShapeError);
    expect(() => steerableCnn({ ...options, rotations: 2 })).toThrow();
  });

  it('leaves no tensors behind', async () => {
    expect(await leakedTensors(() => steerableCnn(options).dispose())).toBe(0);
  });
});

describe('encoders of rows and of images', () => {
  it('are each other’s counterparts', () => {
    const images = steerableCnn(options);
    const rows = encoderOfImages(images, options);
    const network = new Network([rows], new Rng(3));
    tf.tidy(() => {
      const x = asImages(digits());
      const pass = network.inferencePass();
      const own = images.encode(pass, x);
      const asRows = rows.encode(pass, tf.reshape(x, [COUNT, 784]));
      const again = orientedEncoder(rows).encode(pass, x);
      expect(relativeDifference(asRows.orientation as tf.Tensor, own.features)).toBe(0);
      expect(relativeDifference(again.features, own.features)).toBe(0);
      expect(relativeDifference(asRows.code, own.code)).toBe(0);
    });
    network.dispose();
    rows.dispose();
  });

  it('without an orientation serve an ordinary autoencoder only', () => {
    const plain = plainCnn({ height: 28, width: 28, channels: [2, 2, 2, 2], codeDim: 3 });
    const network = new Network([plain], new Rng(3));
    tf.tidy(() => {
      const x = asImages(digits());
      const pass = network.inferencePass();
      expect(plainEncoder(plain).encode(pass, x).features).toBeNull();
      expect(() => orientedEncoder(plain).encode(pass, x)).toThrow(/plainCnn/);
    });
    network.dispose();
  });
});
