/**
 * Hyperbolic neighbours from an engine that measures |y - z| in ball coordinates alone. As
 *   cosh(√c d(y, z)) - 1 = 2c|y - z|² / ((1 - c|y|²)(1 - c|z|²)),
 * points z of nearly equal radius are ranked by |y - z| as by d. So points are kept in bands of radius, each a collection
 * of its own; a query asks bands for their nearest, the caller measures those exactly, and a band is passed over once it
 * is farther away, in radius alone, than the k-th neighbour found.
 */
export interface BandPlan {
  /** Of the ball, > 0: its curvature is -c. */
  readonly c: number;
  /** Of a band, in the unit of distances, > 0. Band b holds the radii [b·width, (b + 1)·width). */
  readonly width: number;
}

/** Bands of 1/√c: few enough collections, and nearly no neighbour lost by asking once (docs/indices.md). */
export function planBands(c: number, width = 1 / Math.sqrt(c)): BandPlan {
  return { c, width };
}

export function bandOf({ width }: BandPlan, radius: number): number {
  return Math.floor(radius / width);
}

/** What |r - r_q| is at least for all radii r of a band: no point of it is nearer than that. */
export function gapTo({ width }: BandPlan, band: number, radius: number): number {
  return Math.max(0, band * width - radius, radius - (band + 1) * width);
}

/** Bands in the order in which to ask them: nearest first, the inner one of two. */
export function inOrder(plan: BandPlan, bands: Iterable<number>, radius: number): number[] {
  return [...bands].sort((a, b) => gapTo(plan, a, radius) - gapTo(plan, b, radius) || a - b);
}

/**
 * How many to ask a band for, that its k nearest be among them as a rule: k for bands of 0.5/√c and less, twice as many
 * for each doubling. In trees 0.9975 of ten neighbours and more are found so; leastDistance tells when that was enough.
 */
export function countPerBand({ c, width }: BandPlan, k: number): number {
  return Math.ceil(k * Math.max(1, 2 * Math.sqrt(c) * width));
}

/**
 * A lower bound of d to the points of a band that an engine has not named, from those that it has.
 * @param radius of the query
 * @param chord |y - z| of the farthest one named, none of the others being nearer
 * @param rounding how far chords may be off because coordinates are rounded (Ball.rounding)
 */
export function leastDistance(
  plan: BandPlan,
  band: number,
  radius: number,
  chord: number,
  rounding: number,
): number {
  const root = Math.sqrt(plan.c);
  const apart = Math.max(0, chord * (1 - CHORD_ROUNDING) - rounding);
  // 1/(1 - c|z|²) is cosh² of half the radius, least at the inner edge of the band.
  const u =
    2 *
    plan.c *
    apart *
    apart *
    (Math.cosh((root * radius) / 2) * Math.cosh((root * band * plan.width) / 2)) ** 2;
  return (2 / root) * Math.asinh(Math.sqrt(u / 2));
}

/** Float32 sums of a few hundred squares, relative. */
const CHORD_ROUNDING = 1e-5;
