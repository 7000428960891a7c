import { cellGrid, type Matrix64, type Protein, pointsWithin } from '../../src/index.js';
import type { Site } from './structures.js';
import { typeOf } from './structures.js';

/** Radii of van der Waals and of a water molecule, ångström. @source Bondi 1964, J. Phys. Chem. 68:441 */
const RADII: Readonly<Record<string, number>> = { C: 1.7, N: 1.55, O: 1.52, S: 1.8 };
const PROBE = 1.4;
const POINTS = 60;
/** Square ångström that water touches of a residue on the surface. */
const LEAST = 10;

/**
 * The sites that water touches: of points about each heavy atom of the protein those outside all others.
 * @source Shrake and Rupley 1973, J. Mol. Biol. 79:351
 */
export function exposedSites(protein: Protein, sites: readonly Site[]): Site[] {
  const heavy = heavyAtoms(protein);
  const positions = Float64Array.from(
    heavy.flatMap((atom) => Array.from(protein.positions.subarray(3 * atom, 3 * atom + 3))),
  );
  const radii = heavy.map((atom) => RADII[protein.elements[atom]] + PROBE);
  const grid = cellGrid(positions, 2 * (RADII['S'] + PROBE));
  const placeOf = new Map(heavy.map((atom, place) => [atom, place]));
  const sphere = spiral(POINTS);
  return sites.filter(({ residue }) => {
    const { first, end } = protein.residues[residue];
    let area = 0;
    for (let atom = first; atom < end; atom++) {
      const place = placeOf.get(atom);
      if (place === undefined) continue;
      area += exposedShare(place, positions, radii, grid, sphere) * 4 * Math.PI * radii[place] ** 2;
    }
    return area >= LEAST;
  });
}

/** Of the protein itself, by number. */
export function heavyAtoms({ residues, elements }: Protein): number[] {
  return residues.flatMap((residue) => {
    if (typeOf(residue) < 0) return [];
    const atoms = Array.from({ length: residue.end - residue.first }, (_, i) => residue.first + i);
    return atoms.filter((atom) => elements[atom] in RADII);
  });
}

function exposedShare(
  place: number,
  positions: Float64Array,
  radii: readonly number[],
  grid: ReturnType<typeof cellGrid>,
  sphere: Matrix64,
): number {
  const [x, y, z] = positions.subarray(3 * place, 3 * place + 3);
  const near = pointsWithin(grid, x, y, z).filter((p) => p !== place);
  let free = 0;
  for (let i = 0; i < sphere.rows; i++) {
    const [px, py, pz] = [0, 1, 2].map((k) => [x, y, z][k] + radii[place] * sphere.data[3 * i + k]);
    const isCovered = near.some((p) => {
      const [a, b, c] = [positions[3 * p] - px, positions[3 * p + 1] - py, positions[3 * p + 2] - pz];
      return a * a + b * b + c * c < radii[p] ** 2;
    });
    if (!isCovered) free++;
  }
  return free / sphere.rows;
}

/** Points spread evenly over the unit sphere by the golden angle. */
function spiral(count: number): Matrix64 {
  const data = new Float64Array(3 * count);
  for (let i = 0; i < count; i++) {
    const z = 1 - (2 * i + 1) / count;
    const angle = i * Math.PI * (3 - Math.sqrt(5));
    data.set([Math.sqrt(1 - z * z) * Math.cos(angle), Math.sqrt(1 - z * z) * Math.sin(angle), z], 3 * i);
  }
  return { data, rows: count, columns: 3 };
}
