import type { Space, Tree } from '../../src/index.js';
import type { Context } from '../experiment.js';
import type { WordTree } from '../wordTree.js';
import { meansOf, type Tried } from './cells.js';
import { codedTree, fitCodes, type StoredCodes, trainOntoCodes } from './codes.js';
import { type JointLoss, trainJoint } from './joint.js';
import { principalPoints } from './principal.js';
import { type ClassMeans, rawPoints, scorePoints, wordsAsReferences } from './scores.js';
import type { Settings, Size } from './settings.js';
import { distanceKind, type SpaceName, spaceOf } from './spaces.js';
import type { ClassSplit } from './task.js';

/** What all arms of a seed share. */
export interface Seeded {
  readonly settings: Settings;
  readonly size: Size;
  readonly seed: number;
  readonly task: WordTree;
  readonly split: ClassSplit;
  readonly slice: Context['slice'];
}

/** An arm in one seed, and the seed of its weights and batches. */
export interface Arm {
  readonly name: string;
  readonly space: SpaceName;
  readonly dim: number;
  readonly trainingSeed: number;
}

/** Codes of a tree from the best of several starts. */
export function treeCodes(
  { size, seed, slice }: Seeded,
  name: string,
  tree: Tree,
  arm: Arm,
  starts: readonly string[],
): Promise<StoredCodes> {
  const { steps } = size.codes;
  return slice(`codes-of-${name}-${keyOf(arm)}-${seed}`, () =>
    fitCodes(tree, arm.space, { dim: arm.dim, steps, starts, seed: arm.trainingSeed }),
  );
}

/** A tree has one value of each score, chosen by nothing. */
export function codesTried({ scores }: StoredCodes): Tried {
  const test = Object.fromEntries(Object.entries(scores).map(([name, value]) => [name, [value]]));
  return { validation: scores, test };
}

/** Heads onto fixed codes of the words' tree, a learning rate each. */
export async function ontoCodes(run: Seeded, arm: Arm, stored: StoredCodes): Promise<Tried[]> {
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
          scorePoints(task, words, codes.space, await place(words), references, settings.neighbors),
        );
      }),
    );
  }
  return heads;
}

/** Heads without codes, a temperature each. */
export async function joint(run: Seeded, loss: JointLoss, arm: Arm): Promise<Tried[]> {
  const space = spaceOf(arm.space, arm.dim) as Space;
  const { task, split, settings, size, seed, slice } = run;
  const heads = [];
  for (const temperature of settings.temperatures[distanceKind(arm.space)]) {
    const options = { ...settings.training, loss, temperature, steps: size.steps, seed: arm.trainingSeed };
    heads.push(
      await slice(`${loss}-${keyOf(arm)}-${temperature}-${seed}`, async () =>
        amongWords(run, space, await trainJoint(task, split.train, space, options)),
      ),
    );
  }
  return heads;
}

/** Numbers without training: principal components of the training words' vectors. */
export function principal(run: Seeded, space: 'euclidean' | 'cosine', dim: number): Promise<Tried> {
  const place = () => principalPoints(run.task, run.split.train, dim);
  return run.slice(`principal-${space}-${dim}-${run.seed}`, () =>
    amongWords(run, { kind: space, dim }, place()),
  );
}

/** The vectors as they came. */
export function raw(run: Seeded): Promise<Tried> {
  const space = { kind: 'cosine', dim: run.task.vectors.columns } as const;
  return run.slice(`raw-${run.seed}`, () => amongWords(run, space, (words) => rawPoints(run.task, words)));
}

type Place = (words: Int32Array) => ReturnType<typeof rawPoints> | Promise<ReturnType<typeof rawPoints>>;

/** Scores of a way to place words, with training words for references. */
async function amongWords(run: Seeded, space: Space, place: Place): Promise<Tried> {
  const { task, split, settings } = run;
  const references = wordsAsReferences(task, split.train, await place(split.train));
  return tried(run, async (words) =>
    scorePoints(task, words, space, await place(words), references, settings.neighbors),
  );
}

/** Scores on validation and on test classes. */
async function tried({ split }: Seeded, score: (words: Int32Array) => Promise<ClassMeans>): Promise<Tried> {
  return { validation: meansOf(await score(split.validation)), test: await score(split.test) };
}

function keyOf({ name, dim }: Arm): string {
  return `${name.replaceAll(' ', '-')}-${dim}`;
}
