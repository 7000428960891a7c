import { beforeAll, describe, expect, it } from 'vitest';
import { augment } from '../../../experiments/emoji/augment.js';
import { classBatches } from '../../../experiments/emoji/batches.js';
import { clipOf, pointsOf } from '../../../experiments/emoji/heads.js';
import { samplesOf, spreadsOf, weightsOf } from '../../../experiments/emoji/negatives.js';
import { seedPairs } from '../../../experiments/emoji/pairs.js';
import { findAll, hardestDiffers, metricsOf } from '../../../experiments/emoji/ranks.js';
import type { Feeding } from '../../../experiments/emoji/settings.js';
import { bestShare, reciprocalRanks, standardized, weighed } from '../../../experiments/emoji/together.js';
import { Rng } from '../../../src/core/rng.js';
import { openEngine } from '../../../src/engine/openEngine.js';
import * as tf from '../../../src/engine/tf.js';
import { leakedTensors } from '../../laws/gradient.js';
import { FLOAT32 } from '../../laws/tolerance.js';

beforeAll(async () => {
  await openEngine();
});

describe('batches', () => {
  const labels = [5, 5, 5, 5, 5, 2, 2, 7, 7, 7, 7, 9, 9, 9];
  const draw = classBatches(labels, 3, 4, new Rng(1));

  it('have every class once in each view, and an item twice only where there are too few', () => {
    for (let k = 0; k < 20; k++) {
      const batch = draw();
      const classes = Array.from(batch, (i) => labels[i]);
      const first = classes.slice(0, 3);
      expect(new Set(first).size).toBe(3);
      expect(classes).toEqual([...first, ...first, ...first, ...first]);
      for (const [c, label] of first.entries()) {
        const own = [0, 1, 2, 3].map((v) => batch[3 * v + c]);
        const size = labels.filter((l) => l === label).length;
        expect(new Set(own).size).toBe(Math.min(4, size));
      }
    }
  });
});

describe('augment', () => {
  const SIDE = 9;
  const values = (images: tf.Tensor4D, strength: number, seed: number) =>
    tf.tidy(() => augment(images, strength, new Rng(seed)).dataSync());
  const pictures = () =>
    tf.tidy(() =>
      tf.tensor4d(
        Float32Array.from({ length: 4 * SIDE * SIDE * 3 }, () => rng.uniform()),
        [4, SIDE, SIDE, 3],
      ),
    );
  const rng = new Rng(2);

  it('leaves images as they are at strength 0', () => {
    const images = pictures();
    const before = images.dataSync();
    const after = values(images, 0, 3);
    expect(before.every((value, i) => Math.abs(value - after[i]) < FLOAT32)).toBe(true);
    images.dispose();
  });

  it('changes each in its own way, keeps them within 0..1 and the ground at 0', () => {
    const same = tf.tidy(() =>
      tf.tile(tf.slice(pictures(), [0, 0, 0, 0], [1, SIDE, SIDE, 3]), [4, 1, 1, 1]),
    ) as tf.Tensor4D;
    const after = values(same, 1, 3);
    const size = after.length / 4;
    const images = [0, 1, 2, 3].map((i) => String(after.slice(i * size, (i + 1) * size)));
    expect(new Set(images).size).toBe(4);
    expect(after.every((value) => value >= 0 && value <= 1)).toBe(true);
    expect(values(same, 1, 3)).toEqual(after);
    const ground = tf.zerosLike(same);
    expect(values(ground, 1, 3).every((value) => value === 0)).toBe(true);
    tf.dispose([same, ground]);
  });

  it('leaves no tensors behind', async () => {
    const images = pictures();
    expect(await leakedTensors(() => void values(images, 1, 4))).toBe(0);
    images.dispose();
  });
});

describe('points of the ball', () => {
  const ball = { space: 'poincare', curvature: -1, temperature: 1 } as const;
  const norms = (feeding: Feeding, outputs: number[][]) =>
    tf.tidy(() => {
      const reading = { heads: [ball], feeding, ownMaps: false, dim: 2 };
      const [points] = pointsOf(tf.tensor2d(outputs), reading);
      return points.arraySync().map((p) => Math.hypot(...p));
    });

  it('are all on one sphere where outputs are normalised, and not where their norms are free', () => {
    const outputs = [
      [3, 4],
      [0.3, 0],
    ];
    for (const norm of norms('unit', outputs)) expect(norm).toBeCloseTo(Math.tanh(1), 5);
    const [far, near] = norms({ scale: 0.1, clip: 10 }, outputs);
    expect(far).toBeCloseTo(Math.tanh(0.5), 5);
    expect(near).toBeCloseTo(Math.tanh(0.03), 5);
  });

  it('stay away from the edge by a thousandth of the radius', () => {
    const feeding = { scale: 1, clip: 10 };
    expect(clipOf(feeding, -0.1)).toBe(10);
    expect(clipOf(feeding, -1)).toBeCloseTo(3.8, 2);
    expect(norms(feeding, [[100, 0]])[0]).toBeCloseTo(0.999, 5);
  });
});

