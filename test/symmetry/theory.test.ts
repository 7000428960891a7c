import { describe, expect, it } from 'vitest';
import { type Matrix, matrix } from '../../src/core/matrix.js';
import { Rng } from '../../src/core/rng.js';
import { apart } from '../../src/core/values.js';
import { rotationGroup2d, se3Group } from '../../src/symmetry/groups/motions.js';
import { permutationGroup } from '../../src/symmetry/groups/permutations.js';
import { rotationGroup3d } from '../../src/symmetry/groups/rotations3d.js';
import { scalingGroup } from '../../src/symmetry/groups/scaling.js';
import { cloudOf } from '../laws/group.js';
import { moments, POSE, points, posesApart } from '../laws/poses.js';

// The claims of docs/theory.md, in its order.

/** All functions from 0..size - 1 to 0..values - 1. */
function* functions(size: number, values: number): Generator<readonly number[]> {
  for (let index = 0; index < values ** size; index++)
    yield Array.from({ length: size }, (_, at) => Math.floor(index / values ** at) % values);
}

/** C_n on words of n letters 0 and 1, as numbers: turning a word moves its letters round. */
const turnedWord = (n: number, by: number, word: number): number =>
  ((word << by) | (word >> (n - by))) & ((1 << n) - 1);

describe('when ψ exists', () => {
  const orbit = [0b0101, 0b1010];
  const turn = (by: number, word: number) => turnedWord(4, by, word);

  it('no ψ is equivariant on an orbit with a stabiliser: of all functions none is', () => {
    for (const psi of functions(2, 4)) {
      const at = (word: number) => psi[orbit.indexOf(word)];
      const equivariant = orbit.every((x) => [0, 1, 2, 3].every((g) => at(turn(g, x)) === (g + at(x)) % 4));
      expect(equivariant).toBe(false);
    }
  });

  it('those with one canonical pose for the orbit are |G| |S|^(|orbit| - 1), here 4 x 2', () => {
    const right = [...functions(2, 4)].filter(
      (psi) => new Set(orbit.map((x, i) => turn((4 - psi[i]) % 4, x))).size === 1,
    );
    expect(right.length).toBe(8);
  });

  it('a feature more symmetric than the item is not enough: a pentagon has no vector, but a 5-fold angle', () => {
    const pentagon = points(
      2,
      ...[0, 1, 2, 3, 4].flatMap((k) => [Math.cos((2 * Math.PI * k) / 5), Math.sin((2 * Math.PI * k) / 5)]),
    );
    const group = rotationGroup2d();
    const vector = (x: Matrix) => Array.from(moments(x, 1).data, (value) => Number(value.toFixed(9)));
    expect(posesApart(group, vector, pentagon)).toBeGreaterThan(0.1);

    const fifth = (x: Matrix): number[] => {
      const sum = [0, 0];
      for (let i = 0; i < x.rows; i++) {
        const angle = 5 * Math.atan2(x.data[2 * i + 1], x.data[2 * i]);
        sum[0] += Math.cos(angle);
        sum[1] += Math.sin(angle);
      }
      const angle = Math.atan2(sum[1], sum[0]) / 5;
      return [Math.cos(angle), Math.sin(angle)];
    };
    const corners = (x: Matrix) =>
      Array.from({ length: 5 }, (_, i) => Math.atan2(x.data[2 * i + 1], x.data[2 * i]).toFixed(6))
        .map((angle) => (angle === '-0.000000' ? '0.000000' : angle))
        .sort();
    const pose = (x: Matrix) => corners(group.act(-group.fromFeatures(fifth(x)), x));
    const rng = new Rng(1);
    for (let draw = 0; draw < 20; draw++)
      expect(pose(group.act(group.random(rng), pentagon))).toEqual(pose(pentagon));
  });

  it('polar vectors vanish where a cloud equals its mirror image at a point, although no turn leaves it; cross products do not', () => {
    const half = cloudOf(new Rng(2), 3, 3);
    const cloud = matrix(Float64Array.from([...half.data, ...half.data.map((value) => -value)]), 6, 3);
    const group = rotationGroup3d();
    expect(Math.max(...moments(cloud, 2).data.map(Math.abs))).toBeLessThan(POSE);
    const rounded = (x: Matrix) => {
      const { data } = moments(x, 2);
      return matrix(
        data.map((value) => Number(value.toFixed(9))),
        2,
        3,
      );
    };
    expect(posesApart(group, rounded, cloud)).toBeGreaterThan(0.1);
    expect(posesApart(group, axialVectors, cloud)).toBeLessThan(POSE);
  });
});

