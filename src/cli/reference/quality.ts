import { pairsOf, shepardReport } from '../../evaluation/distortion.js';
import { neighborhoodReport } from '../../evaluation/neighborhoods.js';
import { distanceMatrix } from '../../geometry/distance.js';
import { EXACT, type Recompute } from './compare.js';
import type { Format } from './format.js';
import { matrixAt } from './inputs.js';
import type { JsonObject } from './leaves.js';

/** quality.json: how Euclidean distances within z follow those within x, over pairs i < j and over neighbourhoods. */
export const quality: Format = {
  shape: { inputs: ['x', 'z'] },
  prepare: async (file) => recomputeWith(file),
  toleranceOf: () => EXACT,
};

function recomputeWith(file: JsonObject): Recompute {
  const inputs = distancesWithin(file, 'x');
  const codes = distancesWithin(file, 'z');
  const { spearman, pearson, ...others } = shepardReport(pairsOf(inputs), pairsOf(codes));
  const shepard: Readonly<Record<string, number>> = {
    shepardSpearman: spearman,
    shepardPearson: pearson,
    ...others,
  };
  return ({ quantity }) => {
    if (Object.hasOwn(shepard, quantity)) return [shepard[quantity]];
    const [, name, k] = /^(trustworthiness\.|continuity\.|knnRecall)(\d+)$/.exec(quantity) ?? [];
    if (name === undefined) return undefined;
    const report = neighborhoodReport(inputs, codes, Number(k));
    return [report[name.replace('.', '') as keyof typeof report]];
  };
}

function distancesWithin(file: JsonObject, key: string) {
  const points = matrixAt(file, key);
  return distanceMatrix({ kind: 'euclidean', dim: points.columns }, points, points);
}
