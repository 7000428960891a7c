import { beforeAll, describe, expect, it } from 'vitest';
import { DomainError, ShapeError, UsageError } from '../../../src/core/errors.js';
import { Rng } from '../../../src/core/rng.js';
import { ballPoints } from '../../../src/encoders/ballPoints.js';
import { perceptron } from '../../../src/encoders/dense.js';
import { orthogonalDense } from '../../../src/encoders/orthogonalDense.js';
import { inSequence, type RowLayer } from '../../../src/encoders/rowLayer.js';
import type { Linearization } from '../../../src/engine/linearization.js';
import { Network } from '../../../src/engine/network.js';
import { openEngine } from '../../../src/engine/openEngine.js';
import * as tf from '../../../src/engine/tf.js';
import {
  codesBetween,
  frameDirections,
  randomDirections,
  unitTangents,
} from '../../../src/losses/preservation/directions.js';
import {
  type CodeMap,
  isometryPenalty,
  isotropyPenalty,
  volumePenalty,
} from '../../../src/losses/preservation/jacobian.js';
import { manifoldOn } from '../../../src/manifolds/manifoldOn.js';
import { gradientError, leakedTensors } from '../../laws/gradient.js';
import { FLOAT32, GRADIENT_BY_DIFFERENCES } from '../../laws/tolerance.js';
import { columnsOf, nameOf, number, pointsOf, SPACES, tangents } from './spaces.js';

beforeAll(async () => {
  await openEngine();
});

const N = 5;
const INPUTS = 5;
const HIDDEN = 4;
/** Sums and quotients of squares of a two-layer derivative in float32. */
const DERIVED = 1e-4;

type Rows = number[][];
const product = (a: Rows, b: Rows): Rows =>
  a.map((row) => b[0].map((_, j) => row.reduce((sum, x, k) => sum + x * b[k][j], 0)));
const transposed = (a: Rows): Rows => a[0].map((_, j) => a.map((row) => row[j]));

/** J of x -> tanh(x W1 + b1) W2 at each row of x, [outputs, inputs], in float64. */
function jacobians(network: Network, x: Rows): Rows[] {
  const views = tf.tidy(() => {
    const named = [...network.parameters.views(network.parameters.flat)];
    return named.map(([, t]) => t.arraySync()) as [Rows, number[], Rows, number[]];
  });
  const [W1, b1, W2] = views;
  return x.map((row) => {
    const slopes = b1.map(
      (b, h) => 1 - Math.tanh(b + row.reduce((sum, value, i) => sum + value * W1[i][h], 0)) ** 2,
    );
    return transposed(
      W1.map((w) => W2[0].map((_, o) => w.reduce((sum, value, h) => sum + value * slopes[h] * W2[h][o], 0))),
    );
  });
}

/** The matrix of the metric at a point: [columns, columns]. */
function metricAt(space: (typeof SPACES)[number], z: number[]): Rows {
  const diagonal = (values: number[]) => values.map((v, i) => values.map((_, j) => (i === j ? v : 0)));
  const ball = (K: number, x: number[]) => (2 / (1 + K * x.reduce((s, v) => s + v * v, 0))) ** 2;
  if (space.kind === 'poincare') return diagonal(z.map(() => ball(space.curvature, z)));
  if (space.kind === 'lorentz') return diagonal(z.map((_, i) => (i === 0 ? -1 : 1)));
  if (space.kind === 'product') return diagonal([0.5, ...[1, 2].map(() => 2 * ball(-1, z.slice(1)))]);
  return diagonal(z.map(() => 1));
}

interface Setting {
  readonly network: Network;
  readonly coordinates: tf.Tensor2D;
  readonly x: tf.Tensor2D;
  map(pass: ReturnType<Network['inferencePass']>): CodeMap;
  /** A of every code for an orthonormal basis, [inputs, dimension], in float64. */
  readonly derivatives: Rows[];
  dispose(): void;
}

