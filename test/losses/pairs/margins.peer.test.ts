import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { openEngine } from '../../../src/engine/openEngine.js';
import * as tf from '../../../src/engine/tf.js';
import { contrastiveLoss } from '../../../src/losses/pairs/contrastive.js';
import { intraPairVarianceLoss } from '../../../src/losses/pairs/intraPairVariance.js';
import { manifoldLoss } from '../../../src/losses/pairs/manifoldLoss.js';
import { marginLoss } from '../../../src/losses/pairs/margin.js';
import { rankedListLoss } from '../../../src/losses/pairs/rankedList.js';
import { signalToNoiseContrastiveLoss } from '../../../src/losses/pairs/signalToNoise.js';
import { thresholdConsistentMarginLoss } from '../../../src/losses/pairs/thresholdConsistentMargin.js';
import { tripletMarginLoss } from '../../../src/losses/pairs/tripletMargin.js';
import { vicRegLoss } from '../../../src/losses/pairs/vicReg.js';
import * as reducers from '../../../src/losses/reducers.js';
import type { Compared, LossTerms } from '../../../src/losses/terms.js';
import { cosineSpace, normalizeRows } from '../../../src/manifolds/cosine.js';
import { comparedBy, expectClose, expectGradient, expectPeer, peer, peerCase, planOf } from './margins.js';
import { onEachRowPath } from './paths.js';

const { mean, avgNonZero, divisor, sum, reduceTerms } = reducers;
type Loss = (compared: Compared) => LossTerms;
type Row = [name: string, kind: 'chord' | 'cosine', loss: Loss, reducer: reducers.Reducer];

const list = {
  anchors: Int32Array.from(peer.triplets[0]),
  positives: Int32Array.from(peer.triplets[1]),
  negatives: Int32Array.from(peer.triplets[2]),
};
const triplet =
  (options: Parameters<typeof tripletMarginLoss>[1]): Loss =>
  (compared) =>
    tripletMarginLoss(compared, options);
const contrastive = (posMargin: number, negMargin: number): Loss => {
  return (compared) => contrastiveLoss(compared, { posMargin, negMargin });
};

const ROWS: Row[] = [
  ['contrastive cosine', 'cosine', contrastive(0.9, 0.2), avgNonZero],
  ['contrastive cosine mean', 'cosine', contrastive(0.9, 0.2), mean],
  ['triplet', 'chord', triplet({ margin: 0.2 }), avgNonZero],
  ['triplet swap', 'chord', triplet({ margin: 0.2, swap: true }), avgNonZero],
  ['triplet smooth', 'chord', triplet({ margin: 0.2, smooth: true }), avgNonZero],
  ['triplet swap smooth', 'chord', triplet({ margin: 0.2, swap: true, smooth: true }), avgNonZero],
  ['triplet cosine', 'cosine', triplet({ margin: 0.1 }), avgNonZero],
  ['list', 'chord', triplet({ margin: 0.3, triplets: list }), avgNonZero],
  ['list swap', 'chord', triplet({ margin: 0.3, swap: true, triplets: list }), avgNonZero],
  ['list smooth', 'chord', triplet({ margin: 0.3, smooth: true, triplets: list }), avgNonZero],
  ['margin', 'chord', (c) => marginLoss(c, { margin: 0.1, beta: 1.3 }), divisor],
  ['margin nonzero', 'chord', (c) => marginLoss(c, { margin: 0.1, beta: 1.3 }), avgNonZero],
  ['margin cosine', 'cosine', (c) => marginLoss(c, { margin: 0.1, beta: 0.3 }), divisor],
  ['intra distance', 'chord', (c) => intraPairVarianceLoss(c, { posEps: 0.02, negEps: 0.05 }), mean],
  ['intra cosine', 'cosine', (c) => intraPairVarianceLoss(c, { posEps: 0.02, negEps: 0.05 }), mean],
  ['ranked', 'chord', (c) => rankedListLoss(c, { margin: 0.5, tn: 3, tp: 2, imbalance: 0.3 }), mean],
  [
    'tcm',
    'cosine',
    (c) =>
      thresholdConsistentMarginLoss(c, {
        lambdaPlus: 0.5,
        lambdaMinus: 2,
        marginPlus: 0.6,
        marginMinus: 0.1,
      }),
    mean,
  ],
  ['reducer threshold', 'chord', contrastive(0.3, 1.2), reducers.threshold({ low: 0.1, high: 0.5 })],
  ['reducer thresholdLow', 'chord', contrastive(0.3, 1.2), reducers.threshold({ low: 0.2 })],
  ['reducer thresholdHigh', 'chord', contrastive(0.3, 1.2), reducers.threshold({ high: 0.4 })],
  ['reducer sum', 'chord', contrastive(0.3, 1.2), sum],
  ['reducer perAnchor', 'chord', contrastive(0.3, 1.2), reducers.perAnchor()],
  ['reducer perAnchorNonZero', 'chord', contrastive(0.3, 1.2), reducers.perAnchor({ reducer: avgNonZero })],
  ['reducer perAnchorSum', 'chord', contrastive(0.3, 1.2), reducers.perAnchor({ aggregation: 'sum' })],
];

beforeAll(async () => {
  await openEngine();
});