describe('ranks', () => {
  /** Sorted, item by item, from the definition. */
  function slow(similarities: Float32Array, classes: readonly number[]) {
    const n = classes.length;
    return classes.map((own, i) => {
      const s = (j: number) => similarities[i * n + j];
      const others = Array.from({ length: n }, (_, j) => j).filter((j) => j !== i);
      const friends = others.filter((j) => classes[j] === own).sort((a, b) => s(b) - s(a));
      const strangers = others.filter((j) => classes[j] !== own);
      const before = friends.map((f) => strangers.filter((j) => s(j) > s(f)).length);
      const hits = before.map((count, k) =>
        k + 1 + count <= friends.length ? (k + 1) / (k + 1 + count) : 0,
      );
      const first = (of: number[]) => of.reduce((best, j) => (s(j) > s(best) ? j : best));
      return {
        ...{ rank: before[0], hardest: first(strangers), nearest: first(others) },
        precision: hits.reduce((sum, p) => sum + p, 0) / friends.length,
      };
    });
  }

  it('are those of the definition, with ties that count for the friend', () => {
    const rng = new Rng(5);
    const classes = [0, 1, 2, 0, 1, 2, 0, 1, 2, 2, 1];
    const n = classes.length;
    const similarities = Float32Array.from({ length: n * n }, () => rng.below(6));
    const found = findAll(similarities, classes);
    const expected = slow(similarities, classes);
    expect([...found.rank]).toEqual(expected.map(({ rank }) => rank));
    expect([...found.hardest]).toEqual(expected.map(({ hardest }) => hardest));
    expect([...found.nearest]).toEqual(expected.map(({ nearest }) => nearest));
    for (const [i, { precision }] of expected.entries())
      expect(found.precision[i]).toBeCloseTo(precision, 12);
    const { recallAt1, recallAt10 } = metricsOf(found, classes);
    expect(recallAt1).toBeCloseTo(expected.filter(({ rank }) => rank === 0).length / n, 12);
    expect(recallAt10).toBe(1);
    expect(hardestDiffers(found, found)).toBe(0);
  });

  it('of a friend that is as near as a stranger is a hit', () => {
    const similarities = Float32Array.from([0, 1, 1, 1, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 1, 0]);
    expect(findAll(similarities, [0, 0, 1, 1]).rank[0]).toBe(0);
  });
});

describe('two models together', () => {
  const n = 3;
  const a = Float32Array.from([9, 2, 1, 2, 9, 0, 1, 0, 9]);
  const b = Float32Array.from([9, 1, 3, 1, 9, 1, 3, 1, 9]);

  it('weigh alike where similarities are divided by their deviation', () => {
    const twice = standardized(a.map((s) => 2 * s));
    for (const [i, s] of standardized(a).entries()) expect(s).toBeCloseTo(twice[i], 5);
    expect([...weighed(a, b, 0.25)].slice(0, 3)).toEqual([9, 1.25, 2.5]);
  });

  it('add reciprocal ranks, where equal similarities share the best', () => {
    const sums = reciprocalRanks(a, b, n);
    expect(sums[1]).toBeCloseTo(1 / 61 + 1 / 62, 6);
    expect(sums[2]).toBeCloseTo(1 / 62 + 1 / 61, 6);
    expect(sums[3]).toBeCloseTo(1 / 61 + 1 / 61, 6);
    expect(sums[5]).toBeCloseTo(1 / 62 + 1 / 61, 6);
  });

  it('get the share that finds most, and one half where all do', () => {
    const classes = [0, 0, 1, 1];
    const right = Float32Array.from([9, 1, 0, 0, 1, 9, 0, 0, 0, 0, 9, 1, 0, 0, 1, 9]);
    const wrong = right.map((s) => (s === 9 ? 9 : 1 - s));
    expect(bestShare(right, right, classes)).toBe(0.5);
    expect(bestShare(right, wrong, classes)).toBeGreaterThanOrEqual(0.5);
    expect(bestShare(wrong, right, classes)).toBeLessThanOrEqual(0.5);
  });

  it('are of unlike seeds, and no two of one arm twice', () => {
    expect(seedPairs(1, true)).toEqual([]);
    expect(seedPairs(1, false)).toEqual([[0, 0]]);
    expect(seedPairs(2, true)).toEqual([[0, 1]]);
    expect(seedPairs(3, true)).toEqual([
      [0, 1],
      [1, 2],
      [2, 0],
    ]);
  });
});

describe('weights of negatives', () => {
  const classes = [0, 1, 2, 3, 0, 1, 2, 3];
  const samples = samplesOf(classes, { batches: 3, classes: 3 });

  it('come from samples of as many classes, two items each, the same every time', () => {
    for (const { rows, labels } of samples) {
      expect(rows).toHaveLength(6);
      expect(new Set(rows).size).toBe(6);
      expect(labels).toEqual([0, 0, 1, 1, 2, 2]);
      for (let i = 0; i < 6; i += 2) expect(classes[rows[i]]).toBe(classes[rows[i + 1]]);
    }
    expect(samplesOf(classes, { batches: 3, classes: 3 })).toEqual(samples);
  });

  it('are 4/5 in all and 1/5 the largest, of 4 negatives as near as the positive', () => {
    const equal = new Float32Array(64);
    const { mass, largest, effective } = weightsOf(equal, samples);
    expect(mass).toBeCloseTo(4 / 5, 12);
    expect(largest).toBeCloseTo(1 / 5, 12);
    expect(effective).toBeCloseTo(4, 12);
    expect(spreadsOf(equal, samples)).toEqual([0, 0, 0]);
  });

  it('are those of logits times the scale', () => {
    const rng = new Rng(8);
    const logits = Float32Array.from({ length: 64 }, () => rng.below(8));
    const twice = logits.map((s) => 2 * s);
    expect(weightsOf(logits, samples, () => 2)).toEqual(weightsOf(twice, samples));
    expect(spreadsOf(twice, samples)).toEqual(spreadsOf(logits, samples).map((s) => 2 * s));
  });
});
