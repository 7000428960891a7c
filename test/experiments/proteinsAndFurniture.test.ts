import { beforeAll, describe, expect, it } from 'vitest';
import furnitureConfig from '../../experiments/furniture/config.json' with { type: 'json' };
import { measure } from '../../experiments/furniture/measure.js';
import { ranked } from '../../experiments/furniture/retrieval.js';
import type { Settings as FurnitureSettings } from '../../experiments/furniture/settings.js';
import { taskOf as furnitureTask, modelsWhere } from '../../experiments/furniture/task.js';
import { interleaved, type Views } from '../../experiments/furniture/views.js';
import residueConfig from '../../experiments/residues/config.json' with { type: 'json' };
import { exposedSites } from '../../experiments/residues/exposure.js';
import {
  CODEC_ARMS,
  measureCodec,
  measureSpectrum,
  measureUntrained,
  surfacesOf,
  taskOf,
  trainedCodec,
} from '../../experiments/residues/measure.js';
import { foldsOf, pooled } from '../../experiments/residues/pockets.js';
import type { Settings as ResidueSettings } from '../../experiments/residues/settings.js';
import { coefficientsOf, type Structures, sitesOf, TYPES } from '../../experiments/residues/structures.js';
import { windowed } from '../../experiments/residues/window.js';
import {
  matrix,
  openEngine,
  type Protein,
  parsePdb,
  Rng,
  radialFunctions,
  randomRotation,
  rotateCoefficients,
  row,
  tf,
} from '../../src/index.js';

beforeAll(async () => {
  await openEngine();
});

const RESIDUES = residueConfig as unknown as ResidueSettings;
const FURNITURE = furnitureConfig as unknown as FurnitureSettings;

/** Residues along a random walk: a backbone and one more atom, whose element and place the type tells. */
function chain(residues: number, rng: Rng): Protein {
  let [serial, place] = [0, [0, 0, 0]];
  const lines = Array.from({ length: residues }, (_, number) => {
    place = place.map((v) => v + 6 * (rng.uniform() - 0.5));
    const type = rng.below(2);
    const atoms: readonly (readonly [name: string, element: string, distance: number])[] = [
      [' N  ', 'N', 1.4],
      [' CA ', 'C', 0],
      [' C  ', 'C', 1.5],
      [' O  ', 'O', 2.4],
      type === 0 ? [' CB ', 'C', 1.6] : [' SG ', 'S', 2.8],
    ];
    return atoms.map(([name, element, distance]) => {
      const direction = [0, 1, 2].map(() => rng.normal());
      const length = Math.hypot(...direction) / distance;
      const at = place.map((v, k) => v + (distance > 0 ? direction[k] / length : 0));
      const numbers = at.map((v) => v.toFixed(3).padStart(8)).join('');
      const head = `ATOM  ${String(++serial).padStart(5)} ${name} ${type === 0 ? 'ALA' : 'CYS'} A`;
      return `${head}${String(number + 1).padStart(4)}    ${numbers}  1.00  0.00           ${element}`;
    });
  });
  return parsePdb(lines.flat().join('\n'), 'walk');
}

const proteins = [1, 2, 3, 4, 5, 6].map((seed) => chain(40, new Rng(seed)));
const STRUCTURES: Structures = {
  proteins,
  families: ['ldh', 'trypsins', '', '', '', ''],
  targets: proteins.slice(2).map((protein, t) => ({
    ...{ name: `T${t}`, protein },
    centre: [protein.positions[15], protein.positions[16], protein.positions[17]] as const,
  })),
};
const QUICK = {
  ...RESIDUES,
  ...{
    degree: 2,
    order: 5,
    folds: 2,
    pocketRadius: 5,
    decoys: 2,
    labels: [10],
    penalties: [0.1],
    neighbors: 3,
  },
  forest: { trees: 3, share: 0.5 },
};
const QUICK_SIZE = {
  ...{ seeds: 1, train: 40, unlabelled: 60, perTarget: 20 },
  network: {
    ...RESIDUES.small.network,
    ...{ mixed: 4, blocks: [{ degree: 1, channels: 6 }], codeDim: 5, batch: 20, epochs: 2 },
  },
};

