import { beforeAll, describe, expect, it } from 'vitest';
import { DomainError, ShapeError, UsageError } from '../../../src/core/errors.js';
import { type Matrix32, matrix, row } from '../../../src/core/matrix.js';
import { Rng } from '../../../src/core/rng.js';
import { treeDistance, treeOf } from '../../../src/data/tree.js';
import { openEngine } from '../../../src/engine/openEngine.js';
import * as tf from '../../../src/engine/tf.js';
import { distanceMatrix } from '../../../src/geometry/distance.js';
import { requirePoints } from '../../../src/geometry/points.js';
import { parseTreeConfig, type TreeConfig } from '../../../src/model/treeCodes/config.js';
import { trainTree } from '../../../src/model/treeCodes/trainTree.js';
import { placeItems } from '../../../src/model/treePlacement/placement.js';
import {
  type CodedTree,
  type PlacedItems,
  relativeStress,
  trainPlacement,
} from '../../../src/model/treePlacement/trainPlacement.js';
import { leakedTensors } from '../../laws/gradient.js';
import { FLOAT32 } from '../../laws/tolerance.js';

beforeAll(async () => {
  await openEngine();
});

const NODES = 40;
/** A ternary tree: node i hangs below (i - 1) / 3. */
const tree = treeOf(
  Array.from({ length: NODES }, (_, i) => `n${i}`),
  Int32Array.from({ length: NODES }, (_, i) => Math.floor((i - 1) / 3)),
);
const edgesBetween = treeDistance(tree);
const FEATURES = 12;

/** Items below random nodes; their features are a noisy linear map of what branches their node lies in. */
function itemsOf(n: number, seed: number): PlacedItems {
  const rng = new Rng(seed);
  const draw = rng.split('items');
  const directions = new Rng(99);
  const nodeVectors = Array.from({ length: NODES }, () => new Float64Array(FEATURES));
  for (let node = 1; node < NODES; node++) {
    const parent = nodeVectors[Math.floor((node - 1) / 3)];
    nodeVectors[node] = parent.map((x) => x + directions.normal());
  }
  const nodes = Int32Array.from({ length: n }, () => draw.below(NODES));
  const data = new Float32Array(n * FEATURES);
  nodes.forEach((node, i) => {
    data.set(
      nodeVectors[node].map((x) => x + 0.1 * draw.normal()),
      i * FEATURES,
    );
  });
  return { inputs: matrix(data, n, FEATURES), nodes, edges: new Int32Array(n).fill(1) };
}

async function codesOf(own: Partial<TreeConfig>): Promise<CodedTree> {
  const config = parseTreeConfig({ schemaVersion: 1, kind: 'tree', seed: 1, dim: 3, ...own });
  const { codes } = await trainTree(tree, config);
  return { tree, space: codes.space, vectors: codes.vectors };
}

/** Mean edges between the node of an item and the node with the nearest code. */
function stepsOf({ space, vectors }: CodedTree, points: Matrix32, nodes: ArrayLike<number>): number {
  const distances = distanceMatrix(space, points, vectors);
  let steps = 0;
  for (let i = 0; i < points.rows; i++) {
    const D = row(distances, i);
    steps += edgesBetween(nodes[i], D.indexOf(Math.min(...D))) / points.rows;
  }
  return steps;
}

const train = itemsOf(400, 1);
const test = itemsOf(100, 2);
const CONFIG = { hidden: 32, steps: 200, items: 64, learningRate: 0.01, warmup: 2 };

