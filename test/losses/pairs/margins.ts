import { readFileSync } from 'node:fs';
import { expect } from 'vitest';
import type { PairPlan } from '../../../src/engine/records.js';
import * as tf from '../../../src/engine/tf.js';
import type { Compared } from '../../../src/losses/terms.js';
import { cosineSpace, normalizeRows } from '../../../src/manifolds/cosine.js';
import { metricOn } from '../../../src/manifolds/manifoldOn.js';
import { pairsOfLabels } from '../../../src/sampling/pairs.js';

export interface PeerCase {
  readonly case: string;
  readonly loss: number;
  readonly grad: number[][];
  readonly betaGrad?: number[];
}

/** Values and gradients of the peer named in the file, in float64. */
export const peer = JSON.parse(readFileSync('test/losses/pairs/margins.json', 'utf8')) as {
  embeddings: number[][];
  labels: number[];
  triplets: [number[], number[], number[]];
  losses: PeerCase[];
  regularizers: PeerCase[];
  other: number[][];
  vicReg: { scales: [number, number]; loss: number; grads: number[][][] };
  manifold: { options: Record<string, number>; loss: number; grad: number[][]; proxyGrad: number[][] }[];
  proxies: number[][];
  proxyOf: number[];
};

export const peerCase = (name: string, list = peer.losses): PeerCase => {
  const found = list.find((entry) => entry.case === name);
  if (!found) throw new Error(`no case ${name}`);
  return found;
};

/** Losses on tensors: design.md. */
export const VALUE = 1e-5;
export const GRADIENT = 1e-4;

export const planOf = (labels: ArrayLike<number>): PairPlan =>
  pairsOfLabels(tf.tensor1d(Int32Array.from(labels), 'int32'));

/** Euclidean distances of rows of norm 1, what the peer compares unless told otherwise. */
export const chords = (e: tf.Tensor2D): tf.Tensor2D => {
  const unit = normalizeRows(e);
  return metricOn({ kind: 'euclidean', dim: e.shape[1] }).pairwise(unit, unit);
};

export const comparedBy = (kind: 'chord' | 'cosine', e: tf.Tensor2D, labels: ArrayLike<number>): Compared => {
  const plan = planOf(labels);
  if (kind === 'chord') return { distances: chords(e), plan };
  return { distances: cosineSpace(e.shape[1], 'any').pairwise(e, e), plan, zero: 1 };
};

export function expectPeer(
  loss: (e: tf.Tensor2D) => tf.Scalar,
  at: number[][],
  expected: { loss: number; grad: number[][] },
): void {
  tf.tidy(() => {
    const { value, grad } = tf.valueAndGrad((e: tf.Tensor) => loss(e as tf.Tensor2D))(tf.tensor2d(at));
    expectClose(value.dataSync()[0], grad.dataSync(), expected.loss, expected.grad.flat());
  });
}

export function expectClose(
  value: number,
  gradient: ArrayLike<number>,
  expectedValue: number,
  expectedGradient: ArrayLike<number>,
): void {
  expect(Math.abs(value - expectedValue)).toBeLessThanOrEqual(VALUE * Math.max(1, Math.abs(expectedValue)));
  expectGradient(gradient, expectedGradient);
}

export function expectGradient(gradient: ArrayLike<number>, expected: ArrayLike<number>): void {
  let [worst, scale] = [0, 0];
  expect(gradient.length).toBe(expected.length);
  for (let i = 0; i < expected.length; i++) {
    worst = Math.max(worst, Math.abs(gradient[i] - expected[i]));
    if (!Number.isFinite(gradient[i])) worst = Number.POSITIVE_INFINITY;
    scale = Math.max(scale, Math.abs(expected[i]));
  }
  expect(worst).toBeLessThanOrEqual(GRADIENT * scale);
}

/** Central differences of a float64 function at an array. */
export function differences(
  f: (x: Float64Array) => number,
  at: ArrayLike<number>,
  step = 1e-5,
): Float64Array {
  return Float64Array.from({ length: at.length }, (_, i) => {
    const [up, down] = [Float64Array.from(at), Float64Array.from(at)];
    up[i] += step;
    down[i] -= step;
    return (f(up) - f(down)) / (2 * step);
  });
}