describe('residues', () => {
  it('tells residues that differ by an element from their own atoms, and scores every target', async () => {
    const task = taskOf(STRUCTURES, 'own', QUICK, QUICK_SIZE);
    const surfaces = surfacesOf(STRUCTURES, 'all', QUICK);
    const arms = await measureSpectrum(task, surfaces);
    const { types, pocket, pooled } = arms['power spectrum'];
    expect(types.logistic).toHaveLength(80);
    expect(types.logistic.reduce((a, b) => a + b)).toBe(80);
    expect(types.curve[0]).toHaveLength(80);
    for (const areas of [pocket ?? [], pooled ?? []]) {
      expect(areas).toHaveLength(4);
      expect(areas.every((area) => area >= 0 && area <= 1)).toBe(true);
    }
  });

  it('reads codes of an autoencoder the same way and leaves no tensors', async () => {
    const before = tf.memory().numTensors;
    const task = taskOf(STRUCTURES, 'all', QUICK, QUICK_SIZE);
    const codec = await trainedCodec(task, 1);
    const [{ types, cosineLoss }, beside, invariants] = [
      await measureCodec(CODEC_ARMS[0], codec, task, undefined, 1),
      await measureCodec(CODEC_ARMS[1], codec, task, undefined, 1),
      await measureCodec(CODEC_ARMS[2], codec, task, undefined, 1),
    ];
    codec.model.dispose();
    expect([beside.types.neighbors.length, invariants.types.neighbors.length]).toEqual([80, 80]);
    expect(types.logistic).toHaveLength(80);
    expect(cosineLoss?.every((loss) => loss >= 0 && loss <= 2)).toBe(true);
    expect((await measureUntrained(task, undefined, 1)).types.neighbors).toHaveLength(80);
    expect(tf.memory().numTensors).toBe(before);
  });

  it('has no target, nor a site of one, among what trains', () => {
    const { train, test, target } = taskOf(STRUCTURES, 'own', QUICK, QUICK_SIZE);
    for (const { sites } of train) for (const { protein } of sites) expect(protein).toBeLessThan(2);
    test.sites.forEach(({ protein }, i) => {
      expect(protein).toBe(2 + target[i]);
    });
  });

  it('describes a turned protein by coefficients that are turned', () => {
    const [protein] = proteins;
    const sites = sitesOf(protein, 0).slice(0, 3);
    expect(sites.map(({ type }) => TYPES[type]).every((name) => name === 'ALA' || name === 'CYS')).toBe(true);
    const r = randomRotation(new Rng(3));
    const positions = protein.positions.map((_, at) =>
      [0, 1, 2].reduce(
        (sum, k) => sum + r[3 * (at % 3) + k] * protein.positions[3 * Math.floor(at / 3) + k],
        0,
      ),
    );
    const turned = { ...STRUCTURES, proteins: [{ ...protein, positions }] };
    for (const atoms of ['all', 'window'] as const) {
      const [a, b] = [STRUCTURES, turned].map((of) => coefficientsOf(sites, of, atoms, QUICK));
      const expected = rotateCoefficients(a, r, [12, 12, 8]);
      b.data.forEach((value, at) => {
        expect(value).toBeCloseTo(expected.data[at], 5);
      });
    }
  });

  it('gives a window coefficients whose squares add up to what the density has under it', () => {
    const { radius, degree, order, window } = QUICK;
    const columns = 4 * (3 + 3 * 3 + 5 * 2);
    const data = Float64Array.from({ length: columns }, (_, at) => (at < 3 ? [0.5, -1, 2][at] : 0));
    const { data: found } = windowed(matrix(Float32Array.from(data), 1, columns), QUICK);
    const r = Float64Array.from({ length: 2000 }, (_, i) => ((i + 0.5) * radius) / 2000);
    const radial = radialFunctions(r, { radius, degree, order });
    const at = (i: number, n: number) => radial.data[i * radial.columns + n];
    const integral = (of: (i: number) => number) =>
      r.reduce((sum, x, i) => sum + of(i) * x * x * (radius / 2000), 0);
    const norms = [0, 1, 2].map((n) => integral((i) => at(i, n) ** 2));
    const density = (i: number) => [0, 1, 2].reduce((sum, n) => sum + (data[n] * at(i, n)) / norms[n], 0);
    const expected = integral((i) => density(i) ** 2 * Math.exp(-(r[i] ** 2) / (2 * window ** 2)));
    expect(found.reduce((sum, v) => sum + v * v, 0) / expected).toBeCloseTo(1, 4);
  });

  it('finds a lone residue touched by water and one inside a shell of atoms not', () => {
    const [protein] = proteins;
    const [site] = sitesOf(protein, 0);
    const alone = { ...protein, residues: [protein.residues[0]] };
    expect(exposedSites(alone, [site])).toHaveLength(1);
    const { first, end, alpha } = protein.residues[0];
    const centre = protein.positions.subarray(3 * alpha, 3 * alpha + 3);
    const shell = Array.from({ length: 600 }, () => {
      const d = Array.from({ length: 3 }, () => rng.normal());
      return d.map((v, k) => centre[k] + (5 * v) / Math.hypot(...d));
    });
    const buried: Protein = {
      positions: Float64Array.from([...protein.positions.subarray(3 * first, 3 * end), ...shell.flat()]),
      elements: [...protein.elements.slice(first, end), ...shell.map(() => 'C')],
      names: [...protein.names.slice(first, end), ...shell.map(() => 'CB')],
      residues: [
        protein.residues[0],
        { ...protein.residues[1], first: end, end: end + shell.length, alpha: -1 },
      ],
    };
    expect(exposedSites(buried, [site])).toHaveLength(0);
  });

  it('sums the rows of a patch, and puts each target into one fold', () => {
    expect(pooled(matrix(Float32Array.of(1, 2, 3, 4, 5, 6), 3, 2), [0, 2])).toEqual([6, 8]);
    const counts = [0, 0, 0];
    for (const fold of foldsOf(10, 3)) counts[fold]++;
    expect(counts.sort()).toEqual([3, 3, 4]);
  });
});

