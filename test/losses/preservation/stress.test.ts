import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { DomainError, ShapeError, UsageError } from '../../../src/core/errors.js';
import { Rng } from '../../../src/core/rng.js';
import { openEngine } from '../../../src/engine/openEngine.js';
import * as tf from '../../../src/engine/tf.js';
import { neighborWeights } from '../../../src/losses/preservation/neighborWeights.js';
import { samplePairs } from '../../../src/losses/preservation/pairs.js';
import { pairStress, type StressOptions } from '../../../src/losses/preservation/stress.js';
import { manifoldOn } from '../../../src/manifolds/manifoldOn.js';
import { gradientError, leakedTensors } from '../../laws/gradient.js';
import { FLOAT32, GRADIENT_BY_DIFFERENCES } from '../../laws/tolerance.js';
import {
  distancesOf,
  inputDistances,
  moved,
  nameOf,
  number,
  numbers,
  pointsOf,
  SPACES,
  tangents,
} from './spaces.js';

beforeAll(async () => {
  await openEngine();
});

const N = 7;
const KINDS = ['raw', 'stress', 'sammon'] as const;

type Plain = Omit<StressOptions, 'weights' | 'scale'> & { readonly scale?: number | 'best' };
type HostOptions = Plain & { readonly weights?: Float64Array };

/** The definition, pair by pair, in float64. */
function oracle(e: Float64Array, d: Float64Array, n: number, options: HostOptions): number {
  const { kind = 'stress', weights, scale = 1, tooNear = 1, tooFar = 1 } = options;
  const pairs: { e: number; d: number; w: number }[] = [];
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) {
      if (i === j) continue;
      const at = i * n + j;
      const w = weights?.[at] ?? 1;
      pairs.push({ e: e[at], d: d[at], w: kind === 'sammon' ? (d[at] === 0 ? 0 : w / d[at]) : w });
    }
  }
  const sum = (f: (pair: (typeof pairs)[number]) => number) => pairs.reduce((s, pair) => s + f(pair), 0);
  const t = scale === 'best' ? sum((p) => p.w * p.e * p.d) / sum((p) => p.w * p.e * p.e) : scale;
  const error = sum((p) => {
    const r = t * p.e - p.d;
    return (r > 0 ? tooFar : tooNear) * p.w * r * r;
  });
  return error / sum((p) => (kind === 'raw' ? p.w : p.w * p.d * p.d));
}

const OPTIONS: [string, Plain][] = [
  ['as it is', {}],
  ['with a scale', { scale: 0.3 }],
  ['with the best scale', { scale: 'best' }],
  ['with sides weighed apart', { tooNear: 3, tooFar: 0.2 }],
  ['with both', { scale: 'best', tooNear: 0, tooFar: 2 }],
];

