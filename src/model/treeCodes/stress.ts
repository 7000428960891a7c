import { batchDistance } from './batchDistance.js';
import type { ResolvedTreeConfig } from './config.js';
import { partOfPair } from './heldOut.js';

/** n nodes: their codes, offsets and the logarithm of the scale in one array, and the same for gradients. */
export class TreeParameters {
  readonly flat: Float64Array;
  /** [n, columns] */
  readonly codes: Float64Array;
  /** [n], all 0 without a star factor. */
  readonly offsets: Float64Array;

  constructor(
    readonly nodes: number,
    readonly columns: number,
  ) {
    const size = nodes * columns;
    this.flat = new Float64Array(size + nodes + 1);
    this.codes = this.flat.subarray(0, size);
    this.offsets = this.flat.subarray(size, size + nodes);
  }

  /** Logarithm of the edges in one unit of distance. */
  get logScale(): number {
    return this.flat[this.flat.length - 1];
  }

  set logScale(value: number) {
    this.flat[this.flat.length - 1] = value;
  }
}

/** Σ ((D - t)/t)² over pairs, and how many. */
export interface Stress {
  readonly sum: number;
  readonly pairs: number;
}

/**
 * Relative stress of a batch over its training pairs, D = s (d(u, v) + b_u + b_v), with the gradient of the sum: Adam does
 * not see the difference to that of the mean.
 * @param edges edges between two nodes of the tree, > 0
 */
export function relativeStress(
  { space, star, heldOut, training }: ResolvedTreeConfig,
  parameters: TreeParameters,
  edges: (a: number, b: number) => number,
): (rows: Int32Array, gradient: TreeParameters) => Stress {
  const { columns, codes, offsets } = parameters;
  const distance = batchDistance(space, columns, training.nodes);
  return (rows, gradient) => {
    gradient.flat.fill(0);
    distance.load(codes, rows);
    const scale = Math.exp(parameters.logScale);
    let sum = 0;
    let pairs = 0;
    for (let i = 1; i < rows.length; i++) {
      for (let j = 0; j < i; j++) {
        const a = rows[i];
        const b = rows[j];
        if (heldOut && partOfPair(a, b) !== 'train') continue;
        const t = edges(a, b);
        const d = distance.value(i, j) + offsets[a] + offsets[b];
        const error = (scale * d - t) / t;
        sum += error * error;
        pairs++;
        const slope = (2 * scale * error) / t;
        distance.pull(i, j, slope);
        gradient.offsets[a] += slope;
        gradient.offsets[b] += slope;
        gradient.logScale += slope * d;
      }
    }
    const pulled = distance.gradient();
    for (let i = 0; i < rows.length; i++) {
      for (let k = 0; k < columns; k++) gradient.codes[rows[i] * columns + k] = pulled[i * columns + k];
    }
    if (!star) gradient.offsets.fill(0);
    return { sum, pairs };
  };
}
