import { tf } from '../../src/index.js';
import { clipOf, isBall, outputColumns } from './heads.js';
import type { Items, Model } from './models.js';
import { type NegativeWeights, type Sample, spreadsOf, weightsOf } from './negatives.js';
import { findAll, hardestDiffers, metricsOf, type RetrievalMetrics, type Similarities } from './ranks.js';
import { type READINGS, readingsOf, similaritiesOf } from './readings.js';
import type { Arm } from './settings.js';

/** Temperature whose logits the hyperbolic ones are scaled to the spread of. */
const SOFT = 0.1;

export interface Measured {
  /** Under the score that the arm trains. */
  readonly own: RetrievalMetrics;
  readonly rank: readonly number[];
  readonly hardest: readonly number[];
  /** Recall at 1 under other scores of the same model. */
  readonly recalls: Readonly<Record<(typeof READINGS)[number], number>>;
  /** Share of anchors whose hardest negative is another by cosine and by hyperbolic distance. */
  readonly headsDiffer: number;
  readonly weights: Readonly<Record<string, NegativeWeights>>;
  readonly norms: Norms;
}

/** Of the ball's tangent vectors before the clip. */
interface Norms {
  readonly mean: number;
  readonly deviation: number;
  readonly clipped: number;
}

export async function measure(
  model: Model,
  items: Items,
  samples: readonly Sample[],
  dim: number,
): Promise<Measured> {
  const { own, ...others } = readingsOf(model.arm, dim);
  const trained = await similaritiesOf(model, own);
  const found = findAll(trained, items.classes);
  const cosine = await similaritiesOf(model, {
    ...others.cosine,
    heads: [{ space: 'cosine', temperature: SOFT }],
  });
  const hyperbolic = await similaritiesOf(model, others.hyperbolic);
  const mixed = await similaritiesOf(model, others.mixed);
  const by = [cosine, hyperbolic, mixed].map((similarities) => findAll(similarities, items.classes));
  return {
    own: metricsOf(found, items.subgroups),
    rank: [...found.rank],
    hardest: [...found.hardest],
    recalls: {
      cosine: metricsOf(by[0], items.subgroups).recallAt1,
      hyperbolic: metricsOf(by[1], items.subgroups).recallAt1,
      mixed: metricsOf(by[2], items.subgroups).recallAt1,
    },
    headsDiffer: hardestDiffers(by[0], by[1]),
    weights: weightsIn({ trained, cosine, hyperbolic }, samples),
    norms: normsOf(model, dim),
  };
}

function weightsIn(
  { trained, cosine, hyperbolic }: Readonly<Record<'trained' | 'cosine' | 'hyperbolic', Similarities>>,
  samples: readonly Sample[],
): Record<string, NegativeWeights> {
  const [wanted, spread] = [spreadsOf(cosine, samples), spreadsOf(hyperbolic, samples)];
  return {
    own: weightsOf(trained, samples),
    'cosine t.05': weightsOf(cosine, samples, () => SOFT / 0.05),
    'cosine t.1': weightsOf(cosine, samples),
    hyperbolic: weightsOf(hyperbolic, samples),
    'hyperbolic as spread as cosine t.1': weightsOf(hyperbolic, samples, (s) => wanted[s] / spread[s]),
  };
}

function normsOf({ arm, values }: Model, dim: number): Norms {
  const columns = outputColumns(arm, dim);
  const { feeding = 'unit' } = arm;
  if (feeding === 'unit') return { mean: 1, deviation: 0, clipped: 0 };
  const clip = clipOf(feeding, Math.min(...arm.heads.filter(isBall).map(({ curvature }) => curvature)));
  return tf.tidy(() => {
    const outputs = tf.tensor2d(values, [values.length / columns, columns]);
    const curved = tf.slice(outputs, [0, columns - dim], [-1, dim]);
    const norms = tf.mul(tf.norm(curved, 2, 1), feeding.scale);
    const { mean, variance } = tf.moments(norms);
    const clipped = tf.mean(tf.cast(tf.greaterEqual(norms, clip), 'float32'));
    const [m, v, c] = tf.stack([mean, variance, clipped]).dataSync();
    return { mean: m, deviation: Math.sqrt(v), clipped: c };
  }) as unknown as Norms;
}

/** Whether an arm has a head in the ball, so that its hyperbolic readings are ones it was trained for. */
export function trainsInBall({ heads }: Arm): boolean {
  return heads.some(isBall);
}
