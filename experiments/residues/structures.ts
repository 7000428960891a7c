import {
  ballCoefficients,
  ballMultiplicities,
  coefficientCount,
  loadDockstring,
  loadTheseus,
  type Matrix32,
  matrix,
  neighborhoodFinder,
  type Protein,
  type Residue,
  type Rng,
  type Target,
} from '../../src/index.js';
import type { Settings } from './settings.js';
import { KINDS, windowed } from './window.js';

export const TYPES = 'ALA ARG ASN ASP CYS GLN GLU GLY HIS ILE LEU LYS MET PHE PRO SER THR TRP TYR VAL'.split(
  ' ',
);

/** Names that force fields give to residues by their protons, bridges and metals. */
const VARIANTS = new Map([
  ...['HID', 'HIE', 'HIP', 'HIZ'].map((name) => [name, 'HIS'] as const),
  ...['CYX', 'CYM'].map((name) => [name, 'CYS'] as const),
]);

/** Of 20; -1 for any other, such as water and ligands. */
export const typeOf = ({ name }: Residue): number => TYPES.indexOf(VARIANTS.get(name) ?? name);

/** A residue of a protein, both by number. */
export interface Site {
  readonly protein: number;
  readonly residue: number;
  readonly type: number;
}

export interface Structures {
  readonly proteins: readonly Protein[];
  /** Of each protein that trains its family; '' for a target. */
  readonly families: readonly string[];
  /** Of other folds; target t is protein proteins.length - targets.length + t. */
  readonly targets: readonly Target[];
}

/** @throws MissingError without the data */
export function loadStructures({ excluded }: Settings): Structures {
  const chains = loadTheseus();
  const targets = loadDockstring().filter(({ name }) => !excluded.includes(name));
  return {
    proteins: [...chains, ...targets].map(({ protein }) => protein),
    families: [...chains.map(({ family }) => family), ...targets.map(() => '')],
    targets,
  };
}

/** Residues of the twenty types with a whole backbone: N, C-alpha, C and O. */
export function sitesOf({ residues, names }: Protein, protein: number): Site[] {
  return residues.flatMap((one, residue) => {
    const type = typeOf(one);
    const own = new Set(names.slice(one.first, one.end));
    const isWhole = ['N', 'CA', 'C', 'O'].every((name) => own.has(name));
    return type >= 0 && one.alpha >= 0 && isWhole ? [{ protein, residue, type }] : [];
  });
}

/** So many sites of a family at random, as many of each of its chains as come. */
export function drawSites(
  { proteins, families }: Structures,
  family: string,
  count: number,
  rng: Rng,
): Site[] {
  const all = proteins.flatMap((protein, p) => (families[p] === family ? sitesOf(protein, p) : []));
  return rng.shuffle(all).slice(0, count);
}

/** The residue's own atoms, all within the radius, or all of them, the nearer ones weighing more. */
export type Atoms = 'own' | 'all' | 'window';

/**
 * Coefficients of the sites' atoms, each atom's divided by the sum of their squares. Atoms of water, ligands and ions are
 * left out: only some files have them.
 * @returns [sites, coefficientCount(multiplicitiesOf(settings))]
 */
export function coefficientsOf(
  sites: readonly Site[],
  { proteins }: Structures,
  atoms: Atoms,
  settings: Settings,
): Matrix32 {
  const { radius, degree, order } = settings;
  const columns = coefficientCount(multiplicitiesOf(settings));
  const data = new Float32Array(sites.length * columns);
  const counts = (residue: Residue) => typeOf(residue) >= 0;
  const options = { radius, counts, atoms: atoms === 'own' ? atoms : 'all' } as const;
  const finders = new Map<number, ReturnType<typeof neighborhoodFinder>>();
  sites.forEach(({ protein, residue }, i) => {
    const find = finders.get(protein) ?? neighborhoodFinder(proteins[protein], options);
    finders.set(protein, find);
    const { points, kinds } = find(residue);
    const basis = { kinds: KINDS, radius, degree, order, perPoint: 'bySquare' } as const;
    data.set(ballCoefficients(points, kinds, basis), i * columns);
  });
  const coefficients = matrix(data, sites.length, columns);
  return atoms === 'window' ? windowed(coefficients, settings) : coefficients;
}

export const multiplicitiesOf = ({ degree, order }: Settings) =>
  ballMultiplicities({ kinds: KINDS, degree, order });
