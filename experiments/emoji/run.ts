import { bootstrapMeans, Rng } from '../../src/index.js';
import { type Context, type Row, rowOf } from '../experiment.js';
import { loadDrawings } from './drawings.js';
import { pixelCosines } from './floor.js';
import { type Measured, measure, trainsInBall } from './measure.js';
import { fileName, type Items, itemsOf, modelOf, type Task } from './models.js';
import { samplesOf } from './negatives.js';
import { askTogether, seedPairs } from './pairs.js';
import { findAll, metricsOf } from './ranks.js';
import type { Settings } from './settings.js';
import { splitEmojis } from './split.js';

/** What is known of an arm, seed by seed. */
type Repetitions = readonly (Measured & { readonly seconds: number })[];

export async function run({ scale, seed, config, slice }: Context): Promise<Row[]> {
  const settings = config as Settings;
  const size = settings[scale];
  const drawings = await loadDrawings(size.pixels, settings.emojis, console.error);
  const task: Task = { settings, size, drawings, slice };
  const items = itemsOf('test', drawings);
  const samples = samplesOf(items.classes, settings.hardness);
  const seeds = Array.from({ length: size.seeds }, (_, i) => seed + i);
  const rows = await floorRows(task, items);
  const found = new Map<string, Repetitions>();
  for (const name of size.arms) {
    const repetitions = [];
    for (const s of seeds) {
      repetitions.push(
        await slice(`scores-${fileName(name)}-${s}`, async () => {
          const model = await modelOf(task, name, s, 'test');
          return { ...(await measure(model, items, samples, settings.dim)), seconds: model.seconds };
        }),
      );
    }
    found.set(name, repetitions);
    rows.push(...armRows(name, repetitions, trainsInBall(settings.arms[name])));
  }
  rows.push(...comparedRows(found, items, settings, seed));
  for (const [a, b] of size.together) rows.push(...(await askTogether(task, a, b, seeds, items)));
  return rows;
}

async function floorRows({ drawings, slice }: Task, { classes, subgroups }: Items): Promise<Row[]> {
  const metrics = await slice('floor', async () => {
    const similarities = await pixelCosines(drawings, splitEmojis(drawings.rows).test);
    return metricsOf(findAll(similarities, classes), subgroups);
  });
  const { rows } = drawings;
  const counted = { classes: new Set(rows.map(({ emoji }) => emoji)).size, drawings: rows.length };
  const set = { ...counted, testClasses: new Set(classes).size, testDrawings: classes.length };
  return [
    ...Object.entries(set).map(([metric, value]) => rowOf('set', metric, [value])),
    ...Object.entries(metrics).map(([metric, value]) => rowOf('raw pixels', metric, [value])),
  ];
}

function armRows(name: string, repetitions: Repetitions, inBall: boolean): Row[] {
  const row = (metric: string, of: (measured: Repetitions[number]) => number) =>
    rowOf(name, metric, repetitions.map(of));
  const [first] = repetitions;
  return [
    ...(Object.keys(first.own) as (keyof Measured['own'])[]).map((metric) =>
      row(metric, (m) => m.own[metric]),
    ),
    ...(Object.keys(first.recalls) as (keyof Measured['recalls'])[]).map((reading) =>
      row(`recallAt1 by ${reading}`, (m) => m.recalls[reading]),
    ),
    row(
      'recallAt1 by mixed less better head',
      ({ recalls: { cosine, hyperbolic, mixed } }) => mixed - Math.max(cosine, hyperbolic),
    ),
    row('hardest differs between its heads', (m) => m.headsDiffer),
    ...Object.keys(first.weights).flatMap((space) =>
      (['mass', 'largest', 'effective'] as const).map((metric) =>
        row(`p ${space}: ${metric}`, (m) => m.weights[space][metric]),
      ),
    ),
    ...(inBall
      ? (['mean', 'deviation', 'clipped'] as const).map((metric) =>
          row(`norm ${metric}`, (m) => m.norms[metric]),
        )
      : []),
    ...(repetitions.length > 1 ? [otherSeed(name, name, repetitions, repetitions)] : []),
    row('seconds', (m) => m.seconds),
  ];
}

/** Of models of unlike seeds. */
function otherSeed(a: string, b: string, of: Repetitions, and: Repetitions): Row {
  const shares = seedPairs(of.length, a === b).map(([s, t]) => differ(of[s], and[t]));
  return rowOf(a === b ? a : `${a} - ${b}`, 'hardest differs, other seed', shares);
}

function differ(a: Measured, b: Measured): number {
  return a.hardest.reduce((sum, j, i) => sum + (j === b.hardest[i] ? 0 : 1), 0) / a.hardest.length;
}

function comparedRows(
  found: ReadonlyMap<string, Repetitions>,
  { classes }: Items,
  { compared, resamples }: Settings,
  seed: number,
): Row[] {
  return compared.flatMap(([a, b]) => {
    const [left, right] = [found.get(a), found.get(b)];
    if (!left || !right) return [];
    const arm = `${a} - ${b}`;
    const difference = hitsOf(left).map((hit, i) => hit - hitsOf(right)[i]);
    const rng = new Rng(seed).split('bootstrap');
    const [[low, high]] = bootstrapMeans([difference], rng, { clusters: classes, resamples });
    const mean = difference.reduce((sum, d) => sum + d, 0) / difference.length;
    return [
      rowOf(
        arm,
        'recallAt1',
        left.map((m, s) => m.own.recallAt1 - right[s].own.recallAt1),
      ),
      { arm, metric: 'recallAt1, other classes', mean, low, high, n: new Set(classes).size },
      rowOf(
        arm,
        'hardest differs, same seed',
        left.map((m, s) => differ(m, right[s])),
      ),
      ...(left.length > 1 ? [otherSeed(a, b, left, right)] : []),
    ];
  });
}

/** Share of the seeds that find a friend of each item first. */
function hitsOf(repetitions: Repetitions): number[] {
  return repetitions[0].rank.map((_, i) => {
    return repetitions.reduce((sum, { rank }) => sum + (rank[i] < 1 ? 1 : 0), 0) / repetitions.length;
  });
}
