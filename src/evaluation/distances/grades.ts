import { GRADES, type GradeMap } from '../../native/index.js';

const CELLS = 4096;

/**
 * A map under which the sample is spread evenly over the grades.
 * @param sample at least one distance; sorted in place
 */
export function gradeMap(sample: Float64Array): GradeMap {
  sample.sort();
  const low = sample[0];
  const width = sample[sample.length - 1] - low;
  const perUnit = width > 0 ? CELLS / width : 0;
  const knots = new Float64Array(CELLS + 1);
  let below = 0;
  for (let knot = 0; knot <= CELLS; knot++) {
    while (below < sample.length && (sample[below] - low) * perUnit < knot) below++;
    knots[knot] = (GRADES * below) / sample.length;
  }
  knots[CELLS] = GRADES;
  return { low, perUnit, knots };
}

/** The grade of a distance, 0..GRADES - 1; a larger distance has no smaller grade. */
export function gradeOf({ low, perUnit, knots }: GradeMap, distance: number): number {
  const cells = knots.length - 1;
  const at = Math.min(Math.max((distance - low) * perUnit, 0), cells);
  const cell = Math.min(Math.floor(at), cells - 1);
  const grade = knots[cell] + (at - cell) * (knots[cell + 1] - knots[cell]);
  return Math.floor(Math.min(grade, GRADES - 1));
}

/**
 * Spearman's correlation from counts alone. Pairs of one grade share the mean of their ranks. With r = α(u) + e, α the
 * rank that the provisional order gave and e what the counts correct of it, Σ r r' is Σ α α' + Σ e α' + Σ α e', all
 * known from the tables, and Σ e e', small of second order, which is estimated from the sample.
 * @param tables [4 * GRADES] as rowQuality fills it @param products Σ u v over all pairs
 * @param sample grades of some pairs drawn at random
 * @returns the correlation, NaN if one side has one grade alone, and what it is at most off: by Cauchy and Schwarz the part
 *   estimated, and the order within grades
 */
export function spearmanOfGrades(
  tables: Float64Array,
  products: number,
  sample: { readonly input: Float64Array; readonly code: Float64Array },
): { readonly value: number; readonly error: number } {
  const [a, b] = [0, 2].map((side) =>
    ranksOfGrades(
      tables.subarray(side * GRADES, (side + 1) * GRADES),
      tables.subarray((side + 1) * GRADES, (side + 2) * GRADES),
    ),
  );
  const { pairs, step } = a;
  const centred = products - CENTRE * (a.grades + b.grades) + pairs * CENTRE ** 2;
  let both = 0;
  for (let i = 0; i < sample.input.length; i++) both += a.shifts[sample.input[i]] * b.shifts[sample.code[i]];
  const second = (both / sample.input.length) * pairs;
  const covariance = step ** 2 * centred + a.corrected + b.corrected + second;
  const scale = Math.sqrt(a.variance * b.variance);
  const untied = pairs ** 3 / 12;
  const within = Math.sqrt(a.within / untied) + Math.sqrt(b.within / untied) + (a.within + b.within) / untied;
  const estimated = (Math.sqrt(a.corrections * b.corrections) + Math.abs(second)) / scale;
  return { value: scale > 0 ? covariance / scale : Number.NaN, error: estimated + within };
}

const CENTRE = (GRADES - 1) / 2;

function ranksOfGrades(counts: Float64Array, sums: Float64Array) {
  const pairs = counts.reduce((sum, count) => sum + count, 0);
  const step = pairs / GRADES;
  const shifts = new Float64Array(GRADES);
  let before = 0;
  let [grades, corrected, corrections, variance, within] = [0, 0, 0, 0, 0];
  for (let u = 0; u < GRADES; u++) {
    const count = counts[u];
    if (count === 0) continue;
    // Both as distances from the mean rank.
    const rank = before + (count - pairs) / 2;
    const e = rank - step * (u - CENTRE);
    shifts[u] = e;
    grades += count * u;
    corrected += e * step * (sums[u] - CENTRE * count);
    corrections += count * e * e;
    variance += count * rank * rank;
    within += (count * (count * count - 1)) / 12;
    before += count;
  }
  return { pairs, step, shifts, grades, corrected, corrections, variance, within };
}
