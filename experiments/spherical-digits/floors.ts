import { type Matrix32, matrix, powerSpectrum, singleChannels } from '../../src/index.js';
import type { DigitTask } from './digits.js';
import { type Features, labelCurve, type Probed, probe } from './probes.js';
import type { Settings } from './settings.js';

export interface Floor extends Probed {
  readonly labelCurve: number[];
}

export const FLOORS = ['power spectrum', 'coefficients'] as const;

/** What the same probes make of features that nothing was trained for. */
export async function floor(
  kind: (typeof FLOORS)[number],
  { train, test }: DigitTask,
  settings: Settings,
): Promise<Floor> {
  const of = (signals: Matrix32) => (kind === 'coefficients' ? signals : spectra(signals, settings.degree));
  const features: Features = {
    ...{ train: of(train.coefficients), test: of(test.coefficients) },
    ...{ trainLabels: train.labels, testLabels: test.labels },
  };
  return {
    ...(await probe(features, settings.probes, 1)),
    labelCurve: labelCurve(features, settings.labels),
  };
}

function spectra(signals: Matrix32, degree: number): Matrix32 {
  const { data, rows, columns } = powerSpectrum(signals, singleChannels(degree));
  return matrix(Float32Array.from(data), rows, columns);
}