/** Σ (|x|^2p - |y|^2p) (x · y) x × y over pairs of points, p = 1, 2: they turn, and stay under x -> -x. [2, 3] */
function axialVectors(x: Matrix): Matrix {
  const sum = new Float64Array(6);
  for (let i = 0; i < x.rows; i++) {
    for (let j = 0; j < x.rows; j++) {
      const [a, b, c] = x.data.subarray(3 * i, 3 * i + 3);
      const [d, e, f] = x.data.subarray(3 * j, 3 * j + 3);
      const cross = [b * f - c * e, c * d - a * f, a * e - b * d];
      const inner = a * d + b * e + c * f;
      for (const p of [1, 2]) {
        const weight = inner * (Math.hypot(a, b, c) ** (2 * p) - Math.hypot(d, e, f) ** (2 * p));
        for (let k = 0; k < 3; k++) sum[3 * (p - 1) + k] += weight * cross[k];
      }
    }
  }
  return matrix(sum, 2, 3);
}

describe('continuity', () => {
  it('ends at a symmetric item: however near the centre a point is, turning it turns ψ as far', () => {
    const group = rotationGroup2d();
    for (const size of [1, 1e-3, 1e-6, 1e-9]) {
      const x = points(2, size, 0);
      const psi = (y: Matrix) => group.fromFeatures(moments(y, 1).data);
      expect(group.distance(psi(group.act(3, x)), psi(x))).toBeCloseTo(3, 9);
    }
  });

  it('is impossible for the order of two points of the plane: on the way round to its swap ψ jumps, once or 3 times ...', () => {
    const group = permutationGroup(2);
    for (const direction of [0, 0.4, 1.9]) {
      const score = (x: Matrix) =>
        [0, 1].map((i) => Math.cos(direction) * x.data[2 * i] + Math.sin(direction) * x.data[2 * i + 1]);
      let jumps = 0;
      let last = -1;
      // Half a turn takes the two points, never equal, to each other's places.
      for (let step = 0; step <= 1000; step++) {
        const angle = 0.1 + (Math.PI * step) / 1000;
        const x = points(2, Math.cos(angle), Math.sin(angle), -Math.cos(angle), -Math.sin(angle));
        const [first] = group.fromFeatures(score(x));
        if (last >= 0 && first !== last) jumps++;
        last = first;
      }
      expect(jumps % 2).toBe(1);
    }
  });
});

describe('a loss of zero', () => {
  /** C_2 swaps the letters of words of two: orbits {00}, {11}, {01, 10}. */
  const words = [0b00, 0b01, 0b10, 0b11];
  const orbits = [0, 1, 1, 2];
  const swap = (g: number, word: number) => turnedWord(2, g, word);

  /** Every (η, ψ, δ) with that many codes that reconstructs every word. */
  function* perfect(codes: number) {
    for (const eta of functions(3, codes))
      for (const psi of functions(4, 2))
        for (const delta of functions(codes, 4))
          if (words.every((x) => swap(psi[x], delta[eta[orbits[x]]]) === x)) yield { eta, psi, delta };
  }

  it('means that η separates orbits and ψ is right up to stabilisers: all 27,648 autoencoders of a small group', () => {
    let count = 0;
    for (const { eta, psi } of perfect(3)) {
      count++;
      expect(new Set(eta).size).toBe(3);
      const pose = (x: number) => swap(psi[x], x);
      for (const x of words) for (const g of [0, 1]) expect(pose(swap(g, x))).toBe(pose(x));
    }
    // 3! codes of the orbits, 2 poses of {01, 10}, and ψ free at 00 and at 11.
    expect(count).toBe(6 * 2 * 4);
  });

  it('takes as many codes as orbits: with two of them none reconstructs all', () => {
    expect([...perfect(2)].length).toBe(0);
  });

  it('says nothing of distances between codes: renumbered codes reconstruct as well, and other orbits are near', () => {
    const nearest = new Set<string>();
    for (const { eta } of perfect(3)) {
      const [a, b, c] = eta;
      nearest.add(
        Math.abs(a - b) < Math.abs(a - c)
          ? '00 to 01'
          : Math.abs(a - b) > Math.abs(a - c)
            ? '00 to 11'
            : 'tie',
      );
    }
    expect([...nearest].sort()).toEqual(['00 to 01', '00 to 11', 'tie']);
  });
});

