import { isOnDevice } from '../../engine/device.js';
import { gradsOnOwnTape } from '../../engine/ownTape.js';
import * as tf from '../../engine/tf.js';
import type { Curvature } from '../manifold.js';
import { arcOf, curvatureSlopeOf, lawOf, slopeOf } from './arc.js';
import { chordOf, sidesOf } from './chord.js';
import type { PairPath, PairSides } from './pairOp.js';
import type { PairLayout, PairSpace } from './pairSpace.js';

/**
 * Values of the largest tensor, [rows of a block, m, columns]: 16 MiB, which caches hold. One row's pairs may still be
 * more. On a GPU it is the number of ops that costs: 128 MiB, the most that WebGPU binds.
 */
const BLOCK_VALUES = { host: 2 ** 22, device: 2 ** 25 };

/** Distances by float32 tensors, one block of rows of x at a time, computed anew for each derivative. */
export function tensorPath(kind: PairSpace['kind'], layout: PairLayout): PairPath {
  return {
    distances([x, y = x], K) {
      const blocks = blocksOf(x, y, layout).map((block) =>
        tf.tidy(() => {
          const d = arcOf(lawOf(kind, K), chordOf(kind, sidesOf(kind, block.x(x), block.y(y), layout), K));
          return layout === 'all' ? d : tf.reshape(d, [-1]);
        }),
      );
      return joined(blocks, layout === 'all' ? [x.shape[0], y.shape[0]] : [0]);
    },
    gradients(sides, K, dy) {
      const [x, y = x] = sides;
      const { points, rest } = overBlocks(x, y, layout, (block) => {
        const [xs, ys, pull] = [block.x(x), block.y(y), block.x(dy)];
        const [toX, toY] = blockGradients(kind, layout, xs, ys, K, pull);
        const toK = typeof K === 'number' ? [] : [curvatureGradient(kind, layout, xs, ys, K, pull)];
        return { toX, toY, rest: toK };
      });
      const sum = ofSides(points, sides);
      if (typeof K === 'number') return { points: sum };
      return { points: sum, curvature: (rest.length > 0 ? tf.addN(rest) : tf.scalar(0)) as tf.Scalar };
    },
    second(sides, K, dy, v) {
      const [x, y = x] = sides;
      const [n, columns] = x.shape;
      const vx = tf.slice(v, [0, 0], [n, columns]);
      const vy = sides.length === 1 ? vx : tf.slice(v, [n, 0], [y.shape[0], columns]);
      const { points, rest } = overBlocks(x, y, layout, (block) => {
        const [directionX, directionY] = [block.x(vx), block.y(vy)];
        const along = (xs: tf.Tensor, ys: tf.Tensor, pull: tf.Tensor) => {
          const back = blockGradients(kind, layout, xs as tf.Tensor2D, ys as tf.Tensor2D, K, pull);
          return tf.add(tf.sum(tf.mul(back[0], directionX)), tf.sum(tf.mul(back[1], directionY)));
        };
        const inputs = [block.x(x), block.y(y), block.x(dy)];
        const [toX, toY, toDy] = gradsOnOwnTape(along, inputs) as [tf.Tensor2D, tf.Tensor2D, tf.Tensor];
        return { toX, toY, rest: [toDy] };
      });
      return { points: ofSides(points, sides), dy: joined(rest, dy.shape) };
    },
  };
}

/** [2n, columns] of x as both sides to the sum of both. */
function ofSides(points: tf.Tensor2D, sides: PairSides): tf.Tensor2D {
  if (sides.length === 2) return points;
  const [toX, toY] = tf.split(points, 2);
  return tf.add(toX, toY);
}

interface Block {
  x<T extends tf.Tensor>(t: T): T;
  y(t: tf.Tensor2D): tf.Tensor2D;
}

/** Cuts x and what has its rows, and y too where row meets row. */
function blocksOf(x: tf.Tensor2D, y: tf.Tensor2D, layout: PairLayout): Block[] {
  const [n, columns] = x.shape;
  const rowValues = columns * (layout === 'all' ? y.shape[0] : 1);
  const most = Math.max(
    1,
    Math.floor(BLOCK_VALUES[isOnDevice() ? 'device' : 'host'] / Math.max(1, rowValues)),
  );
  const blocks: Block[] = [];
  for (let from = 0; from < n && y.shape[0] > 0; from += most) {
    const rows = Math.min(most, n - from);
    const cut = <T extends tf.Tensor>(t: T) =>
      tf.slice(t, [from, ...t.shape.slice(1).map(() => 0)], [rows, ...t.shape.slice(1)]) as T;
    blocks.push({ x: cut, y: layout === 'all' ? (t) => t : cut });
  }
  return blocks;
}

