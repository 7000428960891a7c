import { beforeAll, describe, expect, it } from 'vitest';
import { DomainError, FormatError, ShapeError, UsageError } from '../../../src/core/errors.js';
import { matrix } from '../../../src/core/matrix.js';
import { Rng } from '../../../src/core/rng.js';
import { linear } from '../../../src/encoders/dense.js';
import { Network, type Pass } from '../../../src/engine/network.js';
import { openEngine } from '../../../src/engine/openEngine.js';
import * as tf from '../../../src/engine/tf.js';
import { GradientBalance } from '../../../src/losses/preservation/gradientBalance.js';
import {
  customTarget,
  orbitTarget,
  spaceTarget,
  tableTarget,
  treeTarget,
} from '../../../src/losses/preservation/targets.js';
import { weightAt } from '../../../src/losses/preservation/weightSchedule.js';
import { leakedTensors } from '../../laws/gradient.js';
import { numbers } from './spaces.js';

beforeAll(async () => {
  await openEngine();
});

const ROWS = [0, 0, 3, 4, 3, 0];
const rows = () => tf.tensor2d(ROWS, [3, 2]);

describe('target distances', () => {
  it('of a space are those between the rows', () => {
    const euclidean = numbers(() => spaceTarget({ kind: 'euclidean', dim: 2 }).pairwise({ rows: rows() }));
    expect(Array.from(euclidean)).toEqual([0, 5, 3, 5, 0, 4, 3, 4, 0]);
    const unit = () => tf.tensor2d([1, 0, 0, 2, -3, 0], [3, 2]);
    const cosine = numbers(() => spaceTarget({ kind: 'cosine', dim: 2 }).pairwise({ rows: unit() }));
    [0, 1, 2, 1, 0, 1, 2, 1, 0].forEach((d, at) => {
      expect(cosine[at]).toBeCloseTo(d, 6);
    });
  });

  it('of a table are those of the items of the batch, in their order', () => {
    const table = matrix(Float32Array.of(0, 1, 2, 1, 0, 3, 2, 3, 0), 3, 3);
    const items = Int32Array.of(2, 0, 2);
    const got = numbers(() => tableTarget('graph', table).pairwise({ rows: rows(), items }));
    expect(Array.from(got)).toEqual([0, 2, 0, 2, 0, 2, 0, 2, 0]);
  });

  it('of a tree are edges over the lowest common ancestor', () => {
    // 0 is the root of 1 and 2, and 1 that of 3.
    const tree = treeTarget(Int32Array.of(-1, 0, 0, 1));
    const got = numbers(() => tree.pairwise({ rows: rows(), items: Int32Array.of(3, 2, 1) }));
    expect(Array.from(got)).toEqual([0, 3, 1, 3, 0, 2, 1, 2, 0]);
  });

  it('of an orbit keep tables on the device until they are disposed of', async () => {
    const target = () => orbitTarget({ height: 6, width: 6, radii: 3, angles: 8 });
    const images = tf.randomUniform([4, 36], 0, 1, 'float32', 1) as tf.Tensor2D;
    const leaked = await leakedTensors(() => {
      const orbit = target();
      const d = tf.tidy(() => orbit.pairwise({ rows: images }));
      orbit.dispose();
      return d;
    });
    expect(leaked).toBe(0);
    images.dispose();
  });

  it('of a function are what it gives, looked at once', () => {
    const gap = customTarget('gap', ({ rows: x }) => tf.abs(tf.sub(x, tf.transpose(x))) as tf.Tensor2D);
    expect(Array.from(numbers(() => gap.pairwise({ rows: tf.tensor2d([1, 3], [2, 1]) })))).toEqual([
      0, 2, 2, 0,
    ]);
    const wrong = customTarget('wrong', ({ rows: x }) => tf.mul(tf.matMul(x, x, false, true), -1));
    const narrow = customTarget('narrow', ({ rows: x }) => x);
    tf.tidy(() => {
      expect(() => wrong.pairwise({ rows: rows() })).toThrow(DomainError);
      expect(() => wrong.pairwise({ rows: rows() })).toThrow(/wrong distances row 1/);
      expect(() => narrow.pairwise({ rows: rows() })).toThrow(ShapeError);
    });
  });

  it('refuse items that are missing, too few or unknown, and bad tables', () => {
    const table = matrix(new Float32Array(4), 2, 2);
    tf.tidy(() => {
      const target = tableTarget('graph', table);
      expect(() => target.pairwise({ rows: rows() })).toThrow(UsageError);
      expect(() => target.pairwise({ rows: rows(), items: [0, 1] })).toThrow(UsageError);
      expect(() => target.pairwise({ rows: rows(), items: [0, 1, 2] })).toThrow(UsageError);
      expect(() => treeTarget(Int32Array.of(-1)).pairwise({ rows: rows() })).toThrow(UsageError);
    });
    expect(() => tableTarget('graph', matrix(new Float32Array(6), 2, 3))).toThrow(ShapeError);
    const far = matrix(Float32Array.of(0, 1, Number.POSITIVE_INFINITY, 0), 2, 2);
    expect(() => tableTarget('graph', far)).toThrow(/row 1/);
  });
});

