import { expectation, FormatError } from '../../core/errors.js';
import { type Matrix32, matrix } from '../../core/matrix.js';
import type { Rng } from '../../core/rng.js';

/** Triangles of a surface. */
export interface Mesh {
  /** [3 * vertices] */
  readonly vertices: Float64Array;
  /** [3 * triangles], vertices by number */
  readonly triangles: Int32Array;
}

/**
 * Vertices and faces of a Wavefront OBJ; a face of more corners becomes a fan of triangles, one of two has no area and is
 * passed over, as groups, normals, textures and lines are.
 * @throws FormatError naming the line of a vertex or face that is none
 */
export function parseObj(text: string, who: string): Mesh {
  const vertices: number[] = [];
  const triangles: number[] = [];
  text.split('\n').forEach((line, i) => {
    const [kind, ...fields] = line.trim().split(/\s+/);
    if (kind !== 'v' && kind !== 'f') return;
    const numbers =
      kind === 'v'
        ? fields.slice(0, 3).map(Number)
        : fields.map((field) => cornerOf(field, vertices.length / 3));
    if ((kind === 'v' && numbers.length < 3) || !numbers.every(Number.isFinite)) {
      const expected = kind === 'v' ? 'three coordinates' : 'vertices that stand above';
      throw new FormatError(expectation(`${who} line ${i + 1}`, expected, line, 'restore the file'));
    }
    if (kind === 'v') vertices.push(...numbers);
    else for (let c = 2; c < numbers.length; c++) triangles.push(numbers[0], numbers[c - 1], numbers[c]);
  });
  return { vertices: Float64Array.from(vertices), triangles: Int32Array.from(triangles) };
}

/** The number of a vertex from "7", "7/1" or "7//3", counted from 1, or from -1 for the last so far; NaN for none. */
function cornerOf(field: string, known: number): number {
  const given = Number(field.split('/')[0]);
  const at = given > 0 ? given - 1 : known + given;
  return Number.isInteger(given) && given !== 0 && at >= 0 && at < known ? at : Number.NaN;
}

/** Area of each triangle, and of all. */
export function areasOf({ vertices, triangles }: Mesh): {
  readonly areas: Float64Array;
  readonly total: number;
} {
  const areas = Float64Array.from({ length: triangles.length / 3 }, (_, t) => {
    const [a, b, c] = [triangles[3 * t], triangles[3 * t + 1], triangles[3 * t + 2]];
    const edge = (to: number, k: number) => vertices[3 * to + k] - vertices[3 * a + k];
    const [x, y, z] = [1, 2, 0].map((k) => {
      const l = (k + 1) % 3;
      return edge(b, k) * edge(c, l) - edge(b, l) * edge(c, k);
    });
    return Math.hypot(x, y, z) / 2;
  });
  return { areas, total: areas.reduce((sum, area) => sum + area, 0) };
}

/**
 * Points spread evenly over the surface, each triangle by its area, [count, 3].
 * @throws FormatError for a mesh without area
 * @source Osada et al. 2002, "Shape distributions", section 3.2 (a point of a triangle from two uniform numbers)
 */
export function sampleSurface(mesh: Mesh, count: number, rng: Rng): Matrix32 {
  const { vertices, triangles } = mesh;
  const { areas, total } = areasOf(mesh);
  if (!(total > 0)) {
    throw new FormatError(expectation('sampleSurface', 'a surface of some area', total, 'leave it out'));
  }
  const ends = new Float64Array(areas.length);
  areas.reduce((sum, area, t) => {
    ends[t] = sum + area;
    return ends[t];
  }, 0);
  const data = new Float32Array(count * 3);
  for (let i = 0; i < count; i++) {
    const t = firstAbove(ends, rng.uniform(0, total));
    const root = Math.sqrt(rng.uniform());
    const second = rng.uniform();
    const weights = [1 - root, root * (1 - second), root * second];
    for (let k = 0; k < 3; k++) {
      let place = 0;
      for (let c = 0; c < 3; c++) place += weights[c] * vertices[3 * triangles[3 * t + c] + k];
      data[3 * i + k] = place;
    }
  }
  return matrix(data, count, 3);
}

/** The first of the ascending `ends` that is above `value`. */
function firstAbove(ends: Float64Array, value: number): number {
  let [low, high] = [0, ends.length - 1];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (ends[middle] > value) high = middle;
    else low = middle + 1;
  }
  return low;
}
