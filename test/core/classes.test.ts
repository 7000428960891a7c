import { describe, expect, it } from 'vitest';
import { rowsByClass } from '../../src/core/classes.js';

describe('rowsByClass', () => {
  it('lists the rows of each class, classes by number and not by first appearance or as text', () => {
    expect(rowsByClass([10, 2, 10, -1, 2])).toEqual([[3], [1, 4], [0, 2]]);
    expect(rowsByClass(Uint8Array.of(1, 1))).toEqual([[0, 1]]);
  });

  it('is empty without labels', () => {
    expect(rowsByClass([])).toEqual([]);
  });
});
