import { DomainError, expectation } from '../../core/errors.js';
import { concatColumns, type Matrix32, matrix } from '../../core/matrix.js';
import type { EmbeddedHead } from '../../core/records.js';
import type { ProductSpace, Space } from '../../core/space.js';
import type { ResolvedTreeConfig } from './config.js';
import type { TreeParameters } from './stress.js';

/** Codes of a tree as points of a space: what an index takes. */
export interface TreeCodes {
  /** Distances are in edges: Σ of the factors, each times the scale. */
  readonly space: ProductSpace;
  /** One a factor, in order. */
  readonly heads: readonly EmbeddedHead[];
  /** [n, dim], the heads side by side. */
  readonly vectors: Matrix32;
}

/**
 * Largest distance from the origin that float32 points of the Poincaré ball hold: 1 - |x| is then 1.7e-6, of which
 * float32 keeps 28 steps, so that a distance is off by up to 0.04.
 */
const LARGEST_RADIUS = 14;

/**
 * @param parameters tangent vectors at the origin of curvature -1, plain vectors, or directions, as `config.space` says
 * @throws DomainError naming the node of a hyperbolic code beyond radius 14, or a direction of length 0
 */
export function treeCodes(
  parameters: TreeParameters,
  config: Pick<ResolvedTreeConfig, 'space' | 'star'>,
  names: readonly string[],
): TreeCodes {
  const { nodes, columns, codes, offsets } = parameters;
  const points = new Float32Array(nodes * columns);
  for (let i = 0; i < nodes; i++) {
    const u = codes.subarray(i * columns, (i + 1) * columns);
    const norm = Math.sqrt(u.reduce((sum, x) => sum + x * x, 0));
    const factor = lengthOf(config.space, norm, names[i]) / (norm || 1);
    for (let k = 0; k < columns; k++) points[i * columns + k] = factor * u[k];
  }
  const weight = Math.exp(parameters.logScale);
  const heads = [headOf(config.space, matrix(points, nodes, columns))];
  if (config.star) {
    const space: Space = { kind: 'star', dim: 1 };
    heads.push({ name: 'star', space, matrix: matrix(Float32Array.from(offsets), nodes, 1) });
  }
  return {
    space: { kind: 'product', combine: 'sum', factors: heads.map(({ space }) => ({ space, weight })) },
    heads,
    vectors: concatColumns(heads.map((head) => head.matrix)),
  };
}

function headOf(kind: ResolvedTreeConfig['space'], points: Matrix32): EmbeddedHead {
  const dim = points.columns;
  switch (kind) {
    case 'hyperbolic':
      return { name: 'poincare', space: { kind: 'poincare', dim, curvature: -1 }, matrix: points };
    case 'euclidean':
      return { name: 'euclidean', space: { kind: 'euclidean', dim }, matrix: points };
    case 'sphere':
      return { name: 'sphere', space: { kind: 'sphere', dim, curvature: 1 }, matrix: points };
  }
}

/** Length of the point of a vector of length `norm`. */
function lengthOf(kind: ResolvedTreeConfig['space'], norm: number, node: string): number {
  if (kind === 'euclidean') return norm;
  if (kind === 'sphere') {
    if (norm > 0) return 1;
    throw new DomainError(expectation(`code of "${node}"`, 'a direction', 'length 0', 'choose another seed'));
  }
  if (norm <= LARGEST_RADIUS) return Math.tanh(norm / 2);
  throw new DomainError(
    expectation(
      `code of "${node}"`,
      `a distance of at most ${LARGEST_RADIUS} from the origin, which float32 can hold`,
      norm,
      'raise startScale in the config, or choose --space euclidean',
    ),
  );
}
