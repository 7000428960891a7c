import { concatColumns, type Matrix32, matrix, pca, powerSpectrum, Rng, takeRows } from '../../src/index.js';
import { type Codec, encoded, invariantsOf, trainCodec } from './network.js';
import { type Pocket, pocketsOf } from './pockets.js';
import {
  below,
  type Labelled,
  labelCurve,
  pocketAreas,
  pooledAreas,
  probeTypes,
  stacked,
  standardizer,
  type TypeScores,
} from './probes.js';
import type { NetworkSettings, Settings, Size } from './settings.js';
import {
  type Atoms,
  coefficientsOf,
  drawSites,
  multiplicitiesOf,
  type Site,
  type Structures,
  sitesOf,
  TYPES,
} from './structures.js';

/** Sites of a run and the coefficients of their atoms. */
export interface Task {
  readonly settings: Settings;
  readonly size: Size;
  readonly structures: Structures;
  readonly atoms: Atoms;
  /** Of the two large families. */
  readonly train: readonly [Part, Part];
  /** More of these families than have labels; the labelled ones are among them. */
  readonly unlabelled: Matrix32;
  readonly test: Part;
  /** Target of each test site. */
  readonly target: readonly number[];
}

interface Part {
  readonly sites: readonly Site[];
  readonly coefficients: Matrix32;
}

/** Scores of one kind of vectors; JSON. */
export interface Scores {
  readonly types: TypeScores;
  /** Of each target; absent where only own atoms are seen. */
  readonly pocket?: number[];
  readonly pooled?: number[];
  /** Of each test site, where a network drew it. */
  readonly cosineLoss?: number[];
  readonly seconds?: number;
}

export function taskOf(structures: Structures, atoms: Atoms, settings: Settings, size: Size): Task {
  // The same sites for all seeds and kinds of atoms, so that differences are paired.
  const rng = new Rng(0).split('sites');
  const partOf = (sites: readonly Site[]): Part => ({
    sites,
    coefficients: coefficientsOf(sites, structures, atoms, settings),
  });
  const first = structures.proteins.length - structures.targets.length;
  const test = structures.targets.flatMap(({ name, protein }, t) =>
    rng
      .split(name)
      .shuffle(sitesOf(protein, first + t))
      .slice(0, size.perTarget),
  );
  const families = ['ldh', 'trypsins'].map((family) =>
    partOf(drawSites(structures, family, size.unlabelled / 2, rng.split(family))),
  );
  const withLabels = ({ sites, coefficients }: Part): Part => ({
    sites: sites.slice(0, size.train / 2),
    coefficients: head(coefficients, size.train / 2),
  });
  return {
    ...{ settings, size, structures, atoms },
    train: [withLabels(families[0]), withLabels(families[1])],
    unlabelled: stacked(families[0].coefficients, families[1].coefficients),
    test: partOf(test),
    target: test.map(({ protein }) => protein - first),
  };
}

/** Coefficients of each target's surface sites, made once for all arms. */
export interface Surfaces {
  readonly pockets: readonly Pocket[];
  readonly coefficients: readonly Matrix32[];
}

export function surfacesOf(structures: Structures, atoms: Atoms, settings: Settings): Surfaces {
  const pockets = pocketsOf(structures, settings);
  return {
    pockets,
    coefficients: pockets.map(({ sites }) => coefficientsOf(sites, structures, atoms, settings)),
  };
}

type Describe = (coefficients: Matrix32) => Promise<Matrix32>;

/** Of each arm that a slice measures. */
export type ArmScores<A extends string> = Readonly<Record<A, Scores>>;

/** Roots of the power spectrum: the size of each channel at each degree. */
const spectrum =
  (settings: Settings): Describe =>
  async (coefficients) => {
    const { data, rows, columns } = powerSpectrum(coefficients, multiplicitiesOf(settings));
    return matrix(Float32Array.from(data, Math.sqrt), rows, columns);
  };

/** The power spectrum, and as many of its principal components over the training sites as a code has numbers. */
export async function measureSpectrum(
  task: Task,
  surfaces: Surfaces | undefined,
): Promise<ArmScores<'power spectrum' | 'spectrum, principal'>> {
  const whole = spectrum(task.settings);
  const train = await whole(trainOf(task).vectors);
  const scale = standardizer(train);
  const width = Math.min(task.size.network.codeDim, train.columns);
  const { mean, projection } = pca(scale(train), width);
  const principal: Describe = async (coefficients) => {
    const rows = scale(await whole(coefficients));
    const data = new Float32Array(rows.rows * width);
    for (let i = 0; i < rows.rows; i++) {
      for (let k = 0; k < width; k++) {
        let sum = 0;
        for (let j = 0; j < rows.columns; j++) {
          sum += (rows.data[i * rows.columns + j] - mean[j]) * projection.data[k * rows.columns + j];
        }
        data[i * width + k] = sum;
      }
    }
    return matrix(data, rows.rows, width);
  };
  return {
    'power spectrum': await probed(whole, task, surfaces, 1),
    'spectrum, principal': await probed(principal, task, surfaces, 1),
  };
}

