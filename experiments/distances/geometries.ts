import { type Row, rowOf } from '../experiment.js';
import { coderSlice } from './coderArms.js';
import { rowsOf } from './rows.js';
import type { Arm } from './train.js';
import { digitDistances, fitPoints, mammalDistances, stressOfEqualDistances } from './trees.js';
import { onDemand, type Result, type Work } from './work.js';

/** Of the penalty, in both geometries. */
const WEIGHT = 1;

/** Euclidean against hyperbolic: points fitted to distances of a tree and of digits, and codes of an autoencoder. */
export async function geometries(work: Work): Promise<Row[]> {
  const { settings, sizes, inputs } = work;
  const { slice, seed } = work.context;
  const rows: Row[] = [];
  const data = {
    mammals: onDemand(() => mammalDistances(settings.mammals)),
    digits: onDemand(() => digitDistances(inputs().digits, sizes.trees.digits)),
  };
  for (const [name, between] of Object.entries(data)) {
    const equal = await slice(`equal-${name}`, async () => stressOfEqualDistances(between()));
    rows.push(rowOf(`all points of ${name} equally far`, 'scaledStress', [equal]));
    for (const dim of sizes.trees.dims) {
      for (const geometry of ['euclidean', 'hyperbolic'] as const) {
        const fitted = await slice(`points-${name}-${dim}-${geometry}`, () =>
          fitPoints(between(), dim, geometry, settings.neighbors),
        );
        const label = `points of ${name}, d ${dim}, ${geometry}`;
        for (const metric of ['scaledStress', 'spearman', 'distortion', 'knnRecall', 'curvature'] as const) {
          rows.push(rowOf(label, metric, [fitted[metric]]));
        }
      }
    }
  }
  for (const code of sizes.codes.slice(0, 2)) {
    for (const geometry of ['euclidean', 'poincare'] as const) {
      const results: Result[] = [];
      for (let s = 0; s < (sizes.repeated.includes(code) ? sizes.seeds : 1); s++) {
        const arm: Arm = { code, penalty: 'stress', weight: WEIGHT, seed: seed + s, geometry };
        results.push(await coderSlice(arm, work));
      }
      rows.push(...rowsOf(`AE + stress, code ${code}, weight ${WEIGHT}, ${geometry}`, results));
    }
  }
  return rows;
}
