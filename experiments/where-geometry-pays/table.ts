import { bootstrapSamples, type Interval, percentileInterval, type Rng } from '../../src/index.js';
import type { Row } from '../experiment.js';
import { type Cell, chosenValues, isAsGood, meanOf, metricsOf, rangeOfSettings } from './cells.js';

/** The arm that the others are compared with, and the same with other weights and batches. */
export const BASELINE = 'euclidean';
export const AGAIN = 'euclidean again';
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

/** The middle 95 % of values; sorts them. */
function middle(values: Float64Array): Interval {
  return percentileInterval(values, 0.95);
}

/** All arms by all their metrics. Seeds are drawn anew, then classes within each. */
export function measuredOf(cells: readonly Cell[], rng: Rng): Measured[] {
  const losses = [...new Set(cells.map(({ loss }) => loss))];
  return losses.flatMap((loss) => {
    const own = cells.filter((cell) => cell.loss === loss);
    return metricsOf(own[0]).flatMap((metric) => {
      const values = own.map((cell) => chosenValues(cell, metric));
      const columns = values.map((v) => v.values);
      const ratios = columns.map((over) => ({ over, by: new Float64Array(over.length).fill(1) }));
      const options = { clusters: values[0].seeds, within: true };
      const samples = bootstrapSamples(ratios, rng.split(`${loss} ${metric}`), options);
      return own.map((cell, i): Measured => {
        const [low, high] = middle(samples[i].slice());
        return { cell, metric, mean: meanOf(columns[i]), samples: samples[i], low, high };
      });
    });
  });
}

export function rowsOf(measured: readonly Measured[], reference: number): Row[] {
  return [
    ...measured.map((m) => row(`${m.cell.loss} d${m.cell.dim} ${m.cell.space}`, m.metric, m, m)),
    ...differences(measured),
    ...bytes(measured, reference),
    ...ranges(measured),
  ];
}

function row(
  arm: string,
  metric: string,
  { cell }: Measured,
  { mean, low, high }: Pick<Row, 'mean' | 'low' | 'high'>,
): Row {
  return { arm, metric, mean, low, high, n: cell.seeds.length };
}

/** Each arm less the baseline of as many numbers. */
function differences(measured: readonly Measured[]): Row[] {
  return measured.flatMap((m) => {
    const { loss, space, dim } = m.cell;
    const base = find(measured, m, BASELINE, dim);
    if (!base || m === base) return [];
    const [low, high] = middle(m.samples.map((value, r) => value - base.samples[r]));
    const interval = { mean: m.mean - base.mean, low, high };
    return [row(`${loss} d${dim} ${space} - ${BASELINE}`, m.metric, m, interval)];
  });
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

/**
 * Bytes a point, in float32, with which a space is as good as `reference` Euclidean numbers; spaces that never are have
 * no row. An end of an interval at the least or the largest number tried means that or less, or more.
 */
function bytes(measured: readonly Measured[], reference: number): Row[] {
  return lines(measured)
    .filter(([{ metric }]) => MAIN.includes(metric))
    .flatMap((line) => {
      const target = find(measured, line[0], BASELINE, reference);
      if (!target || line[0].cell.space === BASELINE) return [];
      const { metric, cell } = line[0];
      const dims = line.map((m) => m.cell.dim);
      const mean = numbersFor(
        metric,
        target.mean,
        dims,
        line.map((m) => m.mean),
      );
      if (mean === undefined) return [];
      const samples = target.samples.map(
        (value, r) =>
          numbersFor(
            metric,
            value,
            dims,
            line.map((m) => m.samples[r]),
          ) ?? dims[dims.length - 1],
      );
      const [low, high] = middle(samples);
      const interval = { mean: 4 * mean, low: 4 * low, high: 4 * high };
      return [
        row(
          `${cell.loss} ${cell.space}`,
          `bytes for ${metric} of d${reference} euclidean`,
          line[0],
          interval,
        ),
      ];
    });
}

/** Measured of one loss, space and metric, by numbers. */
export function lines(measured: readonly Measured[]): Measured[][] {
  const found = new Map<string, Measured[]>();
  for (const m of measured) {
    const key = `${m.cell.loss}, ${m.cell.space}, ${m.metric}`;
    found.set(key, [...(found.get(key) ?? []), m]);
  }
  return [...found.values()].map((line) => line.sort((a, b) => a.cell.dim - b.cell.dim));
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

/** What a metric owes to the space, to the setting, and to another seed of the same, mean over numbers. */
function ranges(measured: readonly Measured[]): Row[] {
  const pairs = new Map(measured.map((m) => [`${m.cell.loss}, ${m.metric}`, m]));
  return [...pairs.values()].flatMap((one) => {
    const own = measured.filter((m) => m.metric === one.metric && m.cell.loss === one.cell.loss);
    if (!MAIN.includes(one.metric)) return [];
    const dims = [...new Set(own.map((m) => m.cell.dim))].map((dim) => own.filter((m) => m.cell.dim === dim));
    const range = (values: readonly number[]) => Math.max(...values) - Math.min(...values);
    const spaces = dims.map((arms) =>
      range(arms.filter(({ cell }) => PLAIN.includes(cell.space)).map(({ mean }) => mean)),
    );
    const settings = own.filter(({ cell }) => PLAIN.includes(cell.space));
    const again = dims.flatMap((arms) => {
      const [a, b] = [BASELINE, AGAIN].map((name) => arms.find(({ cell }) => cell.space === name));
      return a && b ? [Math.abs(a.mean - b.mean)] : [];
    });
    const told = {
      'by space': spaces,
      'by setting': settings.map(({ cell, metric }) => rangeOfSettings(cell, metric)),
      'by seed': again,
    };
    return Object.entries(told)
      .filter(([, values]) => values.length > 0)
      .map(([by, values]) => {
        const mean = meanOf(values);
        const [low, high] = [Math.min(...values), Math.max(...values)];
        return row(`${one.cell.loss} range ${by}`, one.metric, one, { mean, low, high });
      });
  });
}
