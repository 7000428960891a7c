import { beforeAll, describe, expect, it } from 'vitest';
import { type Matrix, matrix } from '../../../src/core/matrix.js';
import { Rng } from '../../../src/core/rng.js';
import { AT_INFERENCE, type BatchGroup } from '../../../src/encoders/groups/batchGroup.js';
import { type BatchGroupLawOptions, batchGroupLawErrors } from '../../../src/encoders/groups/laws.js';
import { e3Batch, motionsAndOrdersBatch, se2Batch, se3Batch } from '../../../src/encoders/groups/motions.js';
import { permutationsBatch, type Scores } from '../../../src/encoders/groups/permutations.js';
import type { Two } from '../../../src/encoders/groups/products.js';
import {
  orthogonal2dBatch,
  orthogonal3dBatch,
  rotations2dBatch,
  rotations3dBatch,
} from '../../../src/encoders/groups/rotations.js';
import { scalingBatch } from '../../../src/encoders/groups/scaling.js';
import { translationsBatch } from '../../../src/encoders/groups/translations.js';
import { openEngine } from '../../../src/engine/openEngine.js';
import type { PointSets } from '../../../src/engine/records.js';
import * as tf from '../../../src/engine/tf.js';
import type { Group } from '../../../src/symmetry/group.js';
import {
  e3Group,
  motionAndOrderGroup,
  rotationGroup2d,
  se2Group,
  se3Group,
} from '../../../src/symmetry/groups/motions.js';
import { orthogonalGroup2d, orthogonalGroup3d } from '../../../src/symmetry/groups/orthogonal.js';
import { permutationGroup } from '../../../src/symmetry/groups/permutations.js';
import { rotationGroup3d } from '../../../src/symmetry/groups/rotations3d.js';
import { scalingGroup } from '../../../src/symmetry/groups/scaling.js';
import { translationGroup } from '../../../src/symmetry/groups/translations.js';
import { leakedTensors } from '../../laws/gradient.js';
import { cloudOf } from '../../laws/group.js';
import { FLOAT32 } from '../../laws/tolerance.js';

beforeAll(async () => {
  await openEngine();
});

const ITEMS = 6;
const N = 5;
/** A frame of float32 vectors that nearly line up loses a digit or two. */
const FRAME = 20 * FLOAT32;

/** The features of one item, as the float64 group and as the group on tensors takes them. */
interface Twin<F, FB> {
  readonly numbers: readonly F[];
  readonly tensors: FB;
}
const tensor3d = (items: readonly Matrix[]) =>
  tf.tensor3d(
    items.flatMap((m) => Array.from(m.data)),
    [items.length, items[0].rows, items[0].columns],
  );
const draws = <F>(seed: number, one: (rng: Rng) => F): F[] => {
  const rng = new Rng(seed);
  return Array.from({ length: ITEMS }, () => one(rng));
};
function vectors(seed: number, k: number, dim: number): Twin<Matrix, tf.Tensor3D> {
  const numbers = draws(seed, (rng) => cloudOf(rng, k, dim));
  // Zero, parallel and short vectors among them.
  numbers[0] = matrix(new Float64Array(k * dim), k, dim);
  numbers[1] = matrix(
    numbers[1].data.map((value, at) => (at < dim ? 0 : value)),
    k,
    dim,
  );
  numbers[2] = matrix(
    numbers[2].data.map((_, at, all) => (1 + Math.floor(at / dim)) * all[at % dim]),
    k,
    dim,
  );
  return { numbers, tensors: tensor3d(numbers) };
}
function columns(seed: number, count: number): Twin<Float64Array, tf.Tensor2D> {
  const numbers = draws(seed, (rng) => cloudOf(rng, 1, count).data);
  return { numbers, tensors: tf.tensor2d(numbers.map((one) => Array.from(one))) };
}
function scores(seed: number): Twin<Float64Array, Scores> {
  const { numbers } = columns(seed, N);
  for (const one of numbers) one[3] = one[1];
  const tensors = tf.tensor2d(numbers.map((one) => Array.from(one)));
  return { numbers, tensors: { scores: tensors, mask: tf.ones([ITEMS, N]) } };
}
function pair<A, AB, B, BB>(a: Twin<A, AB>, b: Twin<B, BB>): Twin<Two<A, B>, Two<AB, BB>> {
  return {
    numbers: a.numbers.map((one, i) => [one, b.numbers[i]] as const),
    tensors: [a.tensors, b.tensors],
  };
}

