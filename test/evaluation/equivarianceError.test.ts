import { describe, expect, it } from 'vitest';
import { DomainError, ShapeError, UsageError } from '../../src/core/errors.js';
import { type Matrix, matrix } from '../../src/core/matrix.js';
import { Rng } from '../../src/core/rng.js';
import { equivarianceError } from '../../src/evaluation/equivarianceError.js';
import { rotationGroup2d } from '../../src/symmetry/groups/motions.js';
import { permutationGroup } from '../../src/symmetry/groups/permutations.js';
import { rotationGroup3d } from '../../src/symmetry/groups/rotations3d.js';
import { cloudOf } from '../laws/group.js';
import { FLOAT64 } from '../laws/tolerance.js';

const rng = () => new Rng(4);
const clouds = (dim: number) => {
  const source = new Rng(6);
  return [3, 5, 8].map((count) => cloudOf(source, count, dim));
};
/** Σ |x|² x: turns with the cloud. */
const moment = (x: Matrix): number[] => {
  const sum = new Array<number>(x.columns).fill(0);
  for (let i = 0; i < x.rows; i++) {
    const point = x.data.subarray(i * x.columns, (i + 1) * x.columns);
    const square = Math.hypot(...point) ** 2;
    for (let k = 0; k < x.columns; k++) sum[k] += square * point[k];
  }
  return sum;
};

describe('equivarianceError', () => {
  it('of an equivariant function is rounding, async or not; of one that forgets the turn it is not', async () => {
    const group = rotationGroup3d();
    const turn = (g: Float64Array, y: number[]) =>
      Array.from(group.act(g, matrix(Float64Array.from(y), 1, 3)).data);
    const options = { items: clouds(3), rng: rng(), actOnOutput: turn };
    expect((await equivarianceError(moment, group, options)).max).toBeLessThan(FLOAT64);
    expect((await equivarianceError(async (x: Matrix) => moment(x), group, options)).max).toBeLessThan(
      FLOAT64,
    );
    expect((await equivarianceError(moment, group, { items: clouds(3), rng: rng() })).mean).toBeGreaterThan(
      0.5,
    );
  });

  it('is 2 by hand: a half turn of (1, 0), where an output should stay', async () => {
    const half = { ...rotationGroup2d(), random: () => Math.PI };
    const items = [matrix(Float64Array.of(1, 0), 1, 2)];
    const { mean, max, scale } = await equivarianceError((x) => x.data, half, { items, rng: rng() });
    expect([mean, max, scale]).toEqual([2, 2, 1]);
  });

  it('measures invariance by default: the sum of a set, in float32 too', async () => {
    const items = [cloudOf(new Rng(1), 6, 2)];
    const sum = (x: Matrix) => Math.fround(Array.from(x.data).reduce((a, b) => a + b, 0));
    const { max } = await equivarianceError(sum, permutationGroup(6), {
      items,
      rng: rng(),
    });
    expect(max).toBeLessThan(1e-6);
  });

  it('is finite where one of the items gives zero, and takes outputs of any kind through valuesOf', async () => {
    const items = [matrix(new Float64Array(4), 2, 2), ...clouds(2)];
    const length = (x: Matrix) => ({ length: Math.hypot(...moment(x)) });
    const options = { items, rng: rng(), valuesOf: (y: { length: number }) => [y.length] };
    expect((await equivarianceError(length, rotationGroup2d(), options)).max).toBeLessThan(FLOAT64);
  });

  it('refuses no items, zeros alone, NaN (naming the item), lengths that differ, outputs without numbers', async () => {
    const group = rotationGroup2d();
    const options = { items: clouds(2), rng: rng() };
    await expect(equivarianceError(moment, group, { items: [], rng: rng() })).rejects.toThrow(UsageError);
    await expect(equivarianceError(() => [0, 0], group, options)).rejects.toThrow(DomainError);
    await expect(equivarianceError((x) => (x.rows === 5 ? Number.NaN : 1), group, options)).rejects.toThrow(
      /item 1/,
    );
    let calls = 0;
    await expect(equivarianceError(() => new Array(++calls).fill(1), group, options)).rejects.toThrow(
      ShapeError,
    );
    await expect(equivarianceError(() => 'text', group, options)).rejects.toThrow(/valuesOf/);
  });
});
