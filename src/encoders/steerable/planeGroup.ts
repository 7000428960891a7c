import { requireInteger } from '../../core/checks.js';

/** An element of O(2): first the mirror image (right, up) -> (right, -up) if `mirrored`, then a turn by `angle`, radians, counter-clockwise. */
export interface PlaneElement {
  readonly angle: number;
  readonly mirrored: boolean;
}

/** A closed subgroup of O(2), the rotations and reflections of the plane about a point. */
export interface PlaneGroup {
  /** C_N, D_N, SO(2) or O(2) */
  readonly name: string;
  /** How many rotations there are; Infinity for SO(2) and O(2). */
  readonly rotations: number;
  readonly reflections: boolean;
}

/** C_N: rotations by multiples of 360/N degrees. @throws UsageError, DomainError unless N is an integer >= 1 */
export function cyclic(rotations: number): PlaneGroup {
  requireInteger(rotations, 1, 'cyclic rotations');
  return { name: `C_${rotations}`, rotations, reflections: false };
}

/** D_N: C_N and N reflections. @throws UsageError, DomainError unless N is an integer >= 1 */
export function dihedral(rotations: number): PlaneGroup {
  requireInteger(rotations, 1, 'dihedral rotations');
  return { name: `D_${rotations}`, rotations, reflections: true };
}

export const allRotations: PlaneGroup = { name: 'SO(2)', rotations: Infinity, reflections: false };
export const allRotationsAndReflections: PlaneGroup = {
  name: 'O(2)',
  rotations: Infinity,
  reflections: true,
};

/**
 * Elements over which the mean of a function is its mean over the group: all of a finite one, else so many rotations
 * that nothing up to `frequency` is aliased. Rotations first, in order of their angle, then the mirrored ones.
 */
export function elementsOf({ rotations, reflections }: PlaneGroup, frequency: number): PlaneElement[] {
  const count = Number.isFinite(rotations) ? rotations : frequency + 1;
  const sides = reflections ? [false, true] : [false];
  return sides.flatMap((mirrored) =>
    Array.from({ length: count }, (_, k) => ({ angle: (2 * Math.PI * k) / count, mirrored })),
  );
}

/** First h, then g. */
export function composeElements(g: PlaneElement, h: PlaneElement): PlaneElement {
  return { angle: g.mirrored ? g.angle - h.angle : g.angle + h.angle, mirrored: g.mirrored !== h.mirrored };
}
