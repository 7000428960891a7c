import { beforeAll, describe, expect, it } from 'vitest';
import { ShapeError, UsageError } from '../../../src/core/errors.js';
import { Rng } from '../../../src/core/rng.js';
import { affineImages } from '../../../src/encoders/groups/affineImages.js';
import { affineGradientsOnDevice, affineOnDevice } from '../../../src/encoders/groups/affineOnDevice.js';
import { AT_INFERENCE, type BatchGroup } from '../../../src/encoders/groups/batchGroup.js';
import { finiteImageGroup } from '../../../src/encoders/groups/finiteImageGroup.js';
import { imageIsometries, imageRotations } from '../../../src/encoders/groups/imageRotations.js';
import { allRotations, cyclic, dihedral, elementsOf } from '../../../src/encoders/steerable/planeGroup.js';
import { regular, turning } from '../../../src/encoders/steerable/representation.js';
import { openEngine } from '../../../src/engine/openEngine.js';
import * as tf from '../../../src/engine/tf.js';
import { rotateImages } from '../../../src/symmetry/rotation.js';
import { gradientError, leakedTensors } from '../../laws/gradient.js';
import { FLOAT32, GRADIENT_BY_DIFFERENCES } from '../../laws/tolerance.js';
import { relativeDifference, wholeMatrix } from '../steerable/action.js';

beforeAll(async () => {
  await openEngine();
});

const normals = (seed: number, shape: number[]) => {
  const rng = new Rng(seed);
  const size = shape.reduce((a, b) => a * b, 1);
  return tf.tensor(
    Float32Array.from({ length: size }, () => rng.normal()),
    shape,
  );
};
const images = (n: number, height: number, width: number, channels: number) =>
  normals(7, [n, height, width, channels]) as tf.Tensor4D;
const turns = (angles: readonly number[]) =>
  tf.tensor2d(angles.map((angle) => [Math.cos(angle), Math.sin(angle)]));

describe('turning images on tensors', () => {
  it.each([
    [9, 9],
    [8, 8],
    [7, 12],
  ])('agrees with rotateImages on %i x %i pixels', (height, width) => {
    const angles = [0, 0.3, 1.2, -2, Math.PI / 2, Math.PI, 3.1];
    tf.tidy(() => {
      const x = images(angles.length, height, width, 1);
      const expected = rotateImages(x.dataSync() as Float32Array, angles.length, height, width, angles);
      const turned = imageRotations.act(turns(angles), x);
      expect(relativeDifference(turned, tf.tensor(expected, x.shape))).toBeLessThan(FLOAT32);
    });
  });

  it('by a quarter turn moves the right edge to the top', () => {
    tf.tidy(() => {
      const x = tf.tensor4d([1, 2, 3, 4], [1, 2, 2, 1]);
      const turned = imageRotations.act(turns([Math.PI / 2]), x).dataSync();
      for (const [i, value] of [2, 4, 1, 3].entries()) expect(turned[i]).toBeCloseTo(value, 5);
    });
  });

  it('turns every channel alike', () => {
    tf.tidy(() => {
      const x = images(2, 6, 6, 3);
      const g = turns([0.4, 2]);
      const whole = tf.unstack(imageRotations.act(g, x), 3);
      for (const [c, channel] of tf.unstack(x, 3).entries())
        expect(
          relativeDifference(imageRotations.act(g, tf.expandDims(channel, 3)), tf.expandDims(whole[c], 3)),
        ).toBeLessThan(FLOAT32);
    });
  });
});

const MAPS = [
  [0.8137, 0.5291, 0.3171, -0.4273, 0.9413, -0.2239],
  [1.2739, -0.2371, 1.3071, 0.1193, -0.7331, 0.4217],
  [0.2113, 1.1317, -20, 0.9177, 0.1039, 0.6133],
];
const maps = () => tf.tensor3d(MAPS.flat(), [3, 2, 3]);

