import { Rng } from '../../src/index.js';
import { type Context, type Row, rowOf } from '../experiment.js';
import { medoidOf, type WordTree } from '../wordTree.js';
import { type Cell, meanOf, meansOf, type Tried } from './cells.js';
import { type CodeScores, codedTree, fitCodes, type StoredCodes, trainOntoCodes } from './codes.js';
import { writeFigure } from './figure.js';
import { JOINT_LOSSES, type JointLoss, trainJoint } from './joint.js';
import { principalPoints } from './principal.js';
import { type ClassMeans, rawPoints, scorePoints, stepsByClass, wordsAsReferences } from './scores.js';
import type { Settings } from './settings.js';
import { type Chart, chartOf, distanceKind, type SpaceName, treeArmOf } from './spaces.js';
import { AGAIN, BASELINE, measuredOf, rowsOf } from './table.js';
import { type ClassSplit, splitClasses } from './task.js';

/** What all arms of a seed share. */
interface Seeded {
  readonly settings: Settings;
  readonly size: Settings['small'];
  readonly seed: number;
  readonly task: WordTree;
  readonly split: ClassSplit;
  readonly slice: Context['slice'];
}

/** An arm in one seed, and the seed of its weights and batches. */
interface Arm {
  readonly name: string;
  readonly space: SpaceName;
  readonly dim: number;
  readonly trainingSeed: number;
}

/** The seed of the arm that is trained once more is this far from that of the first. */
const AGAIN_SEED = 1000;

export async function measure(task: WordTree, settings: Settings, context: Context): Promise<Row[]> {
  const { scale, seed, slice, out } = context;
  const size = settings[scale];
  const cells = new Map<string, Cell>();
  const floors: Record<string, ClassMeans>[] = [];
  const keep = (loss: string, { name, dim }: Pick<Arm, 'name' | 'dim'>, tried: readonly Tried[]) => {
    const key = `${loss} ${name} ${dim}`;
    const seeds = [...(cells.get(key)?.seeds ?? []), tried];
    cells.set(key, { loss, space: name, dim, seeds });
  };
  for (let s = seed; s < seed + size.seeds; s++) {
    const split = splitClasses(task, settings.split, s);
    const seeded = { settings, size, seed: s, task, split, slice };
    floors.push(floorsOf(seeded));
    keep('raw vectors', { name: 'cosine', dim: task.vectors.columns }, [await raw(seeded)]);
    for (const dim of size.dims.filter((d) => d <= task.vectors.columns)) {
      for (const space of ['euclidean', 'cosine'] as const)
        keep('principal components', { name: space, dim }, [await principal(seeded, space, dim)]);
    }
    for (const dim of [...new Set([...size.dims, ...size.codes.dims])].sort((a, b) => a - b)) {
      for (const arm of armsOf(seeded, dim).filter(({ space }) => chartOf(space, dim))) {
        const codes = await codesOf(seeded, arm);
        if (codes) keep('codes', arm, [codesTried(codes.scores)]);
        if (!size.dims.includes(dim)) continue;
        if (codes) keep('onto codes', arm, await ontoCodes(seeded, arm, codes));
        for (const loss of JOINT_LOSSES) keep(loss, arm, await joint(seeded, loss, arm));
      }
    }
  }
  const measured = measuredOf([...cells.values()], new Rng(seed).split('samples'));
  const rows = [...floorRows(floors), ...rowsOf(measured, size.reference)];
  if (out !== undefined) writeFigure(out, measured);
  return rows;
}

function armsOf({ size, seed }: Seeded, dim: number): Arm[] {
  const arms = size.spaces.map((space) => ({ name: space as string, space, dim, trainingSeed: seed }));
  const again = { name: AGAIN, space: BASELINE as SpaceName, dim, trainingSeed: seed + AGAIN_SEED };
  return [...arms, again];
}

/** Scores of one way to place words, on validation and on test classes. */
async function tried({ split }: Seeded, score: (words: Int32Array) => Promise<ClassMeans>): Promise<Tried> {
  return { validation: meansOf(await score(split.validation)), test: await score(split.test) };
}

