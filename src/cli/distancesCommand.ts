import { type Command, Option } from 'commander';
import { expectation, ShapeError, UsageError } from '../core/errors.js';
import { readJson, requireFile, writeFileAtomic } from '../core/files.js';
import { type Matrix, takeRows } from '../core/matrix.js';
import { packageVersion } from '../core/packageRoot.js';
import { Rng } from '../core/rng.js';
import { parseSpace, type Space } from '../core/space.js';
import { type DistanceBounds, distanceBounds } from '../evaluation/distances/bounds.js';
import { type DistanceReport, distanceReport } from '../evaluation/distances/distanceReport.js';
import { spaceDistances } from '../evaluation/distances/distanceSource.js';
import { nativeUnavailableReason } from '../native/index.js';
import { smacof } from '../reduction/smacof.js';
import { measureRows, renderDistancePage } from '../report/distances/distancePage.js';
import { distanceVerdict } from '../report/distances/verdict.js';
import { formatTable } from '../report/table.js';
import { requireFileDestination } from './destination.js';
import { codePlane } from './distances/codePlane.js';
import { wholeNumber } from './flags.js';
import { interruptSignal, noteLine, printJson, printLine } from './output.js';
import { Progress } from './progress.js';
import { readVectors } from './vectorFile.js';

interface DistancesFlags {
  readonly space?: string;
  readonly inputSpace?: string;
  readonly k: number;
  readonly sample?: number;
  readonly bounds: boolean;
  readonly threads?: number;
  readonly seed: number;
  readonly out?: string;
  readonly json?: boolean;
}

/** Rows on which bounds are looked for: n² distances, and a scaling that takes seconds. */
const BOUND_ROWS = 1000;
/** Points drawn on the page. */
const DRAWN = 5000;

async function distances(inputFile: string, codeFile: string, flags: DistancesFlags): Promise<void> {
  const { k, sample, seed, threads, out } = flags;
  requireFile(inputFile, 'distances');
  if (out !== undefined) requireFileDestination(out);
  const inputs = pointsOf(inputFile, flags.inputSpace, '--input-space');
  const codes = pointsOf(codeFile, flags.space, '--space');
  const n = inputs.points.rows;
  if (codes.points.rows !== n) {
    const remedy = 'pass the codes of the same rows in the same order';
    throw new ShapeError(expectation(codeFile, `${n} rows, as ${inputFile} has`, codes.points.rows, remedy));
  }
  if (n < 2 * k + 1) {
    const remedy = 'lower --k or pass more rows';
    throw new UsageError(expectation('--k', `less than half of the ${n} rows`, k, remedy));
  }
  const reason = nativeUnavailableReason();
  if (reason !== undefined) noteLine(`distances: without the addon, which is slower: ${reason}`);
  const [a, b] = [inputs, codes].map(({ space, points, file }) => spaceDistances(space, points, file));
  const signal = interruptSignal('distances was stopped');
  const progress = new Progress('distances');
  const rng = new Rng(seed);
  const report = await distanceReport(a, b, {
    ...{ k, rng, threads, signal },
    ...(sample !== undefined && { anchors: Math.min(sample, n) }),
    onProgress: (done, total) => progress.update(done, total, 'rows'),
  });
  progress.finish(`${report.anchors} of ${n} rows compared with all`);
  const dim = dimensionsOf(codes.space);
  const bounds = flags.bounds
    ? await distanceBounds(a, b, {
        ...{ dim, threads, signal, rows: Math.min(BOUND_ROWS, n), rng: rng.split('bounds') },
        euclidean: codes.space.kind === 'euclidean',
        arrange: (table, columns) => smacof(table, { dim: columns }),
      })
    : undefined;
  if (out !== undefined) writePage(out, report, bounds, { inputs, codes, seed });
  if (flags.json) printJson(jsonOf(report, bounds));
  else {
    for (const sentence of distanceVerdict(report, bounds)) printLine(sentence);
    printLine(`\n${formatTable(measureRows(report, bounds))}`);
  }
}

