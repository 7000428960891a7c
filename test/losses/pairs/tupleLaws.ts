import { describe, expect, it } from 'vitest';
import { Rng } from '../../../src/core/rng.js';
import type { Space } from '../../../src/core/space.js';
import * as tf from '../../../src/engine/tf.js';
import type { Compared, LossTerms } from '../../../src/losses/terms.js';
import { metricOn } from '../../../src/manifolds/manifoldOn.js';
import { leakedTensors } from '../../laws/gradient.js';
import { onEachRowPath } from './paths.js';

/** design.md: losses on tensors. */
const VALUE = 1e-5;
const GRADIENT = 1e-4;

/** Distances and masks as rows of plain numbers. */
export type Rows = readonly (readonly number[])[];
export interface Pairs {
  readonly positives: Rows;
  readonly negatives: Rows;
}

/** A loss from its definition, in float64. */
export interface TupleLoss {
  readonly loss: (compared: Compared) => LossTerms;
  /** Values of the tuples of every anchor. @param fixed the distances where the loss takes them as constants */
  readonly oracle: (d: Rows, pairs: Pairs, fixed: Rows) => number[][];
  readonly zero?: number;
  /** Which of positives and negatives must be missing for the loss to be 0. Default either. */
  readonly zeroWithout?: 'either' | 'both' | 'positives';
  /** Why the order of the items matters, where it does. */
  readonly ordered?: string;
  /** Whether there are fused kernels for it: all is tested with and without. */
  readonly fused?: boolean;
}

/** Columns where a row of a mask is 1. */
export const at = (row: readonly number[]): number[] => row.flatMap((on, j) => (on ? [j] : []));
export const logSumExp = (values: readonly number[]): number => {
  const top = Math.max(...values);
  return top === Number.NEGATIVE_INFINITY
    ? top
    : top + Math.log(values.reduce((s, v) => s + Math.exp(v - top), 0));
};
export const total = (values: readonly number[]): number => values.reduce((s, v) => s + v, 0);
export const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));
export const softplus = (x: number): number => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));

const LABELS = [0, 1, 0, 2, 1, 0, 3, 2, 1, 0];
const N = LABELS.length;

const labelPairs = (labels: readonly number[]): Pairs => ({
  positives: labels.map((a, i) => labels.map((b, j) => (a === b && i !== j ? 1 : 0))),
  negatives: labels.map((a) => labels.map((b) => (a === b ? 0 : 1))),
});

/** About half of the pairs, and no pair of row 3. */
function minedPairs(seed: number): Pairs {
  const rng = new Rng(seed);
  const thin = (mask: Rows) =>
    mask.map((row, i) => row.map((on) => (on && i !== 3 && rng.uniform(0, 1) < 0.6 ? 1 : 0)));
  const { positives, negatives } = labelPairs(LABELS);
  return { positives: thin(positives), negatives: thin(negatives) };
}

/** Symmetric with an empty diagonal, exact in float32. */
function randomDistances(seed: number): number[][] {
  const rng = new Rng(seed);
  const upper = LABELS.map(() => LABELS.map(() => Math.fround(rng.uniform(0.1, 1.9))));
  return upper.map((row, i) => row.map((_, j) => (i === j ? 0 : upper[Math.min(i, j)][Math.max(i, j)])));
}

const tensors = ({ positives, negatives }: Pairs) => ({
  positives: tf.tensor2d(positives.map((row) => [...row])),
  negatives: tf.tensor2d(negatives.map((row) => [...row])),
});

interface Evaluated {
  readonly values: number[];
  readonly counts: number[];
  readonly active: number[] | undefined;
  /** Of Σ w_i value_i. */
  readonly gradient: number[];
}