/** A decoder from the space, or an encoder whose codes are said to lie there. */
function setting(space: (typeof SPACES)[number], side: CodeMap['side']): Setting {
  const columns = columnsOf(space);
  const manifold = manifoldOn(space);
  const widths = side === 'decoder' ? [columns, HIDDEN, INPUTS] : [INPUTS, HIDDEN, columns];
  const layer = perceptron('a', widths, undefined, 'tanh');
  const network = new Network([{ parameters: layer.parameters, batchNorms: [] }], new Rng(4));
  const coordinates = tangents(N, 1);
  const x = tf.randomNormal([N, INPUTS], 0, 1, 'float32', 2) as tf.Tensor2D;
  const codes = tf.tidy(() => pointsOf(space, coordinates).arraySync()) as Rows;
  const basis = tf.tidy(() =>
    unitTangents(manifold, tf.tensor2d(codes), frameDirections(N, 3)).arraySync(),
  ) as Rows[];
  const derivatives = jacobians(network, side === 'decoder' ? codes : (x.arraySync() as Rows)).map((J, n) => {
    const B = transposed(basis.map((direction) => direction[n]));
    return side === 'decoder' ? product(J, B) : product(transposed(J), product(metricAt(space, codes[n]), B));
  });
  return {
    ...{ network, coordinates, x, derivatives },
    map(pass) {
      const z = pointsOf(space, coordinates);
      return { side, linearization: layer.linearize(pass, side === 'decoder' ? z : x), codes: z, manifold };
    },
    dispose() {
      network.dispose();
      tf.dispose([coordinates, x]);
    },
  };
}

const gram = (A: Rows): Rows => product(transposed(A), A);
const trace = (H: Rows): number => H.reduce((sum, row, i) => sum + row[i], 0);
const mean = (values: number[]): number => values.reduce((a, b) => a + b, 0) / values.length;

function logDeterminant(H: Rows): number {
  if (H.length === 0) return 0;
  const [[pivot, ...row], ...rest] = H;
  return (
    Math.log(pivot) +
    logDeterminant(rest.map(([first, ...others]) => others.map((v, j) => v - (first * row[j]) / pivot)))
  );
}

