import { type Kernel, loadRows, TINY_SQUARE } from './block.js';
import { chordKernel } from './flatKernels.js';

/** (2/√c) asinh(√c |x - y| / √((1 - c|x|²)(1 - c|y|²))); the scalar is 1 / (1 - c|x|²). */
export function ballKernel(n: number, c: number): Kernel {
  const unit = 2 / Math.sqrt(c);
  return chordKernel(
    n,
    (squaredNorm) => 1 / (1 - c * squaredNorm),
    (out, scalar, y) => {
      const factor = c * scalar;
      for (let j = 0; j < y.rows; j++) out[j] = unit * Math.asinh(Math.sqrt(out[j] * factor * y.scalars[j]));
    },
  );
}

/** Arc length between directions: (2/√K) atan2(|u - v|, |u + v|), exact at both ends of 0..π. */
export function sphereKernel(n: number, K: number): Kernel {
  const unit = 2 / Math.sqrt(K);
  return {
    load: (points, from, to, column = 0) => loadRows(points, from, to, column, n, () => 0),
    distances(x, i, y, out) {
      for (let j = 0, at = 0; j < y.rows; j++) {
        let apart = 0;
        let together = 0;
        for (let k = i * n; k < (i + 1) * n; k++, at++) {
          const difference = x.points[k] - y.points[at];
          const sum = x.points[k] + y.points[at];
          apart += difference * difference;
          together += sum * sum;
        }
        out[j] = unit * Math.atan2(Math.sqrt(apart), Math.sqrt(together));
      }
    },
  };
}

/**
 * (2/√K) atan(√K |(-x) ⊕ y|) as atan2(√K |x - y|, D): D² = 1 + 2K x·y + K²|x|²|y|² is summed as the squared
 * distance to the antipode -x / (K|x|²), times K²|x|², because the open form cancels near the antipode.
 */
export function projectedSphereKernel(n: number, K: number): Kernel {
  const unit = 2 / Math.sqrt(K);
  return {
    load: (points, from, to, column = 0) => loadRows(points, from, to, column, n, normOrZero),
    distances(x, i, y, out) {
      const norm = x.scalars[i];
      const scale = K * norm;
      for (let j = 0, at = 0; j < y.rows; j++) {
        let apart = 0;
        let antipodal = norm > 0 ? 0 : 1;
        for (let k = i * n; k < (i + 1) * n; k++, at++) {
          const difference = x.points[k] - y.points[at];
          apart += difference * difference;
          if (norm > 0) {
            const sum = scale * y.points[at] + x.points[k] / norm;
            antipodal += sum * sum;
          }
        }
        out[j] = unit * Math.atan2(Math.sqrt(K * apart), Math.sqrt(antipodal));
      }
    },
  };
}

/** 0 for a norm whose square has lost its digits: such a point is the origin to every other within reach. */
function normOrZero(squaredNorm: number): number {
  return squaredNorm > TINY_SQUARE ? Math.sqrt(squaredNorm) : 0;
}
