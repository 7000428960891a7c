import { firstNounSenses, loadNouns, type TreeArm, treeArms } from '../../src/index.js';
import { type Context, type Row, rowOf } from '../experiment.js';
import { loadWords } from '../words.js';
import { type WordTree, wordTreeOf } from '../wordTree.js';
import { JOINT_SPACES, type JointSpace, trainJoint } from './joint.js';
import { atMedoid, nearestByCosine, scoreAmid } from './neighbors.js';
import { codedTree, fitCodes, trainHead } from './placed.js';
import { bestScores, type Scores } from './places.js';
import { placeByRidge } from './ridge.js';
import { nodesOf, type PointScores, scorePoints } from './scores.js';
import type { Settings, Size } from './settings.js';
import { splitWords, type WordSplit } from './task.js';

/** Scores of one fit on the words of a split that did not train. */
type Held<S> = Readonly<Record<'validation' | 'test' | 'heldOut', S>>;
type Metrics = Readonly<Record<string, number>>;
type Measured = Readonly<Record<string, Metrics>>;

/** What all arms of a seed share. */
interface Seeded {
  readonly settings: Settings;
  readonly size: Size;
  readonly seed: number;
  readonly task: WordTree;
  readonly split: WordSplit;
  readonly slice: Context['slice'];
}

async function scored<S>(
  { validation, test, heldOut }: WordSplit,
  score: (words: Int32Array) => S | Promise<S>,
): Promise<Held<S>> {
  return {
    validation: await score(validation),
    test: await score(test),
    heldOut: await score(heldOut),
  };
}

/** Of several settings, the one with the fewest steps on validation words. */
function byValidation<S extends Scores>(tried: readonly Held<S>[]): Held<S> {
  return tried.reduce((a, b) => (b.validation.steps < a.validation.steps ? b : a));
}

/** The same words put amid k neighbours, for each k. */
function eachAmid({ validation, test, heldOut }: Held<{ readonly amid: readonly Scores[] }>): Held<Scores>[] {
  return validation.amid.map((scores, k) => ({
    validation: scores,
    test: test.amid[k],
    heldOut: heldOut.amid[k],
  }));
}

/** Test scores of the settings that validation words choose, for each way to read distances on its own. */
function metricsOf(tried: readonly Held<PointScores>[]): Metrics {
  const nearest = byValidation(tried);
  const amid = byValidation(tried.flatMap(eachAmid));
  const { steps, depth, spearman, radius } = nearest.test;
  return {
    ...{ steps, heldOutSteps: nearest.heldOut.steps, depth },
    ...{ amidSteps: amid.test.steps, heldOutAmidSteps: amid.heldOut.steps, amidDepth: amid.test.depth },
    ...{ spearman, radius },
  };
}

async function floors({ task, split, settings, seed, slice }: Seeded): Promise<Measured> {
  const { neighbors } = settings;
  const most = neighbors[neighbors.length - 1];
  const found = await slice(`floors-${seed}`, async () => ({
    best: await scored(split, (words) => bestScores(task, words)),
    medoid: await scored(split, atMedoid(task, split.train)),
    raw: await scored(split, async (words) => {
      const nodes = await nearestByCosine(task, words, split.train, most);
      return { amid: scoreAmid(task, words, nodes, neighbors) };
    }),
  }));
  const plain = ({ test, heldOut }: Held<Scores>) => ({ ...test, heldOutSteps: heldOut.steps });
  const raw = eachAmid(found.raw);
  const amid = byValidation(raw);
  return {
    'best possible': plain(found.best),
    'training medoid': plain(found.medoid),
    'raw vectors': {
      ...plain(raw[neighbors.indexOf(1)]),
      ...{ amidSteps: amid.test.steps, heldOutAmidSteps: amid.heldOut.steps, amidDepth: amid.test.depth },
    },
  };
}

