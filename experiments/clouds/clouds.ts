import {
  type Matrix32,
  matrix,
  packPointSets,
  type Rng,
  randomRotation,
  rotatePoints,
} from '../../src/index.js';
import { drawPoints, type Models } from './models.js';

/** A cloud of each model, turned at random and shifted, its points in random order. */
export function drawClouds(
  models: Models,
  chosen: ArrayLike<number>,
  { points, shift }: { readonly points: number; readonly shift: number },
  rng: Rng,
): Matrix32[] {
  return Array.from(chosen, (model) => placed(drawPoints(models, model, points, rng), shift, rng));
}

/** Points turned uniformly about the origin, then shifted. */
export function placed(points: Float32Array, shift: number, rng: Rng): Matrix32 {
  const turned = rotatePoints(matrix(points, points.length / 3, 3), randomRotation(rng)).data;
  const place = [shift * rng.normal(), shift * rng.normal(), shift * rng.normal()];
  const data = Float32Array.from(turned, (v, at) => v + place[at % 3]);
  return matrix(data, points.length / 3, 3);
}

export const packClouds = (clouds: readonly Matrix32[], points: number): Matrix32 =>
  packPointSets(clouds, { maxPoints: points, dim: 3 });
