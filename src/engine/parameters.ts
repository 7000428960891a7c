import { expectation, FormatError } from '../core/errors.js';
import type { Rng } from '../core/rng.js';
import type { NamedTensor } from '../core/safetensors.js';
import { sizeOf } from '../core/shape.js';
import type { Space } from '../core/space.js';
import * as tf from './tf.js';

/** A named array that a module owns. `initial` gives its first values from a stream of its own. */
export interface ParameterSpec {
  readonly name: string;
  readonly shape: readonly number[];
  readonly initial: (rng: Rng, size: number) => Float32Array;
  /** Where the rows, along the last axis, are points; absent for an array of numbers. Only Riemannian optimisers may move it. */
  readonly space?: Space;
}

export const zeros = (_: Rng, size: number): Float32Array => new Float32Array(size);
export const ones = (_: Rng, size: number): Float32Array => new Float32Array(size).fill(1);
/** Normal with standard deviation `sd`. */
export const normal = (sd: number) => (rng: Rng, size: number) =>
  Float32Array.from({ length: size }, () => sd * rng.normal());
/** Uniform between -bound and bound. */
export const uniform = (bound: number) => (rng: Rng, size: number) =>
  Float32Array.from({ length: size }, () => rng.uniform(-bound, bound));
/** For layers before a ReLU. @source He et al. 2015, arXiv:1502.01852, eq. 10 */
export const heNormal = (fanIn: number) => normal(Math.sqrt(2 / fanIn));

/**
 * A [rows, columns] matrix with orthonormal columns, or rows where those are fewer.
 * @source Saxe, McClelland, Ganguli 2014, arXiv:1312.6120
 */
export const orthogonal = (rows: number, columns: number) => (rng: Rng) => {
  const [count, length] = rows < columns ? [rows, columns] : [columns, rows];
  const vectors: Float64Array[] = [];
  while (vectors.length < count) {
    const v = Float64Array.from({ length }, () => rng.normal());
    // Twice: what rounding leaves of the others the first time, the second takes away.
    for (const u of [...vectors, ...vectors]) {
      const along = u.reduce((sum, value, k) => sum + value * v[k], 0);
      for (let k = 0; k < length; k++) v[k] -= along * u[k];
    }
    const norm = Math.hypot(...v);
    vectors.push(v.map((value) => value / norm));
  }
  return Float32Array.from({ length: rows * columns }, (_, at) => {
    const [row, column] = [Math.floor(at / columns), at % columns];
    return rows < columns ? vectors[row][column] : vectors[column][row];
  });
};

/**
 * Named arrays kept in one flat variable, so that the gradient of all of them is one concat and an optimiser's
 * step has the same dozen ops for ten parameters as for ten thousand.
 */
export class FlatParameters {
  readonly flat: tf.Variable<tf.Rank.R1>;
  readonly size: number;

  constructor(
    readonly specs: readonly ParameterSpec[],
    rng: Rng,
  ) {
    this.size = specs.reduce((sum, spec) => sum + sizeOf(spec.shape), 0);
    const values = new Float32Array(this.size);
    let offset = 0;
    for (const spec of specs) {
      values.set(spec.initial(rng.split(spec.name), sizeOf(spec.shape)), offset);
      offset += sizeOf(spec.shape);
    }
    this.flat = tf.tidy(() => tf.variable(tf.tensor1d(values)));
  }

  /** The arrays as tensors of their own shapes, differentiable with respect to `flat`. */
  views(flat: tf.Tensor1D): ReadonlyMap<string, tf.Tensor> {
    if (this.specs.length === 0) return new Map();
    const sizes = this.specs.map((spec) => sizeOf(spec.shape));
    // tfjs has no gradient for a split into one part.
    const parts = sizes.length === 1 ? [flat] : tf.split(flat, sizes);
    // A part is of rank 1 as it is: an op less for every scale and offset.
    return new Map(
      this.specs.map(({ name, shape }, i) => [
        name,
        shape.length === 1 ? parts[i] : tf.reshape(parts[i], shape as number[]),
      ]),
    );
  }

  async read(): Promise<NamedTensor[]> {
    const values = (await this.flat.data()) as Float32Array;
    let offset = 0;
    return this.specs.map(({ name, shape }) => {
      const size = sizeOf(shape);
      offset += size;
      return { name, shape, data: values.slice(offset - size, offset) };
    });
  }

  /** @throws FormatError unless every array is there with its shape; nothing is changed then */
  write(tensors: readonly NamedTensor[], who: string): void {
    const byName = new Map(tensors.map((tensor) => [tensor.name, tensor]));
    const values = new Float32Array(this.size);
    let offset = 0;
    for (const { name, shape } of this.specs) {
      const found = byName.get(name);
      if (!found || found.shape.join() !== shape.join()) {
        const got = found ? `shape ${found.shape.join('x')}` : 'no such array';
        throw new FormatError(
          expectation(
            `${who}: ${name}`,
            `shape ${shape.join('x')}`,
            got,
            'use the weights that belong to this config',
          ),
        );
      }
      values.set(found.data, offset);
      offset += found.data.length;
    }
    tf.tidy(() => this.flat.assign(tf.tensor1d(values)));
  }

  dispose(): void {
    this.flat.dispose();
  }
}