describe.each(KINDS)('pairStress %s', (kind) => {
  describe.each(SPACES.map((space) => [nameOf(space), space] as const))('of codes in %s', (_, space) => {
    it.each(OPTIONS)('is the sum over pairs, %s', (_, options) => {
      const [v, d] = [tangents(N, 1), inputDistances(N, 2)];
      const weights = tf.tidy(() => neighborWeights(d, { kind: 'exponential', sigma: 0.5 }));
      for (const given of [undefined, weights]) {
        const all = { kind, ...options, ...(given && { weights: given }) };
        const got = number(() => pairStress(distancesOf(space, v), d, all));
        const host = { kind, ...options, ...(given && { weights: numbers(() => tf.clone(given)) }) };
        const e = numbers(() => distancesOf(space, v));
        const wanted = oracle(
          e,
          numbers(() => tf.clone(d)),
          N,
          host,
        );
        expect(Math.abs(got - wanted)).toBeLessThan(FLOAT32 * Math.max(1, wanted));
      }
      tf.dispose([v, d, weights]);
    });

    it.each(OPTIONS)('has the gradient of its values, %s', (_, options) => {
      const [v, d] = [tangents(N, 3), inputDistances(N, 4)];
      const f = (t: tf.Tensor) => pairStress(distancesOf(space, t), d, { kind, ...options });
      expect(gradientError(f, v, 3e-3)).toBeLessThan(GRADIENT_BY_DIFFERENCES);
      tf.dispose([v, d]);
    });

    it('does not change when the codes are moved by an isometry', () => {
      const [v, d] = [tangents(N, 5), inputDistances(N, 6)];
      const metric = manifoldOn(space);
      const value = (move: boolean) =>
        number(() => {
          const points = pointsOf(space, v);
          const there = move ? moved(space, points) : points;
          return pairStress(metric.pairwise(there, there), d, { kind, scale: 'best' });
        });
      expect(Math.abs(value(true) - value(false))).toBeLessThan(10 * FLOAT32 * Math.max(1, value(false)));
      tf.dispose([v, d]);
    });

    it('is 0 for an isometry, and for a scaled copy with the best scale', () => {
      const v = tangents(N, 7);
      const value = (factor: number, scale: number | 'best') =>
        number(() => {
          const d = distancesOf(space, v);
          return pairStress(tf.mul(d, factor), d, { kind, scale });
        });
      expect(value(1, 1)).toBe(0);
      expect(value(0.37, 1)).toBeGreaterThan(0.1);
      expect(value(0.37, 'best')).toBeLessThan(FLOAT32);
      v.dispose();
    });
  });

  it('takes a list of pairs for a matrix of all of them', () => {
    const [v, d] = [tangents(N, 8), inputDistances(N, 9)];
    const values = tf.tidy(() => {
      const e = distancesOf(SPACES[0], v);
      const off = Int32Array.from({ length: N * (N - 1) }, (_, p) => p + Math.floor(p / N) + 1);
      const listed = (t: tf.Tensor) => tf.gather(tf.reshape(t, [-1]), tf.tensor1d(off, 'int32'));
      return [pairStress(e, d, { kind }), pairStress(listed(e), listed(d), { kind })].map(
        (t) => t.dataSync()[0],
      );
    });
    expect(values[1]).toBeCloseTo(values[0], 5);
    tf.dispose([v, d]);
  });

  it('gives NaN for NaN, in codes and in inputs', () => {
    const d = inputDistances(3, 1);
    const bad = tf.tensor2d([0, Number.NaN, 1, Number.NaN, 0, 1, 1, 1, 0], [3, 3]);
    for (const scale of [1, 'best'] as const) {
      expect(number(() => pairStress(bad, d, { kind, scale }))).toBeNaN();
      expect(number(() => pairStress(d, bad, { kind, scale }))).toBeNaN();
      expect(number(() => pairStress(bad, tf.zerosLike(d), { kind, scale }))).toBeNaN();
    }
    tf.dispose([d, bad]);
  });

  it('has a learned scale with its gradient', () => {
    const [v, d] = [tangents(N, 10), inputDistances(N, 11)];
    const f = (t: tf.Tensor) =>
      pairStress(distancesOf(SPACES[1], v), d, { kind, scale: tf.reshape(t, []) as tf.Scalar });
    const t = tf.tensor1d([0.8]);
    expect(gradientError(f, t)).toBeLessThan(GRADIENT_BY_DIFFERENCES);
    tf.dispose([v, d, t]);
  });

  it('leaves no tensors behind', async () => {
    const [e, d] = [inputDistances(N, 12), inputDistances(N, 13)];
    expect(
      await leakedTensors(() => tf.grad((t) => pairStress(t, d, { kind, scale: 'best', tooFar: 2 }))(e)),
    ).toBe(0);
    tf.dispose([e, d]);
  });
});

describe('pairStress', () => {
  it('is at most 1 with the best scale, whatever the distances', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.tuple(fc.float({ min: 0, max: 9, noNaN: true }), fc.float({ min: 0, max: 9, noNaN: true })),
          { minLength: 1, maxLength: 12 },
        ),
        (pairs) => {
          const value = number(() =>
            pairStress(tf.tensor1d(pairs.map(([e]) => e)), tf.tensor1d(pairs.map(([, d]) => d)), {
              scale: 'best',
            }),
          );
          expect(value).toBeGreaterThanOrEqual(0);
          expect(value).toBeLessThanOrEqual(1 + FLOAT32);
        },
      ),
      { seed: 7, numRuns: 100 },
    );
  });

  it('is 0 with gradient 0 for constant inputs, but the mean square of the codes when raw', () => {
    const e = inputDistances(4, 1);
    const zero = tf.zeros([4, 4]);
    for (const kind of ['stress', 'sammon'] as const) {
      const { value, grad } = tf.valueAndGrad((t) => pairStress(t, zero, { kind }))(e);
      expect([...value.dataSync(), ...grad.dataSync()].every((x) => x === 0)).toBe(true);
      tf.dispose([value, grad]);
    }
    const mean = number(() => tf.mul(tf.mean(tf.square(e)), 16 / 12));
    expect(number(() => pairStress(e, zero, { kind: 'raw' }))).toBeCloseTo(mean, 4);
    tf.dispose([e, zero]);
  });

  it('is 1 with gradient 0 where all codes coincide under the best scale', () => {
    const d = inputDistances(4, 2);
    const { value, grad } = tf.valueAndGrad((t) => pairStress(t, d, { scale: 'best' }))(tf.zeros([4, 4]));
    expect(value.dataSync()[0]).toBeCloseTo(1, 6);
    expect(Array.from(grad.dataSync()).every((x) => x === 0)).toBe(true);
    tf.dispose([d, value, grad]);
  });

  it('leaves duplicates among the inputs out of sammon, whose errors it could not divide', () => {
    const [d, e] = [tf.tensor1d([0, 1, 2]), tf.tensor1d([5, 1.5, 2])];
    expect(number(() => pairStress(e, d, { kind: 'sammon' }))).toBeCloseTo(0.25 / 3, 6);
    tf.dispose([d, e]);
  });

  it('is 0 for a batch of one item or none', () => {
    for (const n of [0, 1]) expect(number(() => pairStress(tf.zeros([n, n]), tf.zeros([n, n])))).toBe(0);
  });

  it('refuses other shapes and options out of range', () => {
    const square = tf.zeros([3, 3]);
    const refused: [() => unknown, new (message: string) => Error][] = [
      [() => pairStress(tf.zeros([3, 2]), tf.zeros([3, 2])), ShapeError],
      [() => pairStress(square, tf.zeros([4, 4])), ShapeError],
      [() => pairStress(square, square, { weights: tf.zeros([3]) }), ShapeError],
      [() => pairStress(square, square, { scale: tf.tensor1d([1]) as unknown as tf.Scalar }), ShapeError],
      [() => pairStress(square, square, { scale: 0 }), DomainError],
      [() => pairStress(square, square, { tooFar: -1 }), DomainError],
      [() => pairStress(square, square, { tooNear: Number.NaN }), DomainError],
    ];
    tf.tidy(() => {
      for (const [call, kind] of refused) expect(call).toThrow(kind);
    });
    square.dispose();
  });
});