describe('affine maps of images', () => {
  it('are the same through arrays on the host and through gathers', () => {
    tf.tidy(() => {
      const x = images(3, 6, 5, 2);
      expect(relativeDifference(affineOnDevice(x, maps()), affineImages(x, maps()))).toBeLessThan(FLOAT32);
      const dy = normals(9, x.shape) as tf.Tensor4D;
      const [dx, dm] = tf.grads((a, b) => affineImages(a as tf.Tensor4D, b as tf.Tensor3D))([x, maps()], dy);
      const [ex, em] = affineGradientsOnDevice(dy, x, maps());
      expect(relativeDifference(ex, dx)).toBeLessThan(FLOAT32);
      expect(relativeDifference(em, dm)).toBeLessThan(FLOAT32);
    });
  });

  it('have the gradients of differences, to the images and to the maps', () => {
    tf.tidy(() => {
      const x = images(3, 6, 5, 1);
      const weights = normals(8, x.shape);
      const of = (a: tf.Tensor4D, m: tf.Tensor3D) => tf.sum(tf.mul(affineImages(a, m), weights)) as tf.Scalar;
      expect(gradientError((a) => of(a as tf.Tensor4D, maps()), x)).toBeLessThan(GRADIENT_BY_DIFFERENCES);
      // Bilinear values have edges at whole pixels, which a step of 1e-3 seldom crosses.
      expect(gradientError((m) => of(x, m as tf.Tensor3D), maps(), 1e-3)).toBeLessThan(
        GRADIENT_BY_DIFFERENCES,
      );
    });
  });

  it('pull images back by the exact transpose: <y, A x> = <Aᵀ y, x>', () => {
    tf.tidy(() => {
      const x = images(3, 6, 5, 2);
      const y = normals(3, x.shape) as tf.Tensor4D;
      const back = tf.grad((a) => affineImages(a as tf.Tensor4D, maps()))(x, y);
      const inner = (a: tf.Tensor, b: tf.Tensor) => tf.sum(tf.mul(a, b)).dataSync()[0];
      expect(inner(y, affineImages(x, maps()))).toBeCloseTo(inner(back, x), 4);
    });
  });

  it('that are not finite give NaN, in their own image alone', () => {
    tf.tidy(() => {
      const broken = tf.tensor3d([...MAPS[0], Number.NaN, 0, 0, 0, 1, 0, ...MAPS[2]], [3, 2, 3]);
      const x = images(3, 4, 4, 1);
      for (const moved of [affineImages(x, broken), affineOnDevice(x, broken)]) {
        const finite = Array.from(moved.dataSync(), Number.isFinite);
        expect(finite).toEqual(Array.from({ length: 48 }, (_, at) => at < 16 || at >= 32));
      }
      const [dx, dm] = tf.grads((a, b) => affineImages(a as tf.Tensor4D, b as tf.Tensor3D))([x, broken]);
      expect(Array.from(dx.dataSync().slice(16, 32)).every(Number.isNaN)).toBe(true);
      expect(Array.from(dm.dataSync()).filter(Number.isNaN).length).toBe(6);
    });
  });

  it('of no image are none; of another number are an error', () => {
    tf.tidy(() => {
      expect(affineImages(tf.zeros([0, 4, 4, 1]), tf.zeros([0, 2, 3])).shape).toEqual([0, 4, 4, 1]);
      expect(() => affineImages(tf.zeros([2, 4, 4, 1]), maps())).toThrow(ShapeError);
    });
  });
});

/** act(inverse(g), act(g, x)) = x and act(ψ(f), ·) for elements that only permute the pixels of squares. */
function requireInverse<F, G>(group: BatchGroup<tf.Tensor4D, F, G>, features: F, n: number): void {
  tf.tidy(() => {
    const x = images(n, 6, 6, 2);
    const g = group.fromFeatures(features, AT_INFERENCE);
    expect(relativeDifference(group.act(group.inverse(g), group.act(g, x)), x)).toBeLessThan(FLOAT32);
  });
}

