import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  cacheFolder,
  type Extents,
  formatNpz,
  fourierForward,
  loadFurniture,
  type Matrix32,
  type Mesh,
  matrix,
  meshExtents,
  parseNpz,
  Rng,
  randomRotation,
  rotatePoints,
  sphereGrid,
  sphericalFourier,
  writeFileAtomic,
} from '../../src/index.js';
import type { Settings } from './settings.js';

/** Models of furniture as functions on the sphere, each in several poses. */
export interface Views {
  /** View v of model i is row i * views + v; a row holds the two channels of each degree. */
  readonly coefficients: Matrix32;
  readonly views: number;
  /** The last word of each model's name. */
  readonly words: readonly string[];
}

/** Distance of the farthest surface and how squarely the ray meets it. */
export const CHANNELS = 2;

/**
 * Turns each model at random, sends rays from its centroid, and keeps the degrees of what they find. Each pose is cast anew,
 * so that what the grid misses differs as it would. Flat models are left out. Later runs read what the first one left in the cache.
 * @throws MissingError without the models
 */
export function loadViews({
  views,
  bandwidth,
  degree,
}: Pick<Settings, 'views' | 'bandwidth' | 'degree'>): Views {
  const columns = CHANNELS * (degree + 1) ** 2;
  const base = join(cacheFolder(), `furniture-1.8-extents-${bandwidth}-${degree}-${views}`);
  if (existsSync(`${base}.npz`) && existsSync(`${base}.json`)) {
    const { coefficients } = parseNpz(readFileSync(`${base}.npz`), base);
    const words = JSON.parse(readFileSync(`${base}.json`, 'utf8')) as string[];
    const data = coefficients.data as Float32Array;
    return { coefficients: matrix(data, words.length * views, columns), views, words };
  }
  const grid = sphereGrid(bandwidth);
  const transform = sphericalFourier(grid, degree);
  const kept = loadFurniture().flatMap(({ mesh, path, word }) => {
    const rng = new Rng(0).split(path);
    const seen = Array.from({ length: views }, () => meshExtents(turned(mesh, rng), grid, path));
    return seen.every(isSolid) ? [{ seen, word }] : [];
  });
  const words = kept.map(({ word }) => word);
  const data = new Float32Array(words.length * views * columns);
  kept
    .flatMap(({ seen }) => seen)
    .forEach(({ distances, cosines }, i) => {
      const both = matrix(Float64Array.of(...distances, ...cosines), CHANNELS, distances.length);
      data.set(interleaved(fourierForward(transform, both).data, degree), i * columns);
    });
  const shape = [words.length * views, columns];
  writeFileAtomic(`${base}.npz`, formatNpz({ coefficients: { data, shape } }));
  writeFileAtomic(`${base}.json`, JSON.stringify(words));
  return { coefficients: matrix(data, words.length * views, columns), views, words };
}

/** A flat model, such as a road crossing, is seen edge on from its centroid: a twentieth of the rays must meet something. */
const isSolid = ({ distances }: Extents): boolean =>
  distances.reduce((met, distance) => met + Number(distance > 0), 0) >= distances.length / 20;

function turned({ vertices, triangles }: Mesh, rng: Rng): Mesh {
  const points = rotatePoints(matrix(vertices, vertices.length / 3, 3), randomRotation(rng));
  return { vertices: Float64Array.from(points.data), triangles };
}

/**
 * Coefficients of the two channels, degree after degree, distances over their root mean square over the sphere: the size
 * of a model is its author's unit.
 */
export function interleaved(coefficients: ArrayLike<number>, degree: number): Float32Array {
  const width = (degree + 1) ** 2;
  let square = 0;
  // Of harmonics whose own mean square is 1.
  for (let at = 0; at < width; at++) square += coefficients[at] ** 2;
  const scale = 1 / Math.sqrt(square);
  const out = new Float32Array(2 * width);
  for (let l = 0; l <= degree; l++) {
    const size = 2 * l + 1;
    for (let m = 0; m < size; m++) {
      out[2 * l * l + m] = scale * coefficients[l * l + m];
      out[2 * l * l + size + m] = coefficients[width + l * l + m];
    }
  }
  return out;
}
