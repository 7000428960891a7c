import { beforeAll, describe, expect, it } from 'vitest';
import { FormatError, ShapeError, UsageError } from '../../src/core/errors.js';
import { Rng } from '../../src/core/rng.js';
import { columnsOf, type Space } from '../../src/core/space.js';
import { openEngine } from '../../src/engine/openEngine.js';
import { FlatParameters } from '../../src/engine/parameters.js';
import * as tf from '../../src/engine/tf.js';
import { EmbeddingTable, gatherRows, uniqueRows } from '../../src/training/embeddingTable.js';
import { RiemannianAdam } from '../../src/training/riemannianAdam.js';
import { RiemannianSGD } from '../../src/training/riemannianSgd.js';
import { type SparseAdamOptions, SparseRiemannianAdam } from '../../src/training/sparseAdam.js';
import { SparseRiemannianSGD } from '../../src/training/sparseSgd.js';
import { SPACES } from '../geometry/spaces.js';
import { gradientError, leakedTensors } from '../laws/gradient.js';
import { FLOAT32, GRADIENT_BY_DIFFERENCES } from '../laws/tolerance.js';
import { farthest, gradientOf, pointsOf, tensorOf } from './support.js';

beforeAll(async () => {
  await openEngine();
});

const ADAM = { beta1: 0.9, beta2: 0.99, epsilon: 1e-8 };
const ROWS = 7;
const BALL = SPACES['poincare'];
const tableOf = (space: Space) => new EmbeddingTable('codes', space, pointsOf(space, ROWS, 5));
const all = Int32Array.from({ length: ROWS }, (_, i) => i);

function adamOn(space: Space, options: Partial<SparseAdamOptions> = {}) {
  const table = tableOf(space);
  return withStep(table, new SparseRiemannianAdam(table, { ...ADAM, ...options }));
}
function sgdOn(space: Space, options: ConstructorParameters<typeof SparseRiemannianSGD>[1] = {}) {
  const table = tableOf(space);
  return withStep(table, new SparseRiemannianSGD(table, options));
}

function withStep<O extends SparseRiemannianAdam | SparseRiemannianSGD>(table: EmbeddingTable, optimizer: O) {
  return {
    table,
    optimizer,
    /** Rows `rows` of the gradient of time t. */
    step(rows: Int32Array, t: number, rate = 0.05) {
      const { data, columns } = gradientOf(ROWS, table.columns, t);
      const own = Float32Array.from(
        [...rows].flatMap((r) => [...data.subarray(r * columns, (r + 1) * columns)]),
      );
      const tensor = tf.tensor2d(own, [rows.length, columns]);
      optimizer.step(rows, tensor, rate);
      tensor.dispose();
    },
    values: async () => Array.from((await table.read())[0].data),
    async row(r: number) {
      return Array.from((await table.read())[0].data.slice(r * table.columns, (r + 1) * table.columns));
    },
    dispose() {
      optimizer.dispose();
      table.dispose();
    },
  };
}

describe('uniqueRows', () => {
  it('gives each row once, ascending, and where each index went', () => {
    const { rows, inverse } = uniqueRows(Int32Array.of(30, 4, 30, 100, 4, 30));
    expect([...rows]).toEqual([4, 30, 100]);
    expect([...inverse]).toEqual([1, 0, 1, 2, 0, 1]);
    expect([...uniqueRows(new Int32Array(0)).rows]).toEqual([]);
  });
});

describe('gatherRows', () => {
  const indices = () => tf.tensor1d([2, 0, 2, 2], 'int32');

  it('repeats rows, and adds their gradients up', () => {
    const x = tf.tensor2d([1, 2, 3, 4, 5, 6], [3, 2]);
    tf.tidy(() => {
      expect([...gatherRows(x, indices()).dataSync()]).toEqual([5, 6, 1, 2, 5, 6, 5, 6]);
      const gradient = tf.grad((t) => tf.sum(gatherRows(t as tf.Tensor2D, indices())))(x);
      expect([...gradient.dataSync()]).toEqual([1, 1, 0, 0, 3, 3]);
      const f = (t: tf.Tensor) =>
        tf.sum(
          tf.mul(tf.square(gatherRows(t as tf.Tensor2D, indices())), tf.reshape(tf.range(1, 9), [4, 2])),
        ) as tf.Scalar;
      expect(gradientError(f, x)).toBeLessThan(GRADIENT_BY_DIFFERENCES);
    });
    x.dispose();
  });
});

