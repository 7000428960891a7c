import { beforeAll, describe, expect, it } from 'vitest';
import { openEngine } from '../../src/engine/openEngine.js';
import * as tf from '../../src/engine/tf.js';
import {
  avgNonZero,
  classWeighted,
  type DividedTerms,
  divisor,
  mean,
  perAnchor,
  REDUCERS,
  type Reducer,
  reduceTerms,
  sum,
  threshold,
  unreduced,
} from '../../src/losses/reducers.js';
import { pairTerms, type Terms } from '../../src/losses/terms.js';
import { leakedTensors } from '../laws/gradient.js';

beforeAll(async () => {
  await openEngine();
});

// Two anchors with two and three pairs, one without any.
const VALUES = [
  [0.5, 0, 0.25, 0],
  [0, 0, 0, 0],
  [1.5, 0.75, 0, 0],
];
const COUNTS = [
  [1, 0, 1, 0],
  [0, 0, 0, 0],
  [1, 1, 1, 0],
];
const pairs = (values: tf.Tensor = tf.tensor2d(VALUES)): Terms => ({ values, counts: tf.tensor2d(COUNTS) });
/** The same, summed over each anchor. */
const anchors = (values: tf.Tensor = tf.tensor1d([0.75, 0, 2.25])): Terms => ({
  values,
  counts: tf.tensor1d([2, 0, 3]),
  active: tf.tensor1d([2, 0, 2]),
});
const number = (reducer: Reducer, terms: Terms, context?: Parameters<Reducer>[1]) =>
  tf.tidy(() => reducer(terms, context).dataSync()[0]);
const gradient = (reducer: Reducer, terms = pairs, at: tf.Tensor = tf.tensor2d(VALUES)) =>
  tf.tidy(() =>
    Array.from(
      tf
        .grad((values) => reducer(terms(values)))(at)
        .dataSync(),
    ),
  );

