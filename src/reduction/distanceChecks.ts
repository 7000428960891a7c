import { requireFinite } from '../core/checks.js';
import { DomainError, expectation, ShapeError } from '../core/errors.js';
import type { Matrix } from '../core/matrix.js';

/** Half of a matrix of distances may differ from the other half by the roundings of its element type. */
const ASYMMETRY = { float32: 1e-5, float64: 1e-9 };

/**
 * Checks that a matrix holds distances within one set: square, finite, >= 0, symmetric up to rounding, 0 on the
 * diagonal. Of two entries that differ by rounding the one below the diagonal counts.
 * @throws ShapeError unless square, with `least`..`most` rows; DomainError naming the first bad row and column
 */
export function requireDistances(
  distances: Matrix,
  who: string,
  { least = 1, most = Number.POSITIVE_INFINITY }: { readonly least?: number; readonly most?: number } = {},
): void {
  const { data, rows: n, columns } = distances;
  if (columns !== n || n < least || n > most || data.length !== n * n) {
    const rows = most === Number.POSITIVE_INFINITY ? `${least} rows or more` : `${least}..${most} rows`;
    const expected = `a square matrix of ${rows}`;
    const remedy = 'pass distances within one set, or of a sample of its rows';
    throw new ShapeError(expectation(`${who} distances`, expected, `${n} x ${columns}`, remedy));
  }
  const tolerance = data instanceof Float32Array ? ASYMMETRY.float32 : ASYMMETRY.float64;
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) {
      const d = data[i * n + j];
      const good =
        d >= 0 && d <= Number.MAX_VALUE && Math.abs(d - data[j * n + i]) <= tolerance * Math.max(1, d);
      if (good && (i !== j || d === 0)) continue;
      const expected = 'a symmetric finite number >= 0, 0 on the diagonal';
      const got = i === j || !(d >= 0 && d <= Number.MAX_VALUE) ? d : `${d} and ${data[j * n + i]}`;
      throw new DomainError(
        expectation(`${who} distances, row ${i}, column ${j}`, expected, got, 'pass a distance matrix'),
      );
    }
  }
}

/**
 * Checks distances from new items, one a row, to known ones: finite and >= 0.
 * @throws ShapeError for another number of columns; DomainError naming the first bad row
 */
export function requireDistancesTo(distances: Matrix, known: number, who: string): void {
  const { data, columns } = distances;
  if (columns !== known) {
    const remedy = 'pass one for each known point';
    throw new ShapeError(expectation(`${who} distances`, `${known} columns`, columns, remedy));
  }
  requireFinite(data, columns, `${who} distances`);
  const at = data.findIndex((d) => !(d >= 0));
  if (at < 0) return;
  const place = `${who} distances, row ${Math.floor(at / columns)}, column ${at % columns}`;
  throw new DomainError(expectation(place, 'a number >= 0', data[at], 'pass distances'));
}