describe('weightAt', () => {
  it('is 1, a line that ends level, or half a cosine', () => {
    expect(weightAt({ kind: 'constant' }, 0.3)).toBe(1);
    const warmUp = { kind: 'warmUp', until: 0.5 } as const;
    expect([0, 0.25, 0.5, 1].map((p) => weightAt(warmUp, p))).toEqual([0, 0.5, 1, 1]);
    expect(weightAt({ kind: 'warmUp', until: 0 }, 0)).toBe(1);
    const cosine = { kind: 'cosine', from: 3, to: 1 } as const;
    [3, 2, 1].forEach((wanted, i) => {
      expect(weightAt(cosine, i / 2)).toBeCloseTo(wanted, 12);
    });
  });
});

describe('GradientBalance', () => {
  const layer = linear('a', 2, 1, false);
  const networkOf = () => new Network([{ parameters: layer.parameters, batchNorms: [] }], new Rng(1));
  /** Gradient `factor` (3, 4), of norm 5 `factor`. */
  const of = (factor: number) => (pass: Pass) =>
    tf.mul(tf.sum(layer.apply(pass, tf.tensor2d([[3, 4]]))), factor) as tf.Scalar;
  const weightOf = (balance: GradientBalance) => numbers(() => balance.weight())[0];

  it('is the share of the ratio of norms, averaged over updates', () => {
    const [network, balance] = [networkOf(), new GradientBalance({ share: 0.2, decay: 0.5 })];
    expect(weightOf(balance)).toBe(0);
    balance.update(network, of(8), of(2));
    expect(weightOf(balance)).toBeCloseTo((0.2 * 8) / 2, 5);
    balance.update(network, of(2), of(2));
    // By hand: norms of the task 20 and 5, of the penalty 5 and 5.
    expect(weightOf(balance)).toBeCloseTo((0.2 * (0.5 * 40 + 10)) / (0.5 * 10 + 10), 5);
    balance.dispose();
    network.dispose();
  });

  it('is 0 where the penalty has no gradient', () => {
    const [network, balance] = [networkOf(), new GradientBalance({ share: 1 })];
    balance.update(network, of(1), of(0));
    expect(weightOf(balance)).toBe(0);
    balance.dispose();
    network.dispose();
  });

  it('goes on from what it has read, and leaves no tensors behind', async () => {
    const network = networkOf();
    const leaked = await leakedTensors(async () => {
      const [first, second] = [0, 1].map(() => new GradientBalance({ share: 0.3 }));
      first.update(network, of(1), of(4));
      second.write(await first.read());
      expect(weightOf(second)).toBe(weightOf(first));
      expect(() => second.write([])).toThrow(FormatError);
      const broken = () => {
        throw new RangeError('broken');
      };
      expect(() => first.update(network, of(1), broken)).toThrow(RangeError);
      first.dispose();
      second.dispose();
    });
    expect(leaked).toBe(0);
    network.dispose();
  });

  it('refuses a share of 0 and a decay of 1', () => {
    expect(() => new GradientBalance({ share: 0 })).toThrow(DomainError);
    expect(() => new GradientBalance({ share: 1, decay: 1 })).toThrow(DomainError);
  });
});