describe('reducers', () => {
  it('mean, sum and avgNonZero take the same of pairs and of sums over anchors', () => {
    for (const terms of [pairs(), anchors()]) {
      expect(number(mean, terms)).toBeCloseTo(3 / 5, 6);
      expect(number(sum, terms)).toBe(3);
      expect(number(avgNonZero, terms)).toBeCloseTo(3 / 4, 6);
    }
  });

  it('have the same gradient at every value that they take, whatever the value', () => {
    expect(gradient(sum)).toEqual(Array(12).fill(1));
    expect(gradient(mean)).toEqual(Array(12).fill(Math.fround(1 / 5)));
    expect(gradient(avgNonZero)).toEqual(Array(12).fill(0.25));
    expect(gradient(threshold({ low: 0.4 }))).toEqual(
      [1, 0, 0, 0, 0, 0, 0, 0, 1, 1, 0, 0].map((v) => Math.fround(v / 3)),
    );
  });

  it('threshold takes values strictly between its bounds, of existing pairs only', () => {
    expect(number(threshold({ low: 0.25 }), pairs())).toBeCloseTo((0.5 + 1.5 + 0.75) / 3, 6);
    expect(number(threshold({ high: 0.75 }), pairs())).toBeCloseTo((0.5 + 0.25 + 0) / 3, 6);
    expect(number(threshold({ low: 0.25, high: 1 }), pairs())).toBeCloseTo((0.5 + 0.75) / 2, 6);
    expect(number(threshold({ low: 5 }), pairs())).toBe(0);
    expect(number(threshold({ low: 0 }), anchors())).toBeCloseTo(3 / 4, 6);
    expect(() => number(threshold({ low: 0.1 }), anchors())).toThrow(/single tuples/);
    expect(() => threshold({})).toThrow(/low, high or both/);
    expect(() => threshold({ low: Number.NaN })).toThrow(/got NaN/);
  });

  it('avgNonZero counts a pair above 0 as often as the plan has it', () => {
    const counts = tf.tensor2d([[2, 1, 1]]);
    expect(number(avgNonZero, { values: tf.tensor2d([[3, 0, 1.5]]), counts })).toBeCloseTo(4.5 / 3, 6);
  });

  it('divisor divides by that of the part, else by that of the context', () => {
    expect(number(divisor, pairs(), { divisor: tf.scalar(4) })).toBeCloseTo(0.75, 6);
    const own: DividedTerms = { ...pairs(), divisor: tf.scalar(6) };
    expect(number(divisor, own, { divisor: tf.scalar(4) })).toBeCloseTo(0.5, 6);
    expect(number(divisor, pairs(), { divisor: tf.scalar(0) })).toBe(0);
    expect(() => number(divisor, pairs())).toThrow(/divisor/);
  });

  it('classWeighted weighs anchors and divides by all tuples', () => {
    const context = { classWeights: tf.tensor1d([2, 5, 1]) };
    for (const terms of [pairs(), anchors()])
      expect(number(classWeighted, terms, context)).toBeCloseTo(3.75 / 5, 6);
    expect(() => number(classWeighted, pairs())).toThrow(/classWeights/);
    expect(() => number(classWeighted, pairs(), { classWeights: tf.tensor1d([1, 2]) })).toThrow(
      /3 values, got 2/,
    );
  });

  it('mean and classWeighted take the total of the counts from the host where it is known', () => {
    const known = (values?: tf.Tensor): Terms => ({ ...anchors(values), total: 5 });
    const weighted: Reducer = (terms) => classWeighted(terms, { classWeights: tf.tensor1d([2, 7, 0.5]) });
    const at = tf.tensor1d([0.75, 0, 2.25]);
    for (const reducer of [mean, weighted]) {
      expect(tf.tidy(() => number(reducer, known()))).toBeCloseTo(number(reducer, anchors()), 6);
      gradient(reducer, known, at).forEach((slope, i) => {
        expect(slope).toBeCloseTo(gradient(reducer, anchors, at)[i], 6);
      });
    }
    at.dispose();
    const none = { values: tf.zeros([2]), counts: tf.zeros([2]), total: 0 };
    expect(number(mean, none)).toBe(0);
    tf.dispose([none.values, none.counts]);
  });

  it('perAnchor takes the mean or the sum over each anchor, then reduces anchors, those without tuples too', () => {
    for (const terms of [pairs(), anchors()]) {
      expect(number(perAnchor(), terms)).toBeCloseTo((0.375 + 0 + 0.75) / 3, 6);
      expect(number(perAnchor({ aggregation: 'sum' }), terms)).toBeCloseTo(1, 6);
      expect(number(perAnchor({ reducer: avgNonZero }), terms)).toBeCloseTo((0.375 + 0.75) / 2, 6);
    }
    const single = { values: tf.tensor1d([1, 3, 0]), counts: tf.tensor1d([1, 1, 0]) };
    expect(number(perAnchor(), single)).toBe(2);
    expect(gradient(perAnchor({ aggregation: 'mean', reducer: sum }))).toEqual([
      ...Array(4).fill(0.5),
      ...Array(4).fill(0),
      ...Array(4).fill(Math.fround(1 / 3)),
    ]);
  });

  const all: [string, Reducer][] = [
    ...Object.entries(REDUCERS),
    ['threshold', threshold({ low: 0.1 })],
    ['perAnchor', perAnchor()],
  ];
  const context = () => ({ divisor: tf.scalar(0), classWeights: tf.tensor1d([1, 1]) });

  it.each(all)('%s of nothing is 0 with gradient 0', (_, reducer) => {
    tf.tidy(() => {
      const zeros = tf.zeros([2, 3]);
      const f = (values: tf.Tensor) => reducer({ values, counts: tf.zeros([2, 3]) }, context());
      const { value, grad } = tf.valueAndGrad(f)(zeros);
      expect(value.dataSync()[0]).toBe(0);
      // The sum alone has no count to be 0.
      expect(Array.from(grad.dataSync())).toEqual(Array(6).fill(reducer === sum ? 1 : 0));
    });
  });

  it.each(all)('%s of NaN is NaN, and leaves no tensors behind', async (_, reducer) => {
    const values = tf.tensor2d([
      [Number.NaN, 1, 0],
      [1, 1, 1],
    ]);
    const counts = tf.onesLike(values);
    const needed = context();
    expect(tf.tidy(() => reducer({ values, counts }, needed).dataSync()[0])).toBeNaN();
    const work = () => tf.tidy(() => tf.grad((v) => reducer({ values: v, counts }, needed))(values));
    expect(await leakedTensors(work)).toBe(0);
    tf.dispose([values, counts, needed.divisor, needed.classWeights]);
  });
});