describe('neighborWeights', () => {
  it('fall with the distance in units of its mean', () => {
    const d = inputDistances(5, 3);
    const host = numbers(() => tf.clone(d));
    const mean = host.reduce((a, b) => a + b, 0) / 20;
    const w = numbers(() => neighborWeights(d, { kind: 'exponential', sigma: 0.4 }));
    w.forEach((value, at) => {
      expect(value).toBeCloseTo(at % 6 === 0 ? 0 : Math.exp(-host[at] / (0.4 * mean)), 5);
    });
    d.dispose();
  });

  it('are 1 for the k nearest of either', () => {
    const d = inputDistances(6, 4);
    const host = numbers(() => tf.clone(d));
    const near = (i: number, j: number) =>
      [0, 1, 2, 3, 4, 5].filter((o) => o !== i && host[i * 6 + o] < host[i * 6 + j]).length < 2;
    const w = numbers(() => neighborWeights(d, { kind: 'nearest', k: 2 }));
    w.forEach((value, at) => {
      const [i, j] = [Math.floor(at / 6), at % 6];
      expect(value).toBe(i !== j && (near(i, j) || near(j, i)) ? 1 : 0);
    });
    d.dispose();
  });

  it('take all that tie among duplicates, and never an item itself', () => {
    const w = numbers(() => neighborWeights(tf.zeros([3, 3]), { kind: 'nearest', k: 1 }));
    expect(Array.from(w)).toEqual([0, 1, 1, 1, 0, 1, 1, 1, 0]);
    expect(
      Array.from(numbers(() => neighborWeights(tf.zeros([2, 2]), { kind: 'exponential', sigma: 1 }))),
    ).toEqual([0, 1, 1, 0]);
  });

  it('pass no gradient on', () => {
    const d = inputDistances(4, 5);
    for (const weighting of [
      { kind: 'nearest', k: 1 },
      { kind: 'exponential', sigma: 1 },
    ] as const) {
      const g = numbers(() => tf.grad((t) => tf.sum(neighborWeights(t as tf.Tensor2D, weighting)))(d));
      expect(g.every((x) => x === 0)).toBe(true);
    }
    d.dispose();
  });

  it('give NaN for NaN', () => {
    const bad = tf.tensor2d([0, Number.NaN, 1, Number.NaN, 0, 1, 1, 1, 0], [3, 3]);
    expect(numbers(() => neighborWeights(bad, { kind: 'exponential', sigma: 1 }))[1]).toBeNaN();
    expect(numbers(() => neighborWeights(bad, { kind: 'nearest', k: 1 }))[1]).toBeNaN();
    bad.dispose();
  });

  it('refuse fewer items than neighbours, and sigma 0', () => {
    tf.tidy(() => {
      const d = tf.zeros([3, 3]) as tf.Tensor2D;
      expect(() => neighborWeights(d, { kind: 'nearest', k: 3 })).toThrow(UsageError);
      expect(() => neighborWeights(d, { kind: 'exponential', sigma: 0 })).toThrow(DomainError);
      expect(() => neighborWeights(tf.zeros([3, 2]), { kind: 'nearest', k: 1 })).toThrow(ShapeError);
    });
  });
});

describe('samplePairs', () => {
  it('draws different rows, all of them, and the same again from the same seed', () => {
    const { first, second } = samplePairs(5, 400, new Rng(1));
    const seen = new Set(Array.from(first, (i, p) => `${i} ${second[p]}`));
    expect(seen.size).toBe(20);
    expect(first.every((i, p) => i !== second[p])).toBe(true);
    expect(samplePairs(5, 400, new Rng(1))).toEqual({ first, second });
    expect(() => samplePairs(1, 3, new Rng(1))).toThrow(UsageError);
  });
});
