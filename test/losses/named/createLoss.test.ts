import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DomainError, ShapeError, UsageError } from '../../../src/core/errors.js';
import { Rng } from '../../../src/core/rng.js';
import type { Space } from '../../../src/core/space.js';
import { openEngine } from '../../../src/engine/openEngine.js';
import { FlatParameters } from '../../../src/engine/parameters.js';
import * as tf from '../../../src/engine/tf.js';
import { createLoss, LOSS_NAMES, type LossName } from '../../../src/losses/named/createLoss.js';
import type { LossBatch, MetricLoss } from '../../../src/losses/named/metricLoss.js';

const N = 12;
const LABELS = Int32Array.from({ length: N }, (_, i) => i % 4);
const OPTIONS: Partial<Record<LossName, object>> = {
  ManifoldLoss: { proxies: 3 },
  RankedListLoss: { margin: 0.4, tn: 2 },
};
/** They read angles, lengths or variances of coordinates. */
const OF_COORDINATES: readonly LossName[] = [
  'ArcFaceLoss',
  'LargeMarginSoftmaxLoss',
  'SignalToNoiseRatioContrastiveLoss',
  'SphereFaceLoss',
  'SubCenterArcFaceLoss',
  'VICRegLoss',
];
const BALL: Space = { kind: 'poincare', dim: 3, curvature: -0.5 };
const MIXED: Space = {
  kind: 'product',
  combine: 'sum',
  factors: [
    { space: BALL, weight: 1 },
    { space: { kind: 'star', dim: 1 }, weight: 0.5 },
  ],
};
/** Values of a batch and its like with rows in another order, float32 sums over at most 132 pairs. */
const REORDERED = 1e-5;

let rows: number[][];
beforeAll(async () => {
  await openEngine();
  const rng = new Rng(7);
  rows = Array.from({ length: N }, () => Array.from({ length: 3 }, () => 0.4 * rng.normal()));
});
afterAll(() => expect(tf.memory().numTensors).toBe(0));

interface Evaluated {
  readonly value: number;
  readonly gradient: Float32Array;
  /** Of the loss's own arrays. */
  readonly own: Float32Array;
}

function evaluate(loss: MetricLoss, points: number[][], batch: Omit<LossBatch, 'embeddings'>): Evaluated {
  const parameters = new FlatParameters(loss.parameters, new Rng(1));
  try {
    return tf.tidy(() => {
      const none = loss.parameters.length === 0;
      const { value, grads } = tf.valueAndGrads((x: tf.Tensor, own: tf.Tensor) => {
        const views = none ? new Map<string, tf.Tensor>() : parameters.views(own as tf.Tensor1D);
        return tf.add(
          loss.evaluate({ ...batch, embeddings: x as tf.Tensor2D }, views),
          tf.mul(tf.sum(own), 0),
        );
      })([tf.tensor2d(points), none ? tf.zeros([1]) : parameters.flat]);
      const [gradient, own] = grads.map((grad) => grad.dataSync() as Float32Array);
      return { value: value.dataSync()[0], gradient, own };
    });
  } finally {
    loss.dispose();
    parameters.dispose();
  }
}

/** Without a gradient: an error in a differentiated function leaves the tensors that tfjs kept for it. */
function plainValue(loss: MetricLoss, points: number[][], batch: Omit<LossBatch, 'embeddings'>): number {
  const parameters = new FlatParameters(loss.parameters, new Rng(1));
  try {
    return tf.tidy(() => {
      const views = loss.parameters.length === 0 ? new Map() : parameters.views(tf.clone(parameters.flat));
      return loss.evaluate({ ...batch, embeddings: tf.tensor2d(points) }, views).dataSync()[0];
    });
  } finally {
    loss.dispose();
    parameters.dispose();
  }
}

const labelled = { relation: { kind: 'labels', labels: LABELS } } as const;
const make = (name: LossName, setting = {}) =>
  createLoss(name, OPTIONS[name] as never, { classes: 4, columns: 3, ...setting });

