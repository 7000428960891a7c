import { DomainError, expectation } from '../../core/errors.js';
import { Rng } from '../../core/rng.js';
import { type Tree, treeDistance } from '../../data/tree.js';
import { warmupCosine } from '../../training/schedule.js';
import { Adam } from './adam.js';
import type { ResolvedTreeConfig } from './config.js';
import { randomStart, wedgeStart } from './start.js';
import { relativeStress, TreeParameters } from './stress.js';

export interface FitEvent {
  readonly step: number;
  readonly steps: number;
  readonly seconds: number;
  readonly learningRate: number;
  /** Relative stress of the step's batch. */
  readonly loss: number;
}

export interface FitOptions {
  readonly onEvent?: ((event: FitEvent) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface FittedCodes {
  readonly parameters: TreeParameters;
  readonly history: readonly FitEvent[];
}

/** Milliseconds after which timers, signals and streams get a turn. */
const TURN = 30;

/**
 * Codes whose distances are those of the tree, by Adam on relative stress over the pairs of random nodes; see
 * `relativeStress`. Runs on this thread in float64, so that a seed gives the same codes on every engine. Offsets that a
 * step makes negative are set to 0, the nearest value that a star space has.
 * @throws DomainError when the stress is no longer finite, the signal's reason when it aborts
 */
export async function fitTree(
  tree: Tree,
  config: ResolvedTreeConfig,
  { onEvent, signal }: FitOptions = {},
): Promise<FittedCodes> {
  const { training, startScale } = config;
  const { steps, warmup, reportEvery } = training;
  const rng = new Rng(config.seed);
  const columns = config.dim - (config.star ? 1 : 0);
  const n = tree.names.length;
  const parameters = new TreeParameters(n, columns);
  const start = rng.split('start');
  parameters.codes.set(
    config.start === 'wedge' ? wedgeStart(tree, columns, startScale, start) : randomStart(n, columns, start),
  );
  parameters.logScale = Math.log(startScale);
  const stress = relativeStress(config, parameters, treeDistance(tree));
  const adam = new Adam(parameters.flat, training);
  const gradient = new TreeParameters(n, columns);
  const nextRows = batches(n, training.nodes, rng.split('batches'));
  const history: FitEvent[] = [];
  const began = performance.now();
  let turn = began;
  for (let step = 0; step < steps; step++) {
    signal?.throwIfAborted();
    const learningRate = warmupCosine(step, { peak: training.learningRate, warmup, steps });
    const { sum, pairs } = stress(nextRows(), gradient);
    const loss = sum / Math.max(1, pairs);
    if (!Number.isFinite(loss)) throw diverged(loss, step, learningRate);
    adam.apply(gradient.flat, learningRate);
    if (config.star) for (let i = 0; i < n; i++) parameters.offsets[i] = Math.max(0, parameters.offsets[i]);
    const now = performance.now();
    if ((step + 1) % reportEvery === 0 || step + 1 === steps) {
      const event = { step: step + 1, steps, seconds: (now - began) / 1000, learningRate, loss };
      history.push(event);
      onEvent?.(event);
    }
    if (now - turn < TURN) continue;
    await new Promise((resolve) => setImmediate(resolve));
    turn = performance.now();
  }
  return { parameters, history };
}

/** `count` rows at a time from random orders of all n, so that all rows come equally often. */
function batches(n: number, count: number, rng: Rng): () => Int32Array {
  const order = rng.permutation(n);
  let at = 0;
  return () => {
    if (at + count > n) {
      rng.shuffle(order);
      at = 0;
    }
    at += count;
    return order.subarray(at - count, at);
  };
}

function diverged(loss: number, step: number, learningRate: number): DomainError {
  const who = `tree codes, step ${step + 1} (learning rate ${learningRate.toPrecision(3)})`;
  const remedy = 'lower training.learningRate or raise startScale';
  return new DomainError(expectation(who, 'a finite stress', loss, remedy));
}
