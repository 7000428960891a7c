/** design.md: losses on tensors to 1e-5 max(1, |ref|). */
export const VALUE = 1e-5;

export function closeTo(got: number, exact: number): boolean {
  return Math.abs(got - exact) <= VALUE * Math.max(1, Math.abs(exact));
}

/** max|Δ| / max|ref|, which design.md holds to 1e-4 for gradients. */
export function furthest(got: ArrayLike<number>, exact: readonly number[]): number {
  const scale = Math.max(...exact.map(Math.abs), Number.MIN_VALUE);
  if (got.length !== exact.length) return Number.POSITIVE_INFINITY;
  let worst = 0;
  for (let i = 0; i < exact.length; i++) worst = Math.max(worst, Math.abs(got[i] - exact[i]) / scale);
  return worst;
}

export const flat = (rows: readonly (readonly number[])[]): number[] => rows.flat();
