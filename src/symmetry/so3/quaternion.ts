import { requireFinite, requireLength, requireNumber } from '../../core/checks.js';
import { DomainError, expectation } from '../../core/errors.js';
import type { Rng } from '../../core/rng.js';
import { type RotationMatrix, requireRotation } from './rotationMatrix.js';

/** (w, x, y, z) of norm 1: turns by 2 acos(w) about (x, y, z). q and -q are one rotation. */
export type Quaternion = ArrayLike<number>;

export interface AxisAngle {
  /** Three numbers. */
  readonly axis: ArrayLike<number>;
  /** Radians, counter-clockwise seen from the tip of the axis. */
  readonly angle: number;
}

/** What float32 leaves of the norm. */
const UNIT_NORM = 1e-6;

/** @throws ShapeError unless 4 numbers; DomainError unless of norm 1 to 1e-6 */
export function rotationFromQuaternion(q: Quaternion): Float64Array {
  requireLength(q.length, 4, 'rotationFromQuaternion');
  requireFinite(q, 4, 'rotationFromQuaternion');
  const [w, x, y, z] = Array.from(q);
  const square = w * w + x * x + y * y + z * z;
  if (!(Math.abs(Math.sqrt(square) - 1) <= UNIT_NORM)) {
    const remedy = 'divide it by its norm';
    throw new DomainError(
      expectation('rotationFromQuaternion', 'a quaternion of norm 1', Math.sqrt(square), remedy),
    );
  }
  const s = 2 / square;
  return Float64Array.of(
    ...[1 - s * (y * y + z * z), s * (x * y - w * z), s * (x * z + w * y)],
    ...[s * (x * y + w * z), 1 - s * (x * x + z * z), s * (y * z - w * x)],
    ...[s * (x * z - w * y), s * (y * z + w * x), 1 - s * (x * x + y * y)],
  );
}

/**
 * The quaternion with w >= 0. At half turns, w = 0, either sign may come out.
 * @throws ShapeError, DomainError as requireRotation
 * @source Shepperd 1978, J. Guidance and Control 1:223: divide by the largest component
 */
export function quaternionFromRotation(r: RotationMatrix): Float64Array {
  requireRotation(r, 'quaternionFromRotation');
  const trace = r[0] + r[4] + r[8];
  const squares = [trace, r[0], r[4], r[8]];
  const largest = squares.indexOf(Math.max(...squares));
  const q =
    largest === 0
      ? [1 + trace, r[7] - r[5], r[2] - r[6], r[3] - r[1]]
      : largest === 1
        ? [r[7] - r[5], 1 + r[0] - r[4] - r[8], r[1] + r[3], r[2] + r[6]]
        : largest === 2
          ? [r[2] - r[6], r[1] + r[3], 1 - r[0] + r[4] - r[8], r[5] + r[7]]
          : [r[3] - r[1], r[2] + r[6], r[5] + r[7], 1 - r[0] - r[4] + r[8]];
  const norm = Math.hypot(...q) * (q[0] < 0 ? -1 : 1);
  return Float64Array.from(q, (value) => value / norm);
}

/** @param rotation an axis of any length but 0 @throws ShapeError unless it has 3 numbers, DomainError if zero or NaN */
export function rotationFromAxisAngle({ axis, angle }: AxisAngle): Float64Array {
  requireLength(axis.length, 3, 'rotationFromAxisAngle axis');
  requireFinite(axis, 3, 'rotationFromAxisAngle axis');
  requireNumber(angle, 'rotationFromAxisAngle angle');
  const norm = Math.hypot(axis[0], axis[1], axis[2]);
  if (!(norm > 0)) {
    const remedy = 'name the axis of the turn';
    throw new DomainError(
      expectation('rotationFromAxisAngle axis', 'a vector that is not zero', norm, remedy),
    );
  }
  const s = Math.sin(angle / 2) / norm;
  return rotationFromQuaternion([Math.cos(angle / 2), s * axis[0], s * axis[1], s * axis[2]]);
}

/** Angle in [0, π] and an axis of norm 1, (0, 0, 1) for the identity. @throws as requireRotation */
export function axisAngleFromRotation(r: RotationMatrix): AxisAngle {
  const [w, ...v] = quaternionFromRotation(r);
  const norm = Math.hypot(...v);
  const axis = norm > 0 ? v.map((value) => value / norm) : [0, 0, 1];
  return { axis: Float64Array.from(axis), angle: 2 * Math.atan2(norm, w) };
}

/** Uniform (Haar) over all rotations. @source Shoemake 1992, Graphics Gems III: uniform unit quaternions */
export function randomRotation(rng: Rng): Float64Array {
  const q = Array.from({ length: 4 }, () => rng.normal());
  const norm = Math.hypot(...q);
  return rotationFromQuaternion(q.map((value) => value / norm));
}