describe.each(Object.entries(SPACES))('a table in %s whose rows are all touched', (_, space) => {
  const spec = {
    ...{ name: 'codes', shape: [ROWS, columnsOf(space)], space },
    initial: () => Float32Array.from(pointsOf(space, ROWS, 5).data),
  };

  it.each([{}, { amsgrad: true }, { retraction: 'firstOrder' }, { biasCorrection: 'table' }] as const)(
    'goes as under the dense Adam: %j',
    async (options) => {
      const sparse = adamOn(space, options);
      const parameters = new FlatParameters([spec], new Rng(1));
      const dense = new RiemannianAdam(parameters, { ...ADAM, ...options, onNotice: () => {} });
      for (let t = 0; t < 6; t++) {
        sparse.step(all, t);
        tf.tidy(() => dense.apply(tf.reshape(tensorOf(gradientOf(ROWS, columnsOf(space), t)), [-1]), 0.05));
      }
      expect(farthest(await sparse.values(), await parameters.flat.data())).toBeLessThan(FLOAT32);
      for (const each of [sparse, parameters, dense]) each.dispose();
    },
  );

  it.each([{}, { momentum: 0.8, dampening: 0.1 }, { momentum: 0.8, nesterov: true }, { dampening: 0.5 }])(
    'goes as under the dense SGD: %j',
    async (options) => {
      const sparse = sgdOn(space, options);
      const parameters = new FlatParameters([spec], new Rng(1));
      const dense = new RiemannianSGD(parameters, { ...options, onNotice: () => {} });
      for (let t = 0; t < 6; t++) {
        sparse.step(all, t, 0.03);
        tf.tidy(() => dense.apply(tf.reshape(tensorOf(gradientOf(ROWS, columnsOf(space), t)), [-1]), 0.03));
      }
      expect(farthest(await sparse.values(), await parameters.flat.data())).toBeLessThan(FLOAT32);
      for (const each of [sparse, parameters, dense]) each.dispose();
    },
  );
});

describe('rows of a table', () => {
  it('that are left out stay as they are, points and moments, number for number', async () => {
    const { optimizer, step, row, dispose } = adamOn(BALL);
    step(all, 0);
    const before = [await row(2), (await optimizer.read()).map(({ data }) => data.slice(0))];
    step(Int32Array.of(0, 1, 3, 6), 1);
    const after = [await row(2), (await optimizer.read()).map(({ data }) => data.slice(0))] as typeof before;
    expect(after[0]).toEqual(before[0]);
    const own = (state: unknown) =>
      (state as Float32Array[]).map((data) => [
        ...data.slice(2 * (data.length / ROWS), 3 * (data.length / ROWS)),
      ]);
    expect(own(after[1])).toEqual(own(before[1]));
    expect(after[1]).not.toEqual(before[1]);
    dispose();
  });

  it('each go as they would alone, whenever they are touched', async () => {
    const together = adamOn(BALL);
    const alone = adamOn(BALL);
    for (let t = 0; t < 12; t++) {
      const touched = Int32Array.of(...(t % 2 === 0 ? [1, 4] : [0, 2, 5]));
      together.step(touched, t);
      if (touched.includes(4)) alone.step(Int32Array.of(4), t);
    }
    expect(farthest(await together.row(4), await alone.row(4))).toBeLessThan(FLOAT32);
    for (const each of [together, alone]) each.dispose();
  });

  it('start late with a step as long as any other, but with the bias corrections of the table with a longer one', async () => {
    const lengths: Record<string, number> = {};
    for (const biasCorrection of ['row', 'table'] as const) {
      const { step, row, dispose } = adamOn({ kind: 'euclidean', dim: 1 }, { biasCorrection, beta2: 0.999 });
      for (let t = 0; t < 200; t++) step(Int32Array.of(0), 0, 1e-6);
      const [before] = await row(1);
      step(Int32Array.of(1), 0, 0.01);
      lengths[biasCorrection] = Math.abs((await row(1))[0] - before);
      dispose();
    }
    expect(lengths['row']).toBeCloseTo(0.01, 6);
    // (1 - beta1) / √(1 - beta2), of which the bias correction of 201 steps takes its share.
    expect(lengths['table']).toBeCloseTo(0.01 * Math.sqrt(0.1 ** 2 / 0.001) * Math.sqrt(1 - 0.999 ** 201), 4);
  });

  it('are counted when they come to the rim of a ball, and stay inside', async () => {
    const { table, optimizer, row, dispose } = sgdOn(BALL);
    const rows = Int32Array.of(1, 5);
    tf.tidy(() => optimizer.step(rows, tf.mul(table.gather(rows), -1e5), 1));
    expect(await optimizer.rowsAtRim()).toBe(2);
    for (const r of rows) expect(Math.sqrt(0.7) * Math.hypot(...(await row(r)))).toBeLessThan(1);
    dispose();
  });

  it('of a NaN gradient become NaN, and no others', async () => {
    const { optimizer, row, dispose } = adamOn(BALL);
    tf.tidy(() =>
      optimizer.step(
        Int32Array.of(2, 3),
        tf.tensor2d([
          [Number.NaN, 0, 0],
          [1, 1, 1],
        ]),
        0.1,
      ),
    );
    expect((await row(2)).every(Number.isNaN)).toBe(true);
    expect((await row(3)).every(Number.isFinite)).toBe(true);
    expect((await row(1)).every(Number.isFinite)).toBe(true);
    dispose();
  });

  it('may be none', async () => {
    const { optimizer, step, values, dispose } = sgdOn(BALL);
    step(all, 0, 1e5);
    expect(await optimizer.rowsAtRim()).toBeGreaterThan(0);
    const before = await values();
    step(new Int32Array(0), 0);
    expect(await values()).toEqual(before);
    expect(await optimizer.rowsAtRim()).toBe(0);
    dispose();
  });
});

