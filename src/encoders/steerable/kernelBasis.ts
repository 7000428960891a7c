import { requireInteger } from '../../core/checks.js';
import { expectation, UsageError } from '../../core/errors.js';
import { type AngularKernel, angularKernels } from './angularKernels.js';
import type { Representation, RepresentationPart } from './representation.js';

/** Rings of a filter: a bump of Gaussian profile about each whole radius, and the highest angular frequency on it. */
export interface Ring {
  /** pixels */
  readonly radius: number;
  /** Standard deviation of the profile, pixels. */
  readonly width: number;
  readonly highestFrequency: number;
}

/**
 * A ring of radius r crosses about 2πr pixels, which tell frequencies up to πr apart; up to 2r they keep their shape
 * when turned. The outermost ring is narrower: the corners of the square have no counterparts in other directions.
 */
export function ringsOf(kernel: number): Ring[] {
  requireInteger(kernel, 1, 'ringsOf kernel');
  if (kernel % 2 === 0)
    throw new UsageError(
      expectation('steerable filter', 'an odd number of pixels a side', kernel, 'take one more'),
    );
  const last = (kernel - 1) / 2;
  return Array.from({ length: last + 1 }, (_, radius) => ({
    radius,
    width: radius === last && radius > 0 ? 0.4 : 0.6,
    highestFrequency: 2 * radius,
  }));
}

/** Filters on the pixel grid that span all steerable ones of a band limit, of every pair of parts. */
export interface KernelBasis {
  readonly kernel: number;
  /** [kernel, kernel, from.dim, to.dim, count]: rows of pixels downwards, columns to the right */
  readonly values: Float64Array;
  readonly count: number;
  /** [count]: 1 / number of the filters that end in the same part of `to`, which share its variance */
  readonly shares: Float64Array;
}

/** Squared norm of a filter, relative to the largest of its ring, that is nothing but rounding. */
const VANISHED = 1e-12;

/**
 * Each filter is scaled so that on uncorrelated input of variance 1 each number of its part gets a variance of 1 on
 * average, for a weight of 1.
 * @param kernel pixels a side, odd @param highestFrequency of the angle, at most; Infinity: as high as the rings go
 * @throws UsageError for representations of different groups or an even kernel
 */
export function kernelBasis(
  from: Representation,
  to: Representation,
  kernel: number,
  highestFrequency = Infinity,
): KernelBasis {
  if (from.group.name !== to.group.name)
    throw new UsageError(
      expectation(
        'kernelBasis',
        'two representations of one group',
        `${from.group.name}, ${to.group.name}`,
        'pass those',
      ),
    );
  const filters: { readonly part: number; readonly values: Float64Array }[] = [];
  let below = 0;
  for (const [part, target] of to.parts.entries()) {
    let before = 0;
    for (const source of from.parts) {
      for (const ring of ringsOf(kernel)) {
        for (let k = 0; k <= Math.min(ring.highestFrequency, highestFrequency); k++) {
          for (const angular of angularKernels(from, source, target, k)) {
            const values = new Float64Array(kernel * kernel * from.dim * to.dim);
            const square = sample(values, { ring, angular, kernel, source, target, from, to, before, below });
            if (square < VANISHED) continue;
            const scale = Math.sqrt(target.dim / square);
            filters.push({ part, values: values.map((value) => value * scale) });
          }
        }
      }
      before += source.dim;
    }
    below += target.dim;
  }
  const count = filters.length;
  const values = new Float64Array(kernel * kernel * from.dim * to.dim * count);
  for (const [b, filter] of filters.entries()) {
    for (let at = 0; at < filter.values.length; at++) values[at * count + b] = filter.values[at];
  }
  const ofPart = to.parts.map((_, part) => filters.filter((filter) => filter.part === part).length);
  return { kernel, values, count, shares: Float64Array.from(filters, ({ part }) => 1 / ofPart[part]) };
}

interface Sampling {
  readonly ring: Ring;
  readonly angular: AngularKernel;
  readonly kernel: number;
  readonly source: RepresentationPart;
  readonly target: RepresentationPart;
  readonly from: Representation;
  readonly to: Representation;
  /** Components of `from` in front of `source`, of `to` in front of `target`. */
  readonly before: number;
  readonly below: number;
}

/** Writes the filter to `values` [kernel, kernel, from.dim, to.dim]. @returns the sum of its squares */
function sample(values: Float64Array, s: Sampling): number {
  const { kernel, source, target, ring } = s;
  const { frequency, coefficients } = s.angular;
  const middle = (kernel - 1) / 2;
  let square = 0;
  for (let row = 0; row < kernel; row++) {
    for (let col = 0; col < kernel; col++) {
      const [right, up] = [col - middle, middle - row];
      const profile = Math.exp(-0.5 * ((Math.hypot(right, up) - ring.radius) / ring.width) ** 2);
      const harmonics = harmonicsAt(frequency, right, up);
      for (let i = 0; i < source.dim; i++) {
        for (let o = 0; o < target.dim; o++) {
          let value = 0;
          for (let c = 0; c < harmonics.length; c++)
            value += coefficients[(o * source.dim + i) * harmonics.length + c] * harmonics[c];
          value *= profile;
          values[((row * kernel + col) * s.from.dim + s.before + i) * s.to.dim + s.below + o] = value;
          square += value * value;
        }
      }
    }
  }
  return square;
}

/** Y of a frequency in the direction of a point; at the centre only a constant has a value. */
function harmonicsAt(frequency: number, right: number, up: number): readonly number[] {
  if (frequency === 0) return [1];
  if (right === 0 && up === 0) return [0, 0];
  const angle = frequency * Math.atan2(up, right);
  return [Math.cos(angle), Math.sin(angle)];
}
