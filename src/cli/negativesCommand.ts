import { statSync } from 'node:fs';
import type { Command } from 'commander';
import { readCheckpoint } from '../checkpoint/checkpoint.js';
import { expectation, UsageError } from '../core/errors.js';
import { requireFile } from '../core/files.js';
import type { HardnessComparison } from '../core/records.js';
import { Rng } from '../core/rng.js';
import type { Space } from '../core/space.js';
import { loadMnist } from '../data/mnist.js';
import { turnRandomly } from '../data/rotate.js';
import { openEngine } from '../engine/openEngine.js';
import { compareHardness, type HardnessArm } from '../evaluation/hardNegatives.js';
import { parseModelConfig } from '../model/config.js';
import { readEmbeddings } from '../model/embeddingFile.js';
import { openModel } from '../model/openModel.js';
import { formatTable } from '../report/table.js';
import { wholeNumber } from './flags.js';
import { noteLine, printJson, printLine } from './output.js';

interface NegativesFlags {
  readonly model?: string;
  readonly block: number;
  readonly json?: boolean;
}

interface Arms {
  readonly euclidean: HardnessArm;
  readonly hyperbolic: HardnessArm;
  readonly labels: ArrayLike<number>;
}

/** Both heads of a model on the test digits, each turned by a seeded random angle. */
async function armsOfModel(folder: string): Promise<Arms> {
  await openEngine({ onNotice: noteLine });
  const model = openModel(folder);
  try {
    const test = loadMnist('test');
    const { heads } = await model.embed(
      turnRandomly(test, new Rng(model.config.seed).split('negatives')).pixels,
    );
    const { temperature } = model.config.loss;
    const [euclidean, hyperbolic] = heads;
    return {
      euclidean: { ...euclidean, temperature: temperature.euclidean },
      hyperbolic: { ...hyperbolic, temperature: temperature.poincare },
      labels: test.labels,
    };
  } finally {
    model.dispose();
  }
}

/** Both heads of an E.npz; spaces and temperatures are those of the model that made it. */
function armsOfFile(path: string, folder: string | undefined): Arms {
  if (folder === undefined) {
    throw new UsageError(
      expectation('negatives', '--model MODEL_DIR beside E.npz', 'none', 'name the model that made it'),
    );
  }
  const { config, space } = readCheckpoint(folder);
  const { temperature } = parseModelConfig(config, folder).loss;
  const factor = (kind: Space['kind']): Space => {
    const found = space.kind === 'product' ? space.factors.find((f) => f.space.kind === kind) : undefined;
    if (found) return found.space;
    throw new UsageError(
      expectation(
        `${folder}/space.json`,
        `a product with a ${kind} factor`,
        space.kind,
        'name another model',
      ),
    );
  };
  const { euclidean, poincare, labels } = readEmbeddings(path);
  return {
    euclidean: { space: factor('cosine'), matrix: euclidean, temperature: temperature.euclidean },
    hyperbolic: { space: factor('poincare'), matrix: poincare, temperature: temperature.poincare },
    labels,
  };
}

async function negatives(input: string, { model, block, json }: NegativesFlags): Promise<void> {
  const isFolder = statSync(input, { throwIfNoEntry: false })?.isDirectory();
  if (!isFolder) requireFile(input, 'negatives');
  const arms = isFolder ? await armsOfModel(input) : armsOfFile(input, model);
  const comparison = compareHardness(arms.euclidean, arms.hyperbolic, arms.labels, { blockSize: block });
  if (json) printJson(summary(arms, comparison));
  else printTable(arms, comparison);
}

const mean = (values: Float32Array): number => values.reduce((sum, value) => sum + value, 0) / values.length;

function summary({ euclidean, hyperbolic }: Arms, comparison: HardnessComparison) {
  const of = (arm: HardnessArm, { meanP, hardestP, effective }: HardnessComparison['euclidean']) => ({
    space: arm.space,
    temperature: arm.temperature,
    meanP,
    meanHardestP: mean(hardestP),
    meanEffectiveNegatives: mean(effective),
  });
  return {
    anchors: comparison.euclidean.p.length,
    euclidean: of(euclidean, comparison.euclidean),
    hyperbolic: of(hyperbolic, comparison.hyperbolic),
    hardestDiffer: comparison.hardestDiffer,
    spearman: comparison.spearman,
    overlap: Array.from(comparison.overlap),
  };
}

function printTable(arms: Arms, comparison: HardnessComparison): void {
  const { anchors, euclidean, hyperbolic, hardestDiffer, spearman } = summary(arms, comparison);
  const rows = [
    ['temperature', euclidean.temperature, hyperbolic.temperature],
    ['p(x-), all negatives', euclidean.meanP, hyperbolic.meanP],
    ['p(x-), the hardest alone', euclidean.meanHardestP, hyperbolic.meanHardestP],
    ['negatives that matter', euclidean.meanEffectiveNegatives, hyperbolic.meanEffectiveNegatives],
  ] as const;
  printLine(
    formatTable([
      ['', 'Euclidean', 'Poincaré'],
      ...rows.map(([name, e, h]) => [name, e.toPrecision(3), h.toPrecision(3)]),
    ]),
  );
  printLine(
    `\n${anchors} anchors; the hardest negative differs for ${(100 * hardestDiffer).toFixed(1)} %, ` +
      `Spearman of the distances to negatives ${spearman.toFixed(3)}`,
  );
}

export function registerNegativesCommand(program: Command): void {
  program
    .command('negatives')
    .argument('<input>', 'a model folder, or E.npz with labels')
    .description('how hard negatives differ between the heads')
    .option('--model <folder>', 'the model that made E.npz: its spaces and temperatures')
    .option('--block <items>', 'items that compete in one softmax', wholeNumber('--block', 4), 256)
    .option('--json', 'JSON on stdout')
    .addHelpText(
      'after',
      '\nExample:\n  gyrometric negatives model\n  gyrometric negatives E.npz --model model',
    )
    .action(negatives);
}
