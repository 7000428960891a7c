import { beforeAll, describe, expect, it } from 'vitest';
import { UsageError } from '../../../src/core/errors.js';
import { Rng } from '../../../src/core/rng.js';
import { fieldBatchNorm } from '../../../src/encoders/steerable/fieldBatchNorm.js';
import {
  channelsOf,
  type FieldType,
  fieldType,
  frequencyFields,
  regularFields,
  scalarFields,
} from '../../../src/encoders/steerable/fieldType.js';
import { irrepBatchNorm } from '../../../src/encoders/steerable/irrepNorm.js';
import { type SteerableLayer, steerableSequence } from '../../../src/encoders/steerable/layer.js';
import {
  fieldRelu,
  fourierRelu,
  gatedRelu,
  normRelu,
} from '../../../src/encoders/steerable/nonlinearities.js';
import {
  allRotations,
  allRotationsAndReflections,
  cyclic,
  dihedral,
  elementsOf,
} from '../../../src/encoders/steerable/planeGroup.js';
import {
  antialiasedPool,
  averagePool,
  groupPool,
  normPool,
} from '../../../src/encoders/steerable/pooling.js';
import { directSum, irrep, signIrrep } from '../../../src/encoders/steerable/representation.js';
import { steerableConv } from '../../../src/encoders/steerable/steerableConv.js';
import { Network } from '../../../src/engine/network.js';
import { openEngine } from '../../../src/engine/openEngine.js';
import * as tf from '../../../src/engine/tf.js';
import { gradientError, leakedTensors } from '../../laws/gradient.js';
import { FLOAT32 } from '../../laws/tolerance.js';
import { actOnMap, relativeDifference } from './action.js';

beforeAll(async () => {
  await openEngine();
});

const SIDE = 12;

function randomMap(type: FieldType, side = SIDE, n = 2): tf.Tensor4D {
  const rng = new Rng(5);
  const shape: [number, number, number, number] = [n, side, side, channelsOf(type)];
  const size = shape.reduce((a, b) => a * b, 1);
  return tf.tensor4d(
    Float32Array.from({ length: size }, () => rng.normal()),
    shape,
  );
}

/** The largest |layer(g x) - g layer(x)| over quarter turns and reflections, relative to the largest |layer(x)|. */
function exactnessError(layer: SteerableLayer, side = SIDE): number {
  const network = new Network([layer], new Rng(2));
  const { reflections } = layer.from.representation.group;
  const worst = tf.tidy(() => {
    const x = randomMap(layer.from, side);
    const plain = layer.apply(network.batchStatisticsPass(), x);
    return Math.max(
      ...elementsOf(reflections ? dihedral(4) : cyclic(4), 0).map((g) =>
        relativeDifference(
          layer.apply(network.batchStatisticsPass(), actOnMap(layer.from, g, x)),
          actOnMap(layer.to, g, plain),
        ),
      ),
    );
  });
  network.dispose();
  return worst;
}

const c8 = cyclic(8);
const d4 = dihedral(4);
const image = (group: FieldType['representation']['group']) => scalarFields(group, 2);

/** Whole small networks of each kind of field, so that every layer meets every other. */
function regularNetwork(group: typeof c8, antialiased: boolean): SteerableLayer {
  const [first, second] = [regularFields(group, 3), regularFields(group, 2)];
  return steerableSequence(
    steerableConv({ name: 'a', from: image(group), to: first, kernel: 5 }),
    fieldBatchNorm('a/norm', first),
    fieldRelu(first),
    (antialiased ? antialiasedPool : averagePool)(first),
    steerableConv({ name: 'b', from: first, to: second, kernel: 3, pad: 'valid' }),
    fieldBatchNorm('b/norm', second),
    fieldRelu(second),
    steerableConv({ name: 'c', from: second, to: fieldType(irrep(group, 1), 2), kernel: 3 }),
  );
}

function irrepNetwork(group: typeof allRotations): SteerableLayer {
  const first = frequencyFields(group, 2, 3);
  const kinds = group.reflections
    ? directSum(irrep(group, 0), irrep(group, 1), signIrrep(group))
    : directSum(irrep(group, 0), irrep(group, 1));
  const second = fieldType(kinds, 2);
  const gated = gatedRelu(second);
  return steerableSequence(
    steerableConv({ name: 'a', from: image(group), to: first, kernel: 5 }),
    irrepBatchNorm('a/norm', first),
    fourierRelu(first),
    averagePool(first),
    steerableConv({ name: 'b', from: first, to: gated.from, kernel: 3 }),
    gated,
    steerableConv({ name: 'c', from: second, to: second, kernel: 3 }),
    irrepBatchNorm('c/norm', second),
    normRelu('c/relu', second),
    normPool(second),
  );
}

