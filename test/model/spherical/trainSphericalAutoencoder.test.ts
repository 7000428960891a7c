import { beforeAll, describe, expect, it } from 'vitest';
import { type Matrix, matrix, row } from '../../../src/core/matrix.js';
import { Rng } from '../../../src/core/rng.js';
import { sphericalAutoencoder } from '../../../src/encoders/spherical/sphericalAutoencoder.js';
import { openEngine } from '../../../src/engine/openEngine.js';
import * as tf from '../../../src/engine/tf.js';
import type { TrainedSphericalAutoencoder } from '../../../src/model/spherical/trainedSphericalAutoencoder.js';
import { trainSphericalAutoencoder } from '../../../src/model/spherical/trainSphericalAutoencoder.js';
import { singleChannels } from '../../../src/symmetry/so3/degrees.js';
import { randomRotation } from '../../../src/symmetry/so3/quaternion.js';
import { rotateCoefficients } from '../../../src/symmetry/so3/wignerD.js';
import { leakedTensors } from '../../laws/gradient.js';

beforeAll(async () => {
  await openEngine();
});

const DEGREE = 3;
const COLUMNS = (DEGREE + 1) ** 2;
/** What is left of float32 after some blocks, relative to signals of size 1. */
const BLOCKS = 1e-4;

/** Two shapes, each turned at random. */
function shapes(count: number) {
  const rng = new Rng(4);
  const kinds = [0, 1].map(() =>
    matrix(
      Float64Array.from({ length: COLUMNS }, () => rng.normal()),
      1,
      COLUMNS,
    ),
  );
  const data = new Float32Array(count * COLUMNS);
  for (let i = 0; i < count; i++) {
    data.set(rotateCoefficients(kinds[i % 2], randomRotation(rng), singleChannels(DEGREE)).data, i * COLUMNS);
  }
  return matrix(data, count, COLUMNS);
}

const signals = shapes(40);

function train(variational: boolean, steps: number): Promise<TrainedSphericalAutoencoder> {
  const autoencoder = sphericalAutoencoder({
    multiplicities: singleChannels(DEGREE),
    blocks: [
      { degree: 2, channels: 6 },
      { degree: 1, channels: 6 },
    ],
    ...{ codeDim: 3, variational },
  });
  return trainSphericalAutoencoder(autoencoder, {
    ...{ seed: 1, steps, reportEvery: steps / 4 },
    nextRows: () => tf.tensor2d(signals.data, [signals.rows, COLUMNS]),
    learningRate: () => 5e-3,
    divergenceWeight: () => 0.01,
  });
}

