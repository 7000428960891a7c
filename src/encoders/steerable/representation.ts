import { requireInteger } from '../../core/checks.js';
import { expectation, UsageError } from '../../core/errors.js';
import { composeElements, elementsOf, type PlaneElement, type PlaneGroup } from './planeGroup.js';

/** One summand of a representation: orthogonal matrices of its own. */
export interface RepresentationPart {
  readonly name: string;
  readonly dim: number;
  /** Highest frequency of an entry of `matrix` as a function of the angle. */
  readonly frequency: number;
  /** ρ(g), [dim * dim], row by row */
  matrix(g: PlaneElement): Float64Array;
  /** Whether it only permutes components, so that any function of each number alone commutes with it. */
  readonly permutes: boolean;
  /** Whether it leaves everything as it is. */
  readonly trivial: boolean;
}

/** How the group acts on the numbers of one field at a point of the plane: a direct sum of parts. */
export interface Representation {
  readonly group: PlaneGroup;
  readonly name: string;
  readonly dim: number;
  readonly parts: readonly RepresentationPart[];
}

function representation(group: PlaneGroup, parts: readonly RepresentationPart[]): Representation {
  const dim = parts.reduce((sum, part) => sum + part.dim, 0);
  return { group, name: parts.map((part) => part.name).join(' + '), dim, parts };
}

/**
 * The real irreducible representation of a frequency: one number that nothing changes for 0, else two that turn
 * `frequency` times as fast as the plane; (right, up) of a vector has frequency 1. In C_N and D_N frequencies are those
 * up to N/2, where N/2 itself is two one-dimensional ones.
 * @throws UsageError, DomainError for a frequency that the group does not tell from a lower one
 */
export function irrep(group: PlaneGroup, frequency: number): Representation {
  requireInteger(frequency, 0, 'irrep frequency');
  if (frequency > group.rotations / 2) {
    const expected = `a frequency of at most ${group.rotations / 2} for ${group.name}`;
    throw new UsageError(expectation('irrep', expected, frequency, 'take a lower one or more rotations'));
  }
  const trivial = frequency === 0;
  return representation(group, [
    {
      ...{ name: `${frequency}`, dim: trivial ? 1 : 2, frequency, permutes: trivial, trivial },
      matrix: trivial ? () => Float64Array.of(1) : (g) => turning(frequency, g),
    },
  ]);
}

/** Of a group with reflections: one number whose sign each reflection changes. @throws UsageError for other groups */
export function signIrrep(group: PlaneGroup): Representation {
  if (!group.reflections)
    throw new UsageError(
      expectation('signIrrep', 'a group with reflections', group.name, 'take dihedral or O(2)'),
    );
  return representation(group, [
    {
      ...{ name: 'sign', dim: 1, frequency: 0, permutes: false, trivial: false },
      matrix: ({ mirrored }) => Float64Array.of(mirrored ? -1 : 1),
    },
  ]);
}

/** Side by side. @throws UsageError for none, or of different groups */
export function directSum(...summands: readonly Representation[]): Representation {
  const groups = new Set(summands.map(({ group }) => group.name));
  if (groups.size !== 1)
    throw new UsageError(
      expectation(
        'directSum',
        'representations of one group',
        [...groups].join(', ') || 'none',
        'pass those',
      ),
    );
  return representation(
    summands[0].group,
    summands.flatMap(({ parts }) => parts),
  );
}

/** The irreducible representations of frequencies 0 to `highest`, one each: a function on the circle, band-limited. */
export function frequenciesUpTo(group: PlaneGroup, highest: number): Representation {
  requireInteger(highest, 0, 'frequenciesUpTo highest');
  return directSum(...Array.from({ length: highest + 1 }, (_, frequency) => irrep(group, frequency)));
}

/**
 * One number for each element h of a finite group, in the order of `elementsOf`; g moves the number of h to g h.
 * @throws UsageError for SO(2) and O(2)
 */
export function regular(group: PlaneGroup): Representation {
  const { rotations } = group;
  if (!Number.isFinite(rotations))
    throw new UsageError(
      expectation('regular', 'a finite group', group.name, 'take cyclic or dihedral, or frequencies'),
    );
  const elements = elementsOf(group, 0);
  const dim = elements.length;
  const indexOf = ({ angle, mirrored }: PlaneElement) => {
    const turn = Math.round((angle * rotations) / (2 * Math.PI));
    return (((turn % rotations) + rotations) % rotations) + (mirrored ? rotations : 0);
  };
  return representation(group, [
    {
      ...{ name: 'regular', dim, frequency: 0, permutes: true, trivial: dim === 1 },
      matrix(g) {
        const matrix = new Float64Array(dim * dim);
        for (const [from, h] of elements.entries()) matrix[indexOf(composeElements(g, h)) * dim + from] = 1;
        return matrix;
      },
    },
  ]);
}

/** (cos mφ, sin mφ) goes to (cos mφ', sin mφ') where φ' is the angle of the moved point. */
export function turning(frequency: number, { angle, mirrored }: PlaneElement): Float64Array {
  const [cos, sin] = [Math.cos(frequency * angle), Math.sin(frequency * angle)];
  return mirrored ? Float64Array.of(cos, sin, sin, -cos) : Float64Array.of(cos, -sin, sin, cos);
}
