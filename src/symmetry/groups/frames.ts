import { type Matrix, row } from '../../core/matrix.js';

/** A vector shorter than this share of all of an item's vectors together counts as zero: float32 knows no direction of it. */
export const NEGLIGIBLE_SHARE = 1e-5;
/** Shorter than this counts as zero too: the square of its reciprocal still fits float32. */
export const NEGLIGIBLE_LENGTH = 1e-10;

type Vector = ArrayLike<number>;

/**
 * An orthonormal frame of the plane that turns with the vectors it comes from, 2 x 2 row-major. Column 0 is the
 * direction of the first vector that counts (axis 0 where none does), column 1 that direction turned by a quarter; with
 * `mirrors` on the side of the first vector that is off that line.
 * @param vectors [k, 2]
 */
export function planeFrame(vectors: Matrix, mirrors: boolean): Float64Array {
  const { rows, least } = candidatesOf(vectors);
  const first = unit(rows.find((v) => squared(v) > least) ?? [1, 0]);
  const turned = [-first[1], first[0]];
  const second = mirrors ? onSideOf(rows, least, turned) : turned;
  return columns([first, second]);
}

/**
 * An orthonormal frame of space, 3 x 3 row-major: column 0 along the first vector that counts, column 1 along the first
 * one off that line, less its part along it; where all lie on a line, along a coordinate axis less that part. Column 2
 * is their cross product, with `mirrors` turned to the side of the first vector that is off their plane.
 * @param vectors [k, 3] @source Gram and Schmidt, twice over against rounding
 */
export function spaceFrame(vectors: Matrix, mirrors: boolean): Float64Array {
  const { rows, least } = candidatesOf(vectors);
  const first = unit(rows.find((v) => squared(v) > least) ?? [1, 0, 0]);
  const across = Math.abs(first[2]) > Math.sqrt(3) / 2 ? [1, 0, 0] : [0, 0, 1];
  const rests = rows.slice(1).map((v) => without(first, v));
  const away = rests.find((v) => squared(v) > least) ?? without(first, across);
  const second = unit(without(first, unit(away)));
  const third = cross(first, second);
  return columns([first, second, mirrors ? onSideOf(rows, least, third) : third]);
}

function candidatesOf(vectors: Matrix): { readonly rows: readonly Vector[]; readonly least: number } {
  const rows = Array.from({ length: vectors.rows }, (_, i) => row(vectors, i));
  const together = rows.reduce((sum, v) => sum + squared(v), 0);
  return { rows, least: Math.max(together * NEGLIGIBLE_SHARE ** 2, NEGLIGIBLE_LENGTH ** 2) };
}

function onSideOf(rows: readonly Vector[], least: number, direction: readonly number[]): readonly number[] {
  const decisive = rows.map((v) => dot(v, direction)).find((along) => along * along > least) ?? 1;
  return direction.map((value) => Math.sign(decisive) * value);
}

function dot(x: Vector, y: Vector): number {
  let sum = 0;
  for (let k = 0; k < x.length; k++) sum += x[k] * y[k];
  return sum;
}

const squared = (x: Vector): number => dot(x, x);

function unit(x: Vector): number[] {
  const length = Math.hypot(...Array.from(x));
  return Array.from(x, (value) => value / length);
}

/** What x has across the unit vector `along`. */
function without(along: Vector, x: Vector): number[] {
  const part = dot(along, x);
  return Array.from(x, (value, k) => value - part * along[k]);
}

const cross = (a: Vector, b: Vector): number[] => [
  a[1] * b[2] - a[2] * b[1],
  a[2] * b[0] - a[0] * b[2],
  a[0] * b[1] - a[1] * b[0],
];

function columns(vectors: readonly Vector[]): Float64Array {
  const dim = vectors.length;
  return Float64Array.from({ length: dim * dim }, (_, at) => vectors[at % dim][Math.floor(at / dim)]);
}