/** In ops that have gradients: the second derivative is taken of these. */
function blockGradients(
  kind: PairSpace['kind'],
  layout: PairLayout,
  x: tf.Tensor2D,
  y: tf.Tensor2D,
  K: Curvature,
  dy: tf.Tensor,
): [tf.Tensor2D, tf.Tensor2D] {
  const sides = sidesOf(kind, x, y, layout);
  const chord = chordOf(kind, sides, K);
  const pull = tf.mul(layout === 'all' ? dy : tf.expandDims(dy, 1), slopeOf(lawOf(kind, K), chord));
  const across = tf.mul(tf.expandDims(tf.mul(pull, chord.toDifference), 2), chord.difference);
  const otherAxis = layout === 'all' ? 0 : 1;
  let toX: tf.Tensor = tf.sum(across, 1);
  let toY: tf.Tensor = tf.neg(tf.sum(across, otherAxis));
  const radial = (weights: tf.Tensor, axis: number, points: tf.Tensor) => {
    const rows = tf.reshape(points, [-1, points.shape[2] as number]);
    return tf.mul(rows, tf.reshape(tf.sum(tf.mul(pull, weights), axis), [-1, 1]));
  };
  if (chord.toX) toX = tf.add(toX, radial(chord.toX, 1, sides.x));
  if (chord.toY) toY = tf.add(toY, radial(chord.toY, otherAxis, sides.y));
  return [timed(kind, toX), timed(kind, toY)];
}

/** With a column of zeros for the time of lorentz. */
function timed(kind: PairSpace['kind'], gradient: tf.Tensor): tf.Tensor2D {
  if (kind !== 'lorentz') return gradient as tf.Tensor2D;
  return tf.pad(gradient as tf.Tensor2D, [
    [0, 0],
    [1, 0],
  ]);
}

function curvatureGradient(
  kind: PairSpace['kind'],
  layout: PairLayout,
  x: tf.Tensor2D,
  y: tf.Tensor2D,
  K: Curvature,
  dy: tf.Tensor,
): tf.Scalar {
  const law = lawOf(kind, K);
  const chord = chordOf(kind, sidesOf(kind, x, y, layout), K);
  const explicit = law.cosine ? tf.zerosLike(chord.u) : curvatureSlopeOf(law, chord);
  const slope = tf.add(explicit, tf.mul(slopeOf(law, chord), chord.toCurvature()));
  return tf.sum(tf.mul(layout === 'all' ? dy : tf.expandDims(dy, 1), slope)) as tf.Scalar;
}

function joined<T extends tf.Tensor>(blocks: readonly T[], emptyShape: readonly number[]): T {
  return (blocks.length > 0 ? tf.concat([...blocks], 0) : tf.zeros([...emptyShape])) as T;
}

interface BlockGradients {
  readonly toX: tf.Tensor2D;
  /** Of the whole of y, or of the block's rows where row meets row. */
  readonly toY: tf.Tensor2D;
  readonly rest: readonly tf.Tensor[];
}

/** The gradients of all blocks to x and then to y, [n + m, columns], and the rest of each. */
function overBlocks(
  x: tf.Tensor2D,
  y: tf.Tensor2D,
  layout: PairLayout,
  gradients: (block: Block) => BlockGradients,
): { points: tf.Tensor2D; rest: tf.Tensor[] } {
  const toX: tf.Tensor2D[] = [];
  const rest: tf.Tensor[] = [];
  let toY: tf.Tensor2D[] = [];
  for (const block of blocksOf(x, y, layout)) {
    const back = tf.scope(() => gradients(block));
    toX.push(back.toX);
    rest.push(...back.rest);
    toY.push(back.toY);
    if (layout === 'rows' || toY.length === 1) continue;
    // One sum instead of one [m, columns] a block.
    const sum = tf.add(toY[0], toY[1]) as tf.Tensor2D;
    tf.dispose(toY);
    toY = [sum];
  }
  return { points: tf.concat([joined(toX, x.shape), joined(toY, y.shape)], 0), rest };
}