describe('trainPlacement', () => {
  // Bounds lie a quarter or so above the most of three seeds: .93, .86, .57, .69, 1.4. All items at the root: 2.55.
  it.each([
    ['hyperbolic', { space: 'hyperbolic', star: false }, 1.2],
    ['hyperbolic with an offset', { space: 'hyperbolic', star: true }, 1.1],
    ['Euclidean', { space: 'euclidean', star: false }, 0.8],
    ['Euclidean with an offset', { space: 'euclidean', star: true }, 0.9],
    ['spherical', { space: 'sphere', star: false }, 1.75],
  ] as const)('puts unseen items near their nodes among %s codes, which stay', async (_, own, most) => {
    const codes = await codesOf(own);
    const before = [...codes.vectors.data];
    const placement = await trainPlacement(codes, train, CONFIG);
    const points = await placeItems(placement, test.inputs);
    requirePoints(codes.space, points, 'placed');
    expect(stepsOf(codes, points, test.nodes)).toBeLessThan(most);
    expect([...codes.vectors.data]).toEqual(before);
  });

  it('comes from its seed alone, reports its loss, and leaves no tensors behind', async () => {
    const codes = await codesOf({ space: 'hyperbolic', star: true });
    const short = { ...CONFIG, steps: 10, reportEvery: 4 };
    const place = async (seed: number) => {
      const placement = await trainPlacement(codes, train, { ...short, seed });
      return (await placeItems(placement, test.inputs)).data;
    };
    const first = await place(3);
    const leaked = await leakedTensors(async () => {
      expect(await place(3)).toEqual(first);
      expect(await place(4)).not.toEqual(first);
    });
    expect(leaked).toBe(0);
    const losses: number[] = [];
    const onEvent = ({ step, loss }: { step: number; loss: number }) => losses.push(step, loss);
    await trainPlacement(codes, train, short, { onEvent });
    expect(losses.filter((_, i) => i % 2 === 0)).toEqual([4, 8, 10]);
    expect(losses[5]).toBeLessThan(losses[1]);
  });

  it('does not depend on the unit or the offset of a feature', async () => {
    const codes = await codesOf({ space: 'euclidean', star: false });
    const turned = (inputs: Matrix32) =>
      matrix(
        inputs.data.map((x, k) => (k % FEATURES === 0 ? 64 * x + 32 : x)),
        inputs.rows,
        FEATURES,
      );
    const short = { ...CONFIG, steps: 5 };
    const plain = await placeItems(await trainPlacement(codes, train, short), test.inputs);
    const other = await trainPlacement(codes, { ...train, inputs: turned(train.inputs) }, short);
    const moved = await placeItems(other, turned(test.inputs));
    moved.data.forEach((x, k) => {
      // Five steps of Adam make of rounding in a mean what they make of any small change.
      expect(Math.abs(x - plain.data[k])).toBeLessThan(100 * FLOAT32);
    });
  });

  it('stops when its signal aborts', async () => {
    const codes = await codesOf({ space: 'euclidean', star: false });
    const signal = AbortSignal.abort(new Error('enough'));
    const leaked = await leakedTensors(async () => {
      await expect(trainPlacement(codes, train, CONFIG, { signal })).rejects.toThrow('enough');
    });
    expect(leaked).toBe(0);
  });

  it('refuses items and options that do not fit, by name', async () => {
    const codes = await codesOf({ space: 'euclidean', star: false });
    const refusal = (own: Partial<PlacedItems>, options = {}) =>
      expect(trainPlacement(codes, { ...train, ...own }, { ...CONFIG, ...options })).rejects;
    await refusal({ nodes: [1, 2] }).toThrow(ShapeError);
    await refusal({ nodes: train.edges, edges: new Float32Array(400) }).toThrow(DomainError);
    await refusal({ edges: new Float32Array(400).fill(Number.NaN) }).toThrow('edges, item 0');
    await refusal({ nodes: new Int32Array(400).fill(NODES) }).toThrow('nodes, item 0');
    const broken = Float32Array.from(train.inputs.data);
    broken[FEATURES * 7] = Number.NaN;
    await refusal({ inputs: matrix(broken, 400, FEATURES) }).toThrow('inputs row 7');
    await refusal({}, { hidden: 0 }).toThrow('placement hidden');
    await refusal({}, { learningRate: 0 }).toThrow('placement learningRate');
    await refusal({}, { weightDecay: -1 }).toThrow('placement weightDecay');
    await refusal({}, { warmup: 201 }).toThrow(UsageError);
    await expect(
      trainPlacement({ ...codes, space: { kind: 'innerProduct', dim: 3 } }, train, CONFIG),
    ).rejects.toThrow('codeChart space');
  });
});

describe('placeItems', () => {
  it('takes any number of rows, none too, and rows with the features of the training alone', async () => {
    const codes = await codesOf({ space: 'hyperbolic', star: true });
    const placement = await trainPlacement(codes, train, { ...CONFIG, steps: 2 });
    const none = await placeItems(placement, matrix(new Float32Array(0), 0, FEATURES));
    expect([none.rows, none.columns]).toEqual([0, 3]);
    const one = await placeItems(placement, matrix(test.inputs.data.slice(0, FEATURES), 1, FEATURES));
    const all = await placeItems(placement, test.inputs);
    one.data.forEach((x, k) => {
      expect(Math.abs(x - all.data[k])).toBeLessThan(FLOAT32);
    });
    const narrow = matrix(new Float32Array(4), 2, 2);
    await expect(placeItems(placement, narrow)).rejects.toThrow(ShapeError);
    const broken = matrix(new Float32Array(FEATURES).fill(Number.NaN), 1, FEATURES);
    await expect(placeItems(placement, broken)).rejects.toThrow('placeItems row 0');
  });
});

describe('relativeStress', () => {
  it('is the mean of squared relative errors', () => {
    // ((2 - 1) / 1)², ((3 - 4) / 4)², 0, ((0 - 2) / 2)²: 1, 1/16, 0, 1.
    const value = tf.tidy(() =>
      relativeStress(tf.tensor2d([[2, 3, 5, 0]]), tf.tensor2d([[1, 4, 5, 2]])).dataSync(),
    );
    expect(value[0]).toBeCloseTo((1 + 1 / 16 + 1) / 4, 6);
  });
});
