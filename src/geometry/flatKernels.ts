import { type Block, type Kernel, loadRows, squaredNormOf } from './block.js';

type Finish = (out: Float64Array, scalar: number, y: Block) => void;

/** Spaces whose distance is a function of |x - y| and of one scalar a row. */
export function chordKernel(n: number, scalarOf: (squaredNorm: number) => number, finish: Finish): Kernel {
  return {
    load: (points, from, to, column = 0) => loadRows(points, from, to, column, n, scalarOf),
    distances(x, i, y, out) {
      squaredChords(x.points, i * n, y, n, out);
      finish(out, x.scalars[i], y);
    },
  };
}

/** Four sums a row: a single one would wait for the previous addition at every column. */
function squaredChords(x: Float64Array, xAt: number, y: Block, n: number, out: Float64Array): void {
  const { points, rows } = y;
  const whole = n - (n % 4);
  for (let j = 0, at = 0; j < rows; j++) {
    let s0 = 0;
    let s1 = 0;
    let s2 = 0;
    let s3 = 0;
    let k = 0;
    for (; k < whole; k += 4, at += 4) {
      const d0 = x[xAt + k] - points[at];
      const d1 = x[xAt + k + 1] - points[at + 1];
      const d2 = x[xAt + k + 2] - points[at + 2];
      const d3 = x[xAt + k + 3] - points[at + 3];
      s0 += d0 * d0;
      s1 += d1 * d1;
      s2 += d2 * d2;
      s3 += d3 * d3;
    }
    for (; k < n; k++, at++) {
      const d = x[xAt + k] - points[at];
      s0 += d * d;
    }
    out[j] = s0 + s1 + (s2 + s3);
  }
}

export function euclideanFromChord(out: Float64Array, _: number, y: Block): void {
  for (let j = 0; j < y.rows; j++) out[j] = Math.sqrt(out[j]);
}

export function twiceChord(out: Float64Array, _: number, y: Block): void {
  for (let j = 0; j < y.rows; j++) out[j] = 2 * Math.sqrt(out[j]);
}

/** Between directions 1 - cos = |u - v|² / 2. */
export function cosineFromChord(out: Float64Array, _: number, y: Block): void {
  for (let j = 0; j < y.rows; j++) out[j] *= 0.5;
}

/** The inner kernel on rows divided by their norm. */
export function directionKernel(n: number, inner: Kernel): Kernel {
  return {
    load(points, from, to, column) {
      const block = inner.load(points, from, to, column);
      for (let i = 0; i < block.rows; i++) {
        const u = block.points.subarray(i * n, (i + 1) * n);
        const norm = Math.sqrt(squaredNormOf(u, 0, n));
        for (let k = 0; k < n; k++) u[k] /= norm;
      }
      return block;
    },
    distances: inner.distances,
  };
}

export function innerProductKernel(n: number): Kernel {
  return {
    load: (points, from, to, column = 0) => loadRows(points, from, to, column, n, () => 0),
    distances(x, i, y, out) {
      for (let j = 0, at = 0; j < y.rows; j++) {
        let sum = 0;
        for (let k = i * n; k < (i + 1) * n; k++, at++) sum -= x.points[k] * y.points[at];
        out[j] = sum;
      }
    },
  };
}

export function starKernel(): Kernel {
  return {
    load: (points, from, to, column = 0) => loadRows(points, from, to, column, 1, () => 0),
    distances(x, i, y, out) {
      for (let j = 0; j < y.rows; j++) out[j] = x.points[i] + y.points[j];
    },
  };
}
