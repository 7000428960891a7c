import { expectation, UsageError } from '../core/errors.js';
import { type Matrix32, matrix, row, sliceColumns } from '../core/matrix.js';
import { columnsOf, type Space } from '../core/space.js';
import { manifoldOf } from '../geometry/manifold.js';
import { norm } from '../geometry/vector.js';

/**
 * Coordinates in which straight distances stand for those of a space, for methods that need means. Euclidean and inner
 * product: the vectors; cosine and sphere: their directions, times the radius; poincare, lorentz and stereographic: the
 * tangent vector at the origin, which keeps distances to the origin and angles there, while distances between points
 * of different directions come out too short for K < 0, too long for K > 0. Products: the factors side by side, times
 * √w for "l2", whose distance that gives, times w for "sum"; the offsets of a star are left out.
 * @param vectors [n, columnsOf(space)], valid points (requirePoints)
 * @returns [n, columns]
 * @throws UsageError for a star alone, where no point is nearer to some than to others
 */
export function flatCoordinates(space: Space, vectors: Matrix32): Matrix32 {
  const parts = partsOf(space, vectors, 1);
  const columns = parts.reduce((sum, part) => sum + part.columns, 0);
  if (columns === 0) {
    const remedy = 'offsets order all items alike: they form no clusters';
    throw new UsageError(expectation('flatCoordinates space', 'a space with directions', space.kind, remedy));
  }
  const data = new Float32Array(vectors.rows * columns);
  let offset = 0;
  for (const part of parts) {
    for (let i = 0; i < vectors.rows; i++) data.set(row(part, i), i * columns + offset);
    offset += part.columns;
  }
  return matrix(data, vectors.rows, columns);
}

function partsOf(space: Space, vectors: Matrix32, factor: number): Matrix32[] {
  switch (space.kind) {
    case 'star':
      return [];
    case 'product': {
      let at = 0;
      return space.factors.flatMap(({ space: part, weight }) => {
        const own = sliceColumns(vectors, at, at + columnsOf(part));
        at += own.columns;
        return partsOf(part, own, factor * (space.combine === 'l2' ? Math.sqrt(weight) : weight));
      });
    }
    case 'euclidean':
    case 'innerProduct':
      return [mapRows(vectors, space.dim, (x, out) => scaleInto(x, factor, 0, out))];
    case 'cosine':
    case 'sphere': {
      const radius = space.kind === 'sphere' ? 1 / Math.sqrt(space.curvature) : 1;
      const toSphere = (x: Float32Array, out: Float32Array) =>
        scaleInto(x, (factor * radius) / norm(x), 0, out);
      return [mapRows(vectors, space.dim, toSphere)];
    }
    case 'lorentz':
    case 'poincare':
    case 'stereographic': {
      const { log, origin, columns } = manifoldOf(space);
      const start = origin();
      // The metric of a ball has the factor 2 at the origin; on the hyperboloid tangents there have no time.
      const unit = space.kind === 'lorentz' ? factor : 2 * factor;
      const skipped = columns - space.dim;
      return [mapRows(vectors, space.dim, (x, out) => scaleInto(log(start, x), unit, skipped, out))];
    }
  }
}

function mapRows(
  vectors: Matrix32,
  columns: number,
  fill: (x: Float32Array, out: Float32Array) => void,
): Matrix32 {
  const data = new Float32Array(vectors.rows * columns);
  for (let i = 0; i < vectors.rows; i++) {
    fill(row(vectors, i), data.subarray(i * columns, (i + 1) * columns));
  }
  return matrix(data, vectors.rows, columns);
}

function scaleInto(x: ArrayLike<number>, factor: number, skipped: number, out: Float32Array): void {
  for (let k = 0; k < out.length; k++) out[k] = factor * x[k + skipped];
}
