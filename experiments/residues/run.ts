import { bootstrapMeans, hasDockstring, hasTheseus, MissingError, Rng } from '../../src/index.js';
import { type Context, type Row, rowOf } from '../experiment.js';
import {
  CODEC_ARMS,
  type CodecArm,
  measureCodec,
  measurePlain,
  measureRaw,
  measureSpectrum,
  measureUntrained,
  type Scores,
  type Surfaces,
  surfacesOf,
  type Task,
  taskOf,
  trainedCodec,
} from './measure.js';
import { mean } from './probes.js';
import type { Settings } from './settings.js';
import { type Atoms, loadStructures, type Structures } from './structures.js';

const UNTRAINED = 'untrained invariants and power spectrum';

export async function run({ scale, seed, config, slice }: Context): Promise<Row[]> {
  for (const [isThere, name] of [
    [hasDockstring(), 'dockstring'] as const,
    [hasTheseus(), 'theseus'] as const,
  ]) {
    if (isThere) continue;
    throw new MissingError(`residues: skipped, ${name} is not here; run: npm run fetch -- ${name}`);
  }
  const settings = config as Settings;
  const size = settings[scale];
  // Reading and projecting take seconds to minutes: only where a slice is to be run.
  const structures = once((): Structures => loadStructures(settings));
  const pocketsIn = {
    all: once((): Surfaces => surfacesOf(structures(), 'all', settings)),
    window: once((): Surfaces => surfacesOf(structures(), 'window', settings)),
  };
  const target = await slice('targets', async () => taskOf(structures(), 'own', settings, size).target);
  const rows: Row[] = [];
  for (const atoms of ['own', 'window', 'all'] as const) {
    const task = once((): Task => taskOf(structures(), atoms, settings, size));
    // Own atoms know nothing of a pocket, and their power spectrum tells the types as they are.
    const around = () => (atoms === 'own' ? undefined : pocketsIn[atoms]());
    const codecArms = atoms === 'own' ? CODEC_ARMS.slice(0, 2) : CODEC_ARMS;
    const codes = new Map<CodecArm, Scores[]>(codecArms.map((arm) => [arm, []]));
    const untrained: Scores[] = [];
    for (let s = seed; s < seed + size.seeds; s++) {
      const codec = once(() => trainedCodec(task(), s));
      for (const arm of codecArms) {
        const key = `${arm.replace(/\W+/g, '-')}-${atoms}-${s}`;
        const scores = await slice(key, async () => measureCodec(arm, await codec(), task(), around(), s));
        codes.get(arm)!.push(scores);
      }
      (await codec.made)?.model.dispose();
      if (atoms === 'own') continue;
      untrained.push(await slice(`untrained-${atoms}-${s}`, () => measureUntrained(task(), around(), s)));
    }
    const floors = await slice(`spectrum-${atoms}`, () => measureSpectrum(task(), around()));
    const arms: readonly (readonly [arm: string, scores: readonly Scores[]])[] = [
      ...Object.entries(floors).map(([arm, scores]) => [arm, [scores]] as const),
      ...(untrained.length > 0 ? [[UNTRAINED, untrained] as const] : []),
      ...codes,
    ];
    for (const [arm, scores] of arms) rows.push(...rowsOf(arm, atoms, scores, target, settings));
    for (const [arm, scores] of arms.slice(2)) {
      const floor = floors['power spectrum'];
      rows.push(...gainRows(`${arm} minus power spectrum`, atoms, scores, [floor], target));
    }
    const compare = (arm: CodecArm, name: string, floor: readonly Scores[]) => {
      rows.push(...gainRows(`${arm} minus ${name}`, atoms, codes.get(arm)!, floor, target));
    };
    compare('H-AE', 'principal', [floors['spectrum, principal']]);
    if (untrained.length > 0) compare('H-AE invariants and power spectrum', 'untrained', untrained);
    // The window is a linear map of the same columns.
    if (atoms === 'window') continue;
    const raw = await slice(`raw-${atoms}`, async () => measureRaw(task()));
    rows.push(
      ...settings.labels.map((count, k) =>
        row('raw coefficients', `${atoms} ${count} labels`, [raw[k]], target),
      ),
    );
  }
  for (const kind of ['types', 'size'] as const) {
    const { pocket, pooled } = await slice(`plain-${kind}`, async () =>
      measurePlain(kind, pocketsIn.all(), settings),
    );
    const arm = kind === 'types' ? 'residue types' : 'amount of matter';
    rows.push(row(arm, 'all pocket AUC', [pocket]), row(arm, 'all pooled AUC', [pooled]));
  }
  return rows;
}

