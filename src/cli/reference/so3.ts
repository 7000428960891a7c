import { MAX_DEGREE } from '../../symmetry/so3/degrees.js';
import { pointsFromE3nn, rotationToE3nn } from '../../symmetry/so3/e3nn.js';
import { sphericalHarmonics } from '../../symmetry/so3/harmonics.js';
import { rotationFromEuler } from '../../symmetry/so3/rotationMatrix.js';
import { wigner3j } from '../../symmetry/so3/wigner3j.js';
import { wignerD } from '../../symmetry/so3/wignerD.js';
import { EXACT, type Recompute } from './compare.js';
import type { Format } from './format.js';
import { matrixAt, numberAt } from './inputs.js';
import { isObject, type JsonObject } from './leaves.js';

/**
 * so3.json: harmonics of the directions of `points`, `component`, and matrices of `euler`, in e3nn's names of axes.
 * Renaming axes makes e3nn's functions ours, so that D of its angles is D of ours: symmetry/so3/e3nn.ts.
 */
export const so3: Format = {
  shape: { inputs: ['points', 'euler'] },
  prepare: async (file) => recomputeWith(file),
  toleranceOf: () => EXACT,
};

function recomputeWith(file: JsonObject): Recompute {
  return ({ quantity }) => {
    const [, kind, argument] = /^([^.]*)\.?(.*)$/.exec(quantity) ?? [];
    const degrees = argument === '' ? [] : argument.split(',').map(Number);
    if (!degrees.every((l) => Number.isInteger(l) && l >= 0 && l <= MAX_DEGREE)) return undefined;
    if (kind === 'rotation' && degrees.length === 0) return rotationToE3nn(rotationOf(file));
    if (kind === 'sphericalHarmonics' && degrees.length === 1) return harmonicsOf(file, degrees[0]);
    if (kind === 'wignerD' && degrees.length === 1) return wignerD(rotationOf(file), degrees[0])[degrees[0]];
    if (kind === 'wigner3j' && degrees.length === 3) return wigner3j(degrees[0], degrees[1], degrees[2]);
    return undefined;
  };
}

function rotationOf(file: JsonObject): Float64Array {
  const euler = isObject(file['euler']) ? file['euler'] : {};
  const [alpha, beta, gamma] = ['alpha', 'beta', 'gamma'].map((key) => numberAt(euler, key));
  return rotationFromEuler({ alpha, beta, gamma });
}

/** [points, 2l + 1] */
function harmonicsOf(file: JsonObject, l: number): Float64Array {
  const { data, rows, columns } = sphericalHarmonics(pointsFromE3nn(matrixAt(file, 'points')), l);
  const size = 2 * l + 1;
  return Float64Array.from({ length: rows * size }, (_, at) => {
    return data[Math.floor(at / size) * columns + l * l + (at % size)];
  });
}