async function apart<G, F, GB, FB>(
  group: Group<G, Matrix, F>,
  batch: BatchGroup<PointSets, FB, GB>,
  { numbers, tensors }: Twin<F, FB>,
  dim: number,
): Promise<number> {
  const items = draws(9, (rng) => cloudOf(rng, N, dim));
  const x: PointSets = { points: tensor3d(items), mask: tf.ones([ITEMS, N]) };
  const g = batch.fromFeatures(tensors, AT_INFERENCE);
  let worst = 0;
  for (const element of ['g', 'inverse'] as const) {
    const moved = batch.act(element === 'g' ? g : batch.inverse(g), x).points;
    const values = await moved.data();
    for (const [i, item] of items.entries()) {
      const own = group.fromFeatures(numbers[i]);
      const expected = group.act(element === 'g' ? own : group.inverse(own), item).data;
      for (let at = 0; at < N * dim; at++) {
        const error = Math.abs(values[i * N * dim + at] - expected[at]) / Math.max(1, Math.abs(expected[at]));
        worst = Math.max(worst, error);
      }
    }
  }
  return worst;
}

describe('a group on tensors and its twin in float64 take features to the same elements', () => {
  it.each([
    ['SO(3)', () => apart(rotationGroup3d(), rotations3dBatch(), vectors(1, 2, 3), 3)],
    ['SO(3), three vectors', () => apart(rotationGroup3d(), rotations3dBatch(), vectors(2, 3, 3), 3)],
    ['O(3)', () => apart(orthogonalGroup3d(), orthogonal3dBatch(), vectors(3, 3, 3), 3)],
    ['O(2)', () => apart(orthogonalGroup2d(), orthogonal2dBatch(), vectors(4, 2, 2), 2)],
    ['T(2)', () => apart(translationGroup(2), translationsBatch(2), columns(5, 2), 2)],
    ['scaling', () => apart(scalingGroup(), scalingBatch(), columns(6, 1), 3)],
    ['S_N', () => apart(permutationGroup(N), permutationsBatch(), scores(7), 2)],
    ['SE(3)', () => apart(se3Group(), se3Batch(), pair(columns(8, 3), vectors(9, 2, 3)), 3)],
    ['E(3)', () => apart(e3Group(), e3Batch(), pair(columns(8, 3), vectors(9, 3, 3)), 3)],
    [
      'SE(3) x S_N',
      () =>
        apart(
          motionAndOrderGroup(N),
          motionsAndOrdersBatch(),
          pair(pair(columns(8, 3), vectors(9, 2, 3)), scores(10)),
          3,
        ),
    ],
  ] as const)('%s', async (_, work) => {
    expect(await work()).toBeLessThan(FRAME);
  });

  it('SO(2) and SE(2), whose elements are angles in float64 and matrices on tensors', async () => {
    const plane = vectors(11, 1, 2);
    const twin = { numbers: plane.numbers.map(({ data }) => data), tensors: plane.tensors };
    expect(await apart(rotationGroup2d(), rotations2dBatch(), twin, 2)).toBeLessThan(FRAME);
    expect(await apart(se2Group(), se2Batch(), pair(columns(12, 2), twin), 2)).toBeLessThan(FRAME);
  });
});

