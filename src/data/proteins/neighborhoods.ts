import { requireInteger } from '../../core/checks.js';
import { DomainError, expectation, UsageError } from '../../core/errors.js';
import { type Matrix64, matrix } from '../../core/matrix.js';
import { type CellGrid, cellGrid, pointsWithin } from './cellGrid.js';
import { elementOf } from './elements.js';
import type { Protein, Residue } from './protein.js';

export interface NeighborhoodOptions {
  /** Of the ball about the C-alpha, ångström; default 10. */
  readonly radius?: number;
  /** Elements, a channel each; atoms of others are left out. Default C, N, O, S. */
  readonly elements?: readonly string[];
  /** `all`, the default, or the residue's `own`, or those of all `others`. */
  readonly atoms?: 'all' | 'own' | 'others';
  /** Whose atoms count, beside water and ligands for instance; default every residue's. */
  readonly counts?: (residue: Residue) => boolean;
}

/** Atoms about a C-alpha, which itself, alike in all, is left out. */
export interface Neighborhood {
  /** [atoms, 3] from the C-alpha, ångström */
  readonly points: Matrix64;
  /** [atoms] places in `elements` */
  readonly kinds: Int32Array;
}

/**
 * Finds neighbourhoods of one protein: a grid of its atoms is made once.
 * @returns residue (by number) -> its neighbourhood
 * @throws UsageError for an unknown element or `atoms`, DomainError for a radius that is none; of each call: UsageError
 *   naming a residue without C-alpha, DomainError naming one whose neighbourhood is empty, or an atom at the centre
 */
export function neighborhoodFinder(
  protein: Protein,
  {
    radius = 10,
    elements = ['C', 'N', 'O', 'S'],
    atoms = 'all',
    counts = () => true,
  }: NeighborhoodOptions = {},
): (residue: number) => Neighborhood {
  requireElements(elements);
  if (atoms !== 'all' && atoms !== 'own' && atoms !== 'others') {
    throw new UsageError(
      expectation('neighborhoodFinder atoms', 'all, own, others', atoms, 'choose one of these'),
    );
  }
  const grid = cellGrid(protein.positions, radius);
  const kindOf = new Map(elements.map((element, kind) => [element, kind]));
  const kindOfAtom = new Int32Array(protein.elements.length).fill(-1);
  for (const residue of protein.residues) {
    if (!counts(residue)) continue;
    for (let p = residue.first; p < residue.end; p++) kindOfAtom[p] = kindOf.get(protein.elements[p]) ?? -1;
  }
  return (number) => {
    requireInteger(number, 0, 'neighborhood residue', protein.residues.length - 1);
    const residue = protein.residues[number];
    const { first, end, alpha } = residue;
    if (alpha < 0) {
      const remedy = 'leave it out';
      throw new UsageError(expectation(`neighborhood ${nameOf(residue)}`, 'a C-alpha', 'none', remedy));
    }
    const near = aroundAtom(grid, alpha).filter((p) => {
      const isOwn = p >= first && p < end;
      return p !== alpha && kindOfAtom[p] >= 0 && (atoms === 'all' || isOwn === (atoms === 'own'));
    });
    return centred(protein, residue, near, kindOfAtom);
  };
}

function aroundAtom(grid: CellGrid, atom: number): number[] {
  const [x, y, z] = grid.positions.subarray(3 * atom, 3 * atom + 3);
  return pointsWithin(grid, x, y, z);
}

function centred(
  { positions, names }: Protein,
  residue: Residue,
  near: readonly number[],
  kinds: Int32Array,
): Neighborhood {
  if (near.length === 0) {
    const remedy = 'leave it out or take a larger radius';
    throw new DomainError(expectation(`neighborhood ${nameOf(residue)}`, 'atoms', 'none', remedy));
  }
  const points = new Float64Array(3 * near.length);
  near.forEach((p, i) => {
    for (let k = 0; k < 3; k++) points[3 * i + k] = positions[3 * p + k] - positions[3 * residue.alpha + k];
    if (points[3 * i] !== 0 || points[3 * i + 1] !== 0 || points[3 * i + 2] !== 0) return;
    const who = `neighborhood ${nameOf(residue)}`;
    const got = `atom ${p} (${names[p]}) at the centre`;
    throw new DomainError(expectation(who, 'the C-alpha alone at the centre', got, 'repair the structure'));
  });
  return { points: matrix(points, near.length, 3), kinds: Int32Array.from(near, (p) => kinds[p]) };
}

/** "LEU A 27B" */
export const nameOf = ({ name, chain, number, insertion }: Residue): string =>
  [name, chain, `${number}${insertion}`].filter((part) => part !== '').join(' ');

function requireElements(elements: readonly string[]): void {
  for (const element of elements) {
    if (elementOf(element) === element) continue;
    const who = 'neighborhoodFinder elements';
    throw new UsageError(expectation(who, 'symbols of elements', element, 'write it as C, N or Cl'));
  }
}
