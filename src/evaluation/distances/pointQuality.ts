import { ROW_COLUMNS } from '../../native/index.js';
import type { MeasuredSet } from './measures.js';

/** What became of single points; one value an anchor. */
export interface PointQuality {
  readonly rows: Int32Array;
  /** Share of it, 0..1: low for a point among false neighbours. */
  readonly trustworthiness: Float64Array;
  /** Low for a point whose neighbours were torn away. */
  readonly continuity: Float64Array;
  /** √(Σ (a - s b)² / Σ a²) over its own pairs, s the scale of all. */
  readonly stress: Float64Array;
  /** s Σ ab / Σ a² over its own pairs: above 1 its distances grew more than those of others, below they shrank. */
  readonly stretch: Float64Array;
}

/** @param columns [anchors, ROW_COLUMNS.length] of rowQuality @param scale the report's */
export function pointQuality(
  columns: Float64Array,
  rows: Int32Array,
  { n, k, centre }: MeasuredSet,
  scale: number,
): PointQuality {
  const at = (name: (typeof ROW_COLUMNS)[number]) => {
    const c = ROW_COLUMNS.indexOf(name);
    return (i: number) => columns[i * ROW_COLUMNS.length + c];
  };
  const worst = 2 / (k * (2 * n - 3 * k - 1));
  const [intruders, absentees] = [at('intruders'), at('absentees')];
  const [squares, codeSquares, residual, residualCode] = [
    at('inputSquares'),
    at('codeSquares'),
    at('residual'),
    at('residualCode'),
  ];
  const away = scale - centre.scale;
  const each = (value: (i: number) => number) => Float64Array.from(rows, (_, i) => value(i));
  return {
    rows,
    trustworthiness: each((i) => 1 - worst * intruders(i)),
    continuity: each((i) => 1 - worst * absentees(i)),
    // Σ (a - s b)² about the provisional scale; below 0 by rounding alone.
    stress: each((i) =>
      Math.sqrt(
        Math.max(0, residual(i) - 2 * away * residualCode(i) + away ** 2 * codeSquares(i)) / squares(i),
      ),
    ),
    stretch: each((i) => (scale * (residualCode(i) + centre.scale * codeSquares(i))) / squares(i)),
  };
}