onEachRowPath(() => {
  it.each(ROWS)('%s, %s: values and gradients of the peer', (name, kind, loss, reducer) => {
    expectPeer(
      (e) => reduceTerms(loss(comparedBy(kind, e, peer.labels)), reducer),
      peer.embeddings,
      peerCase(name),
    );
  });

  it('class weights, and of another reducer for each part', () => {
    const classWeights = tf.tensor1d(peer.labels.map((label) => [0.5, 1, 2, 3][label]));
    const loss = contrastive(0.3, 1.2);
    expectPeer(
      (e) => reduceTerms(loss(comparedBy('chord', e, peer.labels)), reducers.classWeighted, { classWeights }),
      peer.embeddings,
      peerCase('reducer classWeighted'),
    );
    expectPeer(
      (e) => reduceTerms(loss(comparedBy('chord', e, peer.labels)), { positive: sum }),
      peer.embeddings,
      peerCase('reducer multiple'),
    );
  });
});

describe('values and gradients of the peer', () => {
  it('of signal to noise', () => {
    const plan = planOf(peer.labels);
    const options = { posMargin: 0.1, negMargin: 1.5 };
    expectPeer(
      (e) => reduceTerms(signalToNoiseContrastiveLoss(normalizeRows(e), plan, options), avgNonZero),
      peer.embeddings,
      peerCase('snr'),
    );
  });

  it.each([
    ['margin learned', [1.3]],
    ['margin classes', [1.1, 1.2, 1.3, 1.5]],
  ])('%s: of the boundary too', (name, start) => {
    const expected = peerCase(name);
    tf.tidy(() => {
      const labels = tf.tensor1d(peer.labels, 'int32');
      const loss = (...[e, all]: tf.Tensor[]) => {
        const beta = (start.length === 1 ? all : tf.gather(all, labels)) as tf.Tensor1D;
        const compared = comparedBy('chord', e as tf.Tensor2D, peer.labels);
        return reduceTerms(marginLoss(compared, { margin: 0.1, nu: 0.2, beta }), divisor);
      };
      const { value, grads } = tf.valueAndGrads(loss)([tf.tensor2d(peer.embeddings), tf.tensor1d(start)]);
      expectClose(value.dataSync()[0], grads[0].dataSync(), expected.loss, expected.grad.flat());
      expectGradient(grads[1].dataSync(), expected.betaGrad as number[]);
    });
  });

  it('of two views', () => {
    const { scales, loss, grads } = peer.vicReg;
    const options = { lambda: 10, mu: 20, nu: 2 };
    tf.tidy(() => {
      const f = (...[x, y]: tf.Tensor[]) => {
        const views = [tf.mul(x, scales[0]), tf.mul(y, scales[1])] as [tf.Tensor2D, tf.Tensor2D];
        return reduceTerms(vicRegLoss(...views, options), mean);
      };
      const got = tf.valueAndGrads(f)([tf.tensor2d(peer.embeddings), tf.tensor2d(peer.other)]);
      expectClose(got.value.dataSync()[0], got.grads[0].dataSync(), loss, grads[0].flat());
      expectGradient(got.grads[1].dataSync(), grads[1].flat());
    });
  });

  it.each(peer.manifold)('of proxies that walk, $options', ({ options, loss, grad, proxyGrad }) => {
    tf.tidy(() => {
      const f = (...[e, proxies]: tf.Tensor[]) => {
        const all = tf.concat([e, proxies]) as tf.Tensor2D;
        const distances = cosineSpace(all.shape[1], 'any').pairwise(all, all);
        return reduceTerms(
          manifoldLoss({ distances, zero: 1 }, Int32Array.from(peer.proxyOf), options),
          mean,
        );
      };
      const got = tf.valueAndGrads(f)([tf.tensor2d(peer.embeddings), tf.tensor2d(peer.proxies)]);
      expectClose(got.value.dataSync()[0], got.grads[0].dataSync(), loss, grad.flat());
      expectGradient(got.grads[1].dataSync(), proxyGrad.flat());
    });
  });
});

interface Labelled {
  batch: { embeddings: number[][]; labels: number[] };
  labelled: { name: string; loss: number; grad: number[][] }[];
}

describe('values and gradients of the reference file', () => {
  const { batch, labelled } = JSON.parse(readFileSync('test/reference/losses.json', 'utf8')) as Labelled;
  const rows: Row[] = [
    ['ContrastiveLoss', 'chord', contrastive(0, 1), avgNonZero],
    ['TripletMarginLoss', 'chord', triplet({}), avgNonZero],
    ['TripletMarginLoss:smooth', 'chord', triplet({ smooth: true }), avgNonZero],
    ['MarginLoss', 'chord', marginLoss, divisor],
    ['IntraPairVarianceLoss', 'cosine', intraPairVarianceLoss, mean],
    ['RankedListLoss', 'chord', (c) => rankedListLoss(c, { margin: 0.4, tn: 10, alpha: 0.8 }), mean],
    ['ThresholdConsistentMarginLoss', 'cosine', thresholdConsistentMarginLoss, mean],
  ];
  const reference = (name: string) => labelled.find((entry) => entry.name === name);

  it.each(rows)('%s', (name, kind, loss, reducer) => {
    const expected = reference(name);
    expect(expected).toBeDefined();
    if (!expected) return;
    const f = (e: tf.Tensor2D) => reduceTerms(loss(comparedBy(kind, e, batch.labels)), reducer);
    expectPeer(f, batch.embeddings, expected);
  });

  it('SignalToNoiseRatioContrastiveLoss', () => {
    const expected = reference('SignalToNoiseRatioContrastiveLoss');
    expect(expected).toBeDefined();
    if (!expected) return;
    const plan = planOf(batch.labels);
    const f = (e: tf.Tensor2D) =>
      reduceTerms(signalToNoiseContrastiveLoss(normalizeRows(e), plan), avgNonZero);
    expectPeer(f, batch.embeddings, expected);
  });
});
