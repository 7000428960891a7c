import fc from 'fast-check';
import { Rng } from '../../src/core/rng.js';
import type { Space } from '../../src/core/space.js';
import { manifoldOf, type Manifold as Twin } from '../../src/geometry/manifold.js';
import { manifoldOn } from '../../src/manifolds/manifoldOn.js';
import type { TensorScene } from '../laws/tensorManifold.js';

const ROWS = 48;

export interface Reach {
  /** Largest distance of x from the origin, in units; every fourth x has it, every fourth is close by. */
  readonly far: number;
  /** Largest distance of y and z from x, in units. */
  readonly apart: number;
}

/** Rows drawn in float64 along geodesics of the twin and rounded to float32. */
export function scenes(spaces: fc.Arbitrary<Space>, { far, apart }: Reach): fc.Arbitrary<TensorScene> {
  return fc
    .tuple(spaces, fc.nat(2 ** 31), fc.double({ min: 0, max: far, noNaN: true }))
    .map(([space, seed, reach]) => {
      const twin = manifoldOf(space);
      const unit = unitOf(twin);
      const rng = new Rng(seed);
      const origin = twin.origin();
      const direction = (length: number) => {
        const v = Array.from({ length: twin.dimension }, () => rng.normal());
        return twin.frame(v.map((value) => (value * length * unit) / Math.hypot(...v)));
      };
      const lists: Record<keyof TensorScene['rows'], number[]> = { x: [], y: [], z: [], u: [], v: [], w: [] };
      const growth: number[] = [];
      for (let i = 0; i < ROWS; i++) {
        const radius = [reach, reach * rng.uniform(), far, 1e-3][i % 4];
        const x = round(twin.exp(origin, direction(radius)));
        const tangent = (length: number) => twin.transport(origin, x, direction(length));
        const y = round(twin.exp(x, tangent(apart * (0.05 + 0.95 * rng.uniform()))));
        const z = twin.exp(x, tangent(apart * rng.uniform()));
        lists.x.push(...x);
        lists.y.push(...y);
        lists.z.push(...z);
        lists.u.push(...tangent(1));
        lists.v.push(...tangent(1));
        lists.w.push(...direction(radius));
        growth.push(growthOf(twin, x, y, unit));
      }
      const rows = Object.fromEntries(
        Object.entries(lists).map(([name, list]) => [name, Float32Array.from(list)]),
      ) as unknown as TensorScene['rows'];
      return { manifold: manifoldOn(space), twin, rows, growth, unit };
    });
}

/** 1/√|K| of the largest curvature, and 1 where that is (nearly) flat. */
function unitOf({ curvature: { min, max } }: Twin): number {
  const largest = Math.max(-min, max);
  return largest > 1e-3 ? 1 / Math.sqrt(largest) : 1;
}

/** As test/geometry/manifoldLaws.test.ts has it; near antipodes, 1 / cos of half the angle more. */
function growthOf(twin: Twin, x: Float64Array, y: Float64Array, unit: number): number {
  const { min, max } = twin.curvature;
  const times = holdsLorentz(twin.space) ? 2 : 1;
  const apart = twin.dist(x, y) / unit;
  const hyperbolic = min < 0 ? Math.exp(times * (twin.dist(twin.origin(), x) / unit) + apart) : 1;
  return max > 0 ? (4 * hyperbolic) / Math.cos(apart / 2) : hyperbolic;
}

function holdsLorentz(space: Space): boolean {
  return space.kind === 'product'
    ? space.factors.some((f) => holdsLorentz(f.space))
    : space.kind === 'lorentz';
}

function round(x: Float64Array): Float64Array {
  return Float64Array.from(Float32Array.from(x));
}