function evaluate({ loss, zero }: TupleLoss, d: Rows, pairs: Pairs, weights: readonly number[]): Evaluated {
  return tf.tidy(() => {
    const plan = tensors(pairs);
    const terms = (distances: tf.Tensor2D) => {
      const parts = Object.values(loss({ distances, plan, ...(zero === undefined ? {} : { zero }) }));
      expect(parts).toHaveLength(1);
      return parts[0];
    };
    const input = tf.tensor2d(d.map((row) => [...row]));
    const { values, counts, active } = terms(input);
    const { grad } = tf.valueAndGrad((x) =>
      tf.sum(tf.mul(terms(x as tf.Tensor2D).values, tf.tensor1d([...weights]))),
    )(input);
    const plain = (t: tf.Tensor) => Array.from(t.dataSync());
    return {
      values: plain(values),
      counts: plain(counts),
      active: active && plain(active),
      gradient: plain(grad),
    };
  }) as unknown as Evaluated;
}

function differences({ oracle }: TupleLoss, d: Rows, pairs: Pairs, weights: readonly number[]): number[] {
  const value = (rows: Rows) => total(oracle(rows, pairs, d).map((tuples, i) => weights[i] * total(tuples)));
  const shifted = (i: number, j: number, step: number) =>
    d.map((row, k) => (k === i ? row.map((x, l) => (l === j ? x + step : x)) : row));
  const step = 1e-6;
  return d.flatMap((row, i) =>
    row.map((_, j) => (value(shifted(i, j, step)) - value(shifted(i, j, -step))) / (2 * step)),
  );
}

function expectNear(got: readonly number[], expected: readonly number[], tolerance: number, floor = 0): void {
  expect(got.length).toBe(expected.length);
  expect(got.every(Number.isFinite)).toBe(true);
  const scale = Math.max(floor, ...expected.map(Math.abs));
  const worst = Math.max(...expected.map((e, i) => Math.abs(e - got[i])));
  expect(worst).toBeLessThanOrEqual(tolerance * scale);
}

const SPACES: readonly Space[] = [
  { kind: 'poincare', dim: 3, curvature: -1 },
  { kind: 'star', dim: 1 },
  {
    kind: 'product',
    combine: 'sum',
    factors: [
      { space: { kind: 'euclidean', dim: 2 }, weight: 0.5 },
      { space: { kind: 'poincare', dim: 2, curvature: -0.5 }, weight: 2 },
    ],
  },
];
const columnsOf = (space: Space) => (space.kind === 'product' ? 4 : space.kind === 'star' ? 1 : 3);

/** What every loss of pairs or tuples owes: the values and derivatives of its definition, in any space. */
export function describeTupleLoss(name: string, subject: TupleLoss): void {
  if (subject.fused) onEachRowPath(() => describeOnPath(name, subject));
  else describeOnPath(name, subject);
}

