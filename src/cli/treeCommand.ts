import { existsSync, readdirSync } from 'node:fs';
import { cpus } from 'node:os';
import { basename } from 'node:path';
import { expectation, UsageError } from '../core/errors.js';
import { readFileBytes, readJson, recoverFolder } from '../core/files.js';
import { packageVersion } from '../core/packageRoot.js';
import { Rng } from '../core/rng.js';
import { parseEdges } from '../data/edges.js';
import { type Tree, treeDistance } from '../data/tree.js';
import { scoreTreeCodes, type TreeScores } from '../evaluation/treeCodes.js';
import { treeArms } from '../model/treeCodes/arms.js';
import { parseTreeConfig, type TreeConfig } from '../model/treeCodes/config.js';
import { isTreeFolder, writeTreeFolder } from '../model/treeCodes/folder.js';
import { type PairPart, partOfPair } from '../model/treeCodes/heldOut.js';
import { type TrainedTree, trainTree } from '../model/treeCodes/trainTree.js';
import { formatTable } from '../report/table.js';
import { renderTreeReport, treeScoreRows } from '../report/treeReport.js';
import { requireFolderDestination } from './destination.js';
import { interruptSignal, noteLine, printJson, printLine } from './output.js';
import { Progress } from './progress.js';
import { treePicture } from './treePicture.js';

interface ScoredArm {
  readonly name: string;
  readonly scores: TreeScores;
}

export interface TreeFlags {
  readonly tree: string;
  readonly out: string;
  readonly dim?: number;
  readonly space?: string;
  readonly star?: boolean;
  readonly firstParent?: boolean;
  readonly compare?: boolean;
  readonly seed?: number;
  readonly json?: boolean;
}

/** Codes of the tree in a file of edges, in a folder that holds all that `index build` takes. */
export async function trainTreeCommand(configPath: string | undefined, flags: TreeFlags): Promise<void> {
  const { out, json } = flags;
  const signal = interruptSignal('training was interrupted; nothing was written');
  requireTreeDestination(out);
  recoverFolder(out);
  const config = configOf(configPath, flags);
  const { tree, roots, madeRoot, cut } = parseEdges(readFileBytes(flags.tree, '--tree'), flags.tree, {
    firstParent: flags.firstParent === true,
  });
  if (madeRoot !== undefined) noteLine(`${roots.length} roots, joined under one more node, "${madeRoot}"`);
  if (cut.length > 0) noteLine(`${cut.length} nodes keep the first of several parents, as "${cut[0]}" does`);
  const start = performance.now();
  const trained = await fitted(tree, config, 'training', signal);
  const scores = scoresOf(tree, trained);
  const arms = flags.compare ? await compared(tree, config, signal) : [];
  const seconds = { train: trained.history[trained.history.length - 1].seconds, total: secondsSince(start) };
  const depth = tree.depths.reduce((a, b) => Math.max(a, b), 0);
  const scale = trained.codes.space.factors[0].weight;
  const metrics = {
    ...{ schemaVersion: 1, kind: 'tree', seed: config.seed, nodes: tree.names.length, depth, scale },
    ...{ heldOut: trained.config.heldOut, scores, ...(arms.length > 0 && { arms }), seconds },
    history: trained.history.map(({ seconds: _, ...event }) => event),
  };
  const report = renderTreeReport({
    ...{ title: `Codes of ${basename(flags.tree)}`, nodes: tree.names.length, depth, scores, arms },
    ...{ space: trained.config.space, star: trained.config.star, dim: config.dim, seconds: seconds.train },
    ...{ heldOut: trained.config.heldOut, ...treePicture(tree, trained), origin: originOf(trained, scale) },
  });
  writeTreeFolder(out, tree, trained, { metrics, report });
  if (json) printJson({ model: out, ...metrics });
  else printSummary(out, trained, scores, arms);
}

/** A config file, if one is named, with the flags laid over it. */
function configOf(path: string | undefined, { dim, space, star, seed }: TreeFlags): TreeConfig {
  const base = path === undefined ? { schemaVersion: 1, kind: 'tree' } : readJson(path, 'config');
  const given = Object.entries({ dim, space, star, seed }).filter(([, value]) => value !== undefined);
  // Anything but an object goes on as it is, and is refused with its own name.
  const isObject = base !== null && typeof base === 'object' && !Array.isArray(base);
  return parseTreeConfig(isObject ? { ...base, ...Object.fromEntries(given) } : base, path ?? 'train --tree');
}

