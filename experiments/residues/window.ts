import { type Matrix32, matrix, radialFunctions, radialOrders } from '../../src/index.js';
import type { Settings } from './settings.js';

const SAMPLES = 4000;
/** Directions that the window all but closes keep this share of the mean. */
const LEAST = 1e-7;

/**
 * Coefficients of the same neighbourhoods in radial functions whose squares add up to the density's square under the window
 * exp(-r² / 2σ²): sums of squared differences then weigh what is near the C-alpha. An invertible linear map of the channels
 * of each kind and degree, which rotations do not see.
 */
export function windowed({ data, rows, columns }: Matrix32, settings: Settings): Matrix32 {
  const roots = windowRoots(settings);
  const out = new Float32Array(data.length);
  for (let i = 0; i < rows; i++) {
    let at = i * columns;
    roots.forEach((root, l) => {
      const size = 2 * l + 1;
      const n = root.length;
      for (let kind = 0; kind < KINDS; kind++, at += n * size) {
        for (let a = 0; a < n; a++) {
          for (let m = 0; m < size; m++) {
            let sum = 0;
            for (let b = a; b < n; b++) sum += root[b][a] * data[at + b * size + m];
            out[at + a * size + m] = sum;
          }
        }
      }
    });
  }
  return matrix(out, rows, columns);
}

/** Carbon, nitrogen, oxygen, sulphur. */
export const KINDS = 4;

/** Of each degree L with L Lᵀ = ∫ R_n R_n' exp(-r² / 2σ²) r² dr, where the R_n have ∫ R_n² r² dr = 1 over their scale. */
function windowRoots({ radius, degree, order, window }: Settings): Float64Array[][] {
  const r = Float64Array.from({ length: SAMPLES }, (_, i) => ((i + 0.5) * radius) / SAMPLES);
  const options = { radius, degree, order };
  const { data, columns } = radialFunctions(r, options);
  let first = 0;
  return radialOrders(options).map(({ length: n }) => {
    const product = (a: number, b: number, weight: (r: number) => number) =>
      r.reduce((sum, x, i) => {
        const at = i * columns + first;
        return sum + weight(x) * data[at + a] * data[at + b] * x * x * (radius / SAMPLES);
      }, 0);
    const norms = Array.from({ length: n }, (_, a) => product(a, a, () => 1));
    const gram = norms.map((u, a) =>
      norms.map((v, b) => product(a, b, (x) => Math.exp((-x * x) / (2 * window * window))) / u / v),
    );
    first += n;
    return choleskyRoot(gram);
  });
}

function choleskyRoot(gram: readonly (readonly number[])[]): Float64Array[] {
  const n = gram.length;
  const ridge = (LEAST * gram.reduce((sum, row, a) => sum + row[a], 0)) / n;
  const root = gram.map(() => new Float64Array(n));
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) {
      let rest = gram[i][j] + (i === j ? ridge : 0);
      for (let k = 0; k < j; k++) rest -= root[i][k] * root[j][k];
      root[i][j] = i === j ? Math.sqrt(rest) : rest / root[j][j];
    }
  }
  return root;
}
