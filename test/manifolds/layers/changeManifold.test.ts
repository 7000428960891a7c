import { beforeAll, describe, expect, it } from 'vitest';
import { openEngine } from '../../../src/engine/openEngine.js';
import type * as tf from '../../../src/engine/tf.js';
import { poincareToLorentz, stereographicToSphere } from '../../../src/geometry/conversions.js';
import { exp0 } from '../../../src/geometry/stereographic.js';
import { changeManifold, type Model } from '../../../src/manifolds/layers/changeManifold.js';
import { chain } from '../../../src/manifolds/layers/layer.js';
import { gradientError } from '../../laws/gradient.js';
import { GRADIENT_BY_DIFFERENCES } from '../../laws/tolerance.js';
import { applied, asFunction, ballPoints, expectNear, networkWith, tensor, type Values } from './support.js';

beforeAll(async () => {
  await openEngine();
});

const C = 0.5;
const ball: Model = { kind: 'poincare', curvature: -C };
const hyperboloid: Model = { kind: 'lorentz', curvature: -C };
const projected: Model = { kind: 'stereographic', curvature: C };
const sphere: Model = { kind: 'sphere', curvature: C };
const flat: Model = { kind: 'euclidean' };
const MODELS: readonly Model[] = [
  ...[ball, hyperboloid, projected, sphere, flat],
  { kind: 'poincare', curvature: -2 },
  { kind: 'lorentz', curvature: -0.1 },
  { kind: 'sphere', curvature: 0.2 },
];

const features = ballPoints([4, 3], 1, 0.8, 1);
const byRow = (values: Values, f: (row: number[]) => ArrayLike<number>): Values => {
  const [n, d] = values.shape;
  const rows = Array.from({ length: n }, (_, i) => Array.from(f(values.data.slice(i * d, (i + 1) * d))));
  return { shape: [n, rows[0].length], data: rows.flat() };
};
const inBall = byRow(features, (v) => exp0(v, -C));

describe('change of manifold', () => {
  it('with one curvature is the isometry', async () => {
    const lifted = byRow(inBall, (p) => poincareToLorentz(p, C));
    expectNear(await applied(changeManifold({ from: ball, to: hyperboloid }), inBall), lifted);
    expectNear(await applied(changeManifold({ from: hyperboloid, to: ball }), lifted), inBall);
    const round = byRow(inBall, (p) => stereographicToSphere(p, C));
    expectNear(await applied(changeManifold({ from: projected, to: sphere }), inBall), round);
    expectNear(await applied(changeManifold({ from: sphere, to: projected }), round), inBall);
  });

  it('to the model that it comes from changes nothing', async () => {
    for (const model of [ball, hyperboloid, sphere, flat]) {
      const x = await applied(changeManifold({ from: flat, to: model }), features);
      expect(await applied(changeManifold({ from: model, to: model }), x)).toEqual(x);
    }
  });

  it('takes features v to exp0(v) in the ball', async () => {
    expectNear(await applied(changeManifold({ from: flat, to: ball }), features), inBall);
  });

  it.each(MODELS)('by way of $kind of curvature $curvature is the direct change', async (between) => {
    for (const [i, from] of MODELS.entries()) {
      const to = MODELS[(i + 3) % MODELS.length];
      const x = await applied(changeManifold({ from: flat, to: from }), features);
      const direct = await applied(changeManifold({ from, to }), x);
      const detour = chain(changeManifold({ from, to: between }), changeManifold({ from: between, to }));
      expectNear(await applied(detour, x), direct);
    }
  });

  it.each(MODELS)('from $kind of curvature $curvature has the gradient of its values', async (from) => {
    const x = await applied(changeManifold({ from: flat, to: from }), features);
    for (const to of [ball, hyperboloid, sphere, flat]) {
      const layer = changeManifold({ from, to });
      const network = await networkWith(layer);
      const at = tensor<tf.Tensor>(x);
      const f = asFunction(layer, network.inferencePass());
      expect(gradientError(f, at, 3e-3)).toBeLessThan(GRADIENT_BY_DIFFERENCES);
      at.dispose();
      network.dispose();
    }
  });

  it('knows a learned curvature by its function', async () => {
    const curvature = () => -C;
    const layer = changeManifold({
      from: { kind: 'poincare', curvature },
      to: { kind: 'poincare', curvature },
    });
    expect(await applied(layer, inBall)).toEqual(
      await applied(changeManifold({ from: ball, to: ball }), inBall),
    );
  });
});
