import { type Matrix64, matrix, row } from '../../src/core/matrix.js';
import { Rng } from '../../src/core/rng.js';
import type { NegativesArm } from '../../src/evaluation/negatives/arms.js';
import { curvatureSweep } from '../../src/evaluation/negatives/curvatureSweep.js';
import { mostDifferent } from '../../src/evaluation/negatives/mostDifferent.js';
import { negativeStatistics } from '../../src/evaluation/negatives/negativeStatistics.js';
import { exp0 } from '../../src/geometry/poincare.js';
import type { NegativesReportInput } from '../../src/report/negatives/input.js';

const ITEMS = 240;
const DIM = 6;
const SIDE = 8;

/** `count` arms in turn Euclidean and hyperbolic, each of its own points around the same classes. */
export function exampleArms(count: number): { arms: NegativesArm[]; classes: Int32Array } {
  const classes = Int32Array.from({ length: ITEMS }, (_, i) => i % 12);
  const centres = new Rng(1);
  const middles = Float64Array.from({ length: 12 * DIM }, () => centres.normal());
  const points = (seed: number): Matrix64 => {
    const rng = new Rng(seed);
    const at = (i: number) => 0.4 * middles[classes[Math.floor(i / DIM)] * DIM + (i % DIM)];
    return matrix(
      Float64Array.from({ length: ITEMS * DIM }, (_, i) => at(i) + 0.25 * rng.normal()),
      ITEMS,
      DIM,
    );
  };
  const arms = Array.from({ length: count }, (_, a): NegativesArm => {
    const flat = points(a + 2);
    if (a % 2 === 0)
      return { name: `Euclidean ${a}`, space: { kind: 'cosine', dim: DIM }, matrix: flat, temperature: 0.1 };
    const data = new Float64Array(ITEMS * DIM);
    for (let i = 0; i < ITEMS; i++) data.set(exp0(row(flat, i), 1), i * DIM);
    const space = { kind: 'poincare', dim: DIM, curvature: -1 } as const;
    return { name: `Poincaré ${a}`, space, matrix: matrix(data, ITEMS, DIM), temperature: 0.2 };
  });
  return { arms, classes };
}

/** A complete input of `count` arms, with or without thumbnails of 1 or 3 channels. */
export async function exampleNegatives(count: number, channels?: 1 | 3): Promise<NegativesReportInput> {
  const { arms, classes } = exampleArms(count);
  const options = { blockSize: 60, depth: 20, resamples: 50 };
  const blocks = await negativeStatistics(arms, classes, new Rng(1), options);
  const whole = await negativeStatistics(arms, classes, new Rng(1), { ...options, scope: 'whole' });
  const points = await curvatureSweep(arms[count - 1], classes, new Rng(1), [0, -1], { resamples: 20 });
  const rng = new Rng(3);
  const pixels = Uint8Array.from({ length: ITEMS * SIDE * SIDE * (channels ?? 1) }, () => rng.below(256));
  return {
    title: 'Hard negatives',
    data: `${ITEMS} items`,
    ...{ blocks, whole, classes },
    sweep: { arm: arms[count - 1].name, items: ITEMS, points },
    gallery: mostDifferent(whole, arms, classes, [0, Math.min(1, count - 1)]),
    classNames: Array.from({ length: 12 }, (_, c) => `class ${c}`),
    ...(channels && { images: { pixels, height: SIDE, width: SIDE, channels } }),
    origin: [['Seed', '1']],
  };
}
