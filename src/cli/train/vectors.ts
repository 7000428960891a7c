import { join } from 'node:path';
import { isCheckpoint, TRAINING_FILE } from '../../checkpoint/checkpoint.js';
import { writeTrainingState } from '../../checkpoint/trainingState.js';
import { DomainError, expectation, ShapeError, UsageError } from '../../core/errors.js';
import { readJson, recoverFolder } from '../../core/files.js';
import { takeRows } from '../../core/matrix.js';
import { Rng } from '../../core/rng.js';
import { openEngine } from '../../engine/openEngine.js';
import { leaveOneOutScores } from '../../evaluation/retrieval.js';
import { parseVectorConfig, resolveVectorConfig, type VectorConfig } from '../../model/vectors/config.js';
import { writeVectorFolder } from '../../model/vectors/folder.js';
import { type Parts, sampleOf, splitVectors } from '../../model/vectors/split.js';
import { constantColumns } from '../../model/vectors/standardization.js';
import { type TrainedVectors, trainVectors } from '../../model/vectors/trainVectors.js';
import { rowsOf } from '../../model/vectors/vectorModel.js';
import type { LabelledVectors } from '../../model/vectors/vectorTrainer.js';
import { requireModelDestination } from '../destination.js';
import { interruptSignal, noteLine, printJson, printLine } from '../output.js';
import type { TrainFlags } from './flags.js';
import { forgetTraining, interruptedTraining, noteResumed } from './interrupted.js';
import { vectorReporter } from './reporter.js';
import { allRows, classesOf, labelsOf, openVectorInput } from './vectorInput.js';
import type { VectorMetrics } from './vectorMetrics.js';
import { scoreVectors, type VectorScores } from './vectorScores.js';
import { printVectorSummary } from './vectorSummary.js';

/** Test items that are scored: each is compared with all others, so the cost grows with the square. */
const MOST_SCORED = 5000;

/** Both heads on vectors of the user: split, train, score before and after, write. */
export async function trainVectorsCommand(
  configPath: string | undefined,
  flags: TrainFlags & { readonly vectors: string },
): Promise<void> {
  const { out, resume = false, json } = flags;
  const start = performance.now();
  const signal = interruptSignal(
    `training was interrupted; what is done is kept in ${out}, --resume goes on`,
  );
  requireModelDestination(out);
  recoverFolder(out);
  const unresolved = configOf(configPath, flags);
  const from = interruptedTraining(out, resume);
  if (resume && !from && isCheckpoint(out)) {
    if (json) printJson({ model: out, complete: true });
    else printLine(`the training in ${out} is complete`);
    return;
  }
  const { data, classes } = await readLabelled(flags.vectors, flags.labels);
  const rng = new Rng(unresolved.seed);
  const parts = splitVectors(data.classes, unresolved.data, rng.split('parts'));
  const trainClasses = new Set(Array.from(parts.train, (row) => data.classes[row])).size;
  const config = resolveVectorConfig(unresolved, { items: parts.train.length, classes: trainClasses });
  const engine = await openEngine({ onNotice: noteLine });
  if (from) noteResumed(from, config.training.steps, engine.name);
  const trained = await trainVectors(config, data, parts, {
    from,
    score: async (space, vectors, labels) => (await leaveOneOutScores(space, vectors, labels)).mapAtR,
    onEvent: vectorReporter('training'),
    onState: (state) => writeTrainingState(join(out, TRAINING_FILE), state),
    signal,
  }).catch((error: unknown) => {
    if (error instanceof DomainError) forgetTraining(out);
    throw error;
  });
  try {
    const scored = sampleOf(parts.test, data.classes, MOST_SCORED, rng.split('test'));
    const scores = await scoresOf(trained, data, scored, rng.split('intervals'));
    const seconds = {
      train: trained.history[trained.history.length - 1].seconds,
      total: secondsSince(start),
    };
    const metrics: VectorMetrics = {
      ...{ schemaVersion: 1, kind: 'vectors', seed: config.seed, engine: engine.name, seconds },
      ...{ data: countsOf(trained, data, parts, classes, scored.length), ...scores },
      ...describe(trained),
    };
    const about = { metrics, engine: engine.name, steps: trained.best.step };
    await writeVectorFolder(out, trained.model, about);
    if (json) printJson({ model: out, ...metrics });
    else printVectorSummary(out, metrics);
  } finally {
    trained.model.dispose();
  }
}

