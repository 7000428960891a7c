import type { Matrix } from '../core/matrix.js';
import { type Block, type Kernel, loadRows, TINY_SQUARE } from './block.js';

/** How points x and y of the hyperboloid of curvature -c lie to each other as seen from its origin. */
export interface Polar {
  /** sinh(√c (r_x - r_y)), r the distances from the origin. */
  rise: number;
  /** |x||y| |x/|x| - y/|y||² of the space parts: twice |x||y| - x·y. */
  crossed: number;
}

/** The space columns of the rows, and their norms. The times do not count: they are functions of the rest. */
export function loadHyperboloid(points: Matrix, from: number, to: number, column: number, n: number): Block {
  return loadRows(points, from, to, column + 1, n, (squaredNorm) =>
    // A shorter square has lost its digits: such a point is the origin. NaN stays NaN.
    squaredNorm <= TINY_SQUARE ? 0 : Math.sqrt(squaredNorm),
  );
}

/** The time that belongs to a space part of norm r: √(1/c + r²). */
export function timeOf(r: number, c: number): number {
  return Math.sqrt(1 / c + r * r);
}

/**
 * The relation of row i of x to row j of y, blocks of loadHyperboloid, into `out`. Nothing cancels: near points are
 * compared by the difference of their coordinates, others by their directions. Squares of coordinates are the largest
 * numbers that occur.
 */
export function relate(x: Block, i: number, y: Block, j: number, c: number, out: Polar): void {
  const from = x.points;
  const to = y.points;
  const n = from.length / x.rows;
  const X = x.scalars[i];
  const Y = y.scalars[j];
  let apart = 0;
  let radial = 0;
  for (let k = 0, a = i * n, b = j * n; k < n; k++, a++, b++) {
    const difference = from[a] - to[b];
    apart += difference * difference;
    radial += difference * (from[a] + to[b]);
  }
  // sinh(√c (r_x - r_y)) is c (X y0 - Y x0), and (X y0)² - (Y x0)² = (X² - Y²) / c.
  const products = X * timeOf(Y, c) + Y * timeOf(X, c);
  out.rise = products === 0 ? 0 : radial / products;
  out.crossed = X === 0 || Y === 0 ? 0 : crossedOf(x, i, y, j, apart, radial);
}

function crossedOf(x: Block, i: number, y: Block, j: number, apart: number, radial: number): number {
  const from = x.points;
  const to = y.points;
  const n = from.length / x.rows;
  const X = x.scalars[i];
  const Y = y.scalars[j];
  const both = X + Y;
  const least = Math.min(X, Y);
  let sum = 0;
  if (4 * apart < least * least) {
    // The difference less its share of x + y is (2 / both) (Y x - X y).
    const share = radial / (both * both);
    for (let k = 0, a = i * n, b = j * n; k < n; k++, a++, b++) {
      const across = from[a] - to[b] - share * (from[a] + to[b]);
      sum += across * across;
    }
    return sum * ((both / X) * (both / Y) * 0.25);
  }
  const perX = 1 / X;
  const perY = 1 / Y;
  for (let k = 0, a = i * n, b = j * n; k < n; k++, a++, b++) {
    const turn = from[a] * perX - to[b] * perY;
    sum += turn * turn;
  }
  return sum * (X * Y);
}

/** sinh²(√c d/2) = sinh²(√c (r_x - r_y)/2) + (c/4) crossed: the law of cosines, as a sum of squares. */
export function halfSineSquared({ rise, crossed }: Polar, c: number): number {
  return rise * (rise / (2 * (1 + Math.sqrt(1 + rise * rise)))) + 0.25 * c * crossed;
}

/**
 * (2/√c) asinh √(sinh²(√c d/2)). Its error is that of rounding the coordinates once, which grows as e^r, r the distance
 * from the origin in 1/√c, and close to nothing for two near points.
 * @source Ratcliffe 2019, "Foundations of hyperbolic manifolds", section 3.5, law of cosines
 */
export function lorentzKernel(n: number, c: number): Kernel {
  const unit = 2 / Math.sqrt(c);
  const polar: Polar = { rise: 0, crossed: 0 };
  return {
    load: (points, from, to, column = 0) => loadHyperboloid(points, from, to, column, n),
    distances(x, i, y, out) {
      for (let j = 0; j < y.rows; j++) {
        relate(x, i, y, j, c, polar);
        out[j] = unit * Math.asinh(Math.sqrt(halfSineSquared(polar, c)));
      }
    },
  };
}