describe('pairTerms', () => {
  /** Terms whose values are counted as they are made. */
  const lazily = () => {
    let made = 0;
    const values = () => {
      made++;
      return tf.tensor2d(VALUES);
    };
    const terms = pairTerms(values, tf.tensor2d(COUNTS), () => anchors());
    return { terms, made: () => made };
  };
  const context = () => ({ divisor: tf.scalar(4), classWeights: tf.tensor1d([2, 5, 1]) });

  it.each([
    ...Object.entries(REDUCERS),
    ['perAnchor', perAnchor()],
    ['perAnchor of sums', perAnchor({ aggregation: 'sum', reducer: avgNonZero })],
  ] as [string, Reducer][])('are reduced by %s to what the pairs are, which are not made', (_, reducer) => {
    tf.tidy(() => {
      const { terms, made } = lazily();
      const expected = reducer(pairs(), context()).dataSync()[0];
      expect(reducer(terms, context()).dataSync()[0]).toBeCloseTo(expected, 6);
      expect(made()).toBe(0);
    });
  });

  it('show every pair to a threshold and to whoever wants them unreduced, made once', () => {
    tf.tidy(() => {
      const { terms, made } = lazily();
      expect(unreduced({ part: terms })['part'].arraySync()).toEqual(VALUES);
      expect(threshold({ low: 0.25 })(terms).dataSync()[0]).toBeCloseTo((0.5 + 1.5 + 0.75) / 3, 6);
      expect(made()).toBe(1);
    });
  });

  it('sum a copy with other values from these', () => {
    tf.tidy(() => {
      const { terms } = lazily();
      const doubled = { ...terms, values: tf.mul(terms.values, 2) };
      expect(sum(doubled).dataSync()[0]).toBe(6);
      expect(sum(terms).dataSync()[0]).toBe(3);
    });
  });

  it('outlive the tidy that they are returned from', () => {
    const terms = tf.tidy(() => {
      const counts = tf.tensor2d(COUNTS);
      const values = tf.tensor2d(VALUES);
      return pairTerms(
        () => tf.clone(values),
        counts,
        () => ({ values: tf.sum(values, 1), counts: tf.sum(counts, 1) }),
      ) as unknown as tf.TensorContainer;
    }) as unknown as Terms;
    expect(number(mean, terms)).toBeCloseTo(3 / 5, 6);
    tf.dispose([terms.values, terms.counts]);
  });
});

describe('reduceTerms', () => {
  const loss = () => ({ positive: pairs(), negative: anchors() });
  const value = (...args: Parameters<typeof reduceTerms>) =>
    tf.tidy(() => reduceTerms(...args).dataSync()[0]);

  it('reduces parts one by one and adds them', () => {
    expect(value(loss(), mean)).toBeCloseTo(1.2, 6);
    expect(value(loss(), { positive: sum, negative: avgNonZero })).toBeCloseTo(3.75, 6);
  });

  it('takes the mean of parts that are not named, and refuses names of none', () => {
    expect(value(loss(), { negative: sum })).toBeCloseTo(3.6, 6);
    expect(() => value(loss(), { postive: sum })).toThrow(/positive, negative, got "postive"/);
  });

  it('has a counterpart that leaves the values as they are', () => {
    const terms = loss();
    expect(unreduced(terms)).toEqual({ positive: terms.positive.values, negative: terms.negative.values });
  });
});