function describeOnPath(name: string, subject: TupleLoss): void {
  const weights = LABELS.map((_, i) => 0.5 + i / N);
  const d = randomDistances(31);
  const labelled = labelPairs(LABELS);

  describe(name, () => {
    it.each([
      ['of labels in unequal classes', labelled],
      ['that a miner left', minedPairs(5)],
    ])('has the values and derivatives of its definition on pairs %s', (_, pairs) => {
      const got = evaluate(subject, d, pairs, weights);
      const tuples = subject.oracle(d, pairs, d);
      expectNear(got.values, tuples.map(total), VALUE, 1);
      expectNear(got.gradient, differences(subject, d, pairs, weights), GRADIENT);
      expect(got.counts).toEqual(tuples.map((values) => values.length));
      const above = (values: readonly number[]) => values.filter((v) => v > 0).length;
      if (got.active) expect(got.active).toEqual(tuples.map(above));
      else expect(Math.max(...got.counts)).toBeLessThanOrEqual(1);
    });

    const itIfFused = subject.fused ? it : () => {};
    itIfFused('counts a pair twice that the plan has twice', () => {
      const twice = (mask: Rows) => mask.map((row) => row.map((on, j) => (j === 2 ? 2 * on : on)));
      const again = (rows: Rows) => rows.map((row) => [...row, row[2]]);
      const apart = { positives: again(labelled.positives), negatives: again(labelled.negatives) };
      const doubled = { positives: twice(labelled.positives), negatives: twice(labelled.negatives) };
      const got = evaluate(subject, d, doubled, weights);
      const expected = evaluate(subject, again(d), apart, weights);
      expectNear(got.values, expected.values, VALUE, 1);
      expect(got.counts).toEqual(expected.counts);
      expect(got.active).toEqual(expected.active);
      const rows = Array.from({ length: N }, (_, i) =>
        expected.gradient.slice(i * (N + 1), (i + 1) * (N + 1)),
      );
      const added = rows.map((row) => row.slice(0, N).map((g, j) => (j === 2 ? g + row[N] : g)));
      expectNear(got.gradient, added.flat(), GRADIENT);
    });

    it('is 0 with gradient 0 without the pairs it needs', () => {
      const none = d.map((row) => row.map(() => 0));
      const { zeroWithout = 'either' } = subject;
      const cases: Pairs[] = [{ positives: none, negatives: none }];
      if (zeroWithout !== 'both') cases.push({ ...labelled, positives: none });
      if (zeroWithout === 'either') cases.push({ ...labelled, negatives: none });
      for (const pairs of cases) {
        const { values, gradient } = evaluate(subject, d, pairs, weights);
        expect(values.map(Math.abs)).toEqual(new Array(N).fill(0));
        expect(gradient.map(Math.abs)).toEqual(new Array(N * N).fill(0));
      }
    });

    it.skipIf(subject.ordered)('follows a permutation of the items', () => {
      const order = new Rng(8).permutation(N);
      const move = (rows: Rows) => Array.from(order, (i) => Array.from(order, (j) => rows[i][j]));
      const moved = { positives: move(labelled.positives), negatives: move(labelled.negatives) };
      const before = evaluate(subject, d, labelled, weights);
      const after = evaluate(
        subject,
        move(d),
        moved,
        Array.from(order, (i) => weights[i]),
      );
      const gradient = Array.from({ length: N }, (_, i) => before.gradient.slice(i * N, (i + 1) * N));
      expectNear(
        after.values,
        Array.from(order, (i) => before.values[i]),
        VALUE,
        1,
      );
      expectNear(after.gradient, move(gradient).flat(), GRADIENT);
    });

    it.each(SPACES)('is that of its definition on distances of $kind, with a finite gradient', (space) => {
      const points = tf.tensor2d(
        Array.from({ length: N * columnsOf(space) }, (_, i) => 0.05 + 0.5 * Math.abs(Math.sin(1 + 7 * i))),
        [N, columnsOf(space)],
      );
      const metric = metricOn(space);
      const pairwise = (x: tf.Tensor2D) => metric.pairwise(x, x, { same: 'diagonal' });
      const rows = tf.tidy(() => pairwise(points).arraySync());
      expectNear(
        evaluate(subject, rows, labelled, weights).values,
        subject.oracle(rows, labelled, rows).map(total),
        VALUE,
        1,
      );
      const gradient = tf.tidy(() => {
        const plan = tensors(labelled);
        const f = (x: tf.Tensor) =>
          tf.sum(Object.values(subject.loss({ distances: pairwise(x as tf.Tensor2D), plan }))[0].values);
        return Array.from(tf.grad(f)(points).dataSync());
      });
      expect(gradient.every(Number.isFinite)).toBe(true);
      points.dispose();
    });

    it('gives NaN for a distance that is NaN', () => {
      const broken = d.map((row, i) =>
        row.map((x, j) => (i === j ? x : i === 2 || j === 2 ? Number.NaN : x)),
      );
      expect(total(evaluate(subject, broken, labelled, weights).values)).toBeNaN();
    });

    it('leaves no tensors behind', async () => {
      expect(await leakedTensors(() => evaluate(subject, d, labelled, weights))).toBe(0);
    });
  });
}
