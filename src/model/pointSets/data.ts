import { expectation, UsageError } from '../../core/errors.js';
import { type Matrix32, takeRows } from '../../core/matrix.js';
import { Rng } from '../../core/rng.js';
import { type PointSetFile, readPointSets } from '../../data/pointSetFile.js';
import { packPointSets } from '../../encoders/packPointSets.js';
import { holdOutItems } from '../vectors/split.js';
import type { PointSetConfig } from './config.js';
import { layoutOf } from './encoders.js';
import type { LabelledPointSets } from './items.js';

/** Items as a model takes them, and what their file says of them besides. */
export interface PackedPointSets {
  readonly rows: Matrix32;
  readonly ids: BigInt64Array | undefined;
  readonly labels: BigInt64Array | undefined;
}

export interface PointSetParts {
  readonly train: LabelledPointSets;
  /** None where the config holds nothing out. */
  readonly test: LabelledPointSets;
}

/** The items of a file, as the encoder of a config takes them but for its maxPoints. @throws as readPointSets */
export function readItems(config: PointSetConfig, path: string): PointSetFile {
  const { dim } = layoutOf(config);
  const elements = config.encoder.kind === 'set' ? config.encoder.elements : 'vectors';
  const file = readPointSets(path, { dim, elements });
  if (file.items.length > 0) return file;
  throw new UsageError(expectation(path, 'at least one item', 'none', 'name other items'));
}

/** The items of a file, packed for the encoder of a config. @throws as readPointSets and packPointSets */
export function readPacked(config: PointSetConfig, path: string): PackedPointSets {
  const { items, ids, labels } = readItems(config, path);
  return { rows: packPointSets(items, layoutOf(config)), ids, labels };
}

/** Items of a user, some held out of each class. */
export function divided(config: PointSetConfig, { rows, labels }: LabelledPointSets): PointSetParts {
  const { train, test } = holdOutItems(labels, config.testShare, new Rng(config.seed).split('parts'));
  const part = (chosen: Int32Array): LabelledPointSets => ({
    rows: takeRows(rows, chosen),
    labels: Int32Array.from(chosen, (row) => labels[row]),
  });
  return { train: part(train), test: part(test) };
}