describe.each([
  ['Adam', () => adamOn(SPACES['product'], { amsgrad: true })],
  ['Adam with one count', () => adamOn(SPACES['lorentz'], { biasCorrection: 'table' })],
  ['SGD with momentum', () => sgdOn(BALL, { momentum: 0.8 })],
  ['SGD', () => sgdOn(BALL)],
] as const)('%s', (name, make) => {
  const touched = (t: number) => Int32Array.of(...[0, 1, 2, 3, 4, 5, 6].filter((r) => (r + t) % 3 !== 0));

  it('goes on identically from a state that was read and written', async () => {
    const whole = make();
    for (let t = 0; t < 8; t++) whole.step(touched(t), t);
    const first = make();
    for (let t = 0; t < 3; t++) first.step(touched(t), t);
    const [state, points] = [await first.optimizer.read(), await first.table.read()];
    const second = make();
    second.step(all, 99, 0.3);
    second.optimizer.write(state);
    second.table.write(points);
    for (let t = 3; t < 8; t++) second.step(touched(t), t);
    expect(await second.values()).toEqual(await whole.values());
    for (const each of [whole, first, second]) each.dispose();
  });

  it('refuses a state that is not its own, and stays as it was', async () => {
    const { optimizer, table, step, dispose } = make();
    step(all, 0);
    const state = await optimizer.read();
    if (name !== 'SGD') expect(() => optimizer.write([])).toThrow(FormatError);
    expect(() => table.write([])).toThrow(FormatError);
    expect(() => table.write([{ name: 'codes', shape: [1], data: new Float32Array(1) }])).toThrow(
      FormatError,
    );
    expect(await optimizer.read()).toEqual(state);
    dispose();
  });

  it('leaves no tensors behind', async () => {
    const leaked = await leakedTensors(async () => {
      const { optimizer, table, step, dispose } = make();
      step(touched(0), 0);
      optimizer.write(await optimizer.read());
      table.write(await table.read());
      table.gather(all).dispose();
      await optimizer.rowsAtRim();
      dispose();
    });
    expect(leaked).toBe(0);
  });
});

describe('what is refused', () => {
  const used = (work: (own: ReturnType<typeof adamOn>) => void) => () => {
    const own = adamOn(BALL);
    try {
      work(own);
    } finally {
      own.dispose();
    }
  };
  const step = (rows: number[], shape: [number, number]) =>
    used(({ optimizer }) => tf.tidy(() => optimizer.step(Int32Array.from(rows), tf.ones(shape), 0.1)));

  it.each([
    ['rows that come twice', step([1, 1], [2, 3]), UsageError],
    ['rows out of order', step([3, 1], [2, 3]), UsageError],
    ['rows that the table lacks', step([ROWS], [1, 3]), UsageError],
    ['negative rows', step([-1], [1, 3]), UsageError],
    ['a gradient of fewer rows', step([1, 2], [1, 3]), ShapeError],
    ['a gradient of other columns', step([1], [1, 2]), ShapeError],
    [
      'to gather a row that the table lacks',
      used(({ table }) => table.gather(Int32Array.of(ROWS))),
      UsageError,
    ],
    [
      'a table of other columns',
      () => new EmbeddingTable('t', BALL, pointsOf(SPACES['sphere'], 2, 1)),
      ShapeError,
    ],
    [
      'a table in no manifold',
      () => {
        const table = new EmbeddingTable('t', { kind: 'cosine', dim: 3 }, pointsOf(BALL, 2, 1));
        try {
          new SparseRiemannianAdam(table, ADAM);
        } finally {
          table.dispose();
        }
      },
      UsageError,
    ],
  ])('%s', (_, work, error) => {
    expect(work).toThrow(error);
  });
});
