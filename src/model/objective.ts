import type { NamedTensor } from '../core/safetensors.js';
import type { Pass } from '../engine/network.js';
import type { Batch, LossReport } from '../engine/records.js';
import * as tf from '../engine/tf.js';
import { orientationLoss } from '../losses/orientation.js';
import { GradientBalance } from '../losses/preservation/gradientBalance.js';
import type { TargetDistance } from '../losses/preservation/targets.js';
import { weightAt } from '../losses/preservation/weightSchedule.js';
import { headDistances, mixedLoss, type OfHeads } from './mixedLoss.js';
import type { Model } from './model.js';
import { type Penalty, preservationPenalty, preservationTarget } from './preservation.js';

/** The loss of a config, wired to a model. */
export interface Objective {
  /** Call inside tidy. @param progress share of the training that is done, 0..1 */
  report(pass: Pass, batch: Batch, withStatistics: boolean, progress: number): LossReport;
  /** Before a step on `batch`, outside of any tape: what has to be measured for it. @param step 0-based */
  prepare?(batch: Batch, step: number): void;
  /** What `prepare` has measured, for a training that goes on later. */
  read?(): Promise<NamedTensor[]>;
  /** @throws FormatError unless what `read` gave is among them */
  write?(tensors: readonly NamedTensor[]): void;
  dispose(): void;
}

export function buildObjective(model: Model): Objective {
  const { weights, preservation } = model.config.loss;
  if (weights.preservation === 0) return { report: reportOf(model), dispose: () => {} };
  const keeping = keepingOf(model);
  const { weighting, schedule } = preservation;
  if (weighting.kind === 'auto') return balanced(model, keeping, weighting.every);
  return {
    report: reportOf(model, {
      ...keeping,
      weight: (progress) => weights.preservation * weightAt(schedule, progress),
    }),
    dispose: () => keeping.target.dispose(),
  };
}

/** The penalty of distances and what it compares. */
interface Keeping {
  readonly target: TargetDistance;
  readonly sample: number;
  readonly penalty: Penalty;
}

function keepingOf({ config, height, width }: Model): Keeping {
  const { preservation, preservationSample } = config.loss;
  const { classesPerBatch, perClass } = config.training;
  const sample = Math.min(preservationSample, classesPerBatch * perClass);
  return {
    sample,
    penalty: preservationPenalty(preservation, sample, config.seed),
    target: preservationTarget(preservation, { height, width }),
  };
}

/** The penalty of both heads' distances between the first items of a batch. */
function preservationPart(batch: Batch, distances: OfHeads, { target, sample, penalty }: Keeping): tf.Scalar {
  const inputs = target.pairwise({ rows: tf.slice(batch.rows, [0, 0], [sample, -1]) });
  const some = (d: tf.Tensor2D) => tf.slice(d, [0, 0], [sample, sample]);
  return tf.add(penalty(chord(some(distances.euclidean)), inputs), penalty(some(distances.poincare), inputs));
}

type Report = Objective['report'];
type WeighedKeeping = Keeping & { readonly weight: (progress: number) => number | tf.Scalar };

function reportOf(model: Model, keeping?: WeighedKeeping): Report {
  const { weights } = model.config.loss;
  return (pass, batch, withStatistics, progress) => {
    const output = model.forward(pass, batch.rows);
    const distances = headDistances(model, output);
    const others: Record<string, tf.Scalar> = {};
    const weighed: Record<string, number | tf.Scalar> = {};
    if (keeping) {
      others['preservation'] = preservationPart(batch, distances, keeping);
      weighed['preservation'] = keeping.weight(progress);
    }
    if (weights.orientation > 0 && output.orientation && batch.turns) {
      others['orientation'] = orientationLoss(output.orientation, batch.turns);
    }
    const options = { withStatistics, progress, others, weights: weighed };
    return mixedLoss(model, distances, batch.labels!, options);
  };
}

/** The penalty weighted so that its gradient is a share of the others'. */
function balanced(model: Model, keeping: Keeping, every: number): Objective {
  const { weights, preservation } = model.config.loss;
  const { steps } = model.config.training;
  const balance = new GradientBalance({ share: weights.preservation });
  const task = reportOf(model);
  const weight = (progress: number): tf.Scalar =>
    tf.mul(balance.weight(), weightAt(preservation.schedule, progress));
  const report = reportOf(model, { ...keeping, weight });
  return {
    report(...call) {
      const { total, parts } = report(...call);
      return { total, parts: { ...parts, preservationWeight: weight(call[3]) } };
    },
    prepare(batch, step) {
      if (step % every !== 0) return;
      balance.update(
        model.network,
        (pass) => task(pass, batch, false, step / Math.max(1, steps - 1)).total,
        (pass) => preservationPart(batch, headDistances(model, model.forward(pass, batch.rows)), keeping),
      );
    },
    read: () => balance.read(),
    write: (tensors) => balance.write(tensors),
    dispose() {
      balance.dispose();
      keeping.target.dispose();
    },
  };
}

/** Cosine distance of unit vectors -> their Euclidean distance, sqrt(2 (1 - cos)), a length as the orbit distance is. */
function chord(cosine: tf.Tensor2D): tf.Tensor2D {
  return tf.sqrt(tf.maximum(tf.mul(cosine, 2), 1e-6));
}
