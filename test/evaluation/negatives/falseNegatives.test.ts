import { describe, expect, it } from 'vitest';
import { matrix, row } from '../../../src/core/matrix.js';
import { Rng } from '../../../src/core/rng.js';
import type { NegativesArm } from '../../../src/evaluation/negatives/arms.js';
import { mostDifferent } from '../../../src/evaluation/negatives/mostDifferent.js';
import { negativeStatistics } from '../../../src/evaluation/negatives/negativeStatistics.js';
import { distance } from '../../../src/geometry/distance.js';

const DIM = 6;
const CLASSES = 12;
const EACH = 20;
const N = CLASSES * EACH;
const PLANE = { kind: 'euclidean', dim: DIM } as const;
const trueLabels = Int32Array.from({ length: N }, (_, i) => i % CLASSES);

/** Classes around centres `apart` deviations from each other. */
function clouds(apart: number, seed: number): NegativesArm {
  const rng = new Rng(seed);
  const centres = Float64Array.from(
    { length: CLASSES * DIM },
    () => (apart / Math.sqrt(2 * DIM)) * rng.normal(),
  );
  const data = Float64Array.from(
    { length: N * DIM },
    (_, at) => centres[trueLabels[Math.floor(at / DIM)] * DIM + (at % DIM)] + rng.normal(),
  );
  return { name: `apart ${apart}`, space: PLANE, matrix: matrix(data, N, DIM), temperature: 1 };
}

async function boundsOf(arm: NegativesArm, labels: ArrayLike<number>) {
  const { summary } = await negativeStatistics([arm], labels, new Rng(2), { resamples: 50, scope: 'whole' });
  return summary.arms[0].falseNegatives;
}

describe('the bound of false negatives', () => {
  it('is 0 for classes far apart: no negative is as near as positives are', async () => {
    const { nearerAt, boundAt, boundOfAll } = await boundsOf(clouds(60, 1), trueLabels);
    for (const { mean } of [...nearerAt, ...boundAt, boundOfAll]) expect(mean).toBe(0);
  });

  it('is all of the hardest where every class hides half of itself behind another label', async () => {
    const hidden = trueLabels.map((label, i) => label + (i % (2 * CLASSES) < CLASSES ? 0 : CLASSES));
    const { boundAt } = await boundsOf(clouds(60, 1), hidden);
    const at = (k: number) => boundAt.find((bound) => bound.k === k)!.mean;
    expect([at(1), at(2), at(5)]).toEqual([1, 1, 1]);
    // The ten nearest are the hidden half, all of it; of eleven in twenty none is.
    expect(at(10)).toBeGreaterThan(0.9);
    expect(at(20)).toBeGreaterThan(0.45);
    expect(at(20)).toBeLessThan(0.55);
  });

  it('is near 1 for labels that mean nothing, where any negative might be a positive', async () => {
    const random = new Rng(5).shuffle(trueLabels.slice());
    const { boundOfAll, withinAt, expected } = await boundsOf(clouds(0, 1), random);
    // 240 anchors of 220 negatives; positives and negatives are alike, so the ratio is 1 but for chance.
    expect(boundOfAll.mean).toBeGreaterThan(0.93);
    expect(withinAt[0].mean).toBeGreaterThan(expected);
  });

  it('is not below the share of wrong labels, whatever it is', async () => {
    for (const share of [0.05, 0.1, 0.2]) {
      const rng = new Rng(7);
      const wrong = trueLabels.map((label) =>
        rng.uniform() < share ? (label + 1 + rng.below(CLASSES - 1)) % CLASSES : label,
      );
      const arm = clouds(60, 3);
      const { summary, anchors } = await negativeStatistics([arm], wrong, new Rng(2), {
        resamples: 50,
        scope: 'whole',
        depth: 1,
      });
      const { nearest } = anchors.arms[0];
      const isFalse = Array.from(anchors.rows, (i, slot) => trueLabels[nearest[slot]] === trueLabels[i]);
      const truth = isFalse.filter(Boolean).length / isFalse.length;
      expect(truth).toBeGreaterThan(share);
      expect(summary.arms[0].falseNegatives.boundAt[0].mean).toBeGreaterThanOrEqual(truth);
    }
  });
});

describe('mostDifferent', () => {
  const arms = [clouds(4, 1), { ...clouds(4, 2), name: 'other' }];

  it('gives the anchors with the least in common, their nearest positives and hardest negatives', async () => {
    const statistics = await negativeStatistics(arms, trueLabels, new Rng(2), { resamples: 20, depth: 12 });
    const found = mostDifferent(statistics, arms, trueLabels, [0, 1], {
      count: 8,
      compared: 10,
      perClass: 1,
    });
    expect(found).toHaveLength(8);
    expect(new Set(found.map(({ row: i }) => trueLabels[i])).size).toBe(8);
    const shares = found.map(({ overlap }) => overlap);
    expect(shares).toEqual([...shares].sort((a, b) => a - b));
    const { anchors } = statistics;
    for (const anchor of found) {
      const slot = anchors.rows.indexOf(anchor.row);
      const lists = anchors.arms.map(({ nearest }) =>
        Array.from(nearest.subarray(slot * 12, slot * 12 + 10)),
      );
      expect(anchor.overlap).toBe(lists[0].filter((i) => lists[1].includes(i)).length / 10);
      for (const { arm, positives, negatives } of anchor.arms) {
        const to = (i: number) =>
          distance(PLANE, row(arms[arm].matrix, anchor.row), row(arms[arm].matrix, i));
        const all = Array.from(trueLabels.keys()).filter(
          (i) => i !== anchor.row && trueLabels[i] === trueLabels[anchor.row],
        );
        expect(positives.map((seen) => seen.row)).toEqual(all.sort((a, b) => to(a) - to(b)).slice(0, 3));
        expect(negatives.map((seen) => seen.row)).toEqual(lists[arm].slice(0, 6));
        expect(negatives[0].p).toBe(anchors.arms[arm].own.largest[slot]);
      }
    }
  });

  it('gives the anchors with most p(x-) of one arm', async () => {
    const statistics = await negativeStatistics([arms[0]], trueLabels, new Rng(2), { resamples: 20 });
    const [first] = mostDifferent(statistics, arms, trueLabels, [0, 0], { count: 1 });
    const { mass } = statistics.anchors.arms[0].own;
    expect(first.overlap).toBe(1);
    expect(first.arms).toHaveLength(1);
    expect(mass[statistics.anchors.rows.indexOf(first.row)]).toBe(Math.max(...mass));
  });
});
