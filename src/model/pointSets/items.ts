import { requireLength } from '../../core/checks.js';
import { type Matrix32, takeRows } from '../../core/matrix.js';
import * as tf from '../../engine/tf.js';
import type { TrainingItems } from '../trainingItems.js';
import type { PointSetConfig, ResolvedPointSetConfig } from './config.js';

/** Sets or clouds with a class each. */
export interface LabelledPointSets {
  /** One item a row: see packPointSets. */
  readonly rows: Matrix32;
  /** Whole numbers >= 0. */
  readonly labels: Int32Array;
}

/** The items as they are: codes do not know pose or order, so that nothing is gained from changing them. */
export function pointSetItems({ rows, labels }: LabelledPointSets): TrainingItems {
  requireLength(labels.length, rows.rows, 'labels of sets or clouds');
  return {
    labels,
    batch(items) {
      const { data, columns } = takeRows(rows, items);
      return {
        rows: tf.tensor2d(data, [items.length, columns]),
        labels: tf.tensor1d(
          Int32Array.from(items, (item) => labels[item]),
          'int32',
        ),
      };
    },
  };
}

/** Puts a number in place of every "auto". @param rows those that train, as the config's layout has them */
export function resolvePointSetConfig(config: PointSetConfig, rows: Matrix32): ResolvedPointSetConfig {
  const { encoder } = config;
  if (encoder.kind === 'set') return { ...config, encoder };
  const radius = encoder.radius === 'auto' ? sizeOfClouds(rows, encoder.maxPoints) : encoder.radius;
  return { ...config, encoder: { ...encoder, radius } };
}

/** Mean over clouds of the distance of the farthest point from the centre; 1 where all points coincide. */
function sizeOfClouds({ data, rows, columns }: Matrix32, maxPoints: number): number {
  const width = columns / maxPoints;
  let sum = 0;
  for (let i = 0; i < rows; i++) {
    const point = (p: number) => data.subarray(i * columns + p * width, i * columns + p * width + 3);
    let count = 0;
    const centre = [0, 0, 0];
    while (count < maxPoints && data[i * columns + count * width + width - 1] === 1) {
      for (let k = 0; k < 3; k++) centre[k] += point(count)[k];
      count++;
    }
    let farthest = 0;
    for (let p = 0; p < count; p++) {
      const [x, y, z] = point(p);
      farthest = Math.max(
        farthest,
        Math.hypot(x - centre[0] / count, y - centre[1] / count, z - centre[2] / count),
      );
    }
    sum += farthest;
  }
  return sum > 0 ? sum / rows : 1;
}
