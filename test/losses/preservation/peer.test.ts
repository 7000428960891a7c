import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { matrix } from '../../../src/core/matrix.js';
import { Rng } from '../../../src/core/rng.js';
import { perceptron } from '../../../src/encoders/dense.js';
import { spectralNormBound } from '../../../src/encoders/spectralNorm.js';
import { Network } from '../../../src/engine/network.js';
import { openEngine } from '../../../src/engine/openEngine.js';
import * as tf from '../../../src/engine/tf.js';
import { nearest } from '../../../src/geometry/nearest.js';
import { frameDirections } from '../../../src/losses/preservation/directions.js';
import { graphDistances } from '../../../src/losses/preservation/graphDistances.js';
import {
  type CodeMap,
  isometryPenalty,
  isotropyPenalty,
  volumePenalty,
} from '../../../src/losses/preservation/jacobian.js';
import { rankCorrelation } from '../../../src/losses/preservation/rankCorrelation.js';
import { pairStress } from '../../../src/losses/preservation/stress.js';
import { topologicalPenalty } from '../../../src/losses/preservation/topology.js';
import { manifoldOn } from '../../../src/manifolds/manifoldOn.js';
import { number } from './spaces.js';

/** Losses on tensors against float64: design.md. */
const VALUE = 1e-5;
const GRADIENT = 1e-4;

interface Reference {
  readonly value: number;
  readonly gradient: readonly number[];
}

interface Peer {
  readonly peer: string;
  readonly inputs: Readonly<Record<'x' | 'z' | 'W1' | 'W2', number[][]>> & { readonly b1: number[] };
  readonly values: Readonly<Record<string, Reference>> & {
    readonly graph: { readonly k: number; readonly distances: readonly number[] };
  };
}

const { peer, inputs, values } = JSON.parse(
  readFileSync(join(import.meta.dirname, 'peer.json'), 'utf8'),
) as Peer;
const N = inputs.x.length;
const DIM = inputs.z[0].length;

beforeAll(async () => {
  await openEngine();
});

function expectLike(value: number, gradient: ArrayLike<number>, wanted: Reference): void {
  expect(Math.abs(value - wanted.value)).toBeLessThan(VALUE * Math.max(1, Math.abs(wanted.value)));
  const scale = Math.max(...wanted.gradient.map(Math.abs));
  wanted.gradient.forEach((g, i) => {
    expect(Math.abs(gradient[i] - g)).toBeLessThanOrEqual(GRADIENT * scale);
  });
}

const distances = (rows: tf.Tensor) => {
  const x = rows as tf.Tensor2D;
  return manifoldOn({ kind: 'euclidean', dim: x.shape[1] }).pairwise(x, x);
};

describe(`beside ${peer}`, () => {
  it.each([
    ['raw', (e: tf.Tensor2D, d: tf.Tensor2D) => pairStress(e, d, { kind: 'raw' })],
    ['stress', (e: tf.Tensor2D, d: tf.Tensor2D) => pairStress(e, d)],
    ['sammon', (e: tf.Tensor2D, d: tf.Tensor2D) => pairStress(e, d, { kind: 'sammon' })],
    ['scaledStress', (e: tf.Tensor2D, d: tf.Tensor2D) => pairStress(e, d, { scale: 'best' })],
    ['scaledSammon', (e: tf.Tensor2D, d: tf.Tensor2D) => pairStress(e, d, { kind: 'sammon', scale: 'best' })],
    ['topological', (e: tf.Tensor2D, d: tf.Tensor2D) => topologicalPenalty(e, d)],
  ] as const)('%s has the value and the gradient of automatic differentiation', (name, penalty) => {
    const [value, gradient] = tf.tidy(() => {
      const d = distances(tf.tensor2d(inputs.x));
      const both = tf.valueAndGrad((z) => penalty(distances(z), d))(tf.tensor2d(inputs.z));
      return [both.value.dataSync()[0], both.grad.dataSync()];
    });
    expectLike(value, gradient, values[name]);
  });

  it("soft ranks that are steep give one minus Spearman's correlation", () => {
    const got = number(() => {
      const [e, d] = [inputs.z, inputs.x].map((rows) => distances(tf.tensor2d(rows)));
      return rankCorrelation(e, d, { temperature: 1e-4 });
    });
    // Where two code distances differ by less than the temperature, their ranks are still shared.
    expect(Math.abs(got - values['rank'].value)).toBeLessThan(1e-3);
  });

  it('distances through the graph of neighbours are those of its shortest paths', () => {
    const { k, distances: wanted } = values.graph;
    const x = matrix(Float32Array.from(inputs.x.flat()), N, inputs.x[0].length);
    const neighbors = nearest({ kind: 'euclidean', dim: x.columns }, x, x, k, { excludeSelf: true });
    graphDistances(neighbors, N).data.forEach((d, at) => {
      expect(Math.abs(d - wanted[at])).toBeLessThan(VALUE * Math.max(1, wanted[at]));
    });
  });

  it.each([
    ['isometry', (map: CodeMap, v: tf.Tensor3D) => isometryPenalty(map, v)],
    ['isotropyBatch', (map: CodeMap, v: tf.Tensor3D) => isotropyPenalty(map, v, 'batch')],
    ['isotropyPoint', (map: CodeMap, v: tf.Tensor3D) => isotropyPenalty(map, v, 'point')],
    ['volume', (map: CodeMap, v: tf.Tensor3D) => volumePenalty(map, v)],
  ] as const)('%s of a decoder has the value and the gradient of explicit derivatives', (name, penalty) => {
    const { W1, b1, W2 } = inputs;
    const outputs = W2[0].length;
    const layer = perceptron('decoder', [DIM, b1.length, outputs], undefined, 'tanh');
    const network = new Network([{ parameters: layer.parameters, batchNorms: [] }], new Rng(1));
    const weights = Float32Array.from([W1.flat(), b1, W2.flat(), new Array(outputs).fill(0)].flat());
    tf.tidy(() => network.parameters.flat.assign(tf.tensor1d(weights)));
    const { value, gradient } = network.gradient((pass) => {
      const codes = tf.tensor2d(inputs.z);
      const linearization = layer.linearize(pass, codes);
      const map = {
        side: 'decoder',
        linearization,
        codes,
        manifold: manifoldOn({ kind: 'euclidean', dim: DIM }),
      };
      return penalty(map as CodeMap, frameDirections(N, DIM));
    });
    expectLike(value.dataSync()[0], gradient.dataSync(), values[name]);
    tf.dispose([value, gradient]);
    network.dispose();
  });

  it('the bound of the largest singular value is at most 2^(1/256) of it', () => {
    const bound = number(() => spectralNormBound(tf.tensor2d(inputs.W1)));
    const { value } = values['spectralNorm'];
    expect(bound).toBeGreaterThan(value * (1 - VALUE));
    expect(bound).toBeLessThan(value * (2 ** (1 / 256) + VALUE));
  });
});