describe('ψ of SO(2)', () => {
  it('turns with its features', () => {
    tf.tidy(() => {
      const v = tf.tensor2d([
        [0.3, -2],
        [1e-30, 1e-30],
        [-4e20, 3e20],
      ]);
      const [cos, sin] = [Math.cos(0.7), Math.sin(0.7)];
      const matrix = tf.tensor2d([
        [cos, sin],
        [-sin, cos],
      ]);
      const turned = imageRotations.fromFeatures(tf.matMul(v, matrix), AT_INFERENCE);
      const expected = tf.matMul(imageRotations.fromFeatures(v, AT_INFERENCE), matrix);
      expect(relativeDifference(turned, expected)).toBeLessThan(FLOAT32);
      expect(relativeDifference(tf.sum(tf.square(turned), 1), tf.ones([3]))).toBeLessThan(FLOAT32);
    });
  });

  it('is the identity with a finite gradient for the zero vector, and NaN for NaN', () => {
    tf.tidy(() => {
      const v = tf.tensor2d([
        [0, 0],
        [Number.NaN, 1],
      ]);
      const g = imageRotations.fromFeatures(v, AT_INFERENCE).arraySync();
      expect(g[0]).toEqual([1, 0]);
      expect(g[1].every(Number.isNaN)).toBe(true);
      const pull = tf.tensor2d([[1, 2]]);
      const of = (f: tf.Tensor) => imageRotations.fromFeatures(f as tf.Tensor2D, AT_INFERENCE);
      const [right, up] = tf
        .grad(of)(tf.zeros([1, 2]), pull)
        .dataSync();
      expect(right).toBe(0);
      expect(up).toBeCloseTo(2e4, -1);
      const at = normals(3, [3, 2]);
      const loss = (f: tf.Tensor) => tf.sum(tf.mul(of(f), normals(4, [3, 2]))) as tf.Scalar;
      expect(gradientError(loss, at)).toBeLessThan(GRADIENT_BY_DIFFERENCES);
    });
  });

  it('inverts', () => {
    requireInverse(imageRotations, turns([0, Math.PI / 2, -Math.PI / 2, Math.PI]), 4);
  });
});

describe('O(2) on images', () => {
  const first = [0, Math.PI / 2, Math.PI, -Math.PI / 2];
  const features = (sides: readonly number[]) => ({
    first: turns(first),
    second: turns(first.map((angle, i) => angle + 0.9 * sides[i])),
  });

  it('mirrors where the second vector lies clockwise of the first', () => {
    tf.tidy(() => {
      const g = imageIsometries.fromFeatures(features([1, -1, -1, 1]), AT_INFERENCE);
      expect(Array.from(tf.slice(g, [0, 2], [4, 1]).dataSync())).toEqual([1, -1, -1, 1]);
      const x = tf.tensor4d([1, 2, 3, 4], [1, 2, 2, 1]);
      const mirrored = imageIsometries.act(tf.tensor2d([[1, 0, -1]]), x).dataSync();
      expect(Array.from(mirrored)).toEqual([3, 4, 1, 2]);
      // Mirrored first, then a quarter turn: the right column, seen downwards, becomes the top row.
      const both = imageIsometries.act(tf.tensor2d([[0, 1, -1]]), x).dataSync();
      expect(Array.from(both)).toEqual([4, 2, 3, 1]);
    });
  });

  it('inverts', () => {
    requireInverse(imageIsometries, features([1, -1, -1, 1]), 4);
  });

  it('takes some element where the second vector says nothing, and NaN for NaN', () => {
    tf.tidy(() => {
      const g = imageIsometries.fromFeatures(
        {
          first: tf.tensor2d([
            [0, 2],
            [0, 0],
            [1, 1],
          ]),
          second: tf.tensor2d([
            [0, 0],
            [0, 0],
            [Number.NaN, 0],
          ]),
        },
        AT_INFERENCE,
      );
      expect(g.arraySync().slice(0, 2)).toEqual([
        [0, 1, 1],
        [1, 0, 1],
      ]);
      expect(g.arraySync()[2][2]).toBeNaN();
    });
  });
});