async function onCodes(run: Seeded, dim: number, arm: TreeArm): Promise<Measured> {
  const { task, split, settings, size, seed, slice } = run;
  const { neighbors, placement, ridge } = settings;
  const key = `${dim}-${arm.name}-${seed}`;
  const { start } = settings.codes;
  const stored = await slice(`codes-${key}`, () => fitCodes(task, arm, { dim, seed, start }));
  const codes = codedTree(task.tree, stored);
  const nodes = nodesOf(codes);
  type Place = Awaited<ReturnType<typeof trainHead>>;
  const measured = (name: string, train: () => Promise<Place>) =>
    slice(`${name}-${key}`, async () => {
      const place = await train();
      return scored(split, async (words) => scorePoints(task, words, await place(words), nodes, neighbors));
    });
  const linear = [];
  for (const penalty of ridge.penalties) {
    const train = () => placeByRidge(task, split.train, codes, penalty);
    linear.push(await measured(`ridge-${penalty}`, train));
  }
  const heads = [];
  for (const learningRate of size.learningRates) {
    const options = { steps: size.steps, learningRate, weightDecay: placement.weightDecay, seed };
    heads.push(await measured(`placed-${learningRate}`, () => trainHead(task, split.train, codes, options)));
  }
  return {
    [`d${dim} codes ${arm.name}`]: { distortion: stored.distortion },
    [`d${dim} ridge ${arm.name}`]: metricsOf(linear),
    [`d${dim} placed ${arm.name}`]: metricsOf(heads),
  };
}

async function joint(run: Seeded, dim: number, space: JointSpace): Promise<Measured> {
  const { task, split, settings, size, seed, slice } = run;
  const tried = [];
  for (const temperature of settings.joint.temperatures) {
    const { neighbors } = settings;
    const options = { ...settings.joint, space, dim, temperature, steps: size.steps, neighbors, seed };
    tried.push(
      await slice(`joint-${temperature}-${dim}-${space}-${seed}`, () =>
        trainJoint(task, split.train, options, (score) => scored(split, score)),
      ),
    );
  }
  return { [`d${dim} joint ${space}`]: metricsOf(tried) };
}

/** Whose differences, seed by seed, the question is about. */
const PAIRED = [
  ...['placed', 'ridge', 'joint'].map((way) => [`${way} hyperbolic`, `${way} euclidean`]),
  ...['placed', 'ridge'].map((way) => [`${way} hyperbolic+star`, `${way} euclidean+star`]),
  ['placed euclidean+star', 'placed euclidean'],
];
const DIFFERENCES = ['steps', 'heldOutSteps', 'amidSteps', 'heldOutAmidSteps'];

function differences(found: ReadonlyMap<string, readonly Metrics[]>, dims: readonly number[]): Row[] {
  const pairs = dims.flatMap((dim) => PAIRED.map(([a, b]) => [`d${dim} ${a}`, `d${dim} ${b}`]));
  return pairs.flatMap(([a, b]) => {
    const [left, right] = [found.get(a), found.get(b)];
    if (!left || !right) return [];
    return DIFFERENCES.map((metric) => {
      const values = left.map((metrics, i) => metrics[metric] - right[i][metric]);
      return rowOf(`${a} - ${b}`, metric, values);
    });
  });
}

export async function run({ scale, seed, config, slice }: Context): Promise<Row[]> {
  const settings = config as Settings;
  const size = settings[scale];
  const senses = firstNounSenses(settings.wordnet);
  const words = await loadWords(settings.words, senses, settings.wordnet, console.error);
  const task = wordTreeOf(loadNouns(settings.wordnet), senses, words, settings);
  const found = new Map<string, Metrics[]>();
  const keep = (measured: Measured) => {
    for (const [arm, metrics] of Object.entries(measured))
      found.set(arm, [...(found.get(arm) ?? []), metrics]);
  };
  for (let s = seed; s < seed + size.seeds; s++) {
    const split = splitWords(task, settings.split, s);
    const seeded = { settings, size, seed: s, task, split, slice };
    const { train, validation, test, heldOut } = split;
    keep({
      words: {
        ...{ train: train.length, validation: validation.length, test: test.length },
        ...{ heldOut: heldOut.length, nodes: task.tree.names.length },
      },
    });
    keep(await floors(seeded));
    for (const dim of size.dims) {
      for (const arm of armsOf(dim)) keep(await onCodes(seeded, dim, arm));
      for (const space of JOINT_SPACES) keep(await joint(seeded, dim, space));
    }
  }
  const rows = [...found].flatMap(([arm, seeds]) =>
    Object.keys(seeds[0]).map((metric) => {
      const values = seeds.map((metrics) => metrics[metric]);
      return rowOf(arm, metric, values);
    }),
  );
  return [...rows, ...differences(found, size.dims)];
}

/** Without the sphere; with one column beside the offset, a hyperbolic and a Euclidean line are one space. */
function armsOf(dim: number): readonly TreeArm[] {
  return treeArms(dim).filter(
    ({ space, star }) => space !== 'sphere' && !(space === 'hyperbolic' && star && dim === 2),
  );
}