describe.each(SPACES.map((space) => [nameOf(space), space] as const))('with codes in %s', (_, space) => {
  it('unit tangents are orthonormal', () => {
    const manifold = manifoldOn(space);
    tf.tidy(() => {
      const z = pointsOf(space, tangents(N, 3));
      const basis = tf.unstack(unitTangents(manifold, z, frameDirections(N, 3))) as tf.Tensor2D[];
      basis.forEach((u, i) => {
        basis.forEach((v, j) => {
          for (const inner of manifold.inner(z, u, v).dataSync())
            expect(inner).toBeCloseTo(Number(i === j), 4);
        });
      });
    });
  });

  it('codes between others lie on the geodesics through them', () => {
    const manifold = manifoldOn(space);
    const draw = (beyond: number) => {
      const rng = new Rng(6);
      return tf.tidy(() => {
        const z = pointsOf(space, tangents(N, 4));
        const between = codesBetween(manifold, z, { rng, beyond });
        const drawn = new Rng(6);
        const shares = Array.from({ length: N }, () => drawn.uniform(-beyond, 1 + beyond));
        const others = tf.gather(z, tf.tensor1d(drawn.permutation(N), 'int32'));
        const lengths = [manifold.dist(z, others), manifold.dist(z, between), manifold.dist(between, others)];
        return { shares, lengths: lengths.map((t) => t.dataSync()) };
      });
    };
    for (const beyond of [0, 0.5]) {
      const { shares, lengths } = draw(beyond);
      shares.forEach((share, i) => {
        const [whole, before, after] = lengths.map((t) => t[i]);
        expect(before).toBeCloseTo(Math.abs(share) * whole, 3);
        expect(after).toBeCloseTo(Math.abs(1 - share) * whole, 3);
      });
    }
    tf.tidy(() => {
      const z = pointsOf(space, tangents(N, 4));
      expect(() => codesBetween(manifold, z, { rng: new Rng(1), beyond: -1 })).toThrow(DomainError);
    });
  });

  describe.each(['decoder', 'encoder'] as const)('of a %s', (side) => {
    it('the isometry penalty is that of the explicit derivative', () => {
      const s = setting(space, side);
      const lengths = s.derivatives.flatMap((A) => gram(A).map((row, i) => Math.sqrt(row[i])));
      const got = number(() =>
        isometryPenalty(s.map(s.network.inferencePass()), frameDirections(N, 3), { scale: 2 }),
      );
      const wanted = mean(lengths.map((length) => (length / 2 - 1) ** 2));
      expect(Math.abs(got - wanted)).toBeLessThan(DERIVED * Math.max(1, wanted));
      s.dispose();
    });

    it('the isotropy penalty is that of the explicit derivative, for the batch and for each code', () => {
      const s = setting(space, side);
      const H = s.derivatives.map(gram);
      const squares = H.map((h) => trace(product(h, h)));
      const wanted = {
        batch:
          (N * 3 * squares.reduce((a, b) => a + b, 0)) / H.reduce((sum, h) => sum + trace(h), 0) ** 2 - 1,
        point: mean(H.map((h, n) => (3 * squares[n]) / trace(h) ** 2 - 1)),
      };
      for (const over of ['batch', 'point'] as const) {
        const got = number(() =>
          isotropyPenalty(s.map(s.network.inferencePass()), frameDirections(N, 3), over),
        );
        expect(Math.abs(got - wanted[over])).toBeLessThan(DERIVED * Math.max(1, wanted[over]));
      }
      s.dispose();
    });

    it('random directions estimate the isotropy penalty of all', () => {
      const s = setting(space, side);
      const value = (directions: tf.Tensor3D) => {
        const got = number(() => isotropyPenalty(s.map(s.network.inferencePass()), directions, 'batch'));
        directions.dispose();
        return got;
      };
      const exact = value(frameDirections(N, 3));
      // 10,000 directions: one standard deviation is about 2 %.
      expect(Math.abs(value(randomDirections(2000, N, 3, new Rng(5))) / exact - 1)).toBeLessThan(0.1);
      s.dispose();
    });

    it('the volume penalty is the variance of half the log determinants', () => {
      const s = setting(space, side);
      const logs = s.derivatives.map((A) => logDeterminant(gram(A)) / 2);
      const got = number(() => volumePenalty(s.map(s.network.inferencePass()), frameDirections(N, 3)));
      const wanted = mean(logs.map((log) => (log - mean(logs)) ** 2));
      expect(Math.abs(got - wanted)).toBeLessThan(10 * DERIVED * Math.max(1, wanted));
      s.dispose();
    });

    it.each([
      ['isometry', (map: CodeMap, v: tf.Tensor3D) => isometryPenalty(map, v)],
      ['isotropy of the batch', (map: CodeMap, v: tf.Tensor3D) => isotropyPenalty(map, v, 'batch')],
      ['isotropy of each code', (map: CodeMap, v: tf.Tensor3D) => isotropyPenalty(map, v, 'point')],
      ['volume', (map: CodeMap, v: tf.Tensor3D) => volumePenalty(map, v)],
    ])(
      '%s has the gradient of its values to the weights, and leaves no tensors behind',
      async (_, penalty) => {
        const s = setting(space, side);
        const directions = frameDirections(N, 3);
        const loss = (flat: tf.Tensor) => {
          const views = s.network.parameters.views(flat as tf.Tensor1D);
          const weight = <T extends tf.Tensor>(name: string) => views.get(name) as T;
          return penalty(s.map({ ...s.network.inferencePass(), weight }), directions);
        };
        const { flat } = s.network.parameters;
        expect(gradientError(loss, flat, 3e-3)).toBeLessThan(GRADIENT_BY_DIFFERENCES);
        expect(await leakedTensors(() => tf.grad((t) => loss(t))(flat))).toBe(0);
        directions.dispose();
        s.dispose();
      },
    );

    it('NaN in the codes or the derivative comes out as NaN', () => {
      const s = setting(space, side);
      const values = tf.tidy(() => {
        const map = s.map(s.network.inferencePass());
        const bad = (v: tf.Tensor) => tf.mul(v, Number.NaN);
        const { value, pushforward, pullback } = map.linearization;
        const linearization = {
          value,
          pushforward: (v: tf.Tensor) => bad(pushforward(v)),
          pullback: (v: tf.Tensor) => bad(pullback(v)),
        };
        const broken = { ...map, linearization };
        const v = frameDirections(N, 3);
        const all = [isometryPenalty(broken, v), isotropyPenalty(broken, v, 'batch')];
        return [...all, isotropyPenalty(broken, v, 'point'), volumePenalty(broken, v)].map(
          (t) => t.dataSync()[0],
        );
      });
      expect(values.every(Number.isNaN)).toBe(true);
      s.dispose();
    });
  });
});

const flat2 = manifoldOn({ kind: 'euclidean', dim: 2 });
/** A map of the plane by its derivative [[a, -b], [b, a]] at each row. */
const complex = (a: tf.Tensor, b: tf.Tensor, value: tf.Tensor2D): Linearization => {
  const times = (sign: number) => (v: tf.Tensor) => {
    const [x, y] = tf.split(v, 2, 2);
    const s = tf.mul(b, sign);
    return tf.concat([tf.sub(tf.mul(a, x), tf.mul(s, y)), tf.add(tf.mul(s, x), tf.mul(a, y))], 2);
  };
  return { value, pushforward: times(1), pullback: times(-1) };
};

