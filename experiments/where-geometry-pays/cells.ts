import type { ClassMeans } from './scores.js';

/** One setting of an arm in one seed. */
export interface Tried {
  /** Means over the validation classes, by what was measured. */
  readonly validation: Readonly<Record<string, number>>;
  /** On the test classes, class by class. */
  readonly test: ClassMeans;
}

/** An arm: a loss in a space of so many numbers. */
export interface Cell {
  readonly loss: string;
  readonly space: string;
  readonly dim: number;
  /** [seeds][settings] */
  readonly seeds: readonly (readonly Tried[])[];
}

/** Test values of an arm, and the seed of each. */
export interface Values {
  readonly values: Float64Array;
  readonly seeds: Int32Array;
}

/** Smaller is better of these, larger of all others. */
const COSTS = /^(steps|amid|distortion)/;

export function isCost(metric: string): boolean {
  return COSTS.test(metric);
}

/** Whether a value of a metric is at least as good as another. */
export function isAsGood(metric: string, value: number, other: number): boolean {
  return isCost(metric) ? value <= other : value >= other;
}

/** What is reported; amidSteps is that of the amidK which validation classes choose. */
export function metricsOf({ seeds }: Cell): string[] {
  const names = Object.keys(seeds[0][0].test);
  const plain = names.filter((name) => !/^amid\d/.test(name));
  return plain.length < names.length ? [...plain, 'amidSteps'] : plain;
}

/** Test values of each seed with the setting, and the way to read, that its validation classes choose. */
export function chosenValues({ seeds }: Cell, metric: string): Values {
  const chosen = seeds.map((settings) => {
    const candidates = settings.flatMap(({ validation, test }) =>
      namesOf(metric, validation).map((name) => ({ value: validation[name], test: test[name] })),
    );
    return candidates.reduce((a, b) => (isAsGood(metric, a.value, b.value) ? a : b)).test;
  });
  return {
    values: Float64Array.from(chosen.flat()),
    seeds: Int32Array.from(chosen.flatMap((values, s) => values.map(() => s))),
  };
}

/** Mean over seeds of the difference between the best and the worst setting on test classes. */
export function rangeOfSettings({ seeds }: Cell, metric: string): number {
  const ranges = seeds.map((settings) => {
    const means = settings.map(({ validation, test }) => {
      const [name] = namesOf(metric, validation).sort((a, b) =>
        isAsGood(metric, validation[a], validation[b]) ? -1 : 1,
      );
      return meanOf(test[name]);
    });
    return Math.max(...means) - Math.min(...means);
  });
  return meanOf(ranges);
}

function namesOf(metric: string, measured: Readonly<Record<string, number>>): string[] {
  if (metric !== 'amidSteps') return [metric];
  return Object.keys(measured).filter((name) => /^amid\d/.test(name));
}

export function meanOf(values: ArrayLike<number>): number {
  return Array.from(values).reduce((sum, value) => sum + value, 0) / values.length;
}

export function meansOf(measured: ClassMeans): Record<string, number> {
  return Object.fromEntries(Object.entries(measured).map(([name, values]) => [name, meanOf(values)]));
}
