import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { DomainError, ShapeError, UsageError } from '../../../src/core/errors.js';
import { openEngine } from '../../../src/engine/openEngine.js';
import * as tf from '../../../src/engine/tf.js';
import { DynamicSoftMargin } from '../../../src/losses/pairs/dynamicSoftMargin.js';
import { at, describeTupleLoss, type Pairs, type Rows } from './tupleLaws.js';

beforeAll(async () => {
  await openEngine();
});

/** Shares of the batch's differences up to each of 10 nodes from -2 on, by linear binning. */
function cdfOf(d: Rows, { positives, negatives }: Pairs): number[] {
  const histogram = new Array<number>(11).fill(0);
  d.forEach((row, i) => {
    for (const p of at(positives[i]))
      for (const n of at(negatives[i])) {
        const u = Math.min(Math.max((row[p] - row[n] + 2) / 0.4, 0), 10);
        const lower = Math.min(Math.floor(u), 9);
        histogram[lower] += 1 - (u - lower);
        histogram[lower + 1] += u - lower;
      }
  });
  const all = histogram.reduce((s, v) => s + v, 0);
  let sum = 0;
  return histogram.map((v) => {
    sum += v;
    return sum / all;
  });
}

describeTupleLoss('DynamicSoftMargin on its first batch', {
  loss: (compared) => {
    const margin = new DynamicSoftMargin();
    const terms = margin.loss(compared);
    margin.dispose();
    return terms;
  },
  oracle: (d, pairs, fixed) => {
    const cdf = cdfOf(fixed, pairs);
    const lower = (x: number) => Math.floor(Math.min(Math.max((x + 2) / 0.4, 0), 9.999999));
    return d.map((row, i) =>
      at(pairs.positives[i]).flatMap((p) =>
        at(pairs.negatives[i]).map((n) => cdf[lower(fixed[i][p] - fixed[i][n])] * (row[p] - row[n])),
      ),
    );
  },
});

describe('DynamicSoftMargin', () => {
  let margin = new DynamicSoftMargin();
  afterEach(() => margin.dispose());
  const batch = (dPositive: number, dNegative: number) =>
    tf.tidy(() => {
      const plan = { positives: tf.tensor2d([[1, 0]]), negatives: tf.tensor2d([[0, 1]]) };
      return margin
        .loss({ distances: tf.tensor2d([[dPositive, dNegative]]), plan })
        .loss.values.dataSync()[0];
    });

  it('moves its histogram towards each batch by the momentum', () => {
    margin = new DynamicSoftMargin({ bins: 4, minValue: -2, momentum: 0.25 });
    expect(margin.save()).toEqual([]);
    batch(0.5, 1.5); // x = -1: node 1
    expect(margin.save()).toEqual([0, 1, 0, 0, 0]);
    // x = 0.5: half way from node 2 to node 3; three quarters and an eighth lie up to node 2.
    expect(batch(1, 0.5)).toBeCloseTo(0.875 * 0.5, 6);
    expect(margin.save()).toEqual([0, 0.75, 0.125, 0.125, 0]);
  });

  it('keeps its histogram on a batch without triplets, and goes on from a saved one', () => {
    margin = new DynamicSoftMargin({ bins: 4 });
    batch(0.5, 1.5);
    const saved = margin.save();
    margin.restore(saved);
    tf.tidy(() => {
      const none = tf.zeros([2, 2]) as tf.Tensor2D;
      margin.loss({ distances: none, plan: { positives: none, negatives: none } });
    });
    expect(margin.save()).toEqual(saved);
  });

  it('refuses histograms and options that cannot be', () => {
    expect(() => margin.restore([1, 0])).toThrow(ShapeError);
    expect(() => new DynamicSoftMargin({ minValue: 0 })).toThrow(DomainError);
    expect(() => new DynamicSoftMargin({ momentum: 1.5 })).toThrow(DomainError);
    expect(() => new DynamicSoftMargin({ bins: 0 })).toThrow(UsageError);
  });
});
