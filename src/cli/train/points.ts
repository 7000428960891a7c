import { join } from 'node:path';
import { isCheckpoint, TRAINING_FILE } from '../../checkpoint/checkpoint.js';
import { writeTrainingState } from '../../checkpoint/trainingState.js';
import { DomainError, expectation, UsageError } from '../../core/errors.js';
import { readJson, recoverFolder } from '../../core/files.js';
import type { RetrievalScores, StepEvent } from '../../core/records.js';
import { openEngine } from '../../engine/openEngine.js';
import { leaveOneOutScores } from '../../evaluation/retrieval.js';
import { readIntegers } from '../../model/embeddingFile.js';
import { type PointSetConfig, parsePointSetConfig } from '../../model/pointSets/config.js';
import { divided, type PointSetParts, readItems, readPacked } from '../../model/pointSets/data.js';
import { writePointSetFolder } from '../../model/pointSets/folder.js';
import { type LabelledPointSets, resolvePointSetConfig } from '../../model/pointSets/items.js';
import { namedPointSets } from '../../model/pointSets/named.js';
import { type PointSetModel, trainPointSets } from '../../model/pointSets/pointSetModel.js';
import { formatTable } from '../../report/table.js';
import { requireModelDestination } from '../destination.js';
import { interruptSignal, noteLine, printJson, printLine } from '../output.js';
import type { TrainFlags } from './flags.js';
import { forgetTraining, interruptedTraining, noteResumed } from './interrupted.js';
import { trainingReporter } from './reporter.js';
import { classesOf } from './vectorInput.js';

/** metrics.json of a model of sets or clouds. */
interface PointSetMetrics {
  readonly schemaVersion: 1;
  readonly kind: 'pointSets';
  readonly seed: number;
  readonly engine: string;
  readonly seconds: { readonly train: number; readonly total: number };
  readonly data: { readonly train: number; readonly test: number; readonly classes: number };
  /** Each test item among the others; null where none are held out. */
  readonly retrieval: Readonly<Record<'euclidean' | 'hyperbolic' | 'ensemble', RetrievalScores>> | null;
  readonly parameters: number;
  readonly history: readonly unknown[];
}

/** Both heads on codes of sets or clouds, of a config's own data or of --points: train, score, write. */
export async function trainPointsCommand(configPath: string | undefined, flags: TrainFlags): Promise<void> {
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
  const { train, test } = partsOf(unresolved, flags);
  const config = resolvePointSetConfig(unresolved, train.rows);
  const engine = await openEngine({ onNotice: noteLine });
  if (from) noteResumed(from, config.training.steps, engine.name);
  const { model, history } = await trainPointSets(config, train, {
    from,
    onEvent: trainingReporter('training'),
    onState: (state) => writeTrainingState(join(out, TRAINING_FILE), state),
    saveEvery: config.training.reportEvery,
    signal,
  }).catch((error: unknown) => {
    if (error instanceof DomainError) forgetTraining(out);
    throw error;
  });
  try {
    const retrieval = test.rows.rows > 0 ? await scoresOf(model, test) : null;
    const seconds = {
      train: history[history.length - 1].seconds,
      total: (performance.now() - start) / 1000,
    };
    const metrics: PointSetMetrics = {
      ...{ schemaVersion: 1, kind: 'pointSets', seed: config.seed, engine: engine.name, seconds },
      data: { train: train.rows.rows, test: test.rows.rows, classes: new Set(train.labels).size },
      retrieval,
      parameters: model.network.parameters.size,
      history: history.map(({ seconds: _, ...event }: StepEvent) => event),
    };
    await writePointSetFolder(out, model, { metrics, engine: engine.name });
    if (json) printJson({ model: out, ...metrics });
    else printSummary(out, metrics);
  } finally {
    model.dispose();
  }
}

function configOf(path: string | undefined, { points, seed, steps, testShare }: TrainFlags): PointSetConfig {
  const who = path ?? 'train --points';
  const base = parsePointSetConfig(
    path === undefined ? { schemaVersion: 1, kind: 'pointSets' } : readJson(path, 'config'),
    who,
  );
  const own = base.data.name === 'own';
  if (own !== (points !== undefined)) {
    const expected = own
      ? '--points FILE beside a config of data "own"'
      : `no --points beside data "${base.data.name}"`;
    throw new UsageError(
      expectation(who, expected, points ?? 'none', 'add or drop --points, or change data.name'),
    );
  }
  const known = path === undefined && points !== undefined ? fitted(base, points) : base;
  return parsePointSetConfig(
    {
      ...known,
      ...(seed !== undefined && { seed }),
      ...(testShare !== undefined && { testShare }),
      training: { ...known.training, ...(steps !== undefined && { steps }) },
    },
    who,
  );
}

/** Without a config file the largest item says how many points there are. */
function fitted(config: PointSetConfig, path: string): PointSetConfig {
  const largest = readItems(config, path).items.reduce((most, { rows }) => Math.max(most, rows), 1);
  return parsePointSetConfig({ ...config, encoder: { ...config.encoder, maxPoints: largest } }, path);
}

function partsOf(config: PointSetConfig, { points, labels: file }: TrainFlags): PointSetParts {
  if (points === undefined) return namedPointSets(config);
  const packed = readPacked(config, points);
  const labels = file === undefined ? packed.labels : readIntegers(file, packed.rows.rows);
  if (!labels) {
    const remedy = 'pass integers [n] as .npy';
    throw new UsageError(expectation('train --points', '--labels Y.npy', 'none', remedy));
  }
  return divided(config, { rows: packed.rows, labels: classesOf(labels).classes });
}

async function scoresOf(
  model: PointSetModel,
  { rows, labels }: LabelledPointSets,
): Promise<NonNullable<PointSetMetrics['retrieval']>> {
  const { heads, vectors } = await model.embed(rows);
  const [euclidean, hyperbolic] = heads;
  return {
    euclidean: await leaveOneOutScores(euclidean.space, euclidean.matrix, labels),
    hyperbolic: await leaveOneOutScores(hyperbolic.space, hyperbolic.matrix, labels),
    ensemble: await leaveOneOutScores(model.space, vectors, labels),
  };
}

function printSummary(out: string, { data, retrieval, seconds }: PointSetMetrics): void {
  printLine(`${data.train} items of ${data.classes} classes trained in ${seconds.train.toFixed(1)} s`);
  if (retrieval) {
    const cell = (share: number) => (100 * share).toFixed(2);
    printLine(
      formatTable([
        ['', 'R@1', 'R@10', 'MAP@R'],
        ...Object.entries(retrieval).map(([head, { recallAt1, recallAt10, mapAtR }]) => [
          ...[head, cell(recallAt1), cell(recallAt10), cell(mapAtR)],
        ]),
      ]),
    );
    printLine(`%, each of ${data.test} test items among the others`);
  }
  printLine(`model in ${out}; next: gyrometric embed ${out} POINTS.npz --out E.npz`);
}
