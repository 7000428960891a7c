import { type DistanceSource, type Matrix32, spaceDistances } from '../../src/index.js';
import type { Context } from '../experiment.js';
import { type Digits, head, readDigits } from './digits.js';
import { euclideanOf, type Intervals, type Measured } from './measure.js';
import type { Settings, Sizes } from './settings.js';

/** What a slice keeps of one way to make codes. */
export interface Result {
  readonly test: Measured;
  readonly intervals?: Intervals;
  /** Of autoencoders: what weights are chosen by. */
  readonly validation?: Measured;
  readonly secondsPerStep?: number;
}

export interface Inputs {
  readonly digits: Digits;
  /** The validation digits whose distances are looked at. */
  readonly compared: Matrix32;
  readonly test: DistanceSource;
  readonly validation: DistanceSource;
}

export interface Work {
  readonly context: Context;
  readonly settings: Settings;
  readonly sizes: Sizes;
  readonly inputs: () => Inputs;
}

/** Made on first use: slices that are done need no data. */
export function onDemand<T>(make: () => T): () => T {
  let made: { value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}

export function workOf(context: Context): Work {
  const settings = context.config as Settings;
  const inputs = onDemand((): Inputs => {
    const digits = readDigits(settings);
    const source = (rows: Matrix32) => spaceDistances(euclideanOf(rows), rows);
    const compared = head(digits.validation, settings.compared);
    return { digits, compared, test: source(digits.test), validation: source(compared) };
  });
  return { context, settings, sizes: settings[context.scale], inputs };
}