describe('createLoss', () => {
  it('knows the 35 losses of pytorch-metric-learning 2.9 and the centroid triplet', () => {
    expect(LOSS_NAMES).toHaveLength(36);
  });

  it.each(LOSS_NAMES)('%s has a finite value and a gradient that moves the embeddings', (name) => {
    const views = name === 'VICRegLoss' ? { references: tf.tensor2d([...rows].reverse()) } : {};
    const { value, gradient, own } = evaluate(make(name), rows, { ...labelled, ...views });
    tf.dispose(Object.values(views));
    expect(Number.isFinite(value)).toBe(true);
    expect(gradient.every(Number.isFinite)).toBe(true);
    expect(gradient.some((g) => g !== 0)).toBe(true);
    expect(own.every(Number.isFinite)).toBe(true);
  });

  it.each(LOSS_NAMES.filter((name) => !OF_COORDINATES.includes(name)))(
    '%s works on points of a ball',
    (name) => {
      const { value, gradient } = evaluate(make(name, { space: BALL }), rows, labelled);
      expect(Number.isFinite(value)).toBe(true);
      expect(gradient.every(Number.isFinite)).toBe(true);
    },
  );

  it.each([
    'TripletMarginLoss',
    'NTXentLoss',
    'MultiSimilarityLoss',
    'ContrastiveLoss',
    'SupConLoss',
  ] as const)('%s works on the sum of a ball and a star', (name) => {
    const points = rows.map((row, i) => [...row, 0.1 + 0.01 * i]);
    const { value, gradient } = evaluate(make(name, { space: MIXED }), points, labelled);
    expect(value).toBeGreaterThan(0);
    expect(gradient.every(Number.isFinite)).toBe(true);
  });

  it.each(OF_COORDINATES)('%s refuses a space', (name) => {
    expect(() => make(name, { space: BALL })).toThrow(UsageError);
  });

  it.each(['TripletMarginLoss', 'NTXentLoss', 'CircleLoss', 'ProxyAnchorLoss', 'SmoothAPLoss'] as const)(
    '%s does not depend on the order of the batch',
    (name) => {
      const order = new Rng(3).permutation(N);
      const moved = { relation: { kind: 'labels', labels: order.map((i) => LABELS[i]) } } as const;
      const [a, b] = [
        evaluate(make(name), rows, labelled),
        evaluate(
          make(name),
          Array.from(order, (i) => rows[i]),
          moved,
        ),
      ];
      expect(Math.abs(a.value - b.value)).toBeLessThanOrEqual(REORDERED * Math.max(1, a.value));
    },
  );

  it.each(LOSS_NAMES.filter((name) => !(name in OPTIONS) && name !== 'VICRegLoss'))(
    '%s of one class alone is finite',
    (name) => {
      const { value, gradient } = evaluate(make(name), rows, {
        relation: { kind: 'labels', labels: new Int32Array(N) },
      });
      expect(Number.isFinite(value)).toBe(true);
      expect(gradient.every(Number.isFinite)).toBe(true);
    },
  );

  it.each([
    'TripletMarginLoss',
    'NTXentLoss',
    'ContrastiveLoss',
    'SupConLoss',
    'MarginLoss',
    'FastAPLoss',
  ] as const)('%s without positives is 0 with gradient 0, but for what negatives cost', (name) => {
    const alone = Int32Array.from({ length: N }, (_, i) => i);
    const { value, gradient } = evaluate(createLoss(name, { negMargin: 0 } as never), rows, {
      relation: { kind: 'labels', labels: alone },
    });
    expect(value).toBe(0);
    expect(gradient.every((g) => g === 0)).toBe(true);
  });

  it('takes mined triplets and pairs in place of all', () => {
    const triplets = {
      kind: 'triplets',
      anchors: Int32Array.of(0, 1),
      positives: Int32Array.of(4, 5),
      negatives: Int32Array.of(1, 2),
    } as const;
    const [all, mined] = [{}, { tuples: triplets }].map((more) =>
      evaluate(make('TripletMarginLoss', { reducer: 'sum' }), rows, { ...labelled, ...more }),
    );
    expect(mined.value).toBeGreaterThanOrEqual(0);
    expect(mined.value).toBeLessThan(all.value);
    expect(mined.gradient.filter((g) => g !== 0).length).toBeLessThanOrEqual(15);
  });

  it('compares with references where there are some', () => {
    const references = tf.tensor2d(rows.slice(0, 6));
    const relation = { kind: 'labels', labels: LABELS, references: LABELS.subarray(0, 6) } as const;
    const { value } = evaluate(make('NTXentLoss'), rows, { references, relation });
    expect(value).toBeGreaterThan(0);
    references.dispose();
  });

  it('says what is missing or does not belong together', () => {
    expect(() => createLoss('NoSuchLoss' as LossName)).toThrow(UsageError);
    expect(() => createLoss('ArcFaceLoss')).toThrow(UsageError);
    expect(() => createLoss('ManifoldLoss', { proxies: 3 })).toThrow(UsageError);
    const short = { relation: { kind: 'labels', labels: LABELS.subarray(1) } } as const;
    expect(() => plainValue(make('NTXentLoss'), rows, short)).toThrow(ShapeError);
    expect(() => plainValue(make('ArcFaceLoss'), rows, short)).toThrow(ShapeError);
    const views = { relation: { kind: 'views', items: N / 2 } } as const;
    expect(() => plainValue(make('ProxyNCALoss'), rows, views)).toThrow(UsageError);
    expect(() => plainValue(make('VICRegLoss'), rows, labelled)).toThrow(UsageError);
    expect(() =>
      plainValue(make('NTXentLoss', { space: { kind: 'euclidean', dim: 2 } }), rows, labelled),
    ).toThrow(ShapeError);
    expect(() => plainValue(createLoss('NTXentLoss', { temperature: 0 }), rows, labelled)).toThrow(
      DomainError,
    );
    expect(() => plainValue(createLoss('AngularLoss', { alpha: 95 }), rows, labelled)).toThrow(DomainError);
  });

  it('NaN in the embeddings comes out as NaN, or as an error that names the row where rows are read', () => {
    const spoilt = rows.map((row, i) => (i === 0 ? [Number.NaN, 0, 0] : row));
    for (const name of ['NTXentLoss', 'ArcFaceLoss', 'MultiSimilarityLoss'] as const) {
      expect(plainValue(make(name), spoilt, labelled), name).toBeNaN();
    }
    for (const name of ['TripletMarginLoss', 'ContrastiveLoss'] as const) {
      let value = Number.NaN;
      try {
        value = plainValue(make(name), spoilt, labelled);
      } catch (error) {
        expect(error).toBeInstanceOf(DomainError);
      }
      expect(value, name).toBeNaN();
    }
  });
});
