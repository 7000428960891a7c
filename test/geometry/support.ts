import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect } from 'vitest';
import { type Matrix32, type Matrix64, matrix } from '../../src/core/matrix.js';
import type { Rng } from '../../src/core/rng.js';
import type { Space } from '../../src/core/space.js';
import { columnsOf } from '../../src/core/space.js';

/** Every law runs on the same draws in every run. */
export const LAWS = { seed: 7, numRuns: 200 } as const;

/** Relative to max(1, |ref|): float64 on both sides, but the peers' formulas cancel near the rim and at short distances. */
export const REFERENCE_TOLERANCE = 1e-9;

export function readReference(name: string): unknown {
  return JSON.parse(readFileSync(new URL(`../reference/${name}.json`, import.meta.url), 'utf8'));
}

/** Every number of `got` against the nested lists of `reference`. */
export function expectReference(got: unknown, reference: unknown, what: string): void {
  const g = flat(got);
  const r = flat(reference);
  expect(g.length, `${what}: count`).toBe(r.length);
  const worst = Math.max(...r.map((value, i) => Math.abs(g[i] - value) / Math.max(1, Math.abs(value))));
  expect(worst, what).toBeLessThanOrEqual(REFERENCE_TOLERANCE);
}

function flat(value: unknown): number[] {
  if (typeof value === 'number') return [value];
  if (ArrayBuffer.isView(value)) return Array.from(value as Float64Array);
  return (value as unknown[]).flatMap(flat);
}

export function matrixOf(rows: readonly (readonly number[])[]): Matrix64 {
  return matrix(Float64Array.from(rows.flat()), rows.length, rows[0]?.length ?? 0);
}

/** Finite coordinates in [-1, 1]. */
export const coordinates = (n: number) =>
  fc.array(fc.double({ min: -1, max: 1, noNaN: true }), { minLength: n, maxLength: n });

/** n float32 rows that are points of the space, spread over norms up to about 3 geodesic units. */
export function randomPoints(space: Space, n: number, rng: Rng): Matrix32 {
  const columns = columnsOf(space);
  const data = new Float32Array(n * columns);
  for (let i = 0; i < n; i++) data.set(randomPoint(space, rng), i * columns);
  return matrix(data, n, columns);
}

function randomPoint(space: Space, rng: Rng): number[] {
  if (space.kind === 'product') return space.factors.flatMap((factor) => randomPoint(factor.space, rng));
  const v = Array.from({ length: space.dim }, () => rng.normal());
  const length = Math.hypot(...v);
  switch (space.kind) {
    case 'sphere':
      return v.map((a) => a / (length * Math.sqrt(space.curvature)));
    case 'poincare':
      return v.map((a) => ((a / length) * rng.uniform(0, 0.9)) / Math.sqrt(-space.curvature));
    case 'stereographic':
      return v.map((a) => ((a / length) * rng.uniform(0, 0.9)) / Math.sqrt(Math.abs(space.curvature) || 1));
    case 'lorentz':
      return [Math.sqrt(length ** 2 - 1 / space.curvature), ...v];
    case 'star':
      return [Math.abs(v[0])];
    default:
      return v;
  }
}

/** One space of every kind, products of both sorts included. */
export const SPACES: readonly Space[] = [
  { kind: 'euclidean', dim: 5 },
  { kind: 'cosine', dim: 6 },
  { kind: 'innerProduct', dim: 7 },
  { kind: 'sphere', dim: 4, curvature: 2 },
  { kind: 'poincare', dim: 3, curvature: -0.7 },
  { kind: 'lorentz', dim: 4, curvature: -1.5 },
  { kind: 'stereographic', dim: 3, curvature: -1 },
  { kind: 'stereographic', dim: 3, curvature: 0 },
  { kind: 'stereographic', dim: 5, curvature: 0.5 },
  { kind: 'star', dim: 1 },
  ...(['sum', 'l2'] as const).map((combine) => ({
    kind: 'product' as const,
    combine,
    factors: [
      { space: { kind: 'cosine', dim: 3 } as const, weight: 10 },
      { space: { kind: 'lorentz', dim: 2, curvature: -0.1 } as const, weight: 0.5 },
      { space: { kind: 'star', dim: 1 } as const, weight: 2 },
    ],
  })),
];

export const nameOf = (space: Space): string =>
  space.kind === 'product'
    ? `product ${space.combine}`
    : `${space.kind}${'curvature' in space ? ` K = ${space.curvature}` : ''}`;
