import { requireFinite } from '../core/checks.js';

/** Labels of queries and references as classes 0, 1, .. by ascending label; -1: no label. */
export interface RankLabels {
  readonly queries: Int32Array;
  readonly references: Int32Array;
  /** [classes] the label of each. */
  readonly values: Float64Array;
  /** [classes] R: how many references a query of the class could find. */
  readonly relevant: Int32Array;
}

/**
 * @param references the same array as `queries` where both are one set
 * @param self every query stands among the references, and is none of its own
 * @param none the label that stands for having none, if there is such a label
 * @throws DomainError naming the row of a label that is not finite
 */
export function rankLabels(
  queries: ArrayLike<number>,
  references: ArrayLike<number>,
  self: boolean,
  who: string,
  none?: number,
): RankLabels {
  requireFinite(queries, 1, `${who} labels`);
  if (references !== queries) requireFinite(references, 1, `${who} reference labels`);
  const distinct = new Set<number>();
  for (const labels of [queries, references]) {
    for (let i = 0; i < labels.length; i++) if (labels[i] !== none) distinct.add(labels[i]);
  }
  const values = Float64Array.from(distinct).sort();
  const classOf = new Map(Array.from(values, (label, code) => [label, code]));
  const encode = (labels: ArrayLike<number>) =>
    Int32Array.from({ length: labels.length }, (_, i) => classOf.get(labels[i]) ?? -1);
  const queryClasses = encode(queries);
  const referenceClasses = references === queries ? queryClasses : encode(references);
  const relevant = new Int32Array(values.length);
  for (const code of referenceClasses) if (code >= 0) relevant[code]++;
  const others = self ? relevant.map((count) => Math.max(0, count - 1)) : relevant;
  return { queries: queryClasses, references: referenceClasses, values, relevant: others };
}

/** The largest R of a query; 0 if no query has anything to find. */
export function largestRelevant({ queries, relevant }: RankLabels): number {
  let largest = 0;
  for (const code of queries) if (code >= 0) largest = Math.max(largest, relevant[code]);
  return largest;
}
