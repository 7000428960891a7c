import { describe, expect, it } from 'vitest';
import { UsageError } from '../../src/core/errors.js';
import { subtreeOf, transitiveClosure } from '../../src/data/closure.js';
import { loadNouns } from '../../src/data/wordnet.js';

describe('transitiveClosure', () => {
  it('reaches every ancestor once, along all links, ascending', () => {
    // 3 has two parents that share an ancestor; 4 stands alone.
    const { offsets, targets } = transitiveClosure([[], [0], [0], [2, 1], []]);
    expect([...offsets]).toEqual([0, 0, 1, 2, 5, 5]);
    expect([...targets]).toEqual([0, 0, 0, 1, 2]);
  });

  it('relates no item to itself in a cycle', () => {
    const { offsets, targets } = transitiveClosure([[1], [2], [0]]);
    expect([...offsets]).toEqual([0, 2, 4, 6]);
    expect([...targets]).toEqual([1, 2, 0, 2, 0, 1]);
  });

  it('has no rows for no items, and refuses links to rows that are not there', () => {
    expect([...transitiveClosure([]).offsets]).toEqual([0]);
    expect(() => transitiveClosure([[1]])).toThrow(UsageError);
  });
});

describe('subtreeOf', () => {
  it('keeps a target, what is related to it, and the pairs among them', () => {
    // 0 <- 1 <- 3, 0 <- 2 <- 3, 1 <- 4: below 1 are 3 and 4.
    const { rows, relation } = subtreeOf(transitiveClosure([[], [0], [0], [1, 2], [1]]), 1);
    expect([...rows]).toEqual([1, 3, 4]);
    expect([...relation.offsets]).toEqual([0, 0, 1, 2]);
    expect([...relation.targets]).toEqual([0, 0]);
  });

  it('refuses a root that is no row', () => {
    expect(() => subtreeOf(transitiveClosure([[]]), 1)).toThrow(UsageError);
    expect(() => subtreeOf(transitiveClosure([[]]), Number.NaN)).toThrow(UsageError);
  });
});

describe('the closure of WordNet 3.0', () => {
  const nouns = loadNouns('3.0');
  const closure = transitiveClosure(nouns.hypernyms);

  it('has the 82,115 nouns and 743,241 pairs of Nickel and Kiela 2017', () => {
    expect(nouns.ids.length).toBe(82_115);
    expect(closure.targets.length).toBe(743_241);
  });

  it('has 1,182 mammals with 6,542 pairs', () => {
    const mammals = subtreeOf(closure, nouns.ids.indexOf('01861778'));
    expect(mammals.rows.length).toBe(1_182);
    expect(mammals.relation.targets.length).toBe(6_542);
  });
});