describe('Jacobian penalties', () => {
  const of = (layer: RowLayer, coordinates: tf.Tensor2D, work: (map: CodeMap) => tf.Tensor) => {
    const network = new Network([{ parameters: layer.parameters, batchNorms: [] }], new Rng(1));
    const manifold = manifoldOn({ kind: 'euclidean', dim: coordinates.shape[1] });
    const value = number(() =>
      work({
        side: 'decoder',
        linearization: layer.linearize(network.inferencePass(), coordinates),
        codes: coordinates,
        manifold,
      }),
    );
    network.dispose();
    return value;
  };

  it('are 0 for an orthogonal decoder into more dimensions', () => {
    const [z, v] = [tangents(N, 6), frameDirections(N, 3)];
    const layer = orthogonalDense('a', 3, 8);
    expect(of(layer, z, (map) => isometryPenalty(map, v))).toBeLessThan(FLOAT32);
    expect(Math.abs(of(layer, z, (map) => isotropyPenalty(map, v, 'batch')))).toBeLessThan(FLOAT32);
    expect(of(layer, z, (map) => volumePenalty(map, v))).toBeLessThan(FLOAT32);
    tf.dispose([z, v]);
  });

  it('tell a conformal map, z² of the plane, from a scaled isometry', () => {
    const [batch, point, volume] = tf.tidy(() => {
      const z = tf.randomNormal([N, 2], 1, 1, 'float32', 1) as tf.Tensor2D;
      const [x, y] = tf.split(tf.mul(z, 2), 2, 1);
      const map = { side: 'decoder', linearization: complex(x, y, z), codes: z, manifold: flat2 } as const;
      const v = frameDirections(N, 2);
      const values = [
        isotropyPenalty(map, v, 'batch'),
        isotropyPenalty(map, v, 'point'),
        volumePenalty(map, v),
      ];
      return values.map((t) => t.dataSync()[0]);
    });
    expect(Math.abs(point)).toBeLessThan(FLOAT32);
    expect(batch).toBeGreaterThan(0.1);
    expect(volume).toBeGreaterThan(0.1);
  });

  it('see that the coordinates of the Poincaré ball are conformal to it', () => {
    tf.tidy(() => {
      const space = { kind: 'poincare', dim: 3, curvature: -0.5 } as const;
      const z = pointsOf(space, tangents(N, 7));
      const same = (t: tf.Tensor) => tf.clone(t);
      const linearization = { value: z, pushforward: same, pullback: same };
      const v = frameDirections(N, 3);
      for (const side of ['decoder', 'encoder'] as const) {
        const map = { side, linearization, codes: z, manifold: manifoldOn(space) };
        expect(Math.abs(isotropyPenalty(map, v, 'point').dataSync()[0])).toBeLessThan(FLOAT32);
        expect(isotropyPenalty(map, v, 'batch').dataSync()[0]).toBeGreaterThan(1e-3);
      }
    });
  });

  it('take hyperbolic codes of an encoder that ends in the ball', () => {
    const layer = inSequence([perceptron('a', [INPUTS, HIDDEN, 2], undefined, 'tanh'), ballPoints(2, -1)]);
    const network = new Network([{ parameters: layer.parameters, batchNorms: [] }], new Rng(1));
    const manifold = manifoldOn({ kind: 'poincare', dim: 2, curvature: -1 });
    const x = tf.randomNormal([N, INPUTS], 0, 1, 'float32', 3) as tf.Tensor2D;
    const v = randomDirections(3, N, 2, new Rng(2));
    const { value, gradient } = network.gradient((pass) => {
      const linearization = layer.linearize(pass, x);
      return isometryPenalty({ side: 'encoder', linearization, codes: linearization.value, manifold }, v);
    });
    expect(value.dataSync()[0]).toBeGreaterThan(0);
    expect(gradient.dataSync().some((g) => g !== 0)).toBe(true);
    expect(gradient.dataSync().every(Number.isFinite)).toBe(true);
    tf.dispose([value, gradient, x, v]);
    network.dispose();
  });

  it('refuse directions of other codes, a scale of 0 and a frame that is not whole', () => {
    tf.tidy(() => {
      const z = tf.zeros([N, 2]) as tf.Tensor2D;
      const map = {
        side: 'decoder',
        linearization: complex(tf.ones([N, 1]), tf.zeros([N, 1]), z),
        codes: z,
        manifold: flat2,
      } as const;
      expect(() => isometryPenalty(map, frameDirections(N + 1, 2))).toThrow(ShapeError);
      expect(() => isotropyPenalty(map, frameDirections(N, 3), 'batch')).toThrow(ShapeError);
      expect(() => isometryPenalty(map, frameDirections(N, 2), { scale: 0 })).toThrow(DomainError);
      expect(() => volumePenalty(map, randomDirections(1, N, 2, new Rng(1)))).toThrow(UsageError);
      expect(() => randomDirections(0, N, 2, new Rng(1))).toThrow(UsageError);
      expect(() => frameDirections(N, 0)).toThrow(UsageError);
    });
  });
});
