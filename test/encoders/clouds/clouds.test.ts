import { beforeAll, describe, expect, it } from 'vitest';
import { DomainError, UsageError } from '../../../src/core/errors.js';
import { type Matrix32, matrix } from '../../../src/core/matrix.js';
import { Rng } from '../../../src/core/rng.js';
import { cloudDecoder } from '../../../src/encoders/clouds/cloudDecoder.js';
import { type CloudEncoderOptions, cloudEncoder } from '../../../src/encoders/clouds/cloudEncoder.js';
import { motionsAndOrdersBatch } from '../../../src/encoders/groups/motions.js';
import { invariantAutoencoder } from '../../../src/encoders/invariantAutoencoder.js';
import { pointSetLayout } from '../../../src/encoders/layouts.js';
import { packPointSets } from '../../../src/encoders/packPointSets.js';
import { Network } from '../../../src/engine/network.js';
import { openEngine } from '../../../src/engine/openEngine.js';
import type { PointSets } from '../../../src/engine/records.js';
import * as tf from '../../../src/engine/tf.js';
import { leakedTensors } from '../../laws/gradient.js';
import { FLOAT32 } from '../../laws/tolerance.js';

beforeAll(async () => {
  await openEngine();
});

const N = 12;
const LAYOUT = { maxPoints: N, dim: 3, kinds: 2 };
/** A place at the distances of a room in metres: float32 resolves 2e-6 of it. */
const FAR = [20, -15, 8];

interface Motion {
  readonly turn: readonly (readonly number[])[];
  readonly shift: readonly number[];
}

/** By a random unit quaternion. */
function randomMotion(rng: Rng): Motion {
  const q = [rng.normal(), rng.normal(), rng.normal(), rng.normal()];
  const [w, x, y, z] = q.map((v) => v / Math.hypot(...q));
  const turn = [
    [1 - 2 * (y * y + z * z), 2 * (x * y - w * z), 2 * (x * z + w * y)],
    [2 * (x * y + w * z), 1 - 2 * (x * x + z * z), 2 * (y * z - w * x)],
    [2 * (x * z - w * y), 2 * (y * z + w * x), 1 - 2 * (x * x + y * y)],
  ];
  return { turn, shift: FAR.map((v) => v * rng.uniform(-1, 1)) };
}

const turned = (turn: Motion['turn'], p: readonly number[]) =>
  turn.map((row) => row.reduce((sum, value, k) => sum + value * p[k], 0));

/** Moved, and its points in the given order. */
function moved(cloud: Matrix32, { turn, shift }: Motion, order: ArrayLike<number>): Matrix32 {
  const rows = Array.from(order, (p) => {
    const of = cloud.data.subarray(p * 5, p * 5 + 5);
    return [...turned(turn, [of[0], of[1], of[2]]).map((v, k) => v + shift[k]), of[3], of[4]];
  });
  return matrix(Float32Array.from(rows.flat()), cloud.rows, 5);
}

const rng = new Rng(11);
function cloudOf(count: number): Matrix32 {
  const points = Array.from({ length: count }, () => {
    const kind = rng.below(2);
    return [rng.normal(), rng.normal(), rng.normal(), kind, 1 - kind];
  });
  return matrix(Float32Array.from(points.flat()), count, 5);
}

/** Of different size in one batch. */
const CLOUDS = [12, 9, 5, 4].map(cloudOf);
const MOTIONS = CLOUDS.map(() => randomMotion(rng));
const ORDERS = CLOUDS.map(({ rows }) => rng.permutation(rows));
const MOVED = CLOUDS.map((cloud, i) => moved(cloud, MOTIONS[i], ORDERS[i]));

function batchOf(clouds: readonly Matrix32[]): PointSets {
  const rows = packPointSets(clouds, LAYOUT);
  return pointSetLayout(LAYOUT).unpack(tf.tensor2d(rows.data, [rows.rows, rows.columns]));
}