async function joint(run: Seeded, loss: JointLoss, arm: Arm): Promise<Tried[]> {
  const { task, split, settings, size, seed, slice } = run;
  const chart = chartOf(arm.space, arm.dim) as Chart;
  const results = [];
  for (const temperature of settings.temperatures[distanceKind(arm.space)]) {
    const options = { ...settings.training, loss, temperature, steps: size.steps, seed: arm.trainingSeed };
    results.push(
      await slice(`${loss}-${keyOf(arm)}-${temperature}-${seed}`, async () => {
        const place = await trainJoint(task, split.train, chart, options);
        const references = wordsAsReferences(task, split.train, await place(split.train));
        return tried(run, async (words) =>
          scorePoints(task, words, chart.stored, await place(words), references, settings),
        );
      }),
    );
  }
  return results;
}

async function codesOf({ task, size, seed, slice }: Seeded, arm: Arm): Promise<StoredCodes | undefined> {
  const treeArm = treeArmOf(arm.space);
  if (!treeArm) return undefined;
  return slice(`codes-${keyOf(arm)}-${seed}`, () =>
    fitCodes(task, treeArm, arm.dim, size.codes, arm.trainingSeed),
  );
}

async function ontoCodes(run: Seeded, arm: Arm, stored: StoredCodes): Promise<Tried[]> {
  const { task, split, settings, size, seed, slice } = run;
  const codes = codedTree(task.tree, stored);
  const references = { vectors: codes.vectors, nodes: Int32Array.from(task.tree.names.keys()) };
  const { weightDecay, learningRates } = settings.placement;
  const { hidden, warmup } = settings.training;
  const heads = [];
  for (const learningRate of learningRates) {
    const options = { hidden, warmup, steps: size.steps, learningRate, weightDecay, seed: arm.trainingSeed };
    heads.push(
      await slice(`onto-codes-${keyOf(arm)}-${learningRate}-${seed}`, async () => {
        const place = await trainOntoCodes(task, split.train, codes, options);
        return tried(run, async (words) =>
          scorePoints(task, words, codes.space, await place(words), references, settings),
        );
      }),
    );
  }
  return heads;
}

function keyOf({ name, dim }: Arm): string {
  return `${name.replaceAll(' ', '-')}-${dim}`;
}

/** A tree has one value of each score, chosen by nothing. */
function codesTried({ distortion, meanRank, neighborMap }: CodeScores): Tried {
  const scores = { distortion, meanRank, neighborMap };
  return {
    validation: scores,
    test: Object.fromEntries(Object.entries(scores).map(([name, value]) => [name, [value]])),
  };
}

/** Numbers without training: principal components of the training words' vectors. */
async function principal(run: Seeded, space: 'euclidean' | 'cosine', dim: number): Promise<Tried> {
  const { task, split, settings, seed, slice } = run;
  return slice(`principal-${space}-${dim}-${seed}`, () => {
    const place = principalPoints(task, split.train, dim);
    const references = wordsAsReferences(task, split.train, place(split.train));
    return tried(run, (words) =>
      scorePoints(task, words, { kind: space, dim }, place(words), references, settings),
    );
  });
}

/** The vectors as they came. */
async function raw(run: Seeded): Promise<Tried> {
  const { task, split, settings, seed, slice } = run;
  const space = { kind: 'cosine', dim: task.vectors.columns } as const;
  const references = wordsAsReferences(task, split.train, rawPoints(task, split.train));
  return slice(`raw-${seed}`, () =>
    tried(run, (words) => scorePoints(task, words, space, rawPoints(task, words), references, settings)),
  );
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
  return Object.entries(floors[0]).flatMap(([arm, scores]) =>
    Object.keys(scores).map((metric) =>
      rowOf(
        arm,
        metric,
        floors.map((floor) => meanOf(floor[arm][metric])),
      ),
    ),
  );
}
