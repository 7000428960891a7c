import { readFileSync } from 'node:fs';
import { type Matrix32, matrix } from '../../src/core/matrix.js';
import type { Rng } from '../../src/core/rng.js';

/** Relative to max(1, |ref|): float64 on both sides, but the peers' formulas cancel near the rim and at short distances. */
export const REFERENCE_TOLERANCE = 1e-9;

export function readReference(name: string): unknown {
  return JSON.parse(readFileSync(new URL(`../reference/${name}.json`, import.meta.url), 'utf8'));
}

/** Values of peers beside these tests. */
export function readFixture(name: string): unknown {
  return JSON.parse(readFileSync(new URL(`./${name}.json`, import.meta.url), 'utf8'));
}

export function matrix32(rows: readonly (readonly number[])[]): Matrix32 {
  return matrix(Float32Array.from(rows.flat()), rows.length, rows[0]?.length ?? 0);
}

export function randomMatrix(rows: number, columns: number, rng: Rng, scale = 1): Matrix32 {
  const data = Float32Array.from({ length: rows * columns }, () => scale * rng.normal());
  return matrix(data, rows, columns);
}
