import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { openEngine } from '../../../src/engine/openEngine.js';
import * as tf from '../../../src/engine/tf.js';
import { arcFace, subCenterArcFace } from '../../../src/losses/classification/arcFace.js';
import { cosFace } from '../../../src/losses/classification/cosFace.js';
import { largeMarginSoftmax, sphereFace } from '../../../src/losses/classification/multiplicativeMargin.js';
import { p2sGrad } from '../../../src/losses/classification/p2sGrad.js';
import { proxyAnchor } from '../../../src/losses/classification/proxyAnchor.js';
import { instance, normalizedSoftmax, proxyNca } from '../../../src/losses/classification/proxySoftmax.js';
import type { ClassifiedEmbeddings } from '../../../src/losses/classification/similarities.js';
import { softTriple } from '../../../src/losses/classification/softTriple.js';
import { divisor, mean, reduceTerms } from '../../../src/losses/reducers.js';
import type { LossTerms } from '../../../src/losses/terms.js';
import { closeTo, flat, furthest } from './compare.js';
import { describePaths } from './paths.js';

type Loss = (input: ClassifiedEmbeddings, options: Readonly<Record<string, number>>) => LossTerms;

const LOSSES: Readonly<Record<string, Loss>> = {
  arcFace,
  cosFace,
  instance: ({ embeddings, labels, classVectors }, options) => {
    const terms = instance({ embeddings, labels }, options).loss;
    // Both inputs must take part, or the tape refuses.
    return { loss: { ...terms, values: tf.add(terms.values, tf.mul(tf.sum(classVectors), 0)) } };
  },
  largeMarginSoftmax,
  normalizedSoftmax,
  p2sGrad: (input) => p2sGrad(input),
  proxyAnchor: (input, options) => ({ ...proxyAnchor(input, options) }),
  proxyNca,
  softTriple,
  sphereFace,
  subCenterArcFace,
};

interface Case {
  readonly name: string;
  readonly options: Readonly<Record<string, number>>;
  readonly vectors: 'classVectors' | 'centerVectors' | 'unitVectors' | null;
  readonly loss: number;
  readonly toEmbeddings: number[][];
  readonly toClassVectors: number[][] | null;
}
interface Fixture {
  readonly embeddings: number[][];
  readonly labels: number[];
  readonly classVectors: number[][];
  readonly centerVectors: number[][];
  readonly unitVectors: number[][];
  readonly cases: Case[];
}
const fixture = JSON.parse(readFileSync('test/losses/classification/peer.json', 'utf8')) as Fixture;

interface Reference {
  readonly batch: { embeddings: number[][]; labels: number[]; classWeights: number[][] };
  readonly labelled: {
    name: string;
    params: Readonly<Record<string, number>>;
    loss: number;
    grad: number[][];
  }[];
}
const reference = JSON.parse(readFileSync('test/reference/losses.json', 'utf8')) as Reference;
const NAMES: Readonly<Record<string, string>> = {
  ArcFaceLoss: 'arcFace',
  CosFaceLoss: 'cosFace',
  NormalizedSoftmaxLoss: 'normalizedSoftmax',
  ProxyAnchorLoss: 'proxyAnchor',
  ProxyNCALoss: 'proxyNca',
  SoftTripleLoss: 'softTriple',
  SphereFaceLoss: 'sphereFace',
};
const OPTIONS: Readonly<Record<string, string>> = {
  centers_per_class: 'centersPerClass',
  softmax_scale: 'softmaxScale',
};

beforeAll(async () => {
  await openEngine();
});

/** Loss and both gradients, reduced as the peer does by default. */
function evaluate(name: string, options: Case['options'], x: number[][], w: number[][], labels: number[]) {
  return tf.tidy(() => {
    const { value, grads } = tf.valueAndGrads((embeddings, classVectors) =>
      reduceTerms(
        LOSSES[name](
          {
            embeddings: embeddings as tf.Tensor2D,
            classVectors: classVectors as tf.Tensor2D,
            labels: tf.tensor1d(labels, 'int32'),
          },
          options,
        ),
        name === 'proxyAnchor' ? divisor : mean,
      ),
    )([tf.tensor2d(x), tf.tensor2d(w)]);
    return {
      loss: value.dataSync()[0],
      toEmbeddings: grads[0].dataSync(),
      toClassVectors: grads[1].dataSync(),
    };
  });
}

describePaths(() => {
  describe('losses with class vectors have the values and gradients of pytorch-metric-learning', () => {
    it.each(fixture.cases.map((one) => [one.name, JSON.stringify(one.options), one] as const))(
      '%s %s',
      (name, _, { options, vectors, ...expected }) => {
        const w = fixture[vectors ?? 'classVectors'];
        const got = evaluate(name, options, fixture.embeddings, w, fixture.labels);
        expect(closeTo(got.loss, expected.loss)).toBe(true);
        expect(furthest(got.toEmbeddings, flat(expected.toEmbeddings))).toBeLessThanOrEqual(1e-4);
        if (!expected.toClassVectors) return;
        const exact =
          name === 'p2sGrad' ? withoutRadial(expected.toClassVectors, w) : expected.toClassVectors;
        expect(furthest(got.toClassVectors, flat(exact))).toBeLessThanOrEqual(1e-4);
      },
    );

    it.each(reference.labelled.filter(({ name }) => name in NAMES))('reference $name', (expected) => {
      const { embeddings, labels, classWeights } = reference.batch;
      const known = Object.entries(expected.params).filter(
        ([key]) => key !== 'num_classes' && key !== 'embedding_size',
      );
      const options = Object.fromEntries(known.map(([key, value]) => [OPTIONS[key] ?? key, value]));
      const got = evaluate(NAMES[expected.name], options, embeddings, classWeights, labels);
      expect(closeTo(got.loss, expected.loss)).toBe(true);
      expect(furthest(got.toEmbeddings, flat(expected.grad))).toBeLessThanOrEqual(1e-4);
    });
  });
});

/** The peer holds the unit norm by dividing after each step; its gradient keeps the part along each vector. */
function withoutRadial(gradient: number[][], unit: number[][]): number[][] {
  return gradient.map((row, i) => {
    const along = row.reduce((sum, g, j) => sum + g * unit[i][j], 0);
    return row.map((g, j) => g - along * unit[i][j]);
  });
}
