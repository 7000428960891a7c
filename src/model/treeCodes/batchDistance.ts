/** A distance among the rows of a batch, with its gradient, in float64. State is kept from `load` to `gradient`. */
export interface BatchDistance {
  /** Takes the given rows of codes [n, dim], and forgets earlier gradients. */
  load(codes: Float64Array, rows: Int32Array): void;
  /** Of the i-th and the j-th row of the batch, i != j. */
  value(i: number, j: number): number;
  /** Adds `slope` times the gradient of the pair whose `value` was asked last. */
  pull(i: number, j: number, slope: number): void;
  /** [rows, dim], a view that the next `load` overwrites. */
  gradient(): Float64Array;
}

export type BatchGeometry = 'euclidean' | 'sphere' | 'hyperbolic';

/** @param batch most rows that `load` will be given */
export function batchDistance(geometry: BatchGeometry, dim: number, batch: number): BatchDistance {
  switch (geometry) {
    case 'euclidean':
      return new EuclideanDistance(dim, batch);
    case 'sphere':
      return new SphereDistance(dim, batch);
    case 'hyperbolic':
      return new HyperbolicDistance(dim, batch);
  }
}

/** Rows of a batch side by side with their gradient. */
abstract class Rows {
  protected readonly x: Float64Array;
  protected readonly g: Float64Array;

  constructor(
    protected readonly dim: number,
    batch: number,
  ) {
    this.x = new Float64Array(batch * dim);
    this.g = new Float64Array(batch * dim);
  }

  load(codes: Float64Array, rows: Int32Array): void {
    const { dim, x } = this;
    for (let i = 0; i < rows.length; i++) {
      for (let k = 0; k < dim; k++) x[i * dim + k] = codes[rows[i] * dim + k];
    }
    this.g.fill(0);
  }

  protected squaredChord(i: number, j: number): number {
    const { dim, x } = this;
    let sum = 0;
    for (let k = 0, p = i * dim, q = j * dim; k < dim; k++, p++, q++) sum += (x[p] - x[q]) ** 2;
    return sum;
  }

  /** Adds `weight` (x_i - x_j) to row i of the gradient and takes it from row j. */
  protected pullAlongChord(i: number, j: number, weight: number): void {
    const { dim, x, g } = this;
    for (let k = 0, p = i * dim, q = j * dim; k < dim; k++, p++, q++) {
      const change = weight * (x[p] - x[q]);
      g[p] += change;
      g[q] -= change;
    }
  }
}

/** |x - y|; its gradient is 0 where two rows coincide. */
class EuclideanDistance extends Rows implements BatchDistance {
  private last = 0;

  value(i: number, j: number): number {
    this.last = Math.sqrt(this.squaredChord(i, j));
    return this.last;
  }

  pull(i: number, j: number, slope: number): void {
    if (this.last > 0) this.pullAlongChord(i, j, slope / this.last);
  }

  gradient(): Float64Array {
    return this.g;
  }
}

/** Rows as direction and norm; a row of norm 0 has direction 0. */
abstract class Directions extends Rows {
  protected readonly norms: Float64Array;

  constructor(dim: number, batch: number) {
    super(dim, batch);
    this.norms = new Float64Array(batch).fill(1);
  }

  override load(codes: Float64Array, rows: Int32Array): void {
    super.load(codes, rows);
    const { dim, x, norms } = this;
    for (let i = 0; i < rows.length; i++) {
      let squared = 0;
      for (let k = i * dim; k < (i + 1) * dim; k++) squared += x[k] * x[k];
      norms[i] = Math.max(Math.sqrt(squared), SMALLEST_NORM);
      for (let k = i * dim; k < (i + 1) * dim; k++) x[k] /= norms[i];
    }
  }

