import { TETRIS_SHAPES } from '../../src/index.js';

/** Squares below this share of a direction's own are rounding: the direction adds nothing. */
const DEPENDENT = 1e-9;

/**
 * Directions in which all points of the shape move when it is shifted or turned, orthonormal, [12] each: six, five for points on
 * a line.
 */
export function motionDirections(shape: ArrayLike<number>): Float64Array[] {
  const count = shape.length / 3;
  const centre = [0, 1, 2].map((k) => {
    let sum = 0;
    for (let p = 0; p < count; p++) sum += shape[3 * p + k];
    return sum / count;
  });
  const directions: Float64Array[] = [];
  for (let axis = 0; axis < 3; axis++) {
    const [next, last] = [(axis + 1) % 3, (axis + 2) % 3];
    const shifted = Float64Array.from(shape, (_, at) => Number(at % 3 === axis));
    const turned = Float64Array.from(shape, (_, at) => {
      const p = at - (at % 3);
      if (at % 3 === next) return -(shape[p + last] - centre[last]);
      return at % 3 === last ? shape[p + next] - centre[next] : 0;
    });
    for (const direction of [shifted, turned]) {
      const rest = without(directions, direction);
      const left = squared(rest);
      if (left > DEPENDENT * squared(direction)) directions.push(rest.map((v) => v / Math.sqrt(left)));
    }
  }
  return directions;
}

/** What is left of a vector beside orthonormal directions. */
export function without(directions: readonly Float64Array[], vector: Float64Array): Float64Array {
  const rest = vector.slice();
  for (const direction of directions) {
    const along = direction.reduce((sum, v, k) => sum + v * rest[k], 0);
    for (let k = 0; k < rest.length; k++) rest[k] -= along * direction[k];
  }
  return rest;
}

const squared = (vector: Float64Array): number => vector.reduce((sum, v) => sum + v * v, 0);

/**
 * Mean square of what is left of independent noise on each coordinate once a motion and `codeDim` more numbers have followed
 * it, averaged over the shapes, to first order in the noise: of 12 directions, motions take six. For points on a line the
 * turn about it, which moves none of them, can still follow one direction of the noise, so that it takes six there too.
 * A discrete choice, as of an order, follows no direction.
 */
export function noiseBound(noise: number, codeDim: number): number {
  const shapes = Object.values(TETRIS_SHAPES);
  const left = shapes.map((shape) => {
    const motions = Math.max(6, motionDirections(shape).length);
    return (shape.length - motions - codeDim) / shape.length;
  });
  return (noise ** 2 * left.reduce((a, b) => a + b)) / shapes.length;
}
