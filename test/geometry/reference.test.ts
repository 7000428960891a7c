import { describe, it } from 'vitest';
import { distanceMatrix } from '../../src/geometry/distance.js';
import * as gyro from '../../src/geometry/gyrovector.js';
import * as lorentz from '../../src/geometry/lorentz.js';
import * as ball from '../../src/geometry/poincare.js';
import { expectReference, matrixOf, readReference } from './support.js';

type Rows = number[][];

interface Case {
  readonly c: number;
  readonly x: Rows;
  readonly y: Rows;
  readonly u?: Rows;
  readonly matrix: Rows;
  readonly weights: number[];
  readonly lorentz: Readonly<
    Record<'x' | 'y' | 'v' | 'dist' | 'inner' | 'expmap' | 'logmap' | 'transp', Rows>
  >;
  readonly [quantity: string]: unknown;
}

const { cases } = readReference('geometry') as { cases: Case[] };

// The peer is geoopt in float64; its edge case has points at 1e-3 and 1e-4 of the radius from the rim.
const numbered = cases.map((reference, i) => ({ i, reference }));

describe.each(numbered)('geometry.json case $i', ({ reference }) => {
  const { c, x, y } = reference;

  it('agrees on distances and their gradients', () => {
    const space = { kind: 'poincare', dim: x[0].length, curvature: -c } as const;
    const all = distanceMatrix(space, matrixOf(x), matrixOf(y));
    expectReference(all.data, reference['distMatrix'], 'distMatrix');
    const got = {
      dist: x.map((p, i) => ball.dist(p, y[i], c)),
      dist0: x.map((p) => ball.dist0(p, c)),
      gradDistX: x.map((p, i) => ball.distGradient(p, y[i], c)),
      gradDistY: x.map((p, i) => ball.distGradient(y[i], p, c)),
    };
    for (const [quantity, values] of Object.entries(got))
      expectReference(values, reference[quantity], quantity);
  });
});

// The edge case has distances only.
describe.each(numbered.filter(({ reference }) => reference.u))('geometry.json case $i', ({ reference }) => {
  const { c, x, y, u = [] } = reference;

  it('agrees on maps, transports and gyrovector operations', () => {
    const each = (f: (i: number) => unknown) => x.map((_, i) => f(i));
    const got = {
      mobiusAdd: each((i) => ball.mobiusAdd(x[i], y[i], c)),
      expmap: each((i) => ball.exp(x[i], u[i], c)),
      logmap: each((i) => ball.log(x[i], y[i], c)),
      expmap0: each((i) => ball.exp0(u[i], c)),
      logmap0: each((i) => ball.log0(x[i], c)),
      lambda_x: each((i) => ball.conformalFactor(x[i], c)),
      egrad2rgrad: each((i) => ball.egrad2rgrad(x[i], u[i], c)),
      mobiusMatvec: each((i) => gyro.mobiusMatvec(matrixOf(reference.matrix), x[i], c)),
      mobiusScalarMul: each((i) => gyro.mobiusScalarMul(0.7, x[i], c)),
      transp: each((i) => gyro.transport(x[i], y[i], u[i], c)),
      transp0: each((i) => gyro.transport0(x[i], u[i], c)),
      gyration: each((i) => gyro.gyration(x[i], y[i], u[i], c)),
      midpoint: gyro.midpoint(matrixOf(x), reference.weights, c),
      geodesicHalf: each((i) => gyro.geodesic(0.5, x[i], y[i], c)),
      dist2planePoint: each((i) => Math.abs(gyro.distanceToHyperplane(x[i], y[i], u[i], c))),
      // The peer's "scaled" multiplies by the length of the normal.
      dist2planeSigned: each((i) => gyro.distanceToHyperplane(x[i], y[i], u[i], c) * Math.hypot(...u[i])),
    };
    for (const [quantity, values] of Object.entries(got))
      expectReference(values, reference[quantity], quantity);
  });

  it('agrees on the hyperboloid', () => {
    const { x, y, v } = reference.lorentz;
    const got = {
      dist: x.map((p, i) => lorentz.dist(p, y[i], c)),
      inner: x.map((p, i) => lorentz.inner(p, y[i])),
      expmap: x.map((p, i) => lorentz.exp(p, v[i], c)),
      logmap: x.map((p, i) => lorentz.log(p, y[i], c)),
      transp: x.map((p, i) => lorentz.transport(p, y[i], v[i], c)),
    };
    for (const [quantity, values] of Object.entries(got)) {
      expectReference(values, reference.lorentz[quantity as keyof typeof got], `lorentz ${quantity}`);
    }
  });
});
