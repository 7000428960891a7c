import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ShapeError } from '../../../src/core/errors.js';
import { matrix } from '../../../src/core/matrix.js';
import { singleChannels } from '../../../src/symmetry/so3/degrees.js';
import {
  coefficientsFromE3nn,
  coefficientsToE3nn,
  pointsFromE3nn,
  pointsToE3nn,
  rotationFromE3nn,
  rotationToE3nn,
  wignerDFromE3nn,
  wignerDToE3nn,
} from '../../../src/symmetry/so3/e3nn.js';
import { sphericalHarmonics } from '../../../src/symmetry/so3/harmonics.js';
import { wignerD } from '../../../src/symmetry/so3/wignerD.js';
import { ROTATION_TABLES } from '../../laws/tolerance.js';
import { type E3nnFixture, expectClose, fixture, pointsOf, randomPoints, rotation } from './support.js';

const peer = fixture<E3nnFixture>('e3nn');

describe('conversions to e3nn', () => {
  it('give its harmonics and Wigner D of the same points and rotation, axes keeping their names', () => {
    const harmonics = sphericalHarmonics(pointsOf(peer.points), 11);
    const converted = coefficientsToE3nn(harmonics, singleChannels(11));
    expectClose(converted.data, peer.componentOfDirections.flat());
    const matrices = wignerDToE3nn(wignerD(peer.rotation, 20));
    peer.wignerDegrees.forEach((l, at) => {
      expectClose(matrices[l], peer.wignerD[at], 2 * ROTATION_TABLES);
    });
  });

  it('leave the value of a function where it was: c·Y is the same in both bases', () => {
    const multiplicities = singleChannels(5);
    const coefficients = randomPoints(1, 3, 36);
    const value = (basis: ArrayLike<number>, c: ArrayLike<number>) => {
      let sum = 0;
      for (let at = 0; at < 36; at++) sum += basis[at] * c[at];
      return sum;
    };
    const ours = sphericalHarmonics(pointsOf(peer.points.slice(0, 1)), 5).data;
    const theirs = peer.componentOfDirections[0];
    const converted = coefficientsToE3nn(coefficients, multiplicities).data;
    expect(value(theirs, converted)).toBeCloseTo(value(ours, coefficients.data), 12);
  });

  it('come back', () => {
    fc.assert(
      fc.property(rotation, (r) => {
        expectClose(rotationToE3nn(rotationFromE3nn(r)), r);
        const matrices = wignerD(r, 6);
        wignerDFromE3nn(wignerDToE3nn(matrices)).forEach((d, l) => {
          expectClose(d, matrices[l]);
        });
        const multiplicities = [1, 0, 2];
        const c = matrix(
          Float64Array.from({ length: 11 }, (_, at) => r[at % 9]),
          1,
          11,
        );
        const back = coefficientsFromE3nn(coefficientsToE3nn(c, multiplicities), multiplicities);
        expectClose(back.data, c.data);
      }),
      { seed: 41, numRuns: 30 },
    );
    const points = randomPoints(3, 4);
    expect(pointsToE3nn(pointsFromE3nn(points))).toEqual(points);
    expect(Array.from(pointsFromE3nn(pointsOf([[1, 2, 3]])).data)).toEqual([3, 1, 2]);
  });

  it('refuse other shapes, naming the degree', () => {
    expect(() => pointsFromE3nn(randomPoints(1, 1, 2))).toThrow(ShapeError);
    expect(() => wignerDToE3nn([Float64Array.of(1), new Float64Array(4)])).toThrow(/matrix of degree 1/);
    expect(() => coefficientsFromE3nn(randomPoints(1, 1, 3), [1, 1])).toThrow(ShapeError);
  });
});
