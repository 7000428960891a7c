/** Rows of each class, ascending; classes by ascending label. */
export function rowsByClass(labels: ArrayLike<number>): number[][] {
  const rows = new Map<number, number[]>();
  for (let i = 0; i < labels.length; i++) {
    const known = rows.get(labels[i]);
    if (known) known.push(i);
    else rows.set(labels[i], [i]);
  }
  return [...rows].sort(([a], [b]) => a - b).map(([, list]) => list);
}
