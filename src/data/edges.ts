import { expectation, FormatError } from '../core/errors.js';
import { type Tree, treeOf } from './tree.js';

export interface EdgeOptions {
  /** Takes the first line of a node that has several parents, instead of refusing it. Default false. */
  readonly firstParent?: boolean;
}

export interface EdgeList {
  readonly tree: Tree;
  /** Nodes without a parent, as the file has them. Several are children of a root that is made for them. */
  readonly roots: readonly string[];
  /** Name of the made root; undefined where the file has one root. */
  readonly madeRoot: string | undefined;
  /** Nodes whose further parents were left out; empty unless firstParent. */
  readonly cut: readonly string[];
}

/**
 * Reads a tree from text: one edge a line, child, a tab, parent. Nodes are rows in the order of their first mention; a
 * made root comes last. A byte order mark, CRLF, empty lines and repeated lines are fine; names may hold blanks.
 * @throws FormatError naming `who` and the line: not two columns, an empty name, a node that is its own parent, a second
 *   parent, a cycle; for text that is not UTF-8 and a file without edges
 */
export function parseEdges(
  bytes: Uint8Array,
  who: string,
  { firstParent = false }: EdgeOptions = {},
): EdgeList {
  const rows = new Map<string, number>();
  const parents: number[] = [];
  const lines: number[] = [];
  const cut = new Set<string>();
  const rowOf = (name: string): number => {
    const known = rows.get(name);
    if (known !== undefined) return known;
    rows.set(name, parents.length);
    lines.push(0);
    return parents.push(-1) - 1;
  };
  for (const { child, parent, line } of edgesOf(decode(bytes, who), who)) {
    const at = rowOf(child);
    const above = rowOf(parent);
    if (parents[at] === -1) {
      parents[at] = above;
      lines[at] = line;
    } else if (parents[at] !== above) {
      if (!firstParent) refuseSecondParent(who, line, child, lines[at]);
      cut.add(child);
    }
  }
  const names = [...rows.keys()];
  if (names.length === 0) fail(who, 'at least one edge', 'none', 'give one edge a line: child, tab, parent');
  refuseCycles(names, parents, lines, who);
  const roots = names.filter((_, i) => parents[i] === -1);
  const madeRoot = roots.length > 1 ? unusedName(rows) : undefined;
  if (madeRoot !== undefined) {
    names.push(madeRoot);
    parents.forEach((parent, i) => {
      if (parent === -1) parents[i] = names.length - 1;
    });
    parents.push(-1);
  }
  return { tree: treeOf(names, Int32Array.from(parents)), roots, madeRoot, cut: [...cut] };
}

interface Edge {
  readonly child: string;
  readonly parent: string;
  readonly line: number;
}

/** TextDecoder takes a byte order mark away. */
function decode(bytes: Uint8Array, who: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return fail(who, 'text in UTF-8', 'other bytes', 'save the file as UTF-8');
  }
}

function* edgesOf(text: string, who: string): Generator<Edge> {
  for (let start = 0, line = 1; start < text.length; line++) {
    const newline = text.indexOf('\n', start);
    const end = newline < 0 ? text.length : newline;
    const content = text.slice(start, text[end - 1] === '\r' && end > start ? end - 1 : end);
    start = end + 1;
    if (content === '') continue;
    const at = `${who} line ${line}`;
    const columns = content.split('\t');
    if (columns.length !== 2)
      fail(at, 'two columns, child and parent, with one tab between', content, 'correct the line');
    const [child, parent] = columns;
    if (child === '' || parent === '')
      fail(at, 'a name on both sides of the tab', content, 'a root is named as a parent only');
    if (child === parent) fail(at, 'a parent other than the node itself', content, 'remove the line');
    yield { child, parent, line };
  }
}

function refuseSecondParent(who: string, line: number, child: string, earlier: number): never {
  return fail(
    `${who} line ${line}`,
    'one parent a node',
    `a second one of "${child}" (the first: line ${earlier})`,
    'remove a line, or take the first parent of each node with --first-parent',
  );
}

/** Walks up from every node, each edge once. */
function refuseCycles(
  names: readonly string[],
  parents: readonly number[],
  lines: readonly number[],
  who: string,
): void {
  // The walk that came by a node first; walks are numbered from 1.
  const walks = new Int32Array(names.length);
  for (let i = 0; i < names.length; i++) {
    let at = i;
    while (at !== -1 && walks[at] === 0) {
      walks[at] = i + 1;
      at = parents[at];
    }
    if (at === -1 || walks[at] !== i + 1) continue;
    const got = `a cycle: "${names[at]}" is below "${names[parents[at]]}" and above it`;
    fail(`${who} line ${lines[at]}`, 'a tree', got, 'remove one of its edges');
  }
}

function unusedName(rows: ReadonlyMap<string, number>): string {
  let name = '(root)';
  while (rows.has(name)) name = `(${name})`;
  return name;
}

function fail(who: string, expected: string, got: unknown, remedy: string): never {
  throw new FormatError(expectation(who, expected, got, remedy));
}