const COMMON = { codeDim: 6, radius: 3, kinds: 2, scalars: 8, vectors: 4, hidden: 8 };
const ENCODERS: Readonly<Record<string, CloudEncoderOptions>> = {
  'all pairs': COMMON,
  'nearest neighbours': { ...COMMON, neighbors: 3 },
  'without cross products': { ...COMMON, symmetry: 'mirrors' },
  'frames of points, canonical code': { ...COMMON, frame: 'points', code: 'canonical' },
  'no messages': { ...COMMON, layers: 0, frame: 'points', code: 'canonical' },
};

interface Encoded {
  readonly code: number[][];
  readonly centre: number[][];
  readonly frame: number[][][];
  readonly scores: number[][];
}

function encode(options: CloudEncoderOptions, clouds: readonly Matrix32[]): Encoded {
  const encoder = cloudEncoder(options);
  const network = new Network([encoder], new Rng(7));
  const result = tf.tidy(() => {
    const { code, features } = encoder.encode(network.inferencePass(), batchOf(clouds));
    const [[centre, frame], { scores }] = features;
    return {
      code: code.arraySync(),
      centre: centre.arraySync(),
      frame: frame.arraySync(),
      scores: scores.arraySync(),
    } as unknown as tf.TensorContainer;
  }) as unknown as Encoded;
  network.dispose();
  encoder.dispose();
  return result;
}

/** Largest difference relative to the largest number. */
function change(a: readonly number[], b: readonly number[]): number {
  expect(a.length).toBe(b.length);
  const scale = Math.max(...a.map(Math.abs), ...b.map(Math.abs));
  return Math.max(...a.map((v, i) => Math.abs(v - b[i]))) / scale;
}

describe.each(Object.keys(ENCODERS))('cloudEncoder, %s', (name) => {
  const options = ENCODERS[name];

  it('has a code that knows neither pose nor place nor order', () => {
    const [a, b] = [encode(options, CLOUDS), encode(options, MOVED)];
    expect(change(a.code.flat(), b.code.flat())).toBeLessThan(FLOAT32);
    for (let i = 1; i < CLOUDS.length; i++) expect(change(a.code[0], a.code[i])).toBeGreaterThan(1e-3);
  });

  it('has vectors that turn and a place that moves with the cloud, both for every order', () => {
    const [a, b] = [encode(options, CLOUDS), encode(options, MOVED)];
    CLOUDS.forEach((_, i) => {
      const { turn, shift } = MOTIONS[i];
      const frame = a.frame[i].flatMap((vector) => turned(turn, vector));
      expect(change(b.frame[i].flat(), frame)).toBeLessThan(FLOAT32);
      const centre = turned(turn, a.centre[i]).map((v, k) => v + shift[k]);
      expect(change(b.centre[i], centre)).toBeLessThan(FLOAT32);
    });
  });

  it('has scores that go with the points', () => {
    const [a, b] = [encode(options, CLOUDS), encode(options, MOVED)];
    CLOUDS.forEach((_, i) => {
      const expected = Array.from(ORDERS[i], (p) => a.scores[i][p]);
      expect(change(b.scores[i].slice(0, expected.length), expected)).toBeLessThan(FLOAT32);
      const spread = Math.max(...expected) - Math.min(...expected);
      expect(spread).toBeGreaterThan(1e-3);
    });
  });

  it('gives a cloud the same code alone as beside larger ones', () => {
    const [a, b] = [encode(options, CLOUDS), encode(options, [CLOUDS[3]])];
    expect(change(a.code[3], b.code[0])).toBeLessThan(FLOAT32);
  });

  it('keeps finite, with its gradient, on degenerate clouds', () => {
    const cloud = (...points: number[][]) =>
      matrix(Float32Array.from(points.flatMap((p) => [...p, 1, 0])), points.length, 5);
    const degenerate = [
      cloud(),
      cloud([3, 4, 5]),
      cloud([3, 4, 5], [3, 4, 5]),
      cloud([0, 0, 0], [1, 1, 1], [2, 2, 2], [5, 5, 5]),
      cloud([0, 0, 0], [1, 0, 0], [0, 1, 0], [1, 1, 0]),
      cloud([1e6, 0, 0], [0, 1e6, 0], [0, 0, 1e6]),
    ];
    const autoencoder = autoencoderOf(options);
    const network = new Network([autoencoder], new Rng(7));
    const rows = packPointSets(degenerate, LAYOUT);
    const { value, gradient } = network.gradient(
      (pass) => autoencoder.loss(pass, tf.tensor2d(rows.data, [rows.rows, rows.columns]), 0.5).total,
    );
    expect(Number.isFinite(value.dataSync()[0])).toBe(true);
    expect(gradient.dataSync().every(Number.isFinite)).toBe(true);
    tf.dispose([value, gradient]);
    network.dispose();
    autoencoder.dispose();
  });
});

