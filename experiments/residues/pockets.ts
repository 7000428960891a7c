import { type Matrix32, type Protein, Rng, takeRows } from '../../src/index.js';
import { exposedSites } from './exposure.js';
import type { Settings } from './settings.js';
import { type Site, type Structures, sitesOf } from './structures.js';

/** Residues of a target's surface: which lie about the centre of its box, and places that are like it in size only. */
export interface Pocket {
  readonly sites: readonly Site[];
  /** 1 where an atom of the site is within the pocket's radius. */
  readonly isPocket: Uint8Array;
  /** Sites, by place in `sites`, of patches about sites far from the pocket. */
  readonly decoys: readonly (readonly number[])[];
}

/**
 * Of each target. The pocket is made of surface sites with an atom within the radius of the box's centre; a decoy, of as
 * many: those nearest to a site drawn at random among those twice the radius or more from the centre.
 */
export function pocketsOf({ proteins, targets }: Structures, settings: Settings): Pocket[] {
  const { pocketRadius, decoys } = settings;
  const first = proteins.length - targets.length;
  return targets.map(({ name, protein, centre }, t) => {
    const sites = exposedSites(protein, sitesOf(protein, first + t));
    const distances = sites.map(({ residue }) => nearestAtom(protein, residue, centre));
    const isPocket = Uint8Array.from(distances, (d) => Number(d <= pocketRadius));
    const size = isPocket.reduce((sum, v) => sum + v, 0);
    const far = Array.from(sites.keys()).filter((i) => distances[i] >= 2 * pocketRadius);
    const rng = new Rng(0).split(`decoys ${name}`);
    const middles = rng.shuffle(far).slice(0, decoys);
    return { sites, isPocket, decoys: middles.map((middle) => nearestSites(protein, sites, middle, size)) };
  });
}

function nearestAtom(
  { positions, residues }: Protein,
  residue: number,
  [x, y, z]: readonly [number, number, number],
): number {
  const { first, end } = residues[residue];
  let least = Number.POSITIVE_INFINITY;
  for (let p = first; p < end; p++) {
    least = Math.min(
      least,
      Math.hypot(positions[3 * p] - x, positions[3 * p + 1] - y, positions[3 * p + 2] - z),
    );
  }
  return least;
}

function nearestSites(protein: Protein, sites: readonly Site[], middle: number, count: number): number[] {
  const { positions, residues } = protein;
  const alpha = (i: number) => {
    const p = residues[sites[i].residue].alpha;
    return [positions[3 * p], positions[3 * p + 1], positions[3 * p + 2]] as const;
  };
  const [x, y, z] = alpha(middle);
  const distance = sites.map((_, i) => {
    const [a, b, c] = alpha(i);
    return Math.hypot(a - x, b - y, c - z);
  });
  return Array.from(sites.keys())
    .sort((i, j) => distance[i] - distance[j])
    .slice(0, count);
}

/** Fold of each target, in turn after shuffling: those of a fold are scored by what the others taught. */
export function foldsOf(count: number, folds: number): Int32Array {
  const order = new Rng(0).split('folds').permutation(count);
  const fold = new Int32Array(count);
  order.forEach((target, i) => {
    fold[target] = i % folds;
  });
  return fold;
}

/** Σ of the codes of a patch: its vector, whatever its size. */
export function pooled(codes: Matrix32, rows: readonly number[]): number[] {
  const some = takeRows(codes, rows);
  const sum = new Array<number>(codes.columns).fill(0);
  some.data.forEach((value, at) => {
    sum[at % codes.columns] += value;
  });
  return sum;
}
