import { bootstrapMeans, hasDockstring, hasTheseus, MissingError, Rng } from '../../src/index.js';
import { type Context, type Row, rowOf } from '../experiment.js';
import {
  measureCodec,
  measurePlain,
  measureRaw,
  measureSpectrum,
  type Scores,
  type Surfaces,
  surfacesOf,
  type Task,
  taskOf,
} from './measure.js';
import { mean } from './probes.js';
import type { Settings } from './settings.js';
import { type Atoms, loadStructures, type Structures } from './structures.js';

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
  const surfaces = once((): Surfaces => surfacesOf(structures(), settings));
  const target = await slice('targets', async () => taskOf(structures(), 'own', settings, size).target);
  const rows: Row[] = [];
  for (const atoms of ['own', 'all'] as const) {
    const task = once((): Task => taskOf(structures(), atoms, settings, size));
    const around = () => (atoms === 'all' ? surfaces() : undefined);
    const floors = await slice(`spectrum-${atoms}`, () => measureSpectrum(task(), around()));
    const raw = await slice(`raw-${atoms}`, async () => measureRaw(task()));
    const codes: Awaited<ReturnType<typeof measureCodec>>[] = [];
    for (let s = seed; s < seed + size.seeds; s++) {
      codes.push(await slice(`codes-${atoms}-${s}`, () => measureCodec(task(), around(), s)));
    }
    for (const [arm, scores] of Object.entries(floors))
      rows.push(...rowsOf(arm, atoms, [scores], target, settings));
    for (const arm of ['H-AE', 'H-AE and power spectrum'] as const) {
      const scores = codes.map((of) => of[arm]);
      rows.push(...rowsOf(arm, atoms, scores, target, settings));
      rows.push(...gainRows(`${arm} minus power spectrum`, atoms, scores, floors['power spectrum'], target));
    }
    rows.push(
      ...gainRows(
        'H-AE minus principal',
        atoms,
        codes.map((of) => of['H-AE']),
        floors['spectrum, principal'],
        target,
      ),
    );
    rows.push(
      ...settings.labels.map((count, k) =>
        row('raw coefficients', `${atoms} ${count} labels`, [raw[k]], target),
      ),
    );
  }
  for (const kind of ['types', 'size'] as const) {
    const { pocket, pooled } = await slice(`plain-${kind}`, async () =>
      measurePlain(kind, surfaces(), settings),
    );
    const arm = kind === 'types' ? 'residue types' : 'amount of matter';
    rows.push(row(arm, 'pocket AUC', [pocket]), row(arm, 'pooled AUC', [pooled]));
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
            'pocket AUC',
            of(({ pocket }) => pocket ?? []),
          ),
        ]
      : []),
    ...(seeds[0].pooled
      ? [
          row(
            arm,
            'pooled AUC',
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

/** How much better than the floor, site by site. */
function gainRows(
  arm: string,
  atoms: Atoms,
  seeds: readonly Scores[],
  floor: Scores,
  target: readonly number[],
): Row[] {
  const minus = (values: readonly number[], from: readonly number[]) => values.map((v, i) => v - from[i]);
  const gain = (of: (scores: Scores) => number[] | undefined) =>
    seeds.map((scores) => minus(of(scores) ?? [], of(floor) ?? []));
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
    ...(floor.pocket
      ? [
          row(
            arm,
            'pocket AUC',
            gain(({ pocket }) => pocket),
          ),
        ]
      : []),
    ...(floor.pooled
      ? [
          row(
            arm,
            'pooled AUC',
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

function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}