function autoencoderOf(options: CloudEncoderOptions) {
  return invariantAutoencoder({
    layout: pointSetLayout(LAYOUT),
    encoder: cloudEncoder(options),
    decoder: cloudDecoder({ codeDim: options.codeDim, maxPoints: N, radius: 3, kinds: 2, hidden: 8 }),
    group: motionsAndOrdersBatch(),
    error: (output, x) => tf.mean(tf.square(tf.sub(output.points, x.points))),
    penaltyWeight: 0.02,
  });
}

describe('symmetry of cloudEncoder', () => {
  /** z turned round. */
  const mirrored = CLOUDS.map((cloud) =>
    matrix(cloud.data.map((v, k) => (k % 5 === 2 ? -v : v)) as Float32Array, cloud.rows, 5),
  );

  it('mirrors: gives a mirror image the same code, and mirrored vectors', () => {
    const options = ENCODERS['without cross products'];
    const [a, b] = [encode(options, CLOUDS), encode(options, mirrored)];
    expect(change(a.code.flat(), b.code.flat())).toBeLessThan(FLOAT32);
    const expected = a.frame.flat().map(([x, y, z]) => [x, y, -z]);
    expect(change(b.frame.flat(2), expected.flat())).toBeLessThan(FLOAT32);
  });

  it('rotations: tells left from right', () => {
    const [a, b] = [encode(COMMON, CLOUDS), encode(COMMON, mirrored)];
    expect(change(a.code[0], b.code[0])).toBeGreaterThan(10 * FLOAT32);
  });
});

describe('an autoencoder of clouds', () => {
  it('gives an output that moves with the cloud, from a canonical cloud that does not', () => {
    const autoencoder = autoencoderOf(ENCODERS['frames of points, canonical code']);
    const network = new Network([autoencoder], new Rng(7));
    tf.tidy(() => {
      const of = (clouds: Matrix32[]) => autoencoder.reconstruct(network.inferencePass(), batchOf(clouds), 1);
      const [a, b] = [of(CLOUDS), of(MOVED)];
      expect(
        change(Array.from(a.canonical.points.dataSync()), Array.from(b.canonical.points.dataSync())),
      ).toBeLessThan(FLOAT32);
      const [outputs, others] = [a.output.points.arraySync(), b.output.points.arraySync()];
      CLOUDS.forEach((_, i) => {
        const { turn, shift } = MOTIONS[i];
        const expected = Array.from(ORDERS[i], (p) =>
          turned(turn, outputs[i][p]).map((v, k) => v + shift[k]),
        );
        expect(change(others[i].slice(0, expected.length).flat(), expected.flat())).toBeLessThan(FLOAT32);
      });
    });
    network.dispose();
    autoencoder.dispose();
  });

  it('leaves no tensors behind in a training step', async () => {
    const autoencoder = autoencoderOf(ENCODERS['nearest neighbours']);
    const network = new Network([autoencoder], new Rng(7));
    const rows = packPointSets(CLOUDS, LAYOUT);
    const leaked = await leakedTensors(() => {
      const { value, gradient } = network.gradient(
        (pass) => autoencoder.loss(pass, tf.tensor2d(rows.data, [rows.rows, rows.columns]), 0.5).total,
      );
      return [value, gradient];
    });
    expect(leaked).toBe(0);
    network.dispose();
    autoencoder.dispose();
  });
});

describe('bad options', () => {
  it.each([
    [{ radius: 0 }, DomainError],
    [{ radius: Number.NaN }, DomainError],
    [{ codeDim: 0 }, UsageError],
    [{ neighbors: 0 }, UsageError],
    [{ functions: 1 }, UsageError],
  ])('%o are refused', (wrong, error) => {
    expect(() => cloudEncoder({ ...COMMON, ...wrong })).toThrow(error);
  });
});
