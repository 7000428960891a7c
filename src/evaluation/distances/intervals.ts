import type { Rng } from '../../core/rng.js';
import { ROW_COLUMNS } from '../../native/index.js';
import { bootstrapSamples, type Interval, percentileInterval } from '../bootstrap.js';
import {
  type DistanceMeasures,
  gradeCorrelation,
  type MeasuredSet,
  meansOf,
  measuresOf,
} from './measures.js';
import type { RowSums } from './rowQuality.js';

const CONFIDENCE = 0.95;

/**
 * Intervals of all measures from the sums of anchors that were drawn at random, an anchor's pairs together. That of the rank
 * correlation has the width that the correlation of grades has.
 * @param columns [anchors, ROW_COLUMNS.length]
 */
export function intervalsOf(
  columns: Float64Array,
  set: MeasuredSet,
  measures: DistanceMeasures,
  rng: Rng,
  resamples: number,
): Record<keyof DistanceMeasures, Interval> {
  const width = ROW_COLUMNS.length;
  const anchors = columns.length / width;
  const ones = new Uint8Array(anchors).fill(1);
  const sums = ROW_COLUMNS.map((_, c) => ({
    over: Float64Array.from({ length: anchors }, (_, i) => columns[i * width + c]),
    by: ones,
  }));
  const samples = bootstrapSamples(sums, rng, { resamples });
  const drawn = Array.from({ length: resamples }, (_, r) => {
    const means = Object.fromEntries(ROW_COLUMNS.map((name, c) => [name, samples[c][r]])) as RowSums;
    return measuresOf(means, set);
  });
  const shift = measures.shepardSpearman - gradeCorrelation(meansOf(columns, anchors));
  const interval = (name: keyof DistanceMeasures): Interval => {
    const [low, high] = percentileInterval(
      Float64Array.from(drawn, (sample) => sample[name]),
      CONFIDENCE,
    );
    return name === 'shepardSpearman' ? [low + shift, high + shift] : [low, high];
  };
  const names = Object.keys(measures) as (keyof DistanceMeasures)[];
  return Object.fromEntries(names.map((name) => [name, interval(name)])) as Record<
    keyof DistanceMeasures,
    Interval
  >;
}