const rng = new Rng(9);

/** Three words of six models in two poses: channels of a size that the word tells, turned at random. */
function drawViews(): Views {
  const words = Array.from({ length: 18 }, (_, i) => ['chair', 'lamp', 'bed'][i % 3]);
  const data = new Float32Array(36 * 18);
  for (let i = 0; i < 36; i++) {
    const word = Math.floor(i / 2) % 3;
    const one = Float64Array.from({ length: 18 }, (_, at) => (at === 0 ? 1 + word : 0.2 * rng.normal()));
    const turned = rotateCoefficients(matrix(one, 1, 18), randomRotation(rng), [2, 2, 2]);
    data.set(row(turned, 0), i * 18);
  }
  return { coefficients: matrix(data, 36, 18), views: 2, words };
}

describe('furniture', () => {
  const settings = {
    ...FURNITURE,
    ...{ degree: 2, views: 2, leastOfWord: 5, labels: [6], labelDraws: 1 },
    head: { dim: 4, hidden: 0, steps: 5, validationShare: 0.35 },
  };
  const network = { mixed: 3, blocks: [{ degree: 1, channels: 4 }], codeDim: 4 };
  const size = { seeds: 1, network: { ...FURNITURE.small.network, ...network, batch: 8, epochs: 2 } };

  it('scores every model of a frequent word once, and no pose of it trained', () => {
    const names = [...new Array<string>(7).fill('chair'), ...new Array<string>(5).fill('lamp'), 'vase', ''];
    const { word, words, fold } = furnitureTask(names, { leastOfWord: 5, folds: 2 });
    expect(words).toEqual(['chair', 'lamp']);
    expect(Array.from(word)).toEqual([0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, -1, -1]);
    expect(modelsWhere(fold, (f) => f === 0).length).toBe(6);
    expect(modelsWhere(fold, (f) => f === 1).length).toBe(6);
    expect(Array.from(fold.subarray(12))).toEqual([-1, -1]);
  });

  it('puts the channels of a degree side by side and makes distances independent of the unit', () => {
    const given = [3, 0, 4, 0, 7, 1, 2, 3];
    const out = Array.from(interleaved(given, 1));
    [0.6, 7, 0, 0.8, 0, 1, 2, 3].forEach((value, at) => {
      expect(out[at]).toBeCloseTo(value, 6);
    });
    const inches = given.map((v, at) => (at < 4 ? 39.37 * v : v));
    Array.from(interleaved(inches, 1)).forEach((value, at) => {
      expect(value).toBeCloseTo(out[at], 5);
    });
  });

  it('is the average precision of a ranking, by hand', async () => {
    const vectors = matrix(Float32Array.of(0, 1, 3, 7), 4, 1);
    const { hits, precisions } = await ranked({ kind: 'euclidean', dim: 1 }, vectors, [0, 1, 0, 1]);
    expect(hits).toEqual([0, 0, 0, 0]);
    // Others, nearest first: 1 3 7 from 0, 0 3 7 from 1, 1 0 7 from 3, 3 1 0 from 7.
    expect(precisions).toEqual([1 / 2, 1 / 3, 1 / 2, 1 / 2]);
  });

  it('finds words by what rotations leave, and runs heads on codes without leaving tensors', async () => {
    const views = drawViews();
    const work = { views, task: furnitureTask(views.words, settings), settings, size, encoded: new Map() };
    const floor = await measure('power spectrum', false, work, 1);
    expect(floor.retrieval['unlearned distance'].hits).toHaveLength(18);
    expect(floor.retrieval['unlearned distance'].hits.reduce((a, b) => a + b)).toBeGreaterThan(16);
    const before = tf.memory().numTensors;
    const { retrieval, curve } = await measure('H-AE', true, work, 1);
    expect(Object.keys(retrieval)).toEqual([
      ...['unlearned distance', 'heads, euclidean', 'heads, hyperbolic', 'heads, ensemble'],
    ]);
    for (const { hits, precisions } of Object.values(retrieval)) {
      expect([...hits, ...precisions].every((v) => v >= 0 && v <= 1)).toBe(true);
      expect(precisions).toHaveLength(18);
    }
    expect(curve[0]).toHaveLength(18);
    expect(tf.memory().numTensors).toBe(before);
  });
});
