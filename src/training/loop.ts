import { DomainError } from '../core/errors.js';
import type { StepEvent } from '../core/records.js';
import type { Network, Pass } from '../engine/network.js';
import type { Batch, LossReport } from '../engine/records.js';
import * as tf from '../engine/tf.js';
import type { Optimizer } from './optimizer.js';

export interface TrainingOptions {
  readonly network: Network;
  readonly optimizer: Optimizer;
  readonly steps: number;
  /** First step, 0 unless a training goes on. */
  readonly from?: number;
  /** Reads losses and statistics after every so many steps, and after the last. */
  readonly reportEvery: number;
  readonly learningRate: (step: number) => number;
  /** The next batch; the loop disposes of it. */
  readonly nextBatch: () => Batch;
  /** Runs inside the gradient tape and a tidy; `reporting` says whether its parts will be read. */
  readonly objective: (pass: Pass, batch: Batch, reporting: boolean) => LossReport;
  readonly onEvent?: (event: StepEvent) => void | Promise<void>;
  /** Called after every whole step, behind onEvent, with the number of steps done. */
  readonly onStep?: (done: number) => void | Promise<void>;
  readonly signal?: AbortSignal;
}

const now = (): number => performance.now() / 1000;

/** Lets timers, signals and streams have a turn; a step itself never gives up the thread. */
const breathe = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/**
 * Runs `steps` optimiser steps.
 * @returns the last event
 * @throws DomainError when a loss that is read is not finite, the signal's reason when it aborts; parameters stay as the
 *   last whole step left them
 */
export async function trainingLoop(options: TrainingOptions): Promise<StepEvent> {
  const { network, optimizer, steps, reportEvery, nextBatch, signal } = options;
  const start = now();
  let images = 0;
  let last: StepEvent | undefined;
  for (let step = options.from ?? 0; step < steps; step++) {
    signal?.throwIfAborted();
    const batch = nextBatch();
    images += batch.rows.shape[0];
    const reporting = (step + 1) % reportEvery === 0 || step + 1 === steps;
    const learningRate = options.learningRate(step);
    const held: tf.Tensor[] = [batch.rows, batch.labels, batch.turns].filter((t) => t !== undefined);
    let parts: Record<string, tf.Scalar> = {};
    try {
      const { value, gradient } = differentiated(network, step + 1, learningRate, (pass) => {
        const report = options.objective(pass, batch, reporting);
        if (reporting) parts = keepAll(report.parts);
        return report.total;
      });
      held.push(value, gradient);
      optimizer.apply(gradient, learningRate);
      if (reporting) {
        last = {
          step: step + 1,
          steps,
          seconds: now() - start,
          images,
          learningRate,
          loss: await read(value),
          parts: await readAll(parts),
        };
        requireFiniteLoss(last);
        await options.onEvent?.(last);
      }
    } finally {
      tf.dispose([...held, ...Object.values(parts)]);
    }
    await options.onStep?.(step + 1);
    await breathe();
  }
  if (!last)
    throw new DomainError(
      `training: expected steps > ${options.from ?? 0}, got ${steps}; raise training.steps`,
    );
  return last;
}

function keepAll(scalars: Readonly<Record<string, tf.Scalar>>): Record<string, tf.Scalar> {
  return Object.fromEntries(
    Object.entries(scalars).map(([name, scalar]) => [name, tf.keep(tf.clone(scalar))]),
  );
}

async function read(scalar: tf.Scalar): Promise<number> {
  return (await scalar.data())[0];
}

async function readAll(scalars: Readonly<Record<string, tf.Scalar>>): Promise<Record<string, number>> {
  const entries = await Promise.all(
    Object.entries(scalars).map(async ([name, scalar]) => [name, await read(scalar)] as const),
  );
  return Object.fromEntries(entries);
}

/** A point that is not finite stops the distances before the loss is read: that too is a divergence. */
function differentiated(
  network: Network,
  step: number,
  learningRate: number,
  loss: (pass: Pass) => tf.Scalar,
): { value: tf.Scalar; gradient: tf.Tensor1D } {
  try {
    return network.gradient(loss);
  } catch (cause) {
    if (!(cause instanceof DomainError)) throw cause;
    throw new DomainError(divergence(`none (${cause.message})`, step, learningRate), { cause });
  }
}

function divergence(got: unknown, step: number, learningRate: number): string {
  return (
    `training: expected a finite loss, got ${got} at step ${step} (learning rate ${learningRate.toPrecision(3)}); ` +
    'lower training.learningRate or training.clipNorm'
  );
}

function requireFiniteLoss({ loss, step, learningRate }: StepEvent): void {
  if (Number.isFinite(loss)) return;
  throw new DomainError(divergence(loss, step, learningRate));
}
