import { existsSync, readdirSync, rmdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { TRAINING_FILE } from '../../checkpoint/checkpoint.js';
import { readTrainingState, type TrainingState } from '../../checkpoint/trainingState.js';
import { expectation, UsageError } from '../../core/errors.js';
import { noteLine } from '../output.js';

/** @throws UsageError when there is one and the caller did not ask to go on */
export function interruptedTraining(out: string, resume: boolean): TrainingState | undefined {
  const state = readTrainingState(join(out, TRAINING_FILE));
  if (!state || resume) return state;
  throw new UsageError(
    expectation(
      out,
      'no interrupted training',
      `one that made ${state.step} steps`,
      'go on with --resume, or delete the folder to start anew',
    ),
  );
}

/** After a divergence: the same config would diverge again, and another one cannot go on from the state. */
export function forgetTraining(out: string): void {
  rmSync(join(out, TRAINING_FILE), { force: true });
  if (existsSync(out) && readdirSync(out).length === 0) rmdirSync(out);
}

/** Says on stderr where a training goes on, and that it will differ if the engine is another. */
export function noteResumed(from: TrainingState, steps: number, engine: string): void {
  noteLine(`going on after step ${from.step} of ${steps}`);
  if (from.engine === engine) return;
  noteLine(
    `warning begun on ${from.engine}, goes on with ${engine}: the metrics will differ in the last digits`,
  );
}
