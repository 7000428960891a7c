import { type Matrix32, matrix } from '../../core/matrix.js';
import { Rng } from '../../core/rng.js';
import { drawDigitSets } from '../../data/digitSets.js';
import { type FurnitureModel, loadFurniture } from '../../data/furniture/furniture.js';
import { sampleSurface } from '../../data/furniture/mesh.js';
import { loadMnist } from '../../data/mnist.js';
import { drawTetris } from '../../data/tetris.js';
import { packPointSets } from '../../encoders/packPointSets.js';
import { holdOutItems } from '../vectors/split.js';
import type { PointSetConfig } from './config.js';
import type { PointSetParts } from './data.js';
import { layoutOf } from './encoders.js';
import type { LabelledPointSets } from './items.js';

type Data = PointSetConfig['data'];
type Draw = { readonly items: readonly Matrix32[]; readonly labels: ArrayLike<number> };

/**
 * The data that a config names. Made ones are drawn anew for the test, as many as the test share says; of furniture whole
 * models are held out.
 * @throws MissingError naming the command that fetches furniture; ShapeError for items larger than encoder.maxPoints
 */
export function namedPointSets(config: PointSetConfig): PointSetParts {
  const { data, testShare, seed } = config;
  const rng = new Rng(seed).split('data');
  const pack = ({ items, labels }: Draw): LabelledPointSets => ({
    rows: packPointSets(items, layoutOf(config)),
    labels: Int32Array.from(labels),
  });
  if (data.name === 'furniture') {
    const { train, test } = furnitureClouds(data, testShare, rng);
    return { train: pack(train), test: pack(test) };
  }
  if (data.name === 'own') return { train: pack(EMPTY), test: pack(EMPTY) };
  const held = Math.round((data.train * testShare) / (1 - testShare));
  return {
    train: pack(draw(data, data.train, rng.split('train'), 'train')),
    test: pack(draw(data, held, rng.split('test'), 'test')),
  };
}

const EMPTY: Draw = { items: [], labels: [] };

function draw(
  data: Extract<Data, { name: 'tetris' | 'digitSets' }>,
  count: number,
  rng: Rng,
  part: 'train' | 'test',
): Draw {
  if (data.name === 'tetris') {
    const { clouds, labels } = drawTetris(rng, count, { noise: data.noise });
    return { items: clouds, labels };
  }
  const items = drawDigitSets(loadMnist(part).labels, count, data.size, rng);
  return { items, labels: items.map(commonest) };
}

/** The element that a one-hot set has most of, the smallest of several. */
function commonest({ data, columns }: Matrix32): number {
  const counts = new Array<number>(columns).fill(0);
  data.forEach((value, at) => {
    counts[at % columns] += value;
  });
  return counts.indexOf(Math.max(...counts));
}

/** Classes of furniture with fewer models are left out. */
const FEWEST_MODELS = 5;

function furnitureClouds(
  { points, draws }: Extract<Data, { name: 'furniture' }>,
  testShare: number,
  rng: Rng,
): { readonly train: Draw; readonly test: Draw } {
  const byWord = new Map<string, FurnitureModel[]>();
  for (const model of loadFurniture()) byWord.set(model.word, [...(byWord.get(model.word) ?? []), model]);
  const words = [...byWord]
    .filter(([, models]) => models.length >= FEWEST_MODELS)
    .sort(([a], [b]) => (a < b ? -1 : 1));
  const models = words.flatMap(([, some]) => some);
  const classes = Int32Array.from(words.flatMap(([, some], label) => some.map(() => label)));
  const held = holdOutItems(classes, testShare, rng.split('models'));
  const drawn = (chosen: Int32Array, times: number, part: string): Draw => {
    const source = rng.split(part);
    const each = Array.from(chosen).flatMap((model) => Array<number>(times).fill(model));
    return {
      items: each.map((model) => surfaceCloud(models[model], points, source)),
      labels: each.map((model) => classes[model]),
    };
  };
  return { train: drawn(held.train, draws, 'train'), test: drawn(held.test, 1, 'test') };
}

/** Of mean square distance 1 from the centre: the files' units differ. */
function surfaceCloud({ mesh }: FurnitureModel, points: number, rng: Rng): Matrix32 {
  const { data } = sampleSurface(mesh, points, rng);
  const centre = [0, 1, 2].map(
    (k) => data.reduce((sum, v, at) => (at % 3 === k ? sum + v : sum), 0) / points,
  );
  const placed = data.map((v, at) => v - centre[at % 3]);
  const size = Math.sqrt(placed.reduce((sum, v) => sum + v * v, 0) / points);
  return matrix(
    placed.map((v) => v / size),
    points,
    3,
  );
}
