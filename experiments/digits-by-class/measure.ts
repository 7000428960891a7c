import {
  type EmbeddingSet,
  type EnsembleMember,
  leaveOneOutNeighbors,
  type Model,
  type ModelConfig,
  negativeStatistics,
  type RetrievalScores,
  Rng,
  rankScoresOf,
  retrievalScores,
  trainModel,
} from '../../src/index.js';
import { type Packed, packed } from './packed.js';
import { type Arm, HEADS, type Score, trainedScores } from './settings.js';
import type { Task, Turned } from './task.js';

/** What one trained model says; JSON. */
export interface Measured {
  readonly scores: Readonly<Partial<Record<Score, RetrievalScores>>>;
  /** Of each test drawing under the arm's own score: 1 if the nearest other has its digit; digits side by side. */
  readonly hits: string;
  /** Of each test digit, ascending, under the arm's own score. */
  readonly digits: readonly DigitScores[];
  /** Of each test drawing under the arm's own score: the hardest negative among all. */
  readonly hardest: readonly number[];
  readonly negatives: Readonly<Partial<Record<Score, Weights>>>;
  /** Share of test drawings whose hardest negative differs between the two heads; null with one head. */
  readonly headsDiffer: number | null;
  /** Mean distance to the origin of the ball, and its standard deviation over the mean; null without a ball. */
  readonly radius: { readonly mean: number; readonly relative: number } | null;
  /** Both heads of validation and test drawings, where they are asked for. */
  readonly kept: { readonly validation: Heads; readonly test: Heads } | null;
}

export interface DigitScores {
  readonly label: number;
  readonly recallAt1: number;
  readonly mapAtR: number;
}

/** p(x-) in blocks, at the softmax's own temperature and where its logits spread as those of the first head. */
export interface Weights {
  readonly mass: number;
  readonly largest: number;
  readonly effective: number;
  readonly matchedMass: number;
  readonly matchedLargest: number;
}

export interface Heads {
  readonly members: readonly Packed[];
  readonly weights: readonly number[];
}

export async function measure(
  config: ModelConfig,
  { score }: Arm,
  task: Task,
  { blockSize, keep }: { readonly blockSize: number; readonly keep: boolean },
): Promise<Measured> {
  const { model } = await trainModel(config, task.train);
  try {
    const test = await model.embed(task.test.pixels);
    const names = trainedScores(config);
    const scores: Partial<Record<Score, RetrievalScores>> = {};
    let own: Pick<Measured, 'hits' | 'digits'> = { hits: '', digits: [] };
    for (const name of names) {
      const found = await retrieval(memberOf(model, test, name), task.test.labels);
      scores[name] = found.scores;
      if (name === score) own = { hits: found.hits, digits: found.digits };
    }
    const kept = keep
      ? {
          validation: headsOf(model, await model.embed(task.validation.pixels)),
          test: headsOf(model, test),
        }
      : null;
    return {
      scores,
      ...own,
      kept,
      ...(await negativesOf(model, test, task.test, { names, score, blockSize })),
    };
  } finally {
    model.dispose();
  }
}

export interface Retrieval extends Pick<Measured, 'hits' | 'digits'> {
  readonly scores: RetrievalScores;
  /** [n * k], each drawing's nearest others */
  readonly rows: Int32Array;
  readonly k: number;
}

/** Leave-one-out scores, of all and of each digit, and which drawings find their digit first. */
export async function retrieval({ space, vectors }: EnsembleMember, labels: Uint8Array): Promise<Retrieval> {
  const sizes = new Map<number, number>();
  for (const label of labels) sizes.set(label, (sizes.get(label) ?? 0) + 1);
  const k = Math.min(labels.length - 1, Math.max(10, ...sizes.values()));
  const { rows } = await leaveOneOutNeighbors(space, vectors, k);
  const hits = Array.from(labels, (label, i) => (labels[rows[i * k]] === label ? '1' : '0')).join('');
  const { classes = [] } = rankScoresOf(rows, k, labels, { recallAt: [1], perClass: true });
  const digits = classes.map(({ label, recallAt, mapAtR }) => ({
    label,
    recallAt1: recallAt[1],
    mapAtR: mapAtR!,
  }));
  return { scores: retrievalScores(rows, k, labels), hits, digits, rows, k };
}

/** A head of a model, or both together. */
function memberOf(model: Model, { heads, vectors }: EmbeddingSet, score: Score): EnsembleMember {
  if (score === 'mixed') return { space: model.space, vectors };
  const { space, matrix } = heads[HEADS.indexOf(score)];
  return { space, vectors: matrix };
}

/** Both heads with their weights in the mixed score. */
function headsOf(model: Model, { heads }: EmbeddingSet): Heads {
  const { euclidean, poincare } = model.config.loss.temperature;
  return {
    members: heads.map(({ space, matrix }) => packed({ space, vectors: matrix })),
    weights: [1 / euclidean, model.lambda / poincare],
  };
}

async function negativesOf(
  model: Model,
  test: EmbeddingSet,
  { labels }: Turned,
  { names, score, blockSize }: { names: readonly Score[]; score: Score; blockSize: number },
): Promise<Pick<Measured, 'hardest' | 'negatives' | 'headsDiffer' | 'radius'>> {
  const { temperature } = model.config.loss;
  const arms = names.map((name) => {
    const { space, vectors } = memberOf(model, test, name);
    return { name, space, matrix: vectors, temperature: name === 'mixed' ? 1 : temperature[name] };
  });
  const bothHeads = HEADS.every((head) => names.includes(head));
  const pairs = bothHeads ? [[0, 1] as const] : [];
  const common = { pairs, depth: 1, resamples: 1 };
  const inBlocks = await negativeStatistics(arms, labels, new Rng(1), { ...common, blockSize });
  const whole = await negativeStatistics(arms, labels, new Rng(1), { ...common, scope: 'whole' });
  const entries = inBlocks.summary.arms.map(({ name, own, matched }) => [
    name,
    {
      mass: own.mass.mean,
      largest: own.largest.mean,
      effective: own.effective.mean,
      matchedMass: matched.mass.mean,
      matchedLargest: matched.largest.mean,
    },
  ]);
  const ball = names.indexOf('poincare');
  const radius = ball < 0 ? null : inBlocks.summary.arms[ball].radii[0];
  return {
    hardest: Array.from(whole.anchors.arms[names.indexOf(score)].nearest),
    negatives: Object.fromEntries(entries) as Measured['negatives'],
    headsDiffer: bothHeads ? whole.summary.pairs[0].hardestDiffer.mean : null,
    radius: radius && { mean: radius.mean, relative: radius.relative },
  };
}