describe.each([cyclic(4), dihedral(4), cyclic(6)])('finite group $name', (plane) => {
  const elements = elementsOf(plane, 0);

  it('chooses the element of the largest number, and moves with it', () => {
    const group = finiteImageGroup(plane);
    tf.tidy(() => {
      const scores = normals(3, [5, elements.length]) as tf.Tensor2D;
      const chosen = group.fromFeatures(scores, AT_INFERENCE);
      for (const g of elements) {
        const matrix = tf.transpose(tf.tensor2d(wholeMatrix(regular(plane), g)));
        const moved = group.fromFeatures(tf.matMul(scores, matrix), AT_INFERENCE);
        expect(relativeDifference(moved, tf.matMul(chosen, matrix))).toBe(0);
      }
    });
    group.dispose();
  });

  it('acts as the turns and reflections do', () => {
    const group = finiteImageGroup(plane);
    tf.tidy(() => {
      const x = images(elements.length, 6, 6, 2);
      const oneHot = tf.cast(tf.oneHot(tf.range(0, elements.length, 1, 'int32'), elements.length), 'float32');
      const acted = group.act(oneHot as tf.Tensor2D, x);
      const isometries = tf.tensor2d(
        elements.map((g) => [turning(1, g)[0], turning(1, g)[2], g.mirrored ? -1 : 1]),
      );
      expect(relativeDifference(acted, imageIsometries.act(isometries, x))).toBeLessThan(FLOAT32);
      const back = group.inverse(oneHot as tf.Tensor2D);
      expect(
        relativeDifference(group.act(back, x), imageIsometries.act(imageIsometries.inverse(isometries), x)),
      ).toBeLessThan(FLOAT32);
    });
    group.dispose();
  });

  it('takes the first of equal numbers, with a finite gradient, and NaN for NaN', () => {
    const group = finiteImageGroup(plane);
    tf.tidy(() => {
      const x = images(1, 4, 4, 1);
      const of = (scores: tf.Tensor) => group.act(group.fromFeatures(scores as tf.Tensor2D, AT_INFERENCE), x);
      const ties = tf.zeros([1, elements.length]);
      expect(relativeDifference(of(ties), x)).toBeLessThan(FLOAT32);
      const gradient = tf
        .grad(of)(ties, normals(2, [1, 4, 4, 1]))
        .dataSync();
      expect(Array.from(gradient).every(Number.isFinite)).toBe(true);
      expect(Math.abs(Array.from(gradient).reduce((a, b) => a + b, 0))).toBeLessThan(1e-4);
      expect(gradient.some((value) => Math.abs(value) > 1e-3)).toBe(true);
      const nan = group.fromFeatures(tf.fill([1, elements.length], Number.NaN), AT_INFERENCE);
      expect(Array.from(nan.dataSync()).every(Number.isNaN)).toBe(true);
    });
    group.dispose();
  });
});

it('an infinite group has no one-hot elements', () => {
  expect(() => finiteImageGroup(allRotations)).toThrow(UsageError);
});

it('image groups leave no tensors behind', async () => {
  const leaked = await leakedTensors(() => {
    const group = finiteImageGroup(cyclic(4));
    tf.tidy(() => {
      const x = images(2, 4, 4, 1);
      tf.grad((s) => group.act(group.fromFeatures(s as tf.Tensor2D, AT_INFERENCE), x))(tf.zeros([2, 4]));
      tf.grad((v) => imageRotations.act(imageRotations.fromFeatures(v as tf.Tensor2D, AT_INFERENCE), x))(
        tf.ones([2, 2]),
      );
    });
    group.dispose();
  });
  expect(leaked).toBe(0);
});
