import { columnsOf, type ProductSpace, type Space } from '../core/space.js';
import type { Kernel } from './block.js';
import { ballKernel, projectedSphereKernel, sphereKernel } from './curvedKernels.js';
import {
  chordKernel,
  cosineFromChord,
  directionKernel,
  euclideanFromChord,
  innerProductKernel,
  starKernel,
  twiceChord,
} from './flatKernels.js';
import { lorentzKernel } from './hyperboloid.js';

/**
 * The kernel of any space. Every formula is free of cancellation at short distances: it starts from
 * coordinate differences, never from 1 - cos or arcosh(1 + small), so d(x, x) = 0 exactly (but for
 * innerProduct and star, which do not promise it).
 */
export function kernelOf(space: Space): Kernel {
  switch (space.kind) {
    case 'euclidean':
      return chordKernel(space.dim, () => 0, euclideanFromChord);
    case 'cosine':
      return directionKernel(
        space.dim,
        chordKernel(space.dim, () => 0, cosineFromChord),
      );
    case 'innerProduct':
      return innerProductKernel(space.dim);
    case 'sphere':
      return directionKernel(space.dim, sphereKernel(space.dim, space.curvature));
    case 'poincare':
      return ballKernel(space.dim, -space.curvature);
    case 'lorentz':
      return lorentzKernel(space.dim, -space.curvature);
    case 'stereographic':
      if (space.curvature < -FLAT) return ballKernel(space.dim, -space.curvature);
      if (space.curvature > FLAT) return projectedSphereKernel(space.dim, space.curvature);
      return chordKernel(space.dim, () => 0, twiceChord);
    case 'star':
      return starKernel();
    case 'product':
      return productKernel(space);
  }
}

function productKernel({ factors, combine }: ProductSpace): Kernel {
  const kernels = factors.map((factor) => kernelOf(factor.space));
  let scratch = new Float64Array(0);
  return {
    load(points, from, to, column = 0) {
      let at = column;
      const parts = kernels.map((kernel, f) => {
        const part = kernel.load(points, from, to, at);
        at += columnsOf(factors[f].space);
        return part;
      });
      return { rows: to - from, points: EMPTY, scalars: EMPTY, parts };
    },
    distances(x, i, y, out) {
      if (scratch.length < y.rows) scratch = new Float64Array(y.rows);
      out.fill(0, 0, y.rows);
      kernels.forEach((kernel, f) => {
        const { weight } = factors[f];
        kernel.distances(x.parts[f], i, y.parts[f], scratch);
        if (combine === 'sum') for (let j = 0; j < y.rows; j++) out[j] += weight * scratch[j];
        else for (let j = 0; j < y.rows; j++) out[j] += weight * scratch[j] * scratch[j];
      });
      if (combine === 'l2') for (let j = 0; j < y.rows; j++) out[j] = Math.sqrt(out[j]);
    },
  };
}

/** K|x|² is below rounding here for every |x| < 1e50, while K|x - y|² of close points would run out of digits. */
const FLAT = 1e-120;

const EMPTY = new Float64Array(0);
