import { cpus } from 'node:os';
import { join } from 'node:path';
import { writeCheckpoint } from '../../checkpoint/checkpoint.js';
import { writeFileAtomic, writeJson } from '../../core/files.js';
import { takeRows } from '../../core/matrix.js';
import { formatNpz } from '../../core/npz.js';
import { packageVersion } from '../../core/packageRoot.js';
import type { EmbeddingSet, LabelledImages, Metrics, StepEvent } from '../../core/records.js';
import { Rng } from '../../core/rng.js';
import { turnRandomly } from '../../data/rotate.js';
import { firstImages } from '../../data/split.js';
import type { Engine } from '../../engine/openEngine.js';
import { shepardReport } from '../../evaluation/distortion.js';
import { compareHardness } from '../../evaluation/hardNegatives.js';
import type { ModelConfig } from '../../model/config.js';
import { embeddingArrays } from '../../model/embeddingFile.js';
import { checkpointOf } from '../../model/openModel.js';
import { trainModel } from '../../model/trainModel.js';
import { diskPicture } from '../../reduction/diskPicture.js';
import { pca } from '../../reduction/pca.js';
import type { ReportInput } from '../../report/input.js';
import { renderReport } from '../../report/report.js';
import {
  buildAndMeasureIndex,
  distancePairs,
  headScores,
  measureEquivariance,
  pixelScores,
} from './measure.js';
import { retrievalStrips } from './strips.js';

export interface QuickstartOptions {
  readonly engine: Engine;
  /** The invariant model, and the network without invariance that it is compared with. */
  readonly config: ModelConfig;
  readonly baseline: ModelConfig;
  readonly train: LabelledImages;
  readonly test: LabelledImages;
  /** Folder for everything that it makes. */
  readonly out: string;
  /** Called with a name when a phase begins; gives the listener of its training steps. */
  readonly onPhase: (phase: string) => (event: StepEvent) => void;
  readonly signal?: AbortSignal;
}

/** Items whose pairs make the Shepard diagram, and items drawn in the plane. */
const SHEPARD_ITEMS = 200;
const PLANE_ITEMS = 2000;
/** Digits that are turned through all angles for the equivariance figures. */
const EQUIVARIANCE_ITEMS = 100;

/**
 * The whole job on turned digits: train, embed, index, query, compare, report.
 * Leaves model/, index.gyro, embeddings.npz, report.html and, last, metrics.json in `out`.
 */