describe('the canonical pose', () => {
  const group = se3Group();
  const features = (x: Matrix) => {
    const place = [0, 0, 0];
    for (let at = 0; at < x.data.length; at++) place[at % 3] += x.data[at] / x.rows;
    const centred = group.act([Float64Array.from(place, (v) => -v), group.identity[1]], x);
    return [place, matrix(moments(centred, 3).data.subarray(3), 2, 3)] as const;
  };

  it('is a choice: ψ h and h⁻¹ δ give the same outputs for any h of the code', () => {
    const rng = new Rng(3);
    const delta = cloudOf(rng, 5, 3);
    const h = group.random(rng);
    for (let draw = 0; draw < 20; draw++) {
      const psi = group.fromFeatures(features(cloudOf(rng, 5, 3)));
      const output = group.act(psi, delta);
      const other = group.act(group.compose(psi, h), group.act(group.inverse(h), delta));
      expect(apart(output.data, other.data)).toBeLessThan(POSE);
    }
  });

  it('of a round item leaves ψ free: every element gives the item', () => {
    const rng = new Rng(4);
    const turns = rotationGroup3d();
    const centre = points(3, 0, 0, 0, 0, 0, 0);
    for (let draw = 0; draw < 20; draw++)
      expect(apart(turns.act(turns.random(rng), centre).data, centre.data)).toBe(0);
  });
});

describe('the loss', () => {
  const squared = (x: Matrix, y: Matrix) => apart(x.data, y.data) ** 2;

  it('is the same for all of an orbit where the group keeps distances, and is not under scaling', () => {
    const rng = new Rng(5);
    const [x, delta] = [cloudOf(rng, 6, 3), cloudOf(rng, 6, 3)];
    const turns = rotationGroup3d();
    const loss = (y: Matrix) => squared(turns.act(turns.fromFeatures(moments(y, 2)), delta), y);
    expect(loss(turns.act(turns.random(rng), x))).toBeCloseTo(loss(x), 9);

    const scaling = scalingGroup();
    const scaled = (y: Matrix) =>
      squared(scaling.act(scaling.fromFeatures([Math.hypot(...y.data)]), delta), y);
    expect(scaled(scaling.act(3, x))).toBeCloseTo(9 * scaled(x), 6);
  });

  it('is least, with ψ given, for the mean of the canonical poses of the items of a code', () => {
    const rng = new Rng(6);
    const turns = rotationGroup3d();
    const items = Array.from({ length: 7 }, () => cloudOf(rng, 4, 3));
    const psi = items.map((x) => turns.fromFeatures(moments(x, 2)));
    const loss = (delta: Matrix) =>
      items.reduce((sum, x, i) => sum + squared(turns.act(psi[i], delta), x), 0);
    const mean = new Float64Array(12);
    for (const [i, x] of items.entries()) {
      const pose = turns.act(turns.inverse(psi[i]), x);
      for (let at = 0; at < 12; at++) mean[at] += pose.data[at] / items.length;
    }
    const best = loss(matrix(mean, 4, 3));
    for (let draw = 0; draw < 50; draw++) {
      const step = cloudOf(rng, 4, 3).data;
      const size = 10 ** rng.uniform(-3, 1);
      expect(
        loss(
          matrix(
            mean.map((value, at) => value + size * step[at]),
            4,
            3,
          ),
        ),
      ).toBeGreaterThan(best);
    }
  });

  it('has local minima in the pose that are not the least: a ring with a high and a lower bump', () => {
    const ring = (angle: number) =>
      Float64Array.from({ length: 90 }, (_, t) => {
        const at = (2 * Math.PI * t) / 90 - angle;
        return Math.exp(6 * (Math.cos(at) - 1)) + 0.8 * Math.exp(6 * (Math.cos(at - Math.PI) - 1));
      });
    const loss = (angle: number) => apart(ring(angle), ring(0)) ** 2;
    const half = loss(Math.PI);
    expect(half).toBeGreaterThan(0.1);
    for (const step of [0.01, 0.1, 0.5]) {
      expect(loss(Math.PI + step)).toBeGreaterThan(half);
      expect(loss(Math.PI - step)).toBeGreaterThan(half);
    }
    expect(loss(0)).toBe(0);
  });
});
