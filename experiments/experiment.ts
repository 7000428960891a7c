export type Scale = 'small' | 'full';

/** One measured value: its mean over n repetitions, and an interval. */
export interface Row {
  readonly arm: string;
  readonly metric: string;
  readonly mean: number;
  readonly low: number;
  readonly high: number;
  readonly n: number;
}

export interface Context {
  readonly scale: Scale;
  readonly seed: number;
  /** config.json of the experiment. */
  readonly config: unknown;
  /** Runs a piece of minutes, or returns what it gave an earlier, interrupted run. */
  slice<T>(key: string, work: () => Promise<T>): Promise<T>;
  /** Folder for figures and pages; absent: none are written. */
  readonly out?: string;
}

/** What <name>/run.ts exports. */
export interface Experiment {
  run(context: Context): Promise<Row[]>;
}

/** Mean of repetitions, and mean ± 2 standard errors of it; the range of one value is itself. */
export function rowOf(arm: string, metric: string, values: readonly number[]): Row {
  const n = values.length;
  const mean = values.reduce((a, b) => a + b, 0) / n;
  const variance = n > 1 ? values.reduce((sum, v) => sum + (v - mean) ** 2, 0) / (n - 1) : 0;
  const margin = 2 * Math.sqrt(variance / n);
  return { arm, metric, mean, low: mean - margin, high: mean + margin, n };
}