/** A config file, if one is named, with the flags laid over it. */
function configOf(path: string | undefined, flags: TrainFlags): VectorConfig {
  const { seed, hidden, dim, curvature, epochs, steps, valShare, testShare, unseenClasses, patience } = flags;
  if (epochs !== undefined && steps !== undefined)
    throw new UsageError(expectation('train --vectors', '--epochs or --steps', 'both', 'leave one out'));
  const base = path === undefined ? { schemaVersion: 1, kind: 'vectors' } : readJson(path, 'config');
  const given: readonly (readonly [path: readonly string[], value: unknown])[] = [
    [['seed'], seed],
    [['encoder', 'hidden'], hidden],
    [['heads', 'euclidean', 'dim'], dim],
    [['heads', 'poincare', 'dim'], dim],
    [['heads', 'poincare', 'curvature'], curvature],
    [['training', 'epochs'], epochs],
    // A config that was trained with has its steps written out.
    [['training', 'steps'], epochs === undefined ? steps : 'auto'],
    [['training', 'patience'], patience],
    [['data', 'validationShare'], valShare],
    [['data', 'testShare'], testShare],
    [['data', 'unseenClasses'], unseenClasses],
  ];
  const laid = given.filter(([, value]) => value !== undefined).reduce(withValue, base);
  return parseVectorConfig(laid, path ?? 'train --vectors');
}

/** `json` with a value at a path; anything but an object on the way stays, to be refused with its own name. */
function withValue(json: unknown, [[key, ...rest], value]: readonly [readonly string[], unknown]): unknown {
  if (json === null || typeof json !== 'object' || Array.isArray(json)) return json;
  const fields = json as Readonly<Record<string, unknown>>;
  return { ...fields, [key]: rest.length === 0 ? value : withValue(fields[key] ?? {}, [rest, value]) };
}

async function readLabelled(
  path: string,
  labelsPath: string | undefined,
): Promise<{ readonly data: LabelledVectors; readonly classes: number }> {
  const source = await openVectorInput(path, '--vectors');
  if (source.columns === 0 || source.rows === 0) {
    const got = `[${source.rows}, ${source.columns}]`;
    throw new ShapeError(expectation(path, 'vectors [n, columns]', got, 'check the file'));
  }
  const labels = labelsOf(path, labelsPath, source.rows);
  if (!labels) {
    const remedy = 'pass integers [n] as .npy';
    throw new UsageError(expectation('train --vectors', '--labels Y.npy', 'none', remedy));
  }
  const { classes, count } = classesOf(labels);
  return { data: { vectors: await allRows(source), classes }, classes: count };
}

async function scoresOf(
  { model }: TrainedVectors,
  { vectors, classes }: LabelledVectors,
  scored: Int32Array,
  rng: Rng,
): Promise<VectorScores> {
  const embedded = await model.embed(rowsOf(vectors, scored));
  const ofScored = Int32Array.from(scored, (row) => classes[row]);
  return scoreVectors(takeRows(vectors, scored), embedded, model.space, ofScored, rng);
}

function countsOf(
  { model, looked, singles }: TrainedVectors,
  { vectors }: LabelledVectors,
  parts: Parts,
  classes: number,
  scored: number,
): VectorMetrics['data'] {
  const { train, validation, test } = parts;
  return {
    ...{ vectors: vectors.rows, columns: vectors.columns, classes },
    heldOut: model.config.data.unseenClasses ? 'classes' : 'items',
    ...{ train: train.length, validation: validation.length, test: test.length },
    scored: { validation: looked, test: scored },
    ...{ constantColumns: constantColumns(model.standardization), singles },
  };
}

function describe({ model, best, history }: TrainedVectors) {
  return {
    validation: { step: best.step, steps: history[history.length - 1].step, mapAtR: best.score },
    parameters: model.network.parameters.size,
    history: history.map(({ seconds: _, ...event }) => event),
  };
}

function secondsSince(start: number): number {
  return (performance.now() - start) / 1000;
}
