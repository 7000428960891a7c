import { beforeAll, describe, expect, it } from 'vitest';
import { ShapeError } from '../../src/core/errors.js';
import type { Space } from '../../src/core/space.js';
import { openEngine } from '../../src/engine/openEngine.js';
import * as tf from '../../src/engine/tf.js';
import { manifoldOf } from '../../src/geometry/manifold.js';
import { manifoldOn } from '../../src/manifolds/manifoldOn.js';
import { wrappedNormal } from '../../src/manifolds/sampling.js';
import { gradientError } from '../laws/gradient.js';
import { GRADIENT_BY_DIFFERENCES } from '../laws/tolerance.js';
import { expectRows, normalRows } from './support.js';

beforeAll(async () => {
  await openEngine();
});

const SPACES: readonly Space[] = [
  { kind: 'poincare', dim: 2, curvature: -1 },
  { kind: 'lorentz', dim: 2, curvature: -0.5 },
  { kind: 'sphere', dim: 3, curvature: 2 },
  {
    kind: 'product',
    combine: 'l2',
    factors: [
      { space: { kind: 'euclidean', dim: 1 }, weight: 2 },
      { space: { kind: 'lorentz', dim: 1, curvature: -1 }, weight: 0.5 },
    ],
  },
];

describe.each(SPACES)('a wrapped normal on $kind', (space) => {
  const manifold = manifoldOn(space);
  const mean = () => tf.tidy(() => manifold.exp0(manifold.frame(normalRows(6, 2, 0.5, 1))));

  it('carries the scaled noise to the mean as float64 does', () => {
    tf.tidy(() => {
      const twin = manifoldOf(space);
      const [means, noise] = [mean(), normalRows(6, 2, 1, 2)];
      const got = wrappedNormal(manifold, means, tf.tensor2d([[0.3, 0.6]]), noise);
      const [at, drawn] = [means.arraySync(), noise.arraySync()];
      const expected = at.map((x, i) => {
        const u = twin.frame([0.3 * drawn[i][0], 0.6 * drawn[i][1]]);
        return Array.from(twin.exp(x, twin.transport(twin.origin(), x, u)));
      });
      expectRows(got, expected);
    });
  });

  it('has samples as far from the mean as the noise is long', () => {
    tf.tidy(() => {
      const [means, noise] = [mean(), normalRows(6, 2, 1, 3)];
      const d = manifold.dist(means, wrappedNormal(manifold, means, 0.25, noise));
      expectRows(tf.expandDims(d, 1), tf.mul(tf.norm(noise, 2, 1, true), 0.25) as tf.Tensor2D);
    });
  });

  it('has gradients in mean and scale', () => {
    const noise = normalRows(6, 2, 1, 4);
    const weights = normalRows(6, manifold.columns, 1, 5);
    const at = normalRows(6, 2, 0.5, 6);
    const sum = (v: tf.Tensor, scale: tf.Tensor | number) => {
      const means = manifold.exp0(manifold.frame(v as tf.Tensor2D));
      return tf.sum(tf.mul(wrappedNormal(manifold, means, scale, noise), weights)) as tf.Scalar;
    };
    const scale = tf.tensor2d([[0.3, 0.6]]);
    expect(gradientError((v) => sum(v, 0.3), at, 3e-3)).toBeLessThan(GRADIENT_BY_DIFFERENCES);
    expect(gradientError((s) => sum(at, s), scale, 3e-3)).toBeLessThan(GRADIENT_BY_DIFFERENCES);
    tf.dispose([noise, weights, at, scale]);
  });

  it('refuses noise of another shape', () => {
    const [means, noise] = [mean(), normalRows(5, 2, 1, 7)];
    expect(() => wrappedNormal(manifold, means, 1, noise)).toThrow(ShapeError);
    tf.dispose([means, noise]);
  });
});
