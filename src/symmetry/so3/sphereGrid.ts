import { requireInteger } from '../../core/checks.js';
import { expectation, UsageError } from '../../core/errors.js';
import { type Matrix64, matrix } from '../../core/matrix.js';

/** Polar angles of the 2b rings: `driscollHealy` πj / 2b, the first of them the pole; `shifted` π(2j + 1) / 4b. */
export type Rings = 'driscollHealy' | 'shifted';

/** 2b rings of 2b points, sample (j, k) at j * 2b + k. */
export interface SphereGrid {
  readonly bandwidth: number;
  readonly rings: Rings;
  /** [2b] angles from the z axis, radians in [0, π). */
  readonly polar: Float64Array;
  /** [2b] angles πk / b from the x axis towards y, radians. */
  readonly azimuth: Float64Array;
  /** [2b] weight of each point of a ring: Σ_jk weights[j] f(j, k) is ∫ f over the sphere for degrees below 2b. */
  readonly weights: Float64Array;
}

/**
 * @param bandwidth b >= 1: degrees below b are told apart
 * @throws UsageError for another bandwidth or unknown rings
 * @source Driscoll and Healy 1994, Adv. Appl. Math. 15:202, theorem 3; shifted: Kostelec and Rockmore 2008, J. Fourier
 *   Anal. Appl. 14:145, section 3
 */
export function sphereGrid(bandwidth: number, rings: Rings = 'driscollHealy'): SphereGrid {
  requireInteger(bandwidth, 1, 'sphereGrid bandwidth', 512);
  if (rings !== 'driscollHealy' && rings !== 'shifted') {
    throw new UsageError(
      expectation('sphereGrid rings', 'driscollHealy, shifted', rings, 'choose one of these'),
    );
  }
  const count = 2 * bandwidth;
  const shift = rings === 'shifted' ? 0.5 : 0;
  const polar = Float64Array.from({ length: count }, (_, j) => (Math.PI * (j + shift)) / count);
  const azimuth = Float64Array.from({ length: count }, (_, k) => (Math.PI * k) / bandwidth);
  const weights = polar.map((theta) => {
    let sum = 0;
    for (let k = 0; k < bandwidth; k++) sum += Math.sin((2 * k + 1) * theta) / (2 * k + 1);
    return ((2 * Math.PI) / bandwidth ** 2) * Math.sin(theta) * sum;
  });
  return { bandwidth, rings, polar, azimuth, weights };
}

/** Points of norm 1. @returns [4b², 3], ring after ring */
export function gridPoints({ polar, azimuth }: SphereGrid): Matrix64 {
  const count = azimuth.length;
  const data = new Float64Array(polar.length * count * 3);
  polar.forEach((theta, j) => {
    const [ring, height] = [Math.sin(theta), Math.cos(theta)];
    azimuth.forEach((phi, k) => {
      data.set([ring * Math.cos(phi), ring * Math.sin(phi), height], 3 * (j * count + k));
    });
  });
  return matrix(data, polar.length * count, 3);
}
