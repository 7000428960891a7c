import { type Matrix32, matrix, powerSpectrum, singleChannels } from '../../src/index.js';
import type { DigitTask } from './digits.js';
import { columnScale, type Features, labelCurve, type Probed, probe, standardized } from './probes.js';
import type { Settings } from './settings.js';

export interface Floor extends Probed {
  readonly labelCurve: number[];
}

export const FLOORS = ['power spectrum', 'coefficients'] as const;

/** What the same probes make of features that nothing was trained for, each column standardized. */
export async function floor(
  kind: (typeof FLOORS)[number],
  { train, test }: DigitTask,
  settings: Settings,
): Promise<Floor> {
  const of = (signals: Matrix32) => (kind === 'coefficients' ? signals : lengths(signals, settings.degree));
  const [fit, queries] = [of(train.coefficients), of(test.coefficients)];
  const scale = columnScale(fit);
  const features: Features = {
    ...{ train: standardized(fit, scale), test: standardized(queries, scale) },
    ...{ trainLabels: train.labels, testLabels: test.labels },
  };
  return {
    ...(await probe(features, settings.probes, 1)),
    labelCurve: labelCurve(features, settings.labels),
  };
}

/** Root of the power of each degree. */
function lengths(signals: Matrix32, degree: number): Matrix32 {
  const { data, rows, columns } = powerSpectrum(signals, singleChannels(degree));
  return matrix(Float32Array.from(data, Math.sqrt), rows, columns);
}
