import { describe, expect, it } from 'vitest';
import { UsageError } from '../../src/core/errors.js';
import { requireRelation } from '../../src/core/relation.js';

const relation = (offsets: readonly number[], targets: readonly number[]) => ({
  offsets: Int32Array.from(offsets),
  targets: Int32Array.from(targets),
});

describe('requireRelation', () => {
  it('lets items without targets and several targets in ascending order pass', () => {
    requireRelation(relation([0, 2, 2, 3], [1, 2, 0]), 'given');
  });

  it.each([
    ['no offsets', [], [], 'given relation: expected at least one pair'],
    ['no pairs', [0, 0], [], 'given relation: expected at least one pair'],
    [
      'a first offset above 0',
      [1, 1, 2],
      [1, 0],
      'given relation: expected offsets from 0 to 2, got "1 to 2"',
    ],
    ['offsets short of the targets', [0, 1, 1], [1, 0], 'given relation: expected offsets from 0 to 2'],
    ['offsets that fall', [0, 1, 0, 1], [1], 'given relation row 1: expected an end >= 1, got 0'],
    ['an end beyond the targets', [0, 2, 1], [1], 'given relation row 0: expected other rows'],
    ['a target below 0', [0, 1, 1], [-1], 'given relation row 0: expected other rows 0..1'],
    ['a target that is no row', [0, 1, 1], [2], 'given relation row 0: expected other rows 0..1'],
    ['an item related to itself', [0, 0, 1], [1], 'given relation row 1: expected other rows'],
    ['a target twice', [0, 2, 2], [1, 1], 'given relation row 0: expected other rows'],
    ['targets that fall', [0, 2, 2, 2], [2, 1], 'given relation row 0: expected other rows'],
  ])('refuses %s', (_, offsets, targets, message) => {
    const check = () => requireRelation(relation(offsets, targets), 'given');
    expect(check).toThrow(UsageError);
    expect(check).toThrow(message);
  });
});
