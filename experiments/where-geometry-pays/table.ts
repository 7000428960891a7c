import { bootstrapSamples, type Interval, percentileInterval, type Rng } from '../../src/index.js';
import type { Row } from '../experiment.js';
import { type Cell, chosenValues, isAsGood, meanOf, metricsOf, rangeOfSettings } from './cells.js';
import type { SpaceName } from './spaces.js';

/** The arm that all others are compared with, and the same with other weights and batches. */
export const BASELINE = 'euclidean' satisfies SpaceName;
export const AGAIN = 'euclidean again';
/** What hyperbolic arms are compared with too: the fair rival where radii may do an offset's work. */
const RIVAL = 'euclidean+star';
/** Spaces whose range is called that of geometry: one factor, no offset. */
const PLAIN = [BASELINE, 'cosine', 'hyperbolic'];
/** Metrics whose bytes and ranges are told. */
const MAIN = ['mapAtR', 'steps', 'amidSteps', 'neighborMap', 'distortion'];

/** An arm by one metric: its mean and those of samples of seeds and classes, the same for all arms of the loss. */
export interface Measured {
  readonly cell: Cell;
  readonly metric: string;
  readonly mean: number;
  readonly samples: Float64Array;
  readonly low: number;
  readonly high: number;
}

/** All arms by all their metrics. Seeds are drawn anew, then classes within each. */
export function measuredOf(cells: readonly Cell[], rng: Rng): Measured[] {
  return groupsOf(cells, ({ loss }) => loss).flatMap((own) =>
    metricsOf(own[0]).flatMap((metric) => {
      const values = own.map((cell) => chosenValues(cell, metric));
      const ratios = values.map((v) => ({ over: v.values, by: new Uint8Array(v.values.length).fill(1) }));
      const options = { clusters: values[0].seeds, within: true };
      const samples = bootstrapSamples(ratios, rng.split(`${own[0].loss} ${metric}`), options);
      return own.map((cell, i): Measured => {
        const [low, high] = middle(samples[i].slice());
        return { cell, metric, mean: meanOf(values[i].values), samples: samples[i], low, high };
      });
    }),
  );
}

export function rowsOf(measured: readonly Measured[], reference: number): Row[] {
  return [
    ...measured.map((m) => row(`${m.cell.loss} d${m.cell.dim} ${m.cell.space}`, m.metric, m, m)),
    ...differences(measured),
    ...bytes(measured, reference),
    ...ranges(measured),
  ];
}

/** Measured of one loss, space and metric, by numbers. */
export function lines(measured: readonly Measured[]): Measured[][] {
  const found = groupsOf(measured, ({ cell, metric }) => `${cell.loss}, ${cell.space}, ${metric}`);
  return found.map((line) => line.sort((a, b) => a.cell.dim - b.cell.dim));
}

/**
 * The least number of numbers that is as good as `target`, between those tried along straight lines over its
 * logarithm; undefined if none is.
 */
export function numbersFor(
  metric: string,
  target: number,
  dims: readonly number[],
  qualities: readonly number[],
): number | undefined {
  const first = qualities.findIndex((quality) => isAsGood(metric, quality, target));
  if (first < 1) return dims[first];
  const share = (target - qualities[first - 1]) / (qualities[first] - qualities[first - 1]);
  return dims[first - 1] * (dims[first] / dims[first - 1]) ** share;
}

function row(
  arm: string,
  metric: string,
  { cell }: Measured,
  { mean, low, high }: Pick<Row, 'mean' | 'low' | 'high'>,
): Row {
  return { arm, metric, mean, low, high, n: cell.seeds.length };
}

/** Each arm less the baseline of as many numbers, hyperbolic ones less their rival too. */
function differences(measured: readonly Measured[]): Row[] {
  return measured.flatMap((m) => {
    const others = m.cell.space.startsWith('hyperbolic') ? [BASELINE, RIVAL] : [BASELINE];
    return others.flatMap((other) => {
      const base = find(measured, m, other, m.cell.dim);
      if (!base || m === base) return [];
      const [low, high] = middle(m.samples.map((value, r) => value - base.samples[r]));
      const arm = `${m.cell.loss} d${m.cell.dim} ${m.cell.space} - ${other}`;
      return [row(arm, m.metric, m, { mean: m.mean - base.mean, low, high })];
    });
  });
}

/**
 * Bytes a point, in float32, with which a space is as good as `reference` Euclidean numbers; spaces that never are have
 * no row. An end of an interval at the least or the largest number tried means that or less, or more.
 */
function bytes(measured: readonly Measured[], reference: number): Row[] {
  const main = lines(measured).filter(
    ([{ metric, cell }]) => MAIN.includes(metric) && cell.space !== BASELINE,
  );
  return main.flatMap((line) => {
    const { metric, cell } = line[0];
    const target = find(measured, line[0], BASELINE, reference);
    if (!target) return [];
    const dims = line.map((m) => m.cell.dim);
    const numbers = (wanted: number, quality: (m: Measured) => number) =>
      numbersFor(metric, wanted, dims, line.map(quality));
    const mean = numbers(target.mean, (m) => m.mean);
    if (mean === undefined) return [];
    const samples = target.samples.map(
      (value, r) => numbers(value, (m) => m.samples[r]) ?? dims[dims.length - 1],
    );
    const [low, high] = middle(samples);
    const interval = { mean: 4 * mean, low: 4 * low, high: 4 * high };
    return [
      row(`${cell.loss} ${cell.space}`, `bytes for ${metric} of d${reference} euclidean`, line[0], interval),
    ];
  });
}

/** What a metric owes to the space, to the setting, and to another seed of the same, mean over numbers. */
function ranges(measured: readonly Measured[]): Row[] {
  const main = measured.filter(({ metric }) => MAIN.includes(metric));
  return groupsOf(main, ({ cell, metric }) => `${cell.loss}, ${metric}`).flatMap((own) => {
    const dims = groupsOf(own, ({ cell }) => String(cell.dim));
    const plain = own.filter(({ cell }) => PLAIN.includes(cell.space));
    const between = (names: readonly string[]) =>
      dims
        .map((arms) => arms.filter(({ cell }) => names.includes(cell.space)).map(({ mean }) => mean))
        .filter(({ length }) => length > 1)
        .map((means) => Math.max(...means) - Math.min(...means));
    const told = {
      'by space': between(PLAIN),
      'by setting': plain
        .filter(({ cell }) => cell.seeds[0].length > 1)
        .map((m) => rangeOfSettings(m.cell, m.metric)),
      'by seed': between([BASELINE, AGAIN]),
    };
    return Object.entries(told)
      .filter(([, values]) => values.length > 0)
      .map(([by, values]) => {
        const interval = { mean: meanOf(values), low: Math.min(...values), high: Math.max(...values) };
        return row(`${own[0].cell.loss} range ${by}`, own[0].metric, own[0], interval);
      });
  });
}

/** The middle 95 % of values; sorts them. */
function middle(values: Float64Array): Interval {
  return percentileInterval(values, 0.95);
}

function find(
  measured: readonly Measured[],
  { metric, cell: { loss } }: Measured,
  space: string,
  dim: number,
): Measured | undefined {
  return measured.find(
    (m) => m.metric === metric && m.cell.loss === loss && m.cell.space === space && m.cell.dim === dim,
  );
}

/** Values with the same key, keys in the order of their first value. */
function groupsOf<T>(values: readonly T[], key: (value: T) => string): T[][] {
  const groups = new Map<string, T[]>();
  for (const value of values) groups.set(key(value), [...(groups.get(key(value)) ?? []), value]);
  return [...groups.values()];
}
