import {
  applyLinear,
  distanceMatrix,
  type LinearMap,
  type Matrix,
  type Matrix32,
  matrix,
  pca,
  placePoints,
  Rng,
  randomProjection,
  reconstructLinear,
  smacof,
} from '../../src/index.js';
import { head } from './digits.js';
import { euclideanOf } from './measure.js';

/** Codes of test rows, and their reconstruction where there is one. */
export interface FloorCodes {
  readonly codes: Matrix;
  readonly output?: Matrix;
}

/** PCA of all directions that any code asks for: a narrower one is its first columns. */
export function principalMap(train: Matrix32, widest: number): LinearMap {
  const { projection, mean } = pca(train, widest);
  return { projection, mean };
}

export function principalCodes({ projection, mean }: LinearMap, code: number, test: Matrix32): FloorCodes {
  const directions = matrix(projection.data.slice(0, code * projection.columns), code, projection.columns);
  const codes = applyLinear({ projection: directions, mean }, test);
  return { codes, output: reconstructLinear(codes, directions, mean) };
}

export function randomCodes(code: number, test: Matrix32, seed: number): FloorCodes {
  return { codes: applyLinear(randomProjection(test.columns, code, { seed }), test) };
}

/** The least stress that was found for these very points: no map of new points, a bound below all. */
export function scaledCodes(between: Matrix, code: number): FloorCodes {
  return { codes: smacof(between, { dim: code, maxIterations: 300, tolerance: 1e-5 }).points };
}

/** The first training rows are scaled, test rows placed among them: multidimensional scaling as a map. */
export function placedCodes(code: number, train: Matrix32, test: Matrix32, landmarks: number): FloorCodes {
  const known = head(train, landmarks);
  const space = euclideanOf(known);
  const { points } = smacof(distanceMatrix(space, known, known), {
    ...{ dim: code, maxIterations: 300, tolerance: 1e-5 },
  });
  const toKnown = distanceMatrix(space, test, known);
  return { codes: placePoints(points, toKnown, { maxIterations: 60, tolerance: 1e-6 }).points };
}

interface Umap {
  fit(rows: number[][]): number[][];
  transform(rows: number[][]): number[][];
}
type UmapPackage = {
  readonly UMAP: new (options: { nComponents: number; nNeighbors: number; random: () => number }) => Umap;
};

/** By umap-js, a package for development; undefined where it is not installed. */
export async function umapCodes(
  code: number,
  train: Matrix32,
  test: Matrix32,
  seed: number,
): Promise<FloorCodes | undefined> {
  const name = 'umap-js';
  const loaded = (await import(name).catch(() => undefined)) as UmapPackage | undefined;
  if (!loaded) {
    console.error('  UMAP is left out: umap-js is not installed (npm install --no-save umap-js@1.4.0)');
    return undefined;
  }
  const rng = new Rng(seed).split('umap');
  const umap = new loaded.UMAP({ nComponents: code, nNeighbors: 15, random: () => rng.uniform() });
  umap.fit(listsOf(train));
  const codes = umap.transform(listsOf(test)).flat();
  return { codes: matrix(Float64Array.from(codes), test.rows, code) };
}

function listsOf({ data, rows, columns }: Matrix32): number[][] {
  return Array.from({ length: rows }, (_, i) => Array.from(data.subarray(i * columns, (i + 1) * columns)));
}
