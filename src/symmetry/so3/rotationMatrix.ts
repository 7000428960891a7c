import { requireFinite, requireLength, requireNumber } from '../../core/checks.js';
import { DomainError, expectation } from '../../core/errors.js';
import { type Matrix, type Matrix64, matrix } from '../../core/matrix.js';

/** 3 x 3, row-major, in float64 or float32; columns are the images of the x, y and z axis. */
export type RotationMatrix = ArrayLike<number>;

/** R = Rz(alpha) Ry(beta) Rz(gamma), radians: gamma is applied first, counter-clockwise seen from the axis' tip. */
export interface EulerAngles {
  readonly alpha: number;
  readonly beta: number;
  readonly gamma: number;
}

/** What float32 leaves of orthogonality. */
const ORTHOGONALITY = 1e-6;

/**
 * @throws ShapeError unless 9 numbers; DomainError unless R Rᵀ = 1 to 1e-6 and det R > 0. R is used as it is, so what
 *   it lacks to a rotation comes out multiplied by the degree
 */
export function requireRotation(r: RotationMatrix, who: string): void {
  requireLength(r.length, 9, `${who} rotation`);
  requireFinite(r, 3, `${who} rotation`);
  for (let i = 0; i < 3; i++) {
    for (let j = i; j < 3; j++) {
      const dot = r[3 * i] * r[3 * j] + r[3 * i + 1] * r[3 * j + 1] + r[3 * i + 2] * r[3 * j + 2];
      if (Math.abs(dot - Number(i === j)) <= ORTHOGONALITY) continue;
      const expected =
        i === j ? `a rotation: row ${i} of norm 1` : `a rotation: rows ${i} and ${j} orthogonal`;
      throw notRotation(who, expected, i === j ? Math.sqrt(dot) : dot);
    }
  }
  const det =
    r[0] * (r[4] * r[8] - r[5] * r[7]) -
    r[1] * (r[3] * r[8] - r[5] * r[6]) +
    r[2] * (r[3] * r[7] - r[4] * r[6]);
  if (!(det > 0)) throw notRotation(who, 'a rotation: determinant 1', det);
}

function notRotation(who: string, expected: string, got: unknown): DomainError {
  return new DomainError(expectation(who, expected, got, 'orthonormalise it, and leave reflections out'));
}

/** First h, then g: the product g h. @throws ShapeError unless both have 9 numbers */
export function composeRotations(g: RotationMatrix, h: RotationMatrix): Float64Array {
  requireLength(g.length, 9, 'composeRotations g');
  requireLength(h.length, 9, 'composeRotations h');
  const out = new Float64Array(9);
  for (let i = 0; i < 3; i++) {
    for (let j = 0; j < 3; j++) {
      out[3 * i + j] = g[3 * i] * h[j] + g[3 * i + 1] * h[3 + j] + g[3 * i + 2] * h[6 + j];
    }
  }
  return out;
}

/** The transpose, which of a rotation is the inverse. @throws ShapeError unless 9 numbers */
export function inverseRotation(r: RotationMatrix): Float64Array {
  requireLength(r.length, 9, 'inverseRotation');
  return Float64Array.of(r[0], r[3], r[6], r[1], r[4], r[7], r[2], r[5], r[8]);
}

/** R p for each row p. @param points [n, 3] @throws ShapeError for other shapes, DomainError for what is no rotation */
export function rotatePoints(points: Matrix, r: RotationMatrix): Matrix64 {
  requireRotation(r, 'rotatePoints');
  requireLength(points.columns, 3, 'rotatePoints columns of points');
  const out = new Float64Array(points.rows * 3);
  for (let at = 0; at < out.length; at += 3) {
    const [x, y, z] = points.data.subarray(at, at + 3);
    for (let i = 0; i < 3; i++) out[at + i] = r[3 * i] * x + r[3 * i + 1] * y + r[3 * i + 2] * z;
  }
  return matrix(out, points.rows, 3);
}

/** @throws DomainError for angles that are not finite */
export function rotationFromEuler({ alpha, beta, gamma }: EulerAngles): Float64Array {
  for (const angle of [alpha, beta, gamma]) requireNumber(angle, 'rotationFromEuler angle');
  const about = (angle: number) => {
    const [c, s] = [Math.cos(angle), Math.sin(angle)];
    return Float64Array.of(c, -s, 0, s, c, 0, 0, 0, 1);
  };
  const [c, s] = [Math.cos(beta), Math.sin(beta)];
  const tilt = Float64Array.of(c, 0, s, 0, 1, 0, -s, 0, c);
  return composeRotations(about(alpha), composeRotations(tilt, about(gamma)));
}

/**
 * Angles with alpha, gamma in (-π, π] and beta in [0, π]. At beta = 0 and π only alpha ± gamma is fixed: alpha is 0
 * where the matrix has exact zeros.
 * @throws ShapeError, DomainError as requireRotation
 */
export function eulerFromRotation(r: RotationMatrix): EulerAngles {
  requireRotation(r, 'eulerFromRotation');
  const alpha = Math.atan2(r[5] + 0, r[2] + 0);
  const beta = Math.atan2(Math.hypot(r[2], r[5]), r[8]);
  // The second row of Rz(-alpha) R = Ry(beta) Rz(gamma) is (sin, cos, 0) of gamma, whatever beta.
  const [c, s] = [Math.cos(alpha), Math.sin(alpha)];
  const gamma = Math.atan2(c * r[3] - s * r[0], c * r[4] - s * r[1]);
  return { alpha, beta, gamma };
}
