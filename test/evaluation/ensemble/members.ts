import { matrix } from '../../../src/core/matrix.js';
import { Rng } from '../../../src/core/rng.js';
import { columnsOf, type Space } from '../../../src/core/space.js';
import type { EnsembleMember } from '../../../src/evaluation/ensemble/members.js';

export const SPACES: readonly Space[] = [
  { kind: 'cosine', dim: 4 },
  { kind: 'poincare', dim: 3, curvature: -0.5 },
  { kind: 'poincare', dim: 3, curvature: -2 },
];

export const labelsOf = (n: number, classes: number): Int32Array =>
  Int32Array.from({ length: n }, (_, i) => i % classes);

/** Points about a centre a class, within a ball that is in every space; `noise` 0 leaves the centres. */
export function clustered(
  space: Space,
  labels: Int32Array,
  noise: number,
  seed: number,
  scale = 0.25,
): EnsembleMember {
  const columns = columnsOf(space);
  const rng = new Rng(seed);
  const centers = Array.from({ length: Math.max(...labels) + 1 }, () =>
    Array.from({ length: columns }, () => rng.normal()),
  );
  const data = new Float32Array(labels.length * columns);
  for (const [i, label] of labels.entries()) {
    const raw = centers[label].map((value) => value + noise * rng.normal());
    const norm = Math.hypot(...raw);
    const length = (scale * norm) / (1 + norm);
    for (const [k, value] of raw.entries()) data[i * columns + k] = (value / norm) * length;
  }
  return { space, vectors: matrix(data, labels.length, columns) };
}