describe('layers commute with quarter turns and reflections, exactly up to float32', () => {
  it.each([
    ['regular fields of C_8', () => regularNetwork(c8, false)],
    ['regular fields of C_4, antialiased', () => regularNetwork(cyclic(4), true)],
    ['regular fields of D_4', () => regularNetwork(d4, true)],
    ['frequencies of SO(2)', () => irrepNetwork(allRotations)],
    ['frequencies of O(2)', () => irrepNetwork(allRotationsAndReflections)],
  ])('%s', (_, make) => {
    for (const side of [SIDE, SIDE + 1]) {
      const layer = make();
      expect(exactnessError(layer, side)).toBeLessThan(FLOAT32);
      layer.dispose();
    }
  });

  it('groupPool of regular fields gives scalars', () => {
    expect(exactnessError(groupPool(regularFields(d4, 3)))).toBeLessThan(FLOAT32);
  });
});

it('a filter of frequencies of SO(2) turns a pattern of 30 degrees as one of 0 degrees, up to the pixels', () => {
  // Angular patterns at any angle can be sampled as such: nothing is interpolated, only the filter's pixels count.
  const [from, to] = [scalarFields(allRotations, 1), fieldType(irrep(allRotations, 1), 1)];
  const layer = steerableConv({ name: 'a', from, to, kernel: 7, pad: 'valid' });
  const network = new Network([layer], new Rng(2));
  const response = (turn: number) =>
    tf.tidy(() => {
      const pixels = Array.from({ length: 49 }, (_, at) => {
        const [right, up] = [(at % 7) - 3, 3 - Math.floor(at / 7)];
        return Math.exp(-(right * right + up * up) / 8) * Math.cos(Math.atan2(up, right) - turn);
      });
      return layer.apply(network.inferencePass(), tf.tensor4d(pixels, [1, 7, 7, 1])).dataSync();
    });
  const [a, b] = response(0);
  const [c, d] = response(Math.PI / 6);
  const turned = Math.atan2(d, c) - Math.atan2(b, a);
  // A smooth pattern under smooth filters: a hundredth of a degree.
  expect(turned).toBeCloseTo(Math.PI / 6, 3);
  network.dispose();
  layer.dispose();
});

describe('what the layers compute', () => {
  it('fourierRelu leaves a positive function as it is', () => {
    const type = frequencyFields(allRotations, 1, 1);
    const layer = fourierRelu(type);
    tf.tidy(() => {
      const x = tf.tensor4d([3, 1, -0.5], [1, 1, 1, 3]);
      expect(relativeDifference(layer.apply(null as never, x), x)).toBeLessThan(FLOAT32);
    });
    layer.dispose();
  });

  it('fieldBatchNorm gives each field mean 0 and variance 1 over batch, places and components together', () => {
    const type = regularFields(c8, 2);
    const layer = fieldBatchNorm('n', type);
    const network = new Network([layer], new Rng(2));
    tf.tidy(() => {
      const x = tf.add(tf.mul(randomMap(type), 3), 2) as tf.Tensor4D;
      const y = layer.apply(network.batchStatisticsPass(), x);
      const { mean, variance } = tf.moments(tf.reshape(y, [-1, 8, 2]), [0, 1]);
      for (const m of mean.dataSync()) expect(m).toBeCloseTo(0, 4);
      for (const v of variance.dataSync()) expect(v).toBeCloseTo(1, 3);
    });
    network.dispose();
  });

  it('irrepBatchNorm gives vectors a mean square of 1 a component and leaves their mean', () => {
    const type = frequencyFields(allRotations, 1, 2);
    const layer = irrepBatchNorm('n', type);
    const network = new Network([layer], new Rng(2));
    tf.tidy(() => {
      const x = tf.add(tf.mul(randomMap(type), 3), 2) as tf.Tensor4D;
      const y = tf.reshape(layer.apply(network.batchStatisticsPass(), x), [-1, 3, 2]);
      const squares = tf.mean(tf.square(y), 0).arraySync() as number[][];
      const means = tf.mean(y, 0).arraySync() as number[][];
      for (const f of [0, 1]) {
        expect(means[0][f]).toBeCloseTo(0, 4);
        expect(squares[0][f]).toBeCloseTo(1, 3);
        expect((squares[1][f] + squares[2][f]) / 2).toBeCloseTo(1, 3);
        expect(means[1][f]).toBeGreaterThan(0.3);
      }
    });
    network.dispose();
    layer.dispose();
  });

  it('weights of the start keep the variance of what a ReLU passes on', () => {
    const type = regularFields(c8, 16);
    const layer = steerableConv({ name: 'a', from: type, to: type, kernel: 5 });
    const network = new Network([layer], new Rng(4));
    tf.tidy(() => {
      const y = layer.apply(network.inferencePass(), randomMap(type, 16, 4));
      const inner = tf.slice(y, [0, 2, 2, 0], [4, 12, 12, 128]);
      // Of input with mean square 1: 2, of which a ReLU takes half.
      expect(tf.mean(tf.square(inner)).dataSync()[0]).toBeGreaterThan(1.6);
      expect(tf.mean(tf.square(inner)).dataSync()[0]).toBeLessThan(2.4);
    });
    network.dispose();
    layer.dispose();
  });
});

