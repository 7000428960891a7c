import { type Row, rowOf } from '../experiment.js';
import type { Intervals, Measured } from './measure.js';
import type { Result } from './work.js';

const METRICS = [
  ...['spearman', 'pearson', 'scaledStress', 'stress', 'trustworthiness', 'continuity'],
  ...['knnRecall', 'distortion', 'mse'],
] as (keyof Measured)[];

/** Of several seeds the interval is over these, of one it is over the test digits, where there is one. */
export function rowsOf(arm: string, results: readonly Result[]): Row[] {
  const rows: Row[] = [];
  for (const metric of METRICS) {
    const values = results.map(({ test }) => test[metric]).filter((value) => value !== undefined);
    if (values.length < results.length) continue;
    const row = rowOf(arm, metric, values);
    const interval = results.length === 1 ? results[0].intervals?.[metric as keyof Intervals] : undefined;
    rows.push(interval ? { ...row, low: interval[0], high: interval[1] } : row);
  }
  const seconds = results.map(({ secondsPerStep }) => secondsPerStep).filter((value) => value !== undefined);
  if (seconds.length > 0) {
    rows.push(
      rowOf(
        arm,
        'msPerStep',
        seconds.map((s) => 1000 * s),
      ),
    );
  }
  return rows;
}