function rowsOf(
  arm: string,
  atoms: Atoms,
  seeds: readonly Scores[],
  target: readonly number[],
  { labels }: Settings,
): Row[] {
  const of = (values: (scores: Scores) => number[]) => seeds.map(values);
  return [
    row(
      arm,
      `${atoms} logistic`,
      of(({ types }) => types.logistic),
      target,
    ),
    row(
      arm,
      `${atoms} kNN`,
      of(({ types }) => types.neighbors),
      target,
    ),
    ...labels.map((count, k) =>
      row(
        arm,
        `${atoms} ${count} labels`,
        of(({ types }) => types.curve[k]),
        target,
      ),
    ),
    ...(seeds[0].pocket
      ? [
          row(
            arm,
            `${atoms} pocket AUC`,
            of(({ pocket }) => pocket ?? []),
          ),
        ]
      : []),
    ...(seeds[0].pooled
      ? [
          row(
            arm,
            `${atoms} pooled AUC`,
            of(({ pooled }) => pooled ?? []),
          ),
        ]
      : []),
    ...(seeds[0].cosineLoss
      ? [
          row(
            arm,
            `${atoms} cosineLoss`,
            of(({ cosineLoss }) => cosineLoss ?? []),
            target,
          ),
          rowOf(
            arm,
            `${atoms} trainingSeconds`,
            seeds.map(({ seconds }) => seconds ?? 0),
          ),
        ]
      : []),
  ];
}

/** How much better than the floor of the same seed, or than the only one, site by site. */
function gainRows(
  arm: string,
  atoms: Atoms,
  seeds: readonly Scores[],
  floor: readonly Scores[],
  target: readonly number[],
): Row[] {
  const minus = (values: readonly number[], from: readonly number[]) => values.map((v, i) => v - from[i]);
  const gain = (of: (scores: Scores) => number[] | undefined) =>
    seeds.map((scores, s) => minus(of(scores) ?? [], of(floor[s % floor.length]) ?? []));
  return [
    row(
      arm,
      `${atoms} logistic`,
      gain(({ types }) => types.logistic),
      target,
    ),
    row(
      arm,
      `${atoms} kNN`,
      gain(({ types }) => types.neighbors),
      target,
    ),
    ...(floor[0].pocket
      ? [
          row(
            arm,
            `${atoms} pocket AUC`,
            gain(({ pocket }) => pocket),
          ),
        ]
      : []),
    ...(floor[0].pooled
      ? [
          row(
            arm,
            `${atoms} pooled AUC`,
            gain(({ pooled }) => pooled),
          ),
        ]
      : []),
  ];
}

/** Mean over seeds and sites, or targets; the interval draws targets anew. */
function row(
  arm: string,
  metric: string,
  seeds: readonly (readonly number[])[],
  target?: readonly number[],
): Row {
  const each = seeds[0].map((_, i) => mean(seeds.map((values) => values[i])));
  const clusters = target ? { clusters: target } : {};
  const [[low, high]] = bootstrapMeans([each], new Rng(1).split(metric), clusters);
  return { arm, metric, mean: mean(each), low, high, n: seeds.length };
}

/** Makes a thing when it is first asked for; `made` is it if that was so. */
function once<T>(make: () => T): (() => T) & { made?: T } {
  const get: (() => T) & { made?: T } = () => {
    get.made ??= make();
    return get.made;
  };
  return get;
}
