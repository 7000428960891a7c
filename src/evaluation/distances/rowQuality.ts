import { row as rowOf } from '../../core/matrix.js';
import { GRADES, loadNative, ROW_COLUMNS, type RowQuality, type RowQualityCall } from '../../native/index.js';
import { gradeOf } from './grades.js';

type Column = (typeof ROW_COLUMNS)[number];
export type RowSums = Record<Column, number>;

/** By the native addon where it is built, in TypeScript on this thread elsewhere: the same numbers up to rounding. */
export async function rowQuality(call: RowQualityCall): Promise<RowQuality> {
  return loadNative()?.rowQuality(call) ?? rowQualityHere(call);
}

/** As rowQuality, on this thread and without the addon. */
export function rowQualityHere(call: RowQualityCall): RowQuality {
  const { inputs, codes, anchors } = call;
  const n = inputs.length / anchors.length;
  const columns = new Float64Array(anchors.length * ROW_COLUMNS.length);
  const places = new Int32Array(anchors.length * 2);
  for (let at = 0; at < anchors.length; at++) {
    const [a, b] = [inputs, codes].map((data) => rowOf({ data, rows: anchors.length, columns: n }, at));
    const sums = Object.fromEntries(ROW_COLUMNS.map((name) => [name, 0])) as RowSums;
    const found = addPairs(sums, a, b, anchors[at], call);
    if (found) {
      places.set(found, 2 * at);
      addRanks(sums, a, b, anchors[at], call.k);
      addGrades(sums, a, b, anchors[at], call);
    } else {
      sums.input = Number.NaN;
    }
    columns.set(
      ROW_COLUMNS.map((name) => sums[name]),
      at * ROW_COLUMNS.length,
    );
  }
  return { columns, places };
}

/** @returns rows of the largest and smallest ratio; undefined where a distance is not a finite number >= 0 */
function addPairs(
  sums: RowSums,
  a: Float64Array,
  b: Float64Array,
  self: number,
  { scale, inputShift, codeShift }: RowQualityCall,
): [number, number] | undefined {
  sums.most = -1;
  sums.least = Number.POSITIVE_INFINITY;
  let [most, least] = [0, 0];
  for (let j = 0; j < a.length; j++) {
    if (j === self) continue;
    const [x, y] = [a[j], b[j]];
    if (!(x >= 0 && y >= 0 && x < Number.POSITIVE_INFINITY && y < Number.POSITIVE_INFINITY)) return undefined;
    sums.input += x - inputShift;
    sums.code += y - codeShift;
    sums.inputSquares += x * x;
    sums.codeSquares += y * y;
    sums.inputVariance += (x - inputShift) ** 2;
    sums.codeVariance += (y - codeShift) ** 2;
    sums.covariance += (x - inputShift) * (y - codeShift);
    sums.raw += (x - y) ** 2;
    sums.residual += (x - scale * y) ** 2;
    sums.residualCode += (x - scale * y) * y;
    if (x === 0 && y === 0) continue;
    const ratio = y / x;
    // (x - y)² / x without 0 times infinity where x is 0.
    sums.sammon += (y - x) * (ratio - 1);
    sums.relative += Math.abs(ratio - 1);
    if (ratio > sums.most) {
      sums.most = ratio;
      most = j;
    }
    if (ratio < sums.least) {
      sums.least = ratio;
      least = j;
    }
  }
  return [most, least];
}

function addRanks(sums: RowSums, a: Float64Array, b: Float64Array, self: number, k: number): void {
  const [inputOrder, codeOrder] = [orderFrom(a, self), orderFrom(b, self)];
  const [inputRank, codeRank] = [ranksFrom(inputOrder), ranksFrom(codeOrder)];
  for (let r = 1; r <= k; r++) {
    const inInput = inputRank[codeOrder[r - 1]];
    const inCode = codeRank[inputOrder[r - 1]];
    if (inInput > k) sums.intruders += inInput - k;
    else sums.shared++;
    sums.absentees += Math.max(0, inCode - k);
    sums.falseErrors += Math.abs(inInput - r) / r;
    sums.missingErrors += Math.abs(inCode - r) / r;
  }
}

/** All rows but `self`, nearest first, ties by smaller row. */
function orderFrom(distances: Float64Array, self: number): Int32Array {
  return Int32Array.from({ length: distances.length }, (_, j) => j)
    .filter((j) => j !== self)
    .sort((i, j) => distances[i] - distances[j] || i - j);
}

/** The place of each row in the order, from 1. */
function ranksFrom(order: Int32Array): Int32Array {
  const rank = new Int32Array(order.length + 1);
  for (let r = 0; r < order.length; r++) rank[order[r]] = r + 1;
  return rank;
}

function addGrades(
  sums: RowSums,
  a: Float64Array,
  b: Float64Array,
  self: number,
  call: RowQualityCall,
): void {
  const { inputGrades, codeGrades, upper, grades } = call;
  for (let j = upper ? self + 1 : 0; j < a.length; j++) {
    if (j === self) continue;
    const u = gradeOf(inputGrades, a[j]);
    const v = gradeOf(codeGrades, b[j]);
    grades[u]++;
    grades[GRADES + u] += v;
    grades[2 * GRADES + v]++;
    grades[3 * GRADES + v] += u;
    sums.pairs++;
    sums.inputGrades += u;
    sums.codeGrades += v;
    sums.inputGradeSquares += u * u;
    sums.codeGradeSquares += v * v;
    sums.gradeProducts += u * v;
  }
}