describe('groups on tensors obey the laws', () => {
  const random = (seed: number, ...shape: number[]): tf.Tensor => {
    const rng = new Rng(seed);
    const size = shape.reduce((a, b) => a * b, 1);
    return tf.tensor(
      Float32Array.from({ length: size }, () => rng.normal()),
      shape,
    );
  };
  const clouds = (dim: number): PointSets => ({
    points: random(20, ITEMS, N, dim) as tf.Tensor3D,
    mask: tf.ones([ITEMS, N]),
  });
  const turned = (g: tf.Tensor3D, f: tf.Tensor3D): tf.Tensor3D => tf.matMul(f, g, false, true);
  const shifted = (g: Two<tf.Tensor2D, tf.Tensor3D>, place: tf.Tensor2D): tf.Tensor2D =>
    tf.add(g[0], tf.squeeze(turned(g[1], tf.expandDims(place, 1) as tf.Tensor3D), [1]));
  const frames = (k: number, dim: number) => (seed: number) => random(seed, ITEMS, k, dim) as tf.Tensor3D;
  const motion = (k: number, dim: number) => (seed: number) =>
    [random(seed, ITEMS, dim) as tf.Tensor2D, frames(k, dim)(seed + 1)] as const;
  const moved = (g: Two<tf.Tensor2D, tf.Tensor3D>, [place, f]: Two<tf.Tensor2D, tf.Tensor3D>) =>
    [shifted(g, place), turned(g[1], f)] as const;

  function errorsOf<F, G>(
    group: BatchGroup<PointSets, F, G>,
    dim: number,
    features: (seed: number) => F,
    actOnFeatures: (g: G, f: F) => F,
  ) {
    const options: BatchGroupLawOptions<PointSets, F, G> = {
      ...{ items: clouds(dim), features: features(30), elements: features(40), actOnFeatures },
    };
    return batchGroupLawErrors(group, options);
  }
  const permuted = ({ matrix: P }: { matrix: tf.Tensor3D }, f: Scores): Scores => ({
    scores: tf.squeeze(tf.matMul(P, tf.expandDims(f.scores, 2) as tf.Tensor3D), [2]),
    mask: f.mask,
  });
  const anyScores = (seed: number): Scores => ({
    scores: random(seed, ITEMS, N) as tf.Tensor2D,
    mask: tf.ones([ITEMS, N]),
  });

  it.each([
    ['SO(2)', () => errorsOf(rotations2dBatch(), 2, frames(1, 2), turned)],
    ['O(2)', () => errorsOf(orthogonal2dBatch(), 2, frames(2, 2), turned)],
    ['SO(3)', () => errorsOf(rotations3dBatch(), 3, frames(2, 3), turned)],
    ['O(3)', () => errorsOf(orthogonal3dBatch(), 3, frames(3, 3), turned)],
    ['SE(2)', () => errorsOf(se2Batch(), 2, motion(1, 2), moved)],
    ['SE(3)', () => errorsOf(se3Batch(), 3, motion(2, 3), moved)],
    ['E(3)', () => errorsOf(e3Batch(), 3, motion(3, 3), moved)],
    ['S_N', () => errorsOf(permutationsBatch(), 2, anyScores, permuted)],
    [
      'SE(3) x S_N',
      () =>
        errorsOf(
          motionsAndOrdersBatch(),
          3,
          (seed) => [motion(2, 3)(seed), anyScores(seed)] as const,
          ([g, P], [f, s]) => [moved(g, f), permuted(P, s)] as const,
        ),
    ],
  ] as const)('%s', async (_, errors) => {
    const { inverse, equivariance } = await errors();
    expect(inverse).toBeLessThan(FRAME);
    expect(equivariance).toBeLessThan(FRAME);
  });

  it('a ψ that is not equivariant is found out', async () => {
    const right = rotations2dBatch();
    const wrong: typeof right = {
      ...right,
      fromFeatures: (f, moment) => right.inverse(right.fromFeatures(f, moment)),
    };
    const { equivariance } = await errorsOf(wrong, 2, frames(1, 2), turned);
    expect(equivariance).toBeGreaterThan(0.1);
  });

  it('measuring leaves no tensors behind', async () => {
    const options = {
      items: clouds(3),
      features: frames(2, 3)(1),
      elements: frames(2, 3)(2),
      actOnFeatures: turned,
    };
    expect(
      await leakedTensors(async () => void (await batchGroupLawErrors(rotations3dBatch(), options))),
    ).toBe(0);
  });
});