/** The same tree, seed and dim with everything that depends on the space left to its default. */
function plainConfig({ schemaVersion, kind, seed, dim, heldOut }: TreeConfig): TreeConfig {
  return parseTreeConfig({ schemaVersion, kind, seed, dim, heldOut });
}

async function fitted(
  tree: Tree,
  config: TreeConfig,
  title: string,
  signal: AbortSignal,
): Promise<TrainedTree> {
  const progress = new Progress(title);
  return trainTree(tree, config, {
    signal,
    onEvent: ({ step, steps, loss }) => {
      const note = `stress ${loss.toFixed(4)}`;
      if (step < steps) progress.update(step, steps, 'steps', note);
      else progress.finish(`${steps} steps, ${note}`);
    },
  });
}

/** Each arm from both starts, of which the better on validation pairs is scored: none suits all spaces. */
async function compared(tree: Tree, config: TreeConfig, signal: AbortSignal): Promise<ScoredArm[]> {
  const arms: ScoredArm[] = [];
  for (const { name, ...arm } of treeArms(config.dim)) {
    const tried: TrainedTree[] = [];
    for (const start of ['wedge', 'random'] as const) {
      tried.push(
        await fitted(tree, { ...plainConfig(config), ...arm, start }, `${name}, ${start} start`, signal),
      );
    }
    const [wedge, random] = tried.map((trained) => scoresOf(tree, trained, 'validation').distortion);
    arms.push({ name, scores: scoresOf(tree, tried[wedge <= random ? 0 : 1]) });
  }
  return arms;
}

/** On the pairs of a part, or on all where none are held out. */
function scoresOf(tree: Tree, { config, codes }: TrainedTree, part: PairPart = 'test'): TreeScores {
  const rng = new Rng(config.seed).split('scores');
  return scoreTreeCodes(codes.space, codes.vectors, tree.parents, treeDistance(tree), rng, {
    ...(config.heldOut && { includes: (a: number, b: number) => partOfPair(a, b) === part }),
  });
}

function originOf({ config, codes }: TrainedTree, scale: number): (readonly [string, string])[] {
  return [
    ['Made', new Date().toISOString()],
    ['By', `gyrometric ${packageVersion}`],
    ['Machine', `${cpus()[0]?.model.trim()}, one core`],
    ['Seed', String(config.seed)],
    ['Space', codes.heads.map(({ space }) => `${space.kind} ${'dim' in space ? space.dim : ''}`).join(' + ')],
    ['Scale', `${scale.toPrecision(4)} edges in one unit of distance`],
    ['Start', `${config.start}, ${config.startScale} edges in one unit`],
    ['Training', `${config.training.steps} steps of ${config.training.nodes} nodes`],
  ];
}

function printSummary(
  out: string,
  { config }: TrainedTree,
  scores: TreeScores,
  arms: readonly ScoredArm[],
): void {
  const name = `${config.space}${config.star ? '+star' : ''}`;
  printLine(formatTable(treeScoreRows(arms.length > 0 ? arms : [{ name, scores }])));
  const pairs = config.heldOut ? 'pairs that did not train' : 'pairs, which all trained';
  printLine(`${config.dim} numbers a node; distortion and Spearman over ${scores.pairs} ${pairs}`);
  printLine(
    `codes in ${out}; next: gyrometric index build --vectors ${out}/embeddings.npz --space ${out}/space.json --out tree.gyro`,
  );
}

/** @throws UsageError unless the folder is new, empty, or holds codes of a tree and nothing else */
function requireTreeDestination(path: string): void {
  requireFolderDestination(path);
  if (!existsSync(path) || readdirSync(path).length === 0 || isTreeFolder(path)) return;
  const expected = 'a new or empty folder, or one with codes of a tree';
  throw new UsageError(expectation(path, expected, 'a folder with other files', 'choose another path'));
}

function secondsSince(start: number): number {
  return (performance.now() - start) / 1000;
}
