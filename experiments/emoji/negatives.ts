import { anchorHardness, Rng } from '../../src/index.js';
import type { Similarities } from './ranks.js';
import type { Settings } from './settings.js';

/** p(x-) in one space at one temperature, means over anchors. */
export interface NegativeWeights {
  /** Probability of all negatives together. */
  readonly mass: number;
  /** That of the hardest. */
  readonly largest: number;
  /** exp(entropy) of the shares of the negatives: how many equal ones would be as spread out. */
  readonly effective: number;
}

/** Items of which some compete in one softmax: one positive and all others' two drawings. */
export interface Sample {
  readonly rows: Int32Array;
  readonly labels: readonly number[];
}

/** Samples of classes, two items of each; the same for all models. */
export function samplesOf(
  classes: ArrayLike<number>,
  { batches, classes: count }: Settings['hardness'],
): Sample[] {
  const rng = new Rng(0).split('hardness');
  const members = new Map<number, number[]>();
  for (let i = 0; i < classes.length; i++) members.set(classes[i], [...(members.get(classes[i]) ?? []), i]);
  const items = [...members.values()];
  return Array.from({ length: batches }, () => {
    const chosen = rng.permutation(items.length).subarray(0, count);
    const pairs = Array.from(chosen, (c) => {
      const [first, second] = rng.permutation(items[c].length);
      return [items[c][first], items[c][second]];
    });
    return {
      rows: Int32Array.from(pairs.flat()),
      labels: pairs.flatMap((_, i) => [i, i]),
    };
  });
}

/**
 * Means over samples.
 * @param similarities logits times anything
 * @param scaleOf what to multiply a sample's similarities by: 1 for logits
 */
export function weightsOf(
  similarities: Similarities,
  samples: readonly Sample[],
  scaleOf: (sample: number) => number = () => 1,
): NegativeWeights {
  const found = samples.flatMap(({ rows, labels }, s) => {
    const scale = -scaleOf(s);
    const distances = sampled(similarities, rows).map((value) => value * scale);
    return labels.map((label, i) => {
      const own = distances.subarray(i * rows.length, (i + 1) * rows.length);
      const positives = own.filter((_, j) => j !== i && labels[j] === label);
      const negatives = own.filter((_, j) => labels[j] !== label);
      return anchorHardness(positives, negatives, 1);
    });
  });
  return {
    mass: mean(found.map(({ p }) => p)),
    largest: mean(found.map(({ p, mass }) => p / mass)),
    effective: mean(found.map(({ entropyEffective }) => entropyEffective)),
  };
}

/** Standard deviation of the similarities of each sample's negatives. */
export function spreadsOf(similarities: Similarities, samples: readonly Sample[]): number[] {
  return samples.map(({ rows, labels }) => {
    const values = sampled(similarities, rows).filter((_, at) => {
      return labels[Math.floor(at / rows.length)] !== labels[at % rows.length];
    });
    const centre = mean(values);
    return Math.sqrt(mean(values.map((value) => (value - centre) ** 2)));
  });
}

function sampled(similarities: Similarities, rows: Int32Array): Float64Array {
  const n = Math.sqrt(similarities.length);
  const count = rows.length;
  return Float64Array.from({ length: count * count }, (_, at) => {
    return similarities[rows[Math.floor(at / count)] * n + rows[at % count]];
  });
}

function mean(values: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i];
  return sum / values.length;
}
