import { requireFinite } from '../../core/checks.js';
import { expectation, FormatError } from '../../core/errors.js';
import { gridPoints, type SphereGrid } from '../../symmetry/so3/sphereGrid.js';
import { areasOf, type Mesh } from './mesh.js';

export type Vector = readonly [number, number, number];

/** What rays from a centre meet last, a number a sample of the grid. */
export interface Extents {
  /** To the farthest surface, in the mesh's unit; 0 where the ray meets none. */
  readonly distances: Float64Array;
  /** |cos| of the angle between the ray and that surface's normal, 0..1; 0 where there is none. */
  readonly cosines: Float64Array;
}

/**
 * Rays from the centroid of the surface, or another centre, through the points of a grid. Each triangle is held against
 * the rays of the cap that it fills as seen from the centre, so that time grows with what is met, not with rays times
 * triangles. A triangle in a plane with the centre is seen edge on and not met.
 * @param who names the mesh in errors
 * @throws FormatError for a mesh without faces, or whose faces have no area; DomainError naming a vertex that is not finite
 * @source Cohen et al. 2018, "Spherical CNNs", arXiv:1801.10130, section 5.3 (distance and normals by rays)
 */
export function meshExtents(mesh: Mesh, grid: SphereGrid, who: string, centre?: Vector): Extents {
  requireSurface(mesh, who);
  const from = centre ?? surfaceCentroid(mesh, who);
  const rays = gridPoints(grid).data;
  const distances = new Float64Array(rays.length / 3);
  const cosines = new Float64Array(rays.length / 3);
  for (let t = 0; t < mesh.triangles.length; t += 3) {
    const [a, b, c] = [0, 1, 2].map((k) => corner(mesh, mesh.triangles[t + k], from));
    const sides = [cross(b, c), cross(c, a), cross(a, b)] as const;
    const volume = dot(a, sides[0]);
    if (volume === 0) continue;
    const normal = length(add(add(sides[0], sides[1]), sides[2]));
    forEachRayOfCap(grid, capOf([a, b, c]), (ray) => {
      const d: Vector = [rays[3 * ray], rays[3 * ray + 1], rays[3 * ray + 2]];
      // Of one sign where the ray, or its opposite, passes the triangle inside; their sum is d . normal.
      const [u, v, w] = [dot(d, sides[0]), dot(d, sides[1]), dot(d, sides[2])];
      if (!((u >= 0 && v >= 0 && w >= 0) || (u <= 0 && v <= 0 && w <= 0))) return;
      const distance = volume / (u + v + w);
      if (!(distance > distances[ray] && Number.isFinite(distance))) return;
      distances[ray] = distance;
      cosines[ray] = Math.min(1, Math.abs(u + v + w) / normal);
    });
  }
  return { distances, cosines };
}

/** Mean of the surface's points. @throws as meshExtents */
export function surfaceCentroid(mesh: Mesh, who: string): Vector {
  requireSurface(mesh, who);
  const { areas, total } = areasOf(mesh);
  const sum = [0, 0, 0];
  areas.forEach((area, t) => {
    for (let k = 0; k < 3; k++) {
      for (let c = 0; c < 3; c++) sum[k] += (area * mesh.vertices[3 * mesh.triangles[3 * t + c] + k]) / 3;
    }
  });
  return [sum[0] / total, sum[1] / total, sum[2] / total];
}

function requireSurface(mesh: Mesh, who: string): void {
  requireFinite(mesh.vertices, 3, `${who} vertices`);
  const got = mesh.triangles.length === 0 ? 'a mesh without faces' : `an area of ${areasOf(mesh).total}`;
  if (mesh.triangles.length > 0 && areasOf(mesh).total > 0) return;
  throw new FormatError(expectation(who, 'faces with an area', got, 'leave it out or restore the file'));
}

interface Cap {
  readonly axis: Vector;
  /** Half its opening, radians; π for the whole sphere. */
  readonly angle: number;
}

/** A cap about the directions of the corners: below a half sphere it is convex and has the whole triangle. */
function capOf(corners: readonly Vector[]): Cap {
  const directions = corners.map((p) => scaled(p, 1 / length(p)));
  const sum = directions.reduce(add);
  const axis = scaled(sum, 1 / length(sum));
  const least = Math.min(...directions.map((d) => dot(d, axis)));
  return least > 0.01
    ? { axis, angle: Math.acos(Math.min(1, least)) + ROUNDING }
    : { axis: [0, 0, 1], angle: Math.PI };
}

/** The arc cosine of a number near 1 is right to the root of float64's precision. */
const ROUNDING = 1e-7;

function forEachRayOfCap(
  { polar, azimuth, bandwidth }: SphereGrid,
  { axis, angle }: Cap,
  visit: (ray: number) => void,
): void {
  const count = azimuth.length;
  const theta = Math.acos(Math.max(-1, Math.min(1, axis[2])));
  const phi = Math.atan2(axis[1], axis[0]);
  const hasPole = angle >= theta || angle >= Math.PI - theta;
  // The azimuths of a cap without a pole: its tangent meridians.
  const half = hasPole ? Math.PI : Math.asin(Math.min(1, Math.sin(angle) / Math.sin(theta))) + ROUNDING;
  const step = Math.PI / bandwidth;
  const whole = 2 * half >= 2 * Math.PI - step;
  const first = whole ? 0 : Math.ceil((phi - half) / step);
  const last = whole ? count - 1 : Math.floor((phi + half) / step);
  for (let j = 0; j < polar.length; j++) {
    if (Math.abs(polar[j] - theta) > angle) continue;
    for (let k = first; k <= last; k++) visit(j * count + (((k % count) + count) % count));
  }
}

function corner({ vertices }: Mesh, vertex: number, from: Vector): Vector {
  return [
    vertices[3 * vertex] - from[0],
    vertices[3 * vertex + 1] - from[1],
    vertices[3 * vertex + 2] - from[2],
  ];
}

const dot = (a: Vector, b: Vector): number => a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
const add = (a: Vector, b: Vector): Vector => [a[0] + b[0], a[1] + b[1], a[2] + b[2]];
const scaled = (a: Vector, s: number): Vector => [s * a[0], s * a[1], s * a[2]];
const length = (a: Vector): number => Math.hypot(a[0], a[1], a[2]);
const cross = (a: Vector, b: Vector): Vector => [
  a[1] * b[2] - a[2] * b[1],
  a[2] * b[0] - a[0] * b[2],
  a[0] * b[1] - a[1] * b[0],
];
