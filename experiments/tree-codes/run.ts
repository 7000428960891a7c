import {
  loadNouns,
  nounTree,
  parseTreeConfig,
  partOfPair,
  Rng,
  scoreTreeCodes,
  type Tree,
  type TreeArm,
  type TreeScores,
  trainTree,
  treeArms,
  treeDistance,
} from '../../src/index.js';
import { type Context, type Row, rowOf } from '../experiment.js';

interface Settings {
  readonly starts: readonly string[];
  readonly roots: Readonly<Record<string, string>>;
  readonly wordnet: '3.0' | '3.1';
  readonly small: Size;
  readonly full: Size;
}

interface Size {
  readonly seeds: number;
  /** Numbers a node that each tree is tried with. */
  readonly trees: Readonly<Record<string, readonly number[]>>;
}

interface Measured {
  readonly start: string;
  readonly scores: TreeScores;
  readonly seconds: number;
}

const METRICS = ['distortion', 'spearman', 'stepsToNearest', 'neighborMap'] as const;

/** Codes from each start; that with the smaller distortion on validation pairs is scored on test pairs. */
async function measure(
  tree: Tree,
  dim: number,
  { space, star }: TreeArm,
  seed: number,
  starts: readonly string[],
): Promise<Measured> {
  const edges = treeDistance(tree);
  const score = (codes: Awaited<ReturnType<typeof trainTree>>['codes'], part: 'validation' | 'test') =>
    scoreTreeCodes(codes.space, codes.vectors, tree.parents, edges, new Rng(seed).split(part), {
      includes: (a, b) => partOfPair(a, b) === part,
    });
  const tried = [];
  for (const start of starts) {
    const config = parseTreeConfig({ schemaVersion: 1, kind: 'tree', seed, dim, space, star, start });
    const { codes, history } = await trainTree(tree, config);
    const { distortion } = score(codes, 'validation');
    tried.push({ start, codes, distortion, seconds: history[history.length - 1].seconds });
  }
  const { start, codes, seconds } = tried.reduce((a, b) => (b.distortion < a.distortion ? b : a));
  return { start, scores: score(codes, 'test'), seconds };
}

export async function run({ scale, seed, config, slice }: Context): Promise<Row[]> {
  const { starts, roots, wordnet, ...sizes } = config as Settings;
  const { seeds, trees } = sizes[scale];
  const nouns = loadNouns(wordnet);
  const rows: Row[] = [];
  for (const [name, dims] of Object.entries(trees)) {
    const tree = nounTree(nouns, roots[name]);
    for (const dim of dims) {
      for (const arm of treeArms(dim)) {
        const found: Measured[] = [];
        for (let s = seed; s < seed + seeds; s++) {
          found.push(
            await slice(`${name}-${dim}-${arm.name}-${s}`, () => measure(tree, dim, arm, s, starts)),
          );
        }
        const label = `${name} d${dim} ${arm.name}`;
        for (const metric of METRICS)
          rows.push(
            rowOf(
              label,
              metric,
              found.map(({ scores }) => scores[metric]),
            ),
          );
        rows.push(
          rowOf(
            label,
            'pairs',
            found.map(({ scores }) => scores.pairs),
          ),
          rowOf(
            label,
            'seconds',
            found.map(({ seconds }) => seconds),
          ),
        );
      }
    }
  }
  return rows;
}
