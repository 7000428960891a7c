import { concatColumns, type Matrix32, matrix, pca, powerSpectrum, Rng } from '../../src/index.js';
import { encoded, trainCodec } from './network.js';
import { type Pocket, pocketsOf } from './pockets.js';
import {
  below,
  type Labelled,
  labelCurve,
  pocketAreas,
  pooledAreas,
  probeTypes,
  standardizer,
  type TypeScores,
} from './probes.js';
import type { Settings, Size } from './settings.js';
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
  /** Of the two large families. */
  readonly train: readonly [Part, Part];
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
  return {
    ...{ settings, size, structures },
    train: [
      partOf(drawSites(structures, 'ldh', size.train / 2, rng.split('ldh'))),
      partOf(drawSites(structures, 'trypsins', size.train / 2, rng.split('trypsins'))),
    ],
    test: partOf(test),
    target: test.map(({ protein }) => protein - first),
  };
}

/** Coefficients of each target's surface sites, made once for all arms. */
export interface Surfaces {
  readonly pockets: readonly Pocket[];
  readonly coefficients: readonly Matrix32[];
}

export function surfacesOf(structures: Structures, settings: Settings): Surfaces {
  const pockets = pocketsOf(structures, settings);
  return {
    pockets,
    coefficients: pockets.map(({ sites }) => coefficientsOf(sites, structures, 'all', settings)),
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

/** Codes of an autoencoder, and codes beside the power spectrum: what they know that it does not. */
export async function measureCodec(
  task: Task,
  surfaces: Surfaces | undefined,
  seed: number,
): Promise<ArmScores<'H-AE' | 'H-AE and power spectrum'>> {
  const start = performance.now();
  const multiplicities = multiplicitiesOf(task.settings);
  const codec = await trainCodec(trainOf(task).vectors, multiplicities, task.size.network, seed);
  const seconds = (performance.now() - start) / 1000;
  try {
    const codes: Describe = async (coefficients) => (await encoded(codec, coefficients)).codes;
    const whole = spectrum(task.settings);
    const both: Describe = async (coefficients) =>
      concatColumns([await codes(coefficients), await whole(coefficients)]);
    const { cosineLoss } = await encoded(codec, task.test.coefficients);
    return {
      'H-AE': { ...(await probed(codes, task, surfaces, seed)), cosineLoss, seconds },
      'H-AE and power spectrum': await probed(both, task, surfaces, seed),
    };
  } finally {
    codec.model.dispose();
  }
}

function trainOf({ train: [first, second] }: Task): Labelled {
  return below(labelled(first.coefficients, first.sites), labelled(second.coefficients, second.sites));
}

/** What coefficients as they are tell by a few labels: they know the pose. */
export function measureRaw({ train: [first, second], test, settings }: Task): number[][] {
  const train = below(labelled(first.coefficients, first.sites), labelled(second.coefficients, second.sites));
  return labelCurve(train, labelled(test.coefficients, test.sites), settings);
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
