import { formatTable } from '../../report/table.js';
import { printLine } from '../output.js';
import type { VectorMetrics } from './vectorMetrics.js';
import type { VectorArm } from './vectorScores.js';

const ARMS: Readonly<Record<VectorArm, string>> = {
  rawCosine: 'before: cosine',
  rawEuclidean: 'before: Euclidean',
  euclidean: 'after: Euclidean head',
  hyperbolic: 'after: Poincaré head',
  ensemble: 'after: both (ensemble)',
};

/** What `gyrometric train --vectors` says at its end. */
export function printVectorSummary(out: string, metrics: VectorMetrics): void {
  const { data, retrieval, gain, validation, queries, seconds } = metrics;
  printLine(
    `${data.vectors} vectors of ${data.columns} columns, ${data.classes} classes; by ${data.heldOut}: ` +
      `${data.train} train, ${data.validation} validate, ${data.test} test`,
  );
  if (data.constantColumns > 0) printLine(`${data.constantColumns} columns are constant and carry nothing`);
  if (data.singles > 0)
    printLine(`${data.singles} items that train have no other of their class and serve as negatives alone`);
  if (data.scored.test < data.test)
    printLine(`scored on ${data.scored.test} of the test items, drawn at random`);
  printLine('');
  printLine(
    formatTable([
      ['', 'R@1', 'R@10', 'MAP@R'],
      ...Object.entries(ARMS).map(([arm, name]) => {
        const scores = retrieval[arm as VectorArm];
        if (!scores) return [name, 'a vector of zeros has no angle'];
        const cell = (key: 'recallAt1' | 'recallAt10' | 'mapAtR') =>
          `${percent(scores[key])} ${range(scores.interval[key])}`;
        return [name, cell('recallAt1'), cell('recallAt10'), cell('mapAtR')];
      }),
    ]),
  );
  printLine(`\n%, 95 % intervals over ${queries} queries, each among the other test items`);
  const rival = gain.over === 'rawCosine' ? 'cosine' : 'Euclidean distance';
  printLine(
    `MAP@R of the ensemble less that of raw ${rival}: ${percent(gain.mapAtR)} ${range(gain.interval)}`,
  );
  if (gain.interval[0] <= 0)
    printLine(
      'on these vectors training is no sure gain: keep them as they are, or see docs/guides/your-embeddings.md',
    );
  printLine(
    `weights of step ${validation.step} of ${validation.steps}, best on the validation items ` +
      `(MAP@R ${percent(validation.mapAtR)}); training ${seconds.train.toFixed(1)} s`,
  );
  printLine(`model in ${out}; next: gyrometric embed ${out} VECTORS.npy --out E.npz`);
}

function percent(share: number): string {
  return (100 * share).toFixed(2);
}

function range([low, high]: readonly [number, number]): string {
  return `[${(100 * low).toFixed(1)}, ${(100 * high).toFixed(1)}]`;
}
