import type { Tried } from './coderArms.js';
import type { Floor } from './floorArms.js';
import type { FrontierPanel, FrontierPoint } from './frontier.js';
import type { Measured } from './measure.js';

const MEASURES = [
  ['scaledStress', 'scaled stress, less is better'],
  ['spearman', 'Spearman, more is better'],
] as const;

/** Two panels a width: the penalties over their weights, PCA beside them, and what cannot draw digits as levels. */
export function panelsOf(
  codes: readonly number[],
  floors: readonly Floor[],
  tried: readonly Tried[],
): FrontierPanel[] {
  return codes.flatMap((code) =>
    MEASURES.map(([metric, yLabel]) => {
      const own = tried.filter(({ arm }) => arm.code === code);
      const point = (test: Measured, label: string): FrontierPoint => ({
        x: test.mse ?? 0,
        y: test[metric],
        label,
      });
      const names = [...new Set(own.map(({ arm }) => arm.penalty))].filter(
        (name) => name === 'stress' || name === 'lengths',
      );
      const plain = own.filter(({ arm }) => arm.penalty === 'none');
      const levels = floors.filter((floor) => floor.code === code && floor.result.test.mse === undefined);
      const pca = floors.filter((floor) => floor.code === code && floor.name === 'PCA');
      return {
        ...{ title: `${code} numbers a digit`, yLabel },
        lines: names.map((name) => ({
          name: `AE + ${name}`,
          points: [...plain, ...own.filter(({ arm }) => arm.penalty === name)].map(({ arm, result }) =>
            point(result.test, `${arm.weight}`),
          ),
        })),
        marks: pca.map(({ name, result }) => point(result.test, name)),
        levels: levels.map(({ name, result }) => ({ name, y: result.test[metric] })),
      };
    }),
  );
}