  /**
   * What is gathered in `g` along chords of directions becomes a gradient of the codes: row i loses `inward[i]` times
   * its direction, which is the part of the chords that points along it, and is divided by its norm.
   */
  protected turnInto(inward: Float64Array, outward: Float64Array | undefined): Float64Array {
    const { dim, x, g, norms } = this;
    for (let i = 0; i < norms.length; i++) {
      const radial = outward ? outward[i] : 0;
      for (let k = i * dim; k < (i + 1) * dim; k++)
        g[k] = (g[k] - inward[i] * x[k]) / norms[i] + radial * x[k];
    }
    return g;
  }
}

/** Below it sinh a is a to float64, so that sinh(a)/a is 1 and the row has no direction. */
const SMALLEST_NORM = 1e-12;

/** The angle 2 arcsin(c/2), c = |x/|x| - y/|y|| the chord; its gradient is 0 between antipodes. */
class SphereDistance extends Directions implements BatchDistance {
  private readonly inward: Float64Array;
  private squared = 0;

  constructor(dim: number, batch: number) {
    super(dim, batch);
    this.inward = new Float64Array(batch);
  }

  override load(codes: Float64Array, rows: Int32Array): void {
    super.load(codes, rows);
    this.inward.fill(0);
  }

  value(i: number, j: number): number {
    // Rounding takes the chord of antipodes to 4 + 1e-15.
    this.squared = Math.min(4, this.squaredChord(i, j));
    return 2 * Math.asin(Math.sqrt(this.squared) / 2);
  }

  pull(i: number, j: number, slope: number): void {
    const sine = Math.sqrt(this.squared * (1 - this.squared / 4));
    if (!(sine > 0)) return;
    this.pullAlongChord(i, j, slope / sine);
    this.inward[i] += (slope / sine) * (this.squared / 2);
    this.inward[j] += (slope / sine) * (this.squared / 2);
  }

  gradient(): Float64Array {
    return this.turnInto(this.inward, undefined);
  }
}

/**
 * Hyperbolic distance, curvature -1, of the points that the exponential map of the origin makes of tangent vectors u, v
 * of lengths a, b: d = 2 arsinh √A, A = sinh²((a - b)/2) + sinh a sinh b |u/a - v/b|² / 4.
 * @source Cannon, Floyd, Kenyon, Parry 1997, "Hyperbolic geometry", law of cosines in half-angle form
 */
class HyperbolicDistance extends Directions implements BatchDistance {
  private readonly sinh: Float64Array;
  private readonly cosh: Float64Array;
  private readonly inward: Float64Array;
  private readonly outward: Float64Array;
  private chord = 0;
  private half = 0;
  private A = 0;

  constructor(dim: number, batch: number) {
    super(dim, batch);
    this.sinh = new Float64Array(batch);
    this.cosh = new Float64Array(batch);
    this.inward = new Float64Array(batch);
    this.outward = new Float64Array(batch);
  }

  override load(codes: Float64Array, rows: Int32Array): void {
    super.load(codes, rows);
    for (let i = 0; i < rows.length; i++) {
      this.sinh[i] = Math.sinh(this.norms[i]);
      this.cosh[i] = Math.cosh(this.norms[i]);
    }
    this.inward.fill(0);
    this.outward.fill(0);
  }

  value(i: number, j: number): number {
    this.chord = this.squaredChord(i, j) / 4;
    this.half = Math.sinh((this.norms[i] - this.norms[j]) / 2);
    this.A = this.half * this.half + this.sinh[i] * this.sinh[j] * this.chord;
    return 2 * Math.asinh(Math.sqrt(this.A));
  }

  pull(i: number, j: number, slope: number): void {
    const { sinh, cosh, chord, half, A } = this;
    if (!(A > 0)) return;
    const toA = slope / Math.sqrt(A * (1 + A));
    const across = (toA * sinh[i] * sinh[j]) / 2;
    this.pullAlongChord(i, j, across);
    this.inward[i] += across * 2 * chord;
    this.inward[j] += across * 2 * chord;
    const along = half * Math.sqrt(1 + half * half);
    this.outward[i] += toA * (along + cosh[i] * sinh[j] * chord);
    this.outward[j] += toA * (sinh[i] * cosh[j] * chord - along);
  }

  gradient(): Float64Array {
    return this.turnInto(this.inward, this.outward);
  }
}
