import { sizeOf } from '../core/shape.js';
import type { FlatParameters } from '../engine/parameters.js';
import * as tf from '../engine/tf.js';
import type { Retraction } from '../geometry/riemannianDescent.js';
import { type Assignment, assignmentOf, decayOfEach, isCurved, noticeOf } from './assignment.js';
import { type Motion, motionOn } from './motion.js';

export interface FlatMotionOptions {
  /** Euclidean arrays of rank > 1 shrink by learningRate * weightDecay a step. */
  readonly weightDecay?: number;
  /** Points come nearer to the origin by this share times the learning rate a step, along their geodesics. Default 0. */
  readonly manifoldDecay?: number;
  /** Gradients of a larger Riemannian norm, over all arrays, are scaled down to it. Default: none are. */
  readonly clipNorm?: number;
  /** Default exp. */
  readonly retraction?: Retraction;
  /** Receives one line: which arrays are moved on which manifold, or that there are none. Default: stderr. */
  readonly onNotice?: (line: string) => void;
}

/** Neighbouring Euclidean arrays, or one array of points. */
interface Segment {
  readonly size: number;
  readonly curved?: { readonly motion: Motion; readonly shape: [rows: number, columns: number] };
}

/**
 * Flat parameters of which some arrays are points of manifolds. What an optimiser computes value by value goes over
 * the flat vector in one op; only gradients and points of each curved array are worked out apart.
 */
export class FlatMotion {
  readonly assignment: Assignment;
  private readonly segments: readonly Segment[];
  private readonly isFlat: boolean;
  private readonly decays: tf.Tensor1D;
  private readonly atRim: tf.Variable<tf.Rank.R0>;

  constructor(
    optimizer: string,
    private readonly parameters: FlatParameters,
    private readonly options: FlatMotionOptions,
  ) {
    this.assignment = assignmentOf(parameters.specs);
    const { onNotice = console.warn } = options;
    onNotice(noticeOf(optimizer, this.assignment));
    this.segments = segmentsOf(this.assignment, options.retraction);
    this.isFlat = this.segments.every(({ curved }) => !curved);
    const decays = decayOfEach(this.assignment, options.weightDecay ?? 0);
    this.decays = tf.tidy(() => tf.keep(tf.tensor1d(decays)));
    this.atRim = tf.tidy(() => tf.variable(tf.scalar(0), false));
  }

  /**
   * Riemannian gradient and its squared lengths, both [size], from the Euclidean one; clipped. The squares are as
   * geometry's `squaredLengths`. Call inside tidy.
   */
  gradient(euclidean: tf.Tensor1D): { gradient: tf.Tensor1D; squares: tf.Tensor1D } {
    const { clipNorm } = this.options;
    const [points, parts] = [this.split(this.parameters.flat), this.split(euclidean)];
    const gradients = this.segments.map(({ curved }, i) =>
      curved
        ? curved.motion.manifold.egrad2rgrad(points[i] as tf.Tensor2D, parts[i] as tf.Tensor2D)
        : parts[i],
    );
    const lengths = (i: number, u: tf.Tensor): tf.Tensor => {
      const { curved } = this.segments[i];
      return curved
        ? curved.motion.manifold.inner(points[i] as tf.Tensor2D, u as tf.Tensor2D, u as tf.Tensor2D)
        : tf.square(u);
    };
    const clipped = clipNorm === undefined ? gradients : clip(gradients, lengths, clipNorm);
    const squares = clipped.map((u, i) => this.squares(i, points[i], u));
    return { gradient: this.join(clipped), squares: this.join(squares) };
  }

  /**
   * Takes `step` [size] away from the parameters, along geodesics where they are points. Call inside tidy.
   * @param moment tangent vectors [size] @returns the moment at the new points
   */
  move(step: tf.Tensor1D, learningRate: number, moment: tf.Tensor1D): tf.Tensor1D {
    const { flat } = this.parameters;
    const decay = tf.mul(tf.mul(flat, this.decays), learningRate);
    const straight = tf.sub(flat, tf.add(step, decay)) as tf.Tensor1D;
    if (this.isFlat) {
      flat.assign(straight);
      return moment;
    }
    const contraction = learningRate * (this.options.manifoldDecay ?? 0);
    const [points, steps, moved] = [this.split(flat), this.split(step), this.split(straight)];
    const moments = this.split(moment);
    const counts: tf.Scalar[] = [];
    for (const [i, { curved }] of this.segments.entries()) {
      if (!curved) continue;
      const x = points[i] as tf.Tensor2D;
      const { points: y, atRim } = curved.motion.move(x, tf.neg(steps[i] as tf.Tensor2D), contraction);
      counts.push(atRim);
      moments[i] = curved.motion.carry(x, y, moments[i] as tf.Tensor2D);
      moved[i] = y;
    }
    this.atRim.assign(tf.addN(counts));
    flat.assign(this.join(moved));
    return this.join(moments);
  }

  /** How many points of balls the last step's projection put back: they had come to the rim. */
  async rowsAtRim(): Promise<number> {
    return (await this.atRim.data())[0];
  }

  dispose(): void {
    tf.dispose([this.decays, this.atRim]);
  }

  /** [n, columns], the same in every column where they belong to a whole row. */
  private squares(i: number, x: tf.Tensor, u: tf.Tensor): tf.Tensor {
    const { curved } = this.segments[i];
    if (!curved) return tf.square(u);
    const { motion, shape } = curved;
    return tf.tile(motion.squares(x as tf.Tensor2D, u as tf.Tensor2D), [1, shape[1] / motion.width]);
  }

  private split(flat: tf.Tensor1D): tf.Tensor[] {
    if (this.isFlat) return [flat];
    const parts = tf.split(
      flat,
      this.segments.map(({ size }) => size),
    );
    return parts.map((part, i) => {
      const shape = this.segments[i].curved?.shape;
      return shape ? tf.reshape(part, shape) : part;
    });
  }

  private join(parts: readonly tf.Tensor[]): tf.Tensor1D {
    if (this.isFlat) return parts[0] as tf.Tensor1D;
    return tf.concat(parts.map((part) => tf.reshape(part, [-1]) as tf.Tensor1D));
  }
}

function segmentsOf(assignment: Assignment, retraction: Retraction | undefined): Segment[] {
  const segments: Segment[] = [];
  for (const { shape, space } of assignment) {
    const size = sizeOf(shape);
    const last = segments.at(-1);
    if (isCurved(space)) {
      const motion = motionOn(space, retraction);
      const { columns } = motion.manifold;
      segments.push({ size, curved: { motion, shape: [size / columns, columns] } });
    } else if (last && !last.curved) segments[segments.length - 1] = { size: last.size + size };
    else segments.push({ size });
  }
  return segments.length > 0 ? segments : [{ size: 0 }];
}

function clip(
  gradients: readonly tf.Tensor[],
  squares: (i: number, u: tf.Tensor) => tf.Tensor,
  clipNorm: number,
): tf.Tensor[] {
  const norm = tf.sqrt(tf.addN(gradients.map((u, i) => tf.sum(squares(i, u)))));
  const share = tf.div(clipNorm, tf.maximum(norm, clipNorm));
  return gradients.map((u) => tf.mul(u, share));
}
