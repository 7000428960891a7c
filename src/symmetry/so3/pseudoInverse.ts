/**
 * (AᵀA)⁻¹Aᵀ of a matrix with independent columns, given and returned by its columns and rows: rows · columns is the
 * identity.
 * @param columns of equal length, at least as long as there are columns
 * @source Gram-Schmidt, each column twice: Giraud, Langou and Rozloznik 2005, "twice is enough"
 */
export function pseudoInverse(columns: readonly Float64Array[]): Float64Array[] {
  const units: Float64Array[] = [];
  /** Upper triangle: column i is Σ_h upper[i][h] units[h]. */
  const upper: number[][] = [];
  for (const column of columns) {
    const rest = Float64Array.from(column);
    const parts = new Array<number>(units.length + 1).fill(0);
    for (let pass = 0; pass < 2; pass++) {
      units.forEach((unit, h) => {
        const part = dot(unit, rest);
        parts[h] += part;
        for (let j = 0; j < rest.length; j++) rest[j] -= part * unit[j];
      });
    }
    const norm = Math.sqrt(dot(rest, rest));
    parts[units.length] = norm;
    upper.push(parts);
    units.push(rest.map((value) => value / norm));
  }
  const rows = units.map((unit) => Float64Array.from(unit));
  for (let i = rows.length - 1; i >= 0; i--) {
    for (let h = i + 1; h < rows.length; h++) {
      for (let j = 0; j < rows[i].length; j++) rows[i][j] -= upper[h][i] * rows[h][j];
    }
    for (let j = 0; j < rows[i].length; j++) rows[i][j] /= upper[i][i];
  }
  return rows;
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum;
}