describe('trainSphericalAutoencoder', () => {
  it('returns the weights that are best on held-out signals, not the last ones', async () => {
    const trained = async (steps: number, heldOut?: { every: number }) => {
      const autoencoder = sphericalAutoencoder({
        multiplicities: singleChannels(DEGREE),
        blocks: [
          { degree: 2, channels: 3 },
          { degree: 1, channels: 3 },
        ],
        ...{ codeDim: 3, variational: false },
      });
      const model = await trainSphericalAutoencoder(autoencoder, {
        ...{ seed: 1, steps },
        nextRows: () => tf.tensor2d(signals.data, [signals.rows, COLUMNS]),
        // Ten good steps, and steps behind them that spoil everything.
        learningRate: (step) => (step < 10 ? 5e-3 : 1),
        ...(heldOut && { heldOut: { ...heldOut, rows: signals, divergenceWeight: 0 } }),
      });
      const { codes, frames } = await model.encode(signals);
      const drawn = await model.decode(codes, frames);
      const error = drawn.data.reduce((sum, value, at) => sum + (value - signals.data[at]) ** 2, 0);
      model.dispose();
      return { error };
    };
    const [good, spoilt, chosen] = [await trained(10), await trained(14), await trained(14, { every: 2 })];
    expect(spoilt.error).toBeGreaterThan(chosen.error);
    expect(chosen.error).toBeLessThanOrEqual(good.error);
  });

  it('refuses held-out signals of another width', async () => {
    const autoencoder = sphericalAutoencoder({
      multiplicities: singleChannels(DEGREE),
      blocks: [
        { degree: 2, channels: 3 },
        { degree: 1, channels: 3 },
      ],
      ...{ codeDim: 3, variational: false },
    });
    const options = {
      ...{ seed: 1, steps: 1, learningRate: () => 1e-3 },
      nextRows: () => tf.tensor2d(signals.data, [signals.rows, COLUMNS]),
      heldOut: { rows: matrix(new Float32Array(5), 1, 5), every: 1, divergenceWeight: 0 },
    };
    await expect(trainSphericalAutoencoder(autoencoder, options)).rejects.toThrow(
      /heldOut columns: expected "?16/,
    );
    autoencoder.dispose();
  });

  it('learns to draw signals in any orientation from codes that do not know it', async () => {
    const model = await train(false, 120);
    const errors = model.history.map(({ parts }) => parts['error']);
    expect(errors[errors.length - 1]).toBeLessThan(errors[0] / 2);
    const { codes, frames } = await model.encode(signals);
    const g = randomRotation(new Rng(8));
    const turnedBy = (coefficients: Matrix) =>
      rotateCoefficients(coefficients, g, singleChannels(DEGREE)).data;
    const turned = await model.encode(matrix(turnedBy(signals), signals.rows, COLUMNS));
    const apart = (a: ArrayLike<number>, b: ArrayLike<number>) =>
      Math.max(...Array.from(a, (v, i) => Math.abs(v - b[i])));
    expect(apart(turned.codes.data, codes.data)).toBeLessThan(BLOCKS);
    // Two blocks: of degree 2 and of degree 1, six channels each.
    const [still, moved] = [signals, matrix(turnedBy(signals), signals.rows, COLUMNS)];
    const between = await model.invariants(still);
    expect(between.columns).toBe(3 * 6 + 2 * 6);
    expect(apart((await model.invariants(moved)).data, between.data)).toBeLessThan(BLOCKS);
    const drawn = await model.decode(codes, frames);
    const drawnTurned = await model.decode(turned.codes, turned.frames);
    expect(apart(turnedBy(drawn), drawnTurned.data)).toBeLessThan(10 * BLOCKS);
    // The line between two codes begins and ends at what the codes themselves are drawn as.
    const line = await model.interpolate(row(codes, 0), row(codes, 1), 5, row(frames, 0));
    expect(line.rows).toBe(5);
    expect(apart(row(line, 0), row(drawn, 0))).toBeLessThan(BLOCKS);
    model.dispose();
  });

  it('of a variational one gives variances, and draws samples the same for the same seed', async () => {
    const model = await train(true, 20);
    const { logVariances } = await model.encode(signals);
    expect([logVariances?.rows, logVariances?.columns]).toEqual([40, 3]);
    const frame = [1, 0, 0, 0, 1, 0, 0, 0, 1];
    const [first, second] = [
      await model.sample(4, new Rng(2), frame),
      await model.sample(4, new Rng(2), frame),
    ];
    expect(first.data).toEqual(second.data);
    expect(first.data.every(Number.isFinite)).toBe(true);
    await expect(
      model.decode(matrix(new Float32Array(3), 1, 3), [1, 0, 0, 0, 1, 0, 0, 0, 2]),
    ).rejects.toThrow(/frame 0/);
    await expect(model.encode(matrix(new Float32Array(5), 1, 5))).rejects.toThrow(/columns/);
    const broken = matrix(new Float32Array(2 * COLUMNS).fill(Number.NaN, COLUMNS), 2, COLUMNS);
    await expect(model.invariants(broken)).rejects.toThrow(/row 1/);
    model.dispose();
  });

  it('leaves no tensors behind', async () => {
    expect(
      await leakedTensors(async () => {
        const model = await train(true, 4);
        await model.encode(signals);
        await model.invariants(signals);
        model.dispose();
      }),
    ).toBe(0);
  });
});
