import { describe, expect, it } from 'vitest';
import { loadNouns, nounTree, parseNouns } from '../../src/data/wordnet.js';

const LINES = [
  '  1 This software and database is being provided to you  ',
  '00000010 03 n 01 entity 0 001 ~ 00000020 n 0000 | that which is  ',
  '00000020 03 n 02 animal 0 beast 1 001 @ 00000010 n 0000 | a living thing  ',
  '00000030 05 n 01 swimmer 0 001 @ 00000010 n 0000 | one that swims  ',
  '00000040 05 n 01 whale 2 003 @ 00000030 n 0000 @ 00000020 n 0000 #m 00000020 n 0000 | a large | mammal  ',
  '00000050 05 n 01 Moby_Dick 0 001 @i 00000040 n 0000 | a whale  ',
  '',
];

describe('parseNouns', () => {
  it('reads offsets, first words and hypernyms, those of instances too', () => {
    const nouns = parseNouns(LINES.join('\n'), 'data.noun');
    expect(nouns.ids).toEqual(['00000010', '00000020', '00000030', '00000040', '00000050']);
    expect(nouns.words).toEqual(['entity', 'animal', 'swimmer', 'whale', 'Moby_Dick']);
    expect(nouns.hypernyms).toEqual([[], [0], [0], [2, 1], [3]]);
  });

  it('names the line or the synset of what is damaged', () => {
    expect(() => parseNouns(LINES[1].slice(0, 40), 'data.noun')).toThrow('data.noun line 1: expected a noun');
    expect(() => parseNouns([LINES[1], LINES[4]].join('\n'), 'data.noun')).toThrow(
      'data.noun synset 00000040: expected hypernyms in this file, got "00000030"',
    );
  });
});

describe('nounTree', () => {
  it('hangs each descendant below the first of its hypernyms that is one', () => {
    const tree = nounTree(parseNouns(LINES.join('\n'), 'data.noun'), '00000020');
    expect(tree.names).toEqual(['animal.00000020', 'whale.00000040', 'Moby_Dick.00000050']);
    expect([...tree.parents]).toEqual([-1, 0, 1]);
  });

  it('refuses an offset that is not there', () => {
    expect(() => nounTree(parseNouns(LINES.join('\n'), 'data.noun'), '1')).toThrow('the offset of a noun');
  });
});

describe('the nouns of WordNet', () => {
  it('are 82,115 in version 3.0 and 82,192 in 3.1, below one root', () => {
    for (const [version, count, links] of [
      ['3.0', 82_115, 84_427],
      ['3.1', 82_192, 84_505],
    ] as const) {
      const { ids, words, hypernyms } = loadNouns(version);
      expect(ids).toHaveLength(count);
      expect(hypernyms.reduce((sum, parents) => sum + parents.length, 0)).toBe(links);
      expect(words.filter((_, i) => hypernyms[i].length === 0)).toEqual(['entity']);
    }
  });

  it('have 1,182 mammals and 1,527 foods', () => {
    const nouns = loadNouns('3.1');
    expect(nounTree(nouns, '01864419').names).toHaveLength(1182);
    expect(nounTree(nouns, '00021445').names).toHaveLength(1527);
  });
});
