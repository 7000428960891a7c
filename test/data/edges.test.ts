import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FormatError } from '../../src/core/errors.js';
import { type EdgeOptions, parseEdges } from '../../src/data/edges.js';
import { anyTree } from './randomTree.js';

const parse = (text: string, options?: EdgeOptions) =>
  parseEdges(new TextEncoder().encode(text), 'edges.tsv', options);

function messageOf(text: string): string {
  try {
    parse(text);
  } catch (error) {
    expect(error).toBeInstanceOf(FormatError);
    return (error as Error).message;
  }
  throw new Error('was taken');
}

describe('parseEdges', () => {
  it('numbers nodes in the order of their first mention', () => {
    const { tree, roots, madeRoot, cut } = parse('cat\tmammal\nold dog\tmammal\nmammal\tanimal\n');
    expect(tree.names).toEqual(['cat', 'mammal', 'old dog', 'animal']);
    expect([...tree.parents]).toEqual([1, 3, 1, -1]);
    expect({ roots, madeRoot, cut }).toEqual({ roots: ['animal'], madeRoot: undefined, cut: [] });
  });

  it('reads back any tree of two nodes or more that was written as edges', () => {
    fc.assert(
      fc.property(
        anyTree(40).filter(({ names }) => names.length > 1),
        ({ names, parents }) => {
          const lines = names.flatMap((name, i) => (parents[i] < 0 ? [] : [`${name}\t${names[parents[i]]}`]));
          const { tree } = parse(lines.join('\n'));
          const parentOf = new Map(tree.names.map((name, i) => [name, tree.names[tree.parents[i]]]));
          names.forEach((name, i) => {
            expect(parentOf.get(name)).toBe(parents[i] < 0 ? undefined : names[parents[i]]);
          });
        },
      ),
      { seed: 8, numRuns: 60 },
    );
  });

  it('takes a byte order mark, CRLF, empty lines, repeated lines and a last line without an end', () => {
    const { tree } = parse('\ufeffa\troot\r\n\r\nb\troot\na\troot\nc\ta');
    expect(tree.names).toEqual(['a', 'root', 'b', 'c']);
    expect([...tree.parents]).toEqual([1, -1, 1, 0]);
  });

  it('joins several roots under a made one, whose name is free', () => {
    const { tree, roots, madeRoot } = parse('a\tx\nb\t(root)\n');
    expect(roots).toEqual(['x', '(root)']);
    expect(madeRoot).toBe('((root))');
    expect(tree.names[tree.root]).toBe('((root))');
    expect([...tree.depths]).toEqual([2, 1, 2, 1, 0]);
  });

  it('takes the first parent of a node with several only when asked to', () => {
    const text = 'whale\tmammal\nmammal\tanimal\nwhale\tswimmer\nswimmer\tanimal\n';
    expect(messageOf(text)).toMatch(
      /^edges\.tsv line 3: expected one parent a node, got .*second one of .*whale.*line 1.*--first-parent$/,
    );
    const { tree, cut } = parse(text, { firstParent: true });
    expect(cut).toEqual(['whale']);
    expect(tree.names[tree.parents[tree.names.indexOf('whale')]]).toBe('mammal');
  });

  it.each([
    ['an empty file', '', 'edges.tsv: expected at least one edge'],
    ['empty lines alone', '\n\r\n', 'edges.tsv: expected at least one edge'],
    ['a missing column', 'a\tb\nc\n', 'edges.tsv line 2: expected two columns'],
    ['blanks in place of a tab', 'a b\n', 'edges.tsv line 1: expected two columns'],
    ['a third column', 'a\tb\tc\n', 'edges.tsv line 1: expected two columns'],
    ['an empty name', 'a\tb\n\tb\n', 'edges.tsv line 2: expected a name on both sides'],
    ['a node that is its own parent', 'b\ta\na\ta\n', 'edges.tsv line 2: expected a parent other than'],
    ['a cycle', 'x\troot\na\tb\nb\tc\nc\ta\n', 'edges.tsv line 2: expected a tree, got "a cycle: '],
    ['a cycle without any root', 'a\tb\nb\ta\n', 'edges.tsv line 1: expected a tree'],
  ])('refuses %s', (_, text, beginning) => {
    expect(messageOf(text)).toContain(beginning);
  });

  it('refuses bytes that are not UTF-8', () => {
    expect(() => parseEdges(Uint8Array.of(0xff, 0xfe, 0x61, 0x00), 'utf16.tsv')).toThrow(
      'utf16.tsv: expected text in UTF-8',
    );
  });
});
