import fc from 'fast-check';
import { beforeAll, describe } from 'vitest';
import type { Space } from '../../src/core/space.js';
import { openEngine } from '../../src/engine/openEngine.js';
import { tensorManifoldLaws } from '../laws/tensorManifold.js';
import { scenes } from './scenes.js';

beforeAll(async () => {
  await openEngine();
});

const PARAMETERS = { seed: 7, numRuns: 6 };
const DIM = 3;

const positive = fc.double({ min: 0.05, max: 20, noNaN: true });
const curved = (kind: 'sphere' | 'poincare' | 'lorentz' | 'stereographic', sign: 1 | -1, dim = DIM) =>
  positive.map((K): Space => ({ kind, dim, curvature: sign * K }));

const product = fc.tuple(positive, positive).map(
  ([K, weight]): Space => ({
    kind: 'product',
    combine: 'l2',
    factors: [
      { space: { kind: 'lorentz', dim: 2, curvature: -K }, weight },
      { space: { kind: 'euclidean', dim: 1 }, weight: 0.5 },
      { space: { kind: 'sphere', dim: 2, curvature: K }, weight: 1 },
      {
        space: {
          kind: 'product',
          combine: 'l2',
          factors: [{ space: { kind: 'poincare', dim: 2, curvature: -K / 2 }, weight: 2 }],
        },
        weight: 3,
      },
    ],
  }),
);

const SPACES: Readonly<Record<string, fc.Arbitrary<Space>>> = {
  euclidean: fc.constant({ kind: 'euclidean', dim: DIM }),
  sphere: curved('sphere', 1, DIM + 1),
  poincare: curved('poincare', -1),
  lorentz: curved('lorentz', -1),
  'stereographic, K > 0': curved('stereographic', 1),
  'stereographic, K < 0': curved('stereographic', -1),
  'stereographic, K near 0': fc
    .tuple(fc.constantFrom(1, -1), fc.integer({ min: 6, max: 40 }))
    .map(([sign, digits]): Space => ({ kind: 'stereographic', dim: DIM, curvature: sign * 10 ** -digits })),
  'stereographic, K = 0': fc.constant({ kind: 'stereographic', dim: DIM, curvature: 0 }),
  product,
};

describe.each(Object.entries(SPACES))('%s on tensors', (_, space) => {
  tensorManifoldLaws(scenes(space, { far: 1, apart: 1.2 }), PARAMETERS);
});

describe('the sphere on tensors, up to 1/10 of a radius from the antipode', () => {
  tensorManifoldLaws(scenes(SPACES['sphere'], { far: 3, apart: 3 }), PARAMETERS);
});

describe.each(['poincare', 'stereographic, K < 0'])('%s on tensors, near the rim of the ball', (name) => {
  // At 9/√c the rim is 2.5e-4 of the radius away, and a rounding of float32 counts e^9 = 8000 times.
  tensorManifoldLaws(scenes(SPACES[name], { far: 9, apart: 1 }), PARAMETERS);
});

describe('lorentz on tensors, where times are 70 times the radius', () => {
  tensorManifoldLaws(scenes(SPACES['lorentz'], { far: 5, apart: 1 }), PARAMETERS);
});
