import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DomainError, ShapeError } from '../../../src/core/errors.js';
import { Rng } from '../../../src/core/rng.js';
import { rotationFromE3nn } from '../../../src/symmetry/so3/e3nn.js';
import {
  axisAngleFromRotation,
  quaternionFromRotation,
  randomRotation,
  rotationFromAxisAngle,
  rotationFromQuaternion,
} from '../../../src/symmetry/so3/quaternion.js';
import {
  composeRotations,
  eulerFromRotation,
  inverseRotation,
  requireRotation,
  rotatePoints,
  rotationFromEuler,
} from '../../../src/symmetry/so3/rotationMatrix.js';
import { type E3nnFixture, expectClose, fixture, identity, pointsOf, rotation } from './support.js';

const peer = fixture<E3nnFixture>('e3nn');
const LAWS = { seed: 11, numRuns: 200 };
const degenerate = [
  ...[
    [0, 0, 0],
    [1, 0, 0],
    [0.4, Math.PI, 0],
    [0, Math.PI, 1],
    [2, 1e-9, 1],
  ],
  ...[
    [Math.PI, 0, 0],
    [Math.PI, Math.PI / 2, 0],
    [0, Math.PI / 2, Math.PI],
  ],
].map(([alpha, beta, gamma]) => rotationFromEuler({ alpha, beta, gamma }));

describe('conversions of rotations', () => {
  it('have quarter turns by hand', () => {
    const quarter = [0, -1, 0, 1, 0, 0, 0, 0, 1];
    expectClose(rotationFromEuler({ alpha: Math.PI / 2, beta: 0, gamma: 0 }), quarter);
    expectClose(rotationFromAxisAngle({ axis: [0, 0, 7], angle: Math.PI / 2 }), quarter);
    expectClose(rotationFromQuaternion([Math.SQRT1_2, 0, 0, Math.SQRT1_2]), quarter);
    expectClose(rotatePoints(pointsOf([[1, 0, 0]]), quarter).data, [0, 1, 0]);
    // x goes to y, then about x: y goes to z.
    const aboutX = rotationFromAxisAngle({ axis: [1, 0, 0], angle: Math.PI / 2 });
    expectClose(rotatePoints(pointsOf([[1, 0, 0]]), composeRotations(aboutX, quarter)).data, [0, 0, 1]);
  });

  it('agree with e3nn once its axes are renamed', () => {
    expectClose(rotationFromE3nn(peer.rotation), rotationFromEuler(peer.euler));
    const [w, x, y, z] = peer.quaternion;
    const ours = quaternionFromRotation(rotationFromE3nn(peer.rotation));
    const sign = Math.sign(w * ours[0]);
    expectClose(ours, [sign * w, sign * z, sign * x, sign * y]);
  });

  it('come back from Euler angles, quaternions, and axis and angle', () => {
    const comesBack = (r: Float64Array) => {
      expectClose(rotationFromEuler(eulerFromRotation(r)), r);
      expectClose(rotationFromQuaternion(quaternionFromRotation(r)), r);
      expectClose(rotationFromAxisAngle(axisAngleFromRotation(r)), r);
      expectClose(composeRotations(r, inverseRotation(r)), identity(3));
    };
    fc.assert(fc.property(rotation, comesBack), LAWS);
    for (const r of degenerate) comesBack(r);
  });

  it('have angles in their ranges and q with w >= 0', () => {
    fc.assert(
      fc.property(rotation, (r) => {
        const { beta } = eulerFromRotation(r);
        const { axis, angle } = axisAngleFromRotation(r);
        expect(beta >= 0 && beta <= Math.PI).toBe(true);
        expect(angle >= 0 && angle <= Math.PI).toBe(true);
        expect(Math.hypot(...Array.from(axis))).toBeCloseTo(1, 12);
        expect(quaternionFromRotation(r)[0]).toBeGreaterThanOrEqual(0);
      }),
      LAWS,
    );
    const { axis, angle } = axisAngleFromRotation(identity(3));
    expect([...Array.from(axis), angle]).toEqual([0, 0, 1, 0]);
  });

  it('take rotations in float32', () => {
    const r = Float32Array.from(randomRotation(new Rng(4)));
    expect(() => requireRotation(r, 'test')).not.toThrow();
  });

  it('refuse what is no rotation, saying why', () => {
    const reflection = [1, 0, 0, 0, 1, 0, 0, 0, -1];
    const shear = [1, 0.1, 0, 0, 1, 0, 0, 0, 1];
    for (const f of [eulerFromRotation, quaternionFromRotation, axisAngleFromRotation]) {
      expect(() => f(reflection)).toThrow(DomainError);
      expect(() => f(reflection)).toThrow(/determinant 1, got -1/);
      expect(() => f(shear)).toThrow(/row 0 of norm 1/);
      expect(() => f([1, 0, 0, 0, 1, 0, 0, 0])).toThrow(ShapeError);
      expect(() => f([1, 0, 0, 0, Number.NaN, 0, 0, 0, 1])).toThrow(/rotation row 1/);
    }
    expect(() => requireRotation([1, 0, 0, 0, 1, 0, 0, 1, 0], 'r')).toThrow(/rows 1 and 2 orthogonal/);
    expect(() => rotationFromQuaternion([0, 0, 0, 0])).toThrow(/norm 1, got 0/);
    expect(() => rotationFromQuaternion([1, 1, 0, 0])).toThrow(DomainError);
    expect(() => rotationFromAxisAngle({ axis: [0, 0, 0], angle: 1 })).toThrow(/not zero/);
    expect(() => rotationFromEuler({ alpha: Number.NaN, beta: 0, gamma: 0 })).toThrow(DomainError);
  });
});

describe('randomRotation', () => {
  it('is uniform: entries have mean 0 and mean square 1/3, the angle has density (1 - cos)/π', () => {
    const n = 20_000;
    const rng = new Rng(1);
    const sums = new Float64Array(9);
    const squares = new Float64Array(9);
    let angles = 0;
    for (let i = 0; i < n; i++) {
      const r = randomRotation(rng);
      r.forEach((value, at) => {
        sums[at] += value / n;
        squares[at] += (value * value) / n;
      });
      angles += axisAngleFromRotation(r).angle / n;
    }
    // Standard errors are .0041, .0021 and .0046: five of them.
    expectClose(sums, new Float64Array(9), 0.0205);
    expectClose(squares, new Float64Array(9).fill(1 / 3), 0.0105);
    expect(Math.abs(angles - (Math.PI / 2 + 2 / Math.PI))).toBeLessThan(0.023);
  });
});
