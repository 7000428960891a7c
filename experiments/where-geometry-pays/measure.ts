import { Rng, type Tree } from '../../src/index.js';
import { type Context, type Row, rowOf } from '../experiment.js';
import { medoidOf, type WordTree } from '../wordTree.js';
import { type Arm, codesTried, joint, ontoCodes, principal, raw, type Seeded, treeCodes } from './arms.js';
import { type Cell, meanOf, type Tried } from './cells.js';
import { writeFigure } from './figure.js';
import { JOINT_LOSSES } from './joint.js';
import { type ClassMeans, stepsByClass } from './scores.js';
import type { Settings } from './settings.js';
import { type SpaceName, spaceOf, treeArmOf } from './spaces.js';
import { AGAIN, BASELINE, measuredOf, rowsOf } from './table.js';
import { splitClasses } from './task.js';

/** What is known before anything is trained. */
export interface Given {
  /** By name, those of `roots` in the config. */
  readonly trees: Readonly<Record<string, Tree>>;
  readonly words: WordTree;
}

type Keep = (loss: string, arm: Pick<Arm, 'name' | 'dim'>, tried: readonly Tried[]) => void;

/** The seed of the arm that is trained once more is this far from that of the first. */
const AGAIN_SEED = 1000;

export async function measure({ trees, words }: Given, settings: Settings, context: Context): Promise<Row[]> {
  const { scale, seed, slice, out } = context;
  const size = settings[scale];
  const cells = new Map<string, Cell>();
  const floors: Record<string, ClassMeans>[] = [];
  const keep: Keep = (loss, { name, dim }, tried) => {
    const key = `${loss} ${name} ${dim}`;
    const seeds = [...(cells.get(key)?.seeds ?? []), tried];
    cells.set(key, { loss, space: name, dim, seeds });
  };
  for (let s = seed; s < seed + size.seeds; s++) {
    const split = splitClasses(words, settings.split, s);
    const run = { settings, size, seed: s, task: words, split, slice };
    floors.push(floorsOf(run));
    await knownTrees(run, trees, keep);
    await unseenWords(run, keep);
  }
  const measured = measuredOf([...cells.values()], new Rng(seed).split('samples'));
  if (out !== undefined) writeFigure(out, measured);
  return [...floorRows(floors), ...rowsOf(measured, size.reference)];
}

async function knownTrees(run: Seeded, trees: Given['trees'], keep: Keep): Promise<void> {
  const { codes } = run.size;
  for (const [name, dims] of Object.entries(codes.trees)) {
    for (const arm of armsOf(codes.spaces, dims, run.seed))
      keep(`codes of ${name}`, arm, [codesTried(await treeCodes(run, name, trees[name], arm, codes.starts))]);
  }
}

async function unseenWords(run: Seeded, keep: Keep): Promise<void> {
  const { task, size, settings } = run;
  keep('raw vectors', { name: 'cosine', dim: task.vectors.columns }, [await raw(run)]);
  for (const dim of size.dims.filter((d) => d <= task.vectors.columns)) {
    for (const space of ['euclidean', 'cosine'] as const)
      keep('principal components', { name: space, dim }, [await principal(run, space, dim)]);
  }
  for (const arm of armsOf(size.spaces, size.dims, run.seed)) {
    if (treeArmOf(arm.space)) {
      const codes = await treeCodes(run, 'words', task.tree, arm, [settings.placement.start]);
      keep('codes of words', arm, [codesTried(codes)]);
      keep('onto codes', arm, await ontoCodes(run, arm, codes));
    }
    for (const loss of JOINT_LOSSES) keep(loss, arm, await joint(run, loss, arm));
  }
}

/** Those that have so many numbers, and the baseline once more. */
function armsOf(spaces: readonly SpaceName[], dims: readonly number[], seed: number): Arm[] {
  return dims.flatMap((dim) => [
    ...spaces
      .filter((space) => spaceOf(space, dim))
      .map((space) => ({ name: space, space, dim, trainingSeed: seed })),
    { name: AGAIN, space: BASELINE, dim, trainingSeed: seed + AGAIN_SEED },
  ]);
}

/** Steps from one place for all words, and from the best place that the tree has. */
function floorsOf({ task, split: { train, test } }: Seeded): Record<string, ClassMeans> {
  const medoid = medoidOf(task, train);
  return {
    'training medoid': { steps: stepsByClass(task, test, () => medoid) },
    'best possible': { steps: stepsByClass(task, test, (i) => task.nodes[test[i]]) },
  };
}

function floorRows(floors: readonly Record<string, ClassMeans>[]): Row[] {
  return Object.keys(floors[0]).map((arm) =>
    rowOf(
      arm,
      'steps',
      floors.map((floor) => meanOf(floor[arm].steps)),
    ),
  );
}
