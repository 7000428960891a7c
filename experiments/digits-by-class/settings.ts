import { type ModelConfig, parseModelConfig } from '../../src/index.js';
import type { Scale } from '../experiment.js';

/** config.json */
export interface Settings extends Readonly<Record<Scale, Size>> {
  /** Digits to train on, and others to be asked for. */
  readonly splits: Readonly<Record<string, Split>>;
  /** Drawings of a digit: of those that train, of those of the same digits that weights are learned on, of those that test. */
  readonly perDigit: { readonly train: number; readonly validation: number; readonly test: number };
  /** Config of every arm's model, but for what the arm changes. */
  readonly model: { readonly encoder: object; readonly heads: Heads; readonly training: object };
  /** Items that compete in one softmax when p(x-) is measured. */
  readonly blockSize: number;
  readonly arms: Readonly<Record<string, Arm>>;
  /** Bootstrap samples. */
  readonly resamples: number;
}

export interface Split {
  readonly train: readonly number[];
  readonly test: readonly number[];
}

export interface Size {
  /** Names of those in Settings.splits. */
  readonly splits: readonly string[];
  readonly seeds: number;
  readonly steps: number;
  /** Names of those in Settings.arms. */
  readonly arms: readonly string[];
  /** Arms of which the second's scores are subtracted from the first's, split by split and seed by seed. */
  readonly less: readonly (readonly [string, string])[];
  /** Arms whose hardest negatives are compared; an arm and itself: under another seed. */
  readonly differ: readonly (readonly [string, string])[];
  /** Models that are asked together; an arm and itself: under another seed. */
  readonly together: readonly (readonly [string, string])[];
  /** Arms whose two heads are asked together. */
  readonly headsTogether: readonly string[];
  /** Temperatures tried on digits of each split's training half alone. Without: those that the arms say. */
  readonly trials?: Trials;
}

/** Arms are trained on some of the training digits and scored on the rest of them. */
export interface Trials {
  /** Training digits that train. */
  readonly digits: number;
  /** Each with other digits left out, and its own seed. */
  readonly folds: number;
  /** Of an arm's own head. */
  readonly temperatures: Readonly<Record<string, readonly number[]>>;
}

export const HEADS = ['euclidean', 'poincare'] as const;
export type Score = (typeof HEADS)[number] | 'mixed';

interface Heads {
  readonly euclidean?: object;
  readonly poincare?: object;
}

/** One way to train: what it changes of the model's config, and the score that it is made for. */
export interface Arm {
  readonly score: Score;
  readonly poincare?: object;
  readonly loss: { readonly weights: object; readonly temperature: OfHeads<number> };
  /** What it changes of the model's training. */
  readonly training?: object;
  /** The arm whose trials say a head's temperature. */
  readonly tuned?: OfHeads<string>;
}

type OfHeads<T> = Readonly<Partial<Record<(typeof HEADS)[number], T>>>;

const NO_WEIGHTS = { mixed: 0, euclidean: 0, poincare: 0, preservation: 0, orientation: 0 };

export function modelConfig(
  { model }: Settings,
  arm: Arm,
  { seed, steps, classes }: { readonly seed: number; readonly steps: number; readonly classes: number },
): ModelConfig {
  const { loss } = arm;
  return parseModelConfig({
    schemaVersion: 1,
    seed,
    encoder: model.encoder,
    heads: { ...model.heads, poincare: { ...model.heads.poincare, ...arm.poincare } },
    loss: { ...loss, weights: { ...NO_WEIGHTS, ...loss.weights } },
    training: {
      ...model.training,
      ...{ steps, reportEvery: steps, classesPerBatch: classes },
      ...arm.training,
    },
  });
}

/** The arm at temperatures that were tried, one for each arm that was. */
export function atTemperatures(arm: Arm, best: ReadonlyMap<string, number>): Arm {
  const found = HEADS.flatMap((head) => {
    const t = best.get(arm.tuned?.[head] ?? '');
    return t === undefined ? [] : [[head, t] as const];
  });
  const temperature = { ...arm.loss.temperature, ...Object.fromEntries(found) };
  return { ...arm, loss: { ...arm.loss, temperature } };
}

/** The scores whose heads the arm trains. */
export function trainedScores(config: ModelConfig): Score[] {
  const { mixed, euclidean, poincare } = config.loss.weights;
  const shared = config.heads.poincare.feeding === 'unit';
  const has = { euclidean: mixed + euclidean > 0 || shared, poincare: mixed + poincare > 0 || shared };
  return [...HEADS.filter((head) => has[head]), ...(has.euclidean && has.poincare ? ['mixed' as const] : [])];
}
