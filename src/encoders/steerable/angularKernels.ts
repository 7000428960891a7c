import { elementsOf } from './planeGroup.js';
import { type Representation, type RepresentationPart, turning } from './representation.js';

/** A solution of the steerability constraint, but for the radius: K(x)[o, i] = Σ_c coefficients[o, i, c] Y_c(x). */
export interface AngularKernel {
  /** k: Y is 1 for k = 0, else (cos kφ, sin kφ), φ counter-clockwise from the right */
  readonly frequency: number;
  /** [to.dim, from.dim, 1 or 2] */
  readonly coefficients: Float64Array;
}

/** A residue below this is rounding: the columns have lengths up to 1. */
const DEPENDENT = 1e-6;

/**
 * All kernels of one angular frequency that map fields of `from` to fields of `to`: an orthonormal basis of the
 * coefficients that ρ_to ⊗ ρ_from ⊗ ρ_k leaves as they are, which is K(g x) = ρ_to(g) K(x) ρ_from(g)⁻¹.
 * Found by averaging each unit coefficient over the group, which is exact: see `elementsOf`.
 * @source Weiler and Cesa 2019, arXiv:1911.08251, eq. 3; Cohen and Welling 2017, arXiv:1612.08498, eq. 5
 */
export function angularKernels(
  { group }: Representation,
  from: RepresentationPart,
  to: RepresentationPart,
  frequency: number,
): AngularKernel[] {
  const harmonics = frequency === 0 ? 1 : 2;
  const size = to.dim * from.dim * harmonics;
  const elements = elementsOf(group, from.frequency + to.frequency + frequency);
  const actions = elements.map((g) => ({
    to: to.matrix(g),
    from: from.matrix(g),
    harmonic: frequency === 0 ? Float64Array.of(1) : turning(frequency, g),
  }));
  const basis: Float64Array[] = [];
  for (let unit = 0; unit < size; unit++) {
    const [o, i, c] = [
      Math.floor(unit / (from.dim * harmonics)),
      Math.floor(unit / harmonics) % from.dim,
      unit % harmonics,
    ];
    const mean = new Float64Array(size);
    for (const action of actions)
      addOuter(
        mean,
        1 / actions.length,
        column(action.to, o),
        column(action.from, i),
        column(action.harmonic, c),
      );
    const norm = Math.hypot(...removeAll(mean, basis));
    if (norm > DEPENDENT) basis.push(mean.map((value) => value / norm));
  }
  return basis.map((coefficients) => ({ frequency, coefficients }));
}

function column(matrix: Float64Array, at: number): Float64Array {
  const dim = Math.round(Math.sqrt(matrix.length));
  return Float64Array.from({ length: dim }, (_, row) => matrix[row * dim + at]);
}

function addOuter(sum: Float64Array, scale: number, a: Float64Array, b: Float64Array, c: Float64Array): void {
  for (let i = 0; i < a.length; i++) {
    if (a[i] === 0) continue;
    for (let j = 0; j < b.length; j++) {
      for (let k = 0; k < c.length; k++) sum[(i * b.length + j) * c.length + k] += scale * a[i] * b[j] * c[k];
    }
  }
}

/** Takes the orthonormal vectors out of v, in place; twice, for what rounding leaves the first time. */
function removeAll(v: Float64Array, basis: readonly Float64Array[]): Float64Array {
  for (let round = 0; round < 2; round++) {
    for (const u of basis) {
      let along = 0;
      for (let k = 0; k < v.length; k++) along += u[k] * v[k];
      if (along !== 0) for (let k = 0; k < v.length; k++) v[k] -= along * u[k];
    }
  }
  return v;
}