export async function runQuickstart(options: QuickstartOptions): Promise<Metrics> {
  const { engine, config, test, out, onPhase } = options;
  const start = performance.now();
  const rng = new Rng(config.seed).split('quickstart');
  const { pixels: turned } = turnRandomly(test, rng.split('test turns'));
  const labels = Int32Array.from(test.labels);

  const signal = options.signal ? { signal: options.signal } : {};
  const trained = await trainModel(config, options.train, { onEvent: onPhase('training'), ...signal });
  const { model, history } = trained;
  try {
    const without = await scoreBaseline(options, turned, labels);
    onPhase('embedding the test digits');
    const embedded = await model.embed(turned);
    const equivariance = await measureEquivariance(
      model,
      firstImages(test, Math.min(EQUIVARIANCE_ITEMS, test.count)),
    );
    onPhase('retrieval, each test digit among all others');
    const retrieval = {
      ...(await headScores(model, embedded, labels)),
      rawPixels: await pixelScores(turned, test.height * test.width, labels),
      noInvariance: without.scores,
    };
    onPhase('building and querying the index');
    writeCheckpoint(join(out, 'model'), await checkpointOf(model, history, engine.name));
    const indexed = await buildAndMeasureIndex(model, test, embedded.vectors, out, rng.split('query turns'));
    onPhase('hard negatives and distances');
    const { temperature, weights } = config.loss;
    const [euclidean, hyperbolic] = embedded.heads;
    const negatives = compareHardness(
      { space: euclidean.space, matrix: euclidean.matrix, temperature: temperature.euclidean },
      { space: hyperbolic.space, matrix: hyperbolic.matrix, temperature: temperature.poincare },
      labels,
    );
    const pairs = distancePairs(test, turned, embedded, model.space, Math.min(SHEPARD_ITEMS, test.count));
    const shepard = shepardReport(pairs.input, pairs.ensemble);

    onPhase('report');
    const trainSeconds = { model: history[history.length - 1].seconds, baseline: without.seconds };
    const metrics: Metrics = {
      schemaVersion: 1,
      seed: config.seed,
      engine: engine.name,
      seconds: {
        total: (performance.now() - start) / 1000,
        train: trainSeconds.model + trainSeconds.baseline,
        ...indexed.seconds,
      },
      data: { train: options.train.count, test: test.count },
      retrieval,
      equivariance,
      index: indexed.index,
      negatives: {
        euclidean: { meanP: negatives.euclidean.meanP },
        hyperbolic: { meanP: negatives.hyperbolic.meanP },
        hardestDiffer: negatives.hardestDiffer,
        spearman: negatives.spearman,
      },
      distances: {
        shepardSpearman: shepard.spearman,
        scaledStress1: shepard.scaledStress1,
        weight: weights.preservation,
      },
    };
    const report: ReportInput = {
      title: 'Turned digits in two geometries',
      machine: machineName(),
      engine: engine.version,
      createdAt: new Date().toISOString(),
      version: packageVersion,
      metrics,
      history,
      feeding: config.heads.poincare.feeding,
      temperatures: { euclidean: temperature.euclidean, hyperbolic: temperature.poincare },
      ...planes(embedded, labels, config.heads.poincare.curvature),
      negatives,
      shepard: pairs,
      strips: await retrievalStrips(test, turned, embedded, model.space),
      numbers: {
        parameters: { model: model.network.parameters.size, baseline: without.parameters },
        trainSeconds,
        queries: test.count,
      },
    };
    writeFileAtomic(
      join(out, 'embeddings.npz'),
      formatNpz(embeddingArrays(embedded, undefined, BigInt64Array.from(labels, BigInt))),
    );
    writeFileAtomic(join(out, 'report.html'), renderReport(report));
    writeJson(join(out, 'metrics.json'), metrics);
    return metrics;
  } finally {
    model.dispose();
  }
}

async function scoreBaseline(options: QuickstartOptions, turned: Float32Array, labels: Int32Array) {
  const { baseline, train, onPhase, signal } = options;
  const onEvent = onPhase('training the network without invariance');
  const { model, history } = await trainModel(baseline, train, { onEvent, ...(signal && { signal }) });
  try {
    const { ensemble } = await headScores(model, await model.embed(turned), labels);
    const parameters = model.network.parameters.size;
    return { scores: ensemble, parameters, seconds: history[history.length - 1].seconds };
  } finally {
    model.dispose();
  }
}

/** Both heads of the first items, reduced to the plane. */
function planes(
  embedded: EmbeddingSet,
  labels: Int32Array,
  curvature: number,
): Pick<ReportInput, 'heads' | 'labels' | 'plane'> {
  const count = Math.min(PLANE_ITEMS, labels.length);
  const first = Array.from({ length: count }, (_, i) => i);
  const [euclidean, hyperbolic] = embedded.heads.map((head) => ({
    ...head,
    matrix: takeRows(head.matrix, first),
  }));
  const flat = pca(euclidean.matrix, 2);
  const disk = diskPicture(hyperbolic.matrix, -curvature);
  return {
    heads: { euclidean, hyperbolic },
    labels: labels.subarray(0, count),
    plane: {
      euclidean: { coordinates: flat.coordinates.data, explained: flat.explained[0] + flat.explained[1] },
      hyperbolic: { ...disk, coordinates: disk.coordinates.data },
    },
  };
}

function machineName(): string {
  const cores = cpus();
  return `${cores[0]?.model.trim() ?? 'unknown processor'}, ${cores.length} cores, Node ${process.versions.node}`;
}