export const CODEC_ARMS = ['H-AE', 'H-AE and power spectrum', 'H-AE invariants and power spectrum'] as const;

export type CodecArm = (typeof CODEC_ARMS)[number];

/** An autoencoder of a task's sites, labelled or not, and how long it trained. Dispose of its model when done. */
export interface TrainedCodec extends Codec {
  readonly seconds: number;
}

export async function trainedCodec(task: Task, seed: number): Promise<TrainedCodec> {
  const start = performance.now();
  const codec = await codecOf(task, task.size.network, seed);
  return { ...codec, seconds: (performance.now() - start) / 1000 };
}

/** What its codes tell, or what they and the invariants between its layers know that the power spectrum does not. */
export async function measureCodec(
  arm: CodecArm,
  codec: TrainedCodec,
  task: Task,
  surfaces: Surfaces | undefined,
  seed: number,
): Promise<Scores> {
  const codes: Describe = async (coefficients) => (await encoded(codec, coefficients)).codes;
  const describe: Record<CodecArm, Describe> = {
    'H-AE': codes,
    'H-AE and power spectrum': besideSpectrum(codes, task),
    'H-AE invariants and power spectrum': besideSpectrum((of) => invariantsOf(codec, of), task),
  };
  const scores = await probed(describe[arm], task, surfaces, seed);
  if (arm !== 'H-AE') return scores;
  const { cosineLoss } = await encoded(codec, task.test.coefficients);
  return { ...scores, cosineLoss, seconds: codec.seconds };
}

const codecOf = ({ unlabelled, settings, atoms }: Task, network: NetworkSettings, seed: number) =>
  trainCodec(unlabelled, multiplicitiesOf(settings), network, seed, settings.whitened.includes(atoms));

/** At this rate the weights stay as they were drawn while the batch norms see their statistics. */
const AT_REST = { epochs: 1, learningRate: 1e-9, weightDecay: 0 };

/** What the same products between the layers tell with their first, random weights: the floor of the training. */
export async function measureUntrained(
  task: Task,
  surfaces: Surfaces | undefined,
  seed: number,
): Promise<Scores> {
  const network = { ...task.size.network, ...AT_REST };
  const codec = await codecOf(task, network, seed);
  try {
    const invariants: Describe = (coefficients) => invariantsOf(codec, coefficients);
    return await probed(besideSpectrum(invariants, task), task, surfaces, seed);
  } finally {
    codec.model.dispose();
  }
}

const besideSpectrum =
  (describe: Describe, { settings }: Task): Describe =>
  async (coefficients) =>
    concatColumns([await describe(coefficients), await spectrum(settings)(coefficients)]);

const head = (vectors: Matrix32, count: number): Matrix32 =>
  takeRows(
    vectors,
    Array.from({ length: Math.min(count, vectors.rows) }, (_, i) => i),
  );

function trainOf({ train: [first, second] }: Task): Labelled {
  return below(labelled(first.coefficients, first.sites), labelled(second.coefficients, second.sites));
}

/** What coefficients as they are tell by a few labels: they know the pose. */
export function measureRaw(task: Task): number[][] {
  const { test, settings } = task;
  return labelCurve(trainOf(task), labelled(test.coefficients, test.sites), settings);
}

/** What a pocket's residue types, or their number of neighbours, tell without any shape. */
export function measurePlain(
  kind: 'types' | 'size',
  { pockets, coefficients }: Surfaces,
  settings: Settings,
): Required<Pick<Scores, 'pocket' | 'pooled'>> {
  const vectors = pockets.map(({ sites }, t) => {
    const rows = sites.map(({ type }, i) =>
      kind === 'types' ? TYPES.map((_, k) => Number(k === type)) : [sizeOf(coefficients[t], i), 1],
    );
    return matrix(Float32Array.from(rows.flat()), rows.length, rows[0].length);
  });
  return {
    pocket: pocketAreas(vectors, pockets, settings),
    pooled: pooledAreas(vectors, pockets, settings, 1),
  };
}

/** Norm of a site's coefficients: how much there is about it. */
function sizeOf({ data, columns }: Matrix32, row: number): number {
  let sum = 0;
  for (let at = row * columns; at < (row + 1) * columns; at++) sum += data[at] ** 2;
  return Math.sqrt(sum);
}

async function probed(
  describe: Describe,
  { train, test, settings }: Task,
  surfaces: Surfaces | undefined,
  seed: number,
): Promise<Scores> {
  const vectorsOf = async ({ sites, coefficients }: Part) => labelled(await describe(coefficients), sites);
  const families = [await vectorsOf(train[0]), await vectorsOf(train[1])] as const;
  const types = await probeTypes(families, await vectorsOf(test), settings);
  if (!surfaces) return { types };
  const vectors: Matrix32[] = [];
  for (const coefficients of surfaces.coefficients) vectors.push(await describe(coefficients));
  const { pockets } = surfaces;
  return {
    types,
    pocket: pocketAreas(vectors, pockets, settings),
    pooled: pooledAreas(vectors, pockets, settings, seed),
  };
}

const labelled = (vectors: Matrix32, sites: readonly Site[]): Labelled => ({
  vectors,
  types: sites.map(({ type }) => type),
});
