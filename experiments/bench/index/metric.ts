import { columnsOf, type Space, UsageError } from '../../../src/index.js';

/** Columns of a vector that have a distance of their own. */
export interface Part {
  readonly kind: 'cosine' | 'euclidean' | 'poincare';
  readonly from: number;
  readonly columns: number;
  readonly weight: number;
  /** c = -K; 1 where there is no curvature. */
  readonly c: number;
  /** Column added for 1 / (1 - c|x|²), taken in float64; -1 where there is none. */
  readonly gap: number;
}

/**
 * A space whose distance is a sum, for peers that take a function of ours.
 * @throws UsageError for a space of other parts, or one that combines them otherwise
 */
export function partsOf(space: Space): Part[] {
  const factors = space.kind === 'product' ? space.factors : [{ space, weight: 1 }];
  if (space.kind === 'product' && space.combine !== 'sum') {
    throw new UsageError('bench index: expected a product that sums; use another model');
  }
  let [from, gap] = [0, columnsOf(space)];
  return factors.map(({ space: factor, weight }) => {
    const { kind } = factor;
    if (kind !== 'cosine' && kind !== 'euclidean' && kind !== 'poincare') {
      throw new UsageError(
        `bench index: expected cosine, euclidean or poincare, got ${kind}; use another model`,
      );
    }
    const part = { kind, from, columns: factor.dim, weight };
    from += factor.dim;
    return kind === 'poincare'
      ? { ...part, c: -factor.curvature, gap: gap++ }
      : { ...part, kind, c: 1, gap: -1 };
  });
}

/** Six numbers a part: kind (0 cosine, 1 euclidean, 2 poincare), from, columns, gap, weight, c. */
export function codeOf(parts: readonly Part[]): number[] {
  const kinds = ['cosine', 'euclidean', 'poincare'];
  return parts.flatMap((p) => [kinds.indexOf(p.kind), p.from, p.columns, p.gap, p.weight, p.c]);
}

/** Rows with cosine parts brought to length 1 and the gaps' columns added. @param rows [n, columns], row-major */
export function forParts(
  parts: readonly Part[],
  rows: Float32Array,
  columns: number,
): { readonly rows: Float32Array; readonly columns: number } {
  const wide = columns + parts.filter(({ gap }) => gap >= 0).length;
  const result = new Float32Array((rows.length / columns) * wide);
  for (let i = 0; i * columns < rows.length; i++) {
    const row = Float64Array.from(rows.subarray(i * columns, (i + 1) * columns));
    for (const { kind, from, columns: width, c, gap } of parts) {
      const part = row.subarray(from, from + width);
      const squared = part.reduce((sum, value) => sum + value * value, 0);
      if (kind === 'cosine') part.set(part.map((value) => value / Math.sqrt(squared)));
      if (kind === 'poincare') result[i * wide + gap] = 1 / (1 - c * squared);
    }
    result.set(row, i * wide);
  }
  return { rows: result, columns: wide };
}
