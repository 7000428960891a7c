import { describe, expect, it } from 'vitest';
import { ShapeError } from '../../src/core/errors.js';
import type { Space } from '../../src/core/space.js';
import { type ParameterSpec, zeros } from '../../src/engine/parameters.js';
import {
  assignmentOf,
  decayOfEach,
  flatWarning,
  formatAssignment,
  noticeOf,
} from '../../src/training/assignment.js';

const BALL: Space = { kind: 'poincare', dim: 5, curvature: -1 };
const spec = (name: string, shape: number[], space?: Space): ParameterSpec => ({
  ...{ name, shape, initial: zeros },
  ...(space && { space }),
});

describe('assignmentOf', () => {
  it('prints one line an array with its shape and geometry', () => {
    const mixed: Space = {
      kind: 'product',
      combine: 'l2',
      factors: [
        { space: BALL, weight: 1 },
        { space: { kind: 'euclidean', dim: 2 }, weight: 0.5 },
      ],
    };
    const lines = formatAssignment(
      assignmentOf([
        spec('head/x/kernel', [16, 2]),
        spec('codes', [1182, 5], BALL),
        spec('offset', [3]),
        spec('pairs', [4, 7], mixed),
        spec('plain', [4, 2], { kind: 'euclidean', dim: 2 }),
      ]),
    );
    expect(lines.split('\n')).toEqual([
      'head/x/kernel 16x2 euclidean',
      'codes 1182x5 poincare K=-1',
      'offset 3 euclidean',
      'pairs 4x7 l2(poincare K=-1 dim 5, 0.5 euclidean dim 2)',
      'plain 4x2 euclidean',
    ]);
  });

  it('takes a single point without an axis of rows', () => {
    expect(formatAssignment(assignmentOf([spec('bias', [5], BALL)]))).toBe('bias 5 poincare K=-1');
  });

  it('refuses an array whose last axis is not the columns of its space', () => {
    const lorentz: Space = { kind: 'lorentz', dim: 5, curvature: -1 };
    expect(() => assignmentOf([spec('codes', [10, 5], lorentz)])).toThrow(ShapeError);
    expect(() => assignmentOf([spec('codes', [10, 5], lorentz)])).toThrow(
      /parameter codes: expected a last axis of 6, the columns of lorentz K=-1, got "10x5"/,
    );
  });
});

describe('flatWarning', () => {
  it('says that nothing is on a manifold, and what to do', () => {
    const assignment = assignmentOf([
      spec('kernel', [2, 5]),
      spec('flat', [2, 5], { kind: 'euclidean', dim: 5 }),
    ]);
    expect(flatWarning('RiemannianAdam', assignment)).toMatch(
      /^RiemannianAdam was given no parameter on a manifold: all 2 arrays are euclidean; name the space/,
    );
  });

  it('is silent where one array is', () => {
    const assignment = assignmentOf([spec('kernel', [2, 5]), spec('codes', [2, 5], BALL)]);
    expect(flatWarning('RiemannianAdam', assignment)).toBeUndefined();
  });
});

describe('decayOfEach', () => {
  it('is for values of Euclidean matrices alone', () => {
    const assignment = assignmentOf([
      spec('kernel', [1, 2]),
      spec('offset', [2]),
      spec('bias', [1, 5], BALL),
    ]);
    expect([...decayOfEach(assignment, 0.5)]).toEqual([0.5, 0.5, 0, 0, 0, 0, 0, 0, 0]);
  });
});

describe('noticeOf', () => {
  it('names the arrays on manifolds and counts the others, or warns', () => {
    const specs = [
      { name: 'codes', shape: [5, 2], initial: zeros, space: { kind: 'poincare', dim: 2, curvature: -1 } },
      { name: 'kernel', shape: [2, 3], initial: zeros },
    ] as const;
    expect(noticeOf('RiemannianSGD', assignmentOf(specs))).toBe(
      'RiemannianSGD moves codes 5x2 poincare K=-1; 1 euclidean',
    );
    expect(noticeOf('RiemannianSGD', assignmentOf(specs.slice(1)))).toMatch(
      /given no parameter on a manifold/,
    );
  });
});
