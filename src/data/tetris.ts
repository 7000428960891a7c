import { requireInteger, requireWithin } from '../core/checks.js';
import { type Matrix32, matrix } from '../core/matrix.js';
import type { Rng } from '../core/rng.js';
import { randomRotation } from '../symmetry/so3/quaternion.js';
import { rotatePoints } from '../symmetry/so3/rotationMatrix.js';

/** The eight shapes of four unit cubes, by their centres. The first two are mirror images of each other. */
export const TETRIS_SHAPES = {
  chiral1: [0, 0, 0, 0, 0, 1, 1, 0, 0, 1, 1, 0],
  chiral2: [1, 1, 1, 1, 1, 2, 2, 1, 1, 2, 0, 1],
  square: [0, 0, 0, 1, 0, 0, 0, 1, 0, 1, 1, 0],
  line: [0, 0, 0, 0, 0, 1, 0, 0, 2, 0, 0, 3],
  corner: [0, 0, 0, 0, 0, 1, 0, 1, 0, 1, 0, 0],
  L: [0, 0, 0, 0, 0, 1, 0, 0, 2, 0, 1, 0],
  T: [0, 0, 0, 0, 0, 1, 0, 0, 2, 0, 1, 1],
  zigzag: [0, 0, 0, 1, 0, 0, 1, 1, 0, 2, 1, 0],
} as const;

export type TetrisShape = keyof typeof TETRIS_SHAPES;

const POINTS = 4;

export interface TetrisOptions {
  /** Standard deviation of each coordinate about the shape; 0.01 by default. */
  readonly noise?: number;
  /** Standard deviation of each coordinate of the translation; 5 by default. */
  readonly shift?: number;
  /** Whether clouds are turned, uniformly over SO(3); true by default. */
  readonly turned?: boolean;
  /** Whether their points come in random order; true by default. */
  readonly shuffled?: boolean;
}

export interface TetrisClouds {
  /** Each [4, 3]. */
  readonly clouds: readonly Matrix32[];
  /** Places in TETRIS_SHAPES, 0..7. */
  readonly labels: Uint8Array;
}

/**
 * Clouds of shapes drawn evenly, with noise, turned, shifted and reordered. @throws UsageError, DomainError for options out of range
 * @source shapes: e3nn, Geiger and Smidt 2022, arXiv:2207.09453; noise and motions: Winter et al. 2022, arXiv:2202.07559
 */
export function drawTetris(rng: Rng, count: number, options: TetrisOptions = {}): TetrisClouds {
  const { noise = 0.01, shift = 5, turned = true, shuffled = true } = options;
  requireInteger(count, 0, 'drawTetris count');
  requireWithin(noise, 0, 'drawTetris noise');
  requireWithin(shift, 0, 'drawTetris shift');
  const shapes = Object.values(TETRIS_SHAPES);
  const labels = Uint8Array.from({ length: count }, () => rng.below(shapes.length));
  const clouds = Array.from(labels, (label) => {
    const shape = Float64Array.from(shapes[label], (value) => value + noise * rng.normal());
    const rows = turned ? rotatePoints(matrix(shape, POINTS, 3), randomRotation(rng)).data : shape;
    const place = [shift * rng.normal(), shift * rng.normal(), shift * rng.normal()];
    const order = shuffled ? rng.permutation(POINTS) : [0, 1, 2, 3];
    const data = Float32Array.from({ length: shape.length }, (_, at) => {
      const axis = at % 3;
      return rows[3 * order[Math.floor(at / 3)] + axis] + place[axis];
    });
    return matrix(data, POINTS, 3);
  });
  return { clouds, labels };
}