describe('gradients', () => {
  it.each([
    ['regular', () => regularNetwork(cyclic(4), false)],
    ['frequencies', () => irrepNetwork(allRotations)],
  ])('of a network of %s fields are those of differences', (_, make) => {
    const layer = make();
    const network = new Network([layer], new Rng(2));
    const weigh = randomMap(layer.to, 4, 1);
    const f = (x: tf.Tensor) => {
      const y = layer.apply(network.inferencePass(), tf.reshape(x, [1, 6, 6, 2]));
      const [, h, w, c] = y.shape;
      return tf.sum(tf.mul(tf.tanh(y), tf.slice(weigh, [0, 0, 0, 0], [1, h, w, c]))) as tf.Scalar;
    };
    tf.tidy(() => {
      // ReLUs have edges within a step of 1e-2; 1e-3 is what float32 still resolves.
      expect(gradientError(f, tf.reshape(randomMap(layer.from, 6, 1), [-1]), 1e-3)).toBeLessThan(2e-2);
    });
    network.dispose();
    weigh.dispose();
    layer.dispose();
  });

  it('are finite where vectors are 0', () => {
    for (const layer of [
      normRelu('r', frequencyFields(allRotations, 2, 2)),
      normPool(frequencyFields(allRotations, 2, 2)),
      gatedRelu(frequencyFields(allRotations, 2, 2)),
    ]) {
      const network = new Network([layer], new Rng(2));
      tf.tidy(() => {
        const x = tf.zeros([1, 3, 3, channelsOf(layer.from)]) as tf.Tensor4D;
        const gradient = tf.grad((v) => tf.sum(layer.apply(network.inferencePass(), v as tf.Tensor4D)))(x);
        for (const value of gradient.dataSync()) expect(Number.isFinite(value)).toBe(true);
      });
      network.dispose();
    }
  });
});

describe('wrong use', () => {
  it('of fields that do not fit is an error that names both', () => {
    const [a, b] = [regularFields(c8, 2), regularFields(c8, 3)];
    expect(() => steerableSequence(fieldRelu(a), fieldRelu(b))).toThrow(/3 x \(regular\) of C_8.*2 x/);
    expect(() => fieldRelu(frequencyFields(c8, 1, 2))).toThrow(UsageError);
    expect(() => fieldBatchNorm('n', frequencyFields(c8, 1, 2))).toThrow(UsageError);
    expect(() => groupPool(frequencyFields(c8, 1, 2))).toThrow(UsageError);
    expect(() => fourierRelu(a)).toThrow(UsageError);
    expect(() => fourierRelu(frequencyFields(c8, 2, 1), 4)).toThrow(UsageError);
    expect(() => fieldType(irrep(c8, 0), 0)).toThrow();
  });
});

it('layers leave no tensors behind, and none after dispose', async () => {
  const leaked = await leakedTensors(() => {
    const layer = irrepNetwork(allRotations);
    const network = new Network([layer], new Rng(2));
    tf.tidy(() => {
      layer.apply(network.inferencePass(), randomMap(layer.from));
    });
    network.dispose();
    layer.dispose();
  });
  expect(leaked).toBe(0);
});