interface Points {
  readonly file: string;
  readonly space: Space;
  readonly points: Matrix;
}

function pointsOf(file: string, spaceFile: string | undefined, flag: string): Points {
  const { vectors: points } = readVectors(file, 'distances');
  if (points.columns === 0) {
    const got = `${points.rows} x 0`;
    throw new ShapeError(expectation(file, 'at least one column', got, 'pass other points'));
  }
  const space: Space =
    spaceFile === undefined
      ? { kind: 'euclidean', dim: points.columns }
      : parseSpace(readJson(spaceFile, flag), spaceFile);
  return { file, space, points };
}

/** Of a product those of its factors together. */
function dimensionsOf(space: Space): number {
  if (space.kind === 'product')
    return space.factors.reduce((sum, factor) => sum + dimensionsOf(factor.space), 0);
  return space.dim;
}

/** The keys of the contract and what else is one number; null for what is infinite or undefined. */
function jsonOf(report: DistanceReport, bounds: DistanceBounds | undefined): object {
  const { points: _, pairs: __, ...measures } = report;
  return { ...measures, verdict: distanceVerdict(report, bounds), ...(bounds && { bounds: plain(bounds) }) };
}

function plain({ packing, ...rest }: DistanceBounds): object {
  return { ...rest, ...(packing && { packing: { ...packing, rows: Array.from(packing.rows) } }) };
}

function writePage(
  out: string,
  report: DistanceReport,
  bounds: DistanceBounds | undefined,
  { inputs, codes, seed }: { readonly inputs: Points; readonly codes: Points; readonly seed: number },
): void {
  const { rows } = report.points;
  const every = Math.ceil(rows.length / DRAWN);
  const thinned = <T extends Int32Array | Float64Array>(values: T) =>
    values.filter((_, i) => i % every === 0) as T;
  const points = Object.fromEntries(
    Object.entries(report.points).map(([name, values]) => [name, thinned(values)]),
  ) as unknown as DistanceReport['points'];
  const { disk, ...plane } = codePlane(codes.space, takeRows(codes.points, points.rows));
  const page = renderDistancePage({
    title: 'Distances',
    report: { ...report, points },
    ...(bounds && { bounds }),
    plane,
    disk,
    origin: [
      ['Inputs', `${inputs.file}: ${inputs.points.rows} rows, ${JSON.stringify(inputs.space)}`],
      ['Codes', `${codes.file}: ${JSON.stringify(codes.space)}`],
      ['Settings', `k = ${report.k}, ${report.anchors} rows compared with all, seed ${seed}`],
      ['Program', `gyrometric ${packageVersion}`],
    ],
  });
  writeFileAtomic(out, page);
}

export function registerDistancesCommand(program: Command): void {
  program
    .command('distances')
    .argument('<inputs>', 'X.npy [n, columns], float32 or float64, or .npz (its `vectors`)')
    .argument('<codes>', 'Z.npy: the codes of the same rows')
    .description('how codes keep the distances and neighbours of inputs, and what is possible')
    .option('--space <file>', 'JSON of the space of the codes (default: euclidean)')
    .option('--input-space <file>', 'JSON of the space of the inputs (default: euclidean)')
    .option('--k <neighbours>', 'neighbours looked at', wholeNumber('--k', 1), 10)
    .option(
      '--sample <rows>',
      'compare so many random rows with all, with intervals',
      wholeNumber('--sample', 2),
    )
    .option('--no-bounds', 'leave out what is possible in so many dimensions')
    .addOption(
      new Option('--threads <number>', 'default: one a core').argParser(wholeNumber('--threads', 1, 256)),
    )
    .option('--seed <number>', 'of samples and intervals', wholeNumber('--seed', 0, 2 ** 32 - 1), 1)
    .option('--out <report.html>', 'one HTML page with figures')
    .option('--json', 'JSON on stdout')
    .addHelpText(
      'after',
      '\nExample:\n  gyrometric distances X.npy Z.npy --out report.html\n  gyrometric distances X.npy Z.npy --space ball.json --sample 2000 --json',
    )
    .action(distances);
}
