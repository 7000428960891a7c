import { describe, expect, it } from 'vitest';
import { Rng } from '../../../src/core/rng.js';
import { type Tree, treeDistance, treeOf } from '../../../src/data/tree.js';
import { scoreTreeCodes } from '../../../src/evaluation/treeCodes.js';
import { distance } from '../../../src/geometry/distance.js';
import { treeCodes } from '../../../src/model/treeCodes/codes.js';
import { parseTreeConfig, resolveTreeConfig } from '../../../src/model/treeCodes/config.js';
import { partOfPair } from '../../../src/model/treeCodes/heldOut.js';
import { relativeStress, TreeParameters } from '../../../src/model/treeCodes/stress.js';
import { trainTree } from '../../../src/model/treeCodes/trainTree.js';

const config = (fields: object) => parseTreeConfig({ schemaVersion: 1, kind: 'tree', ...fields });

/** Every node of the first `levels` has three children. */
function ternary(levels: number): Tree {
  const n = (3 ** (levels + 1) - 1) / 2;
  return treeOf(
    Array.from({ length: n }, (_, i) => `n${i}`),
    Int32Array.from({ length: n }, (_, i) => (i === 0 ? -1 : Math.floor((i - 1) / 3))),
  );
}

async function distortionOf(tree: Tree, fields: object): Promise<number> {
  const { codes } = await trainTree(tree, config({ heldOut: false, ...fields }));
  const scores = scoreTreeCodes(codes.space, codes.vectors, tree.parents, treeDistance(tree), new Rng(1));
  return scores.distortion;
}

describe('partOfPair', () => {
  it('is the same both ways, and holds out a tenth for each of two uses', () => {
    const counts = { train: 0, validation: 0, test: 0 };
    for (let a = 0; a < 400; a++) {
      for (let b = 0; b < a; b++) {
        expect(partOfPair(a, b)).toBe(partOfPair(b, a));
        counts[partOfPair(a, b)]++;
      }
    }
    // 79,800 pairs: the share of a fair tenth has standard deviation 0.001.
    expect(Math.abs(counts.test / 79_800 - 0.1)).toBeLessThan(0.004);
    expect(Math.abs(counts.validation / 79_800 - 0.1)).toBeLessThan(0.004);
  });
});

describe('relativeStress', () => {
  it('sums ((D - t)/t)² over training pairs alone, as a slow loop does, with its gradient', () => {
    const tree = ternary(3);
    const edges = treeDistance(tree);
    const resolved = resolveTreeConfig(
      config({ dim: 3, star: true, heldOut: true, training: { nodes: 9 } }),
      tree,
    );
    const parameters = new TreeParameters(40, 2);
    const rng = new Rng(4);
    parameters.flat.forEach((_, k) => {
      parameters.flat[k] = 0.2 + Math.abs(rng.normal());
    });
    const rows = Int32Array.of(3, 17, 0, 22, 39, 8, 30, 11, 5);
    const slow = () => {
      const { space, vectors } = treeCodes(parameters, resolved, tree.names);
      const row = (i: number) => Float64Array.from(vectors.data.subarray(3 * i, 3 * i + 3));
      let sum = 0;
      let pairs = 0;
      for (const a of rows) {
        for (const b of rows) {
          if (a <= b || partOfPair(a, b) !== 'train') continue;
          sum += ((distance(space, row(a), row(b)) - edges(a, b)) / edges(a, b)) ** 2;
          pairs++;
        }
      }
      return { sum, pairs };
    };
    const stress = relativeStress(resolved, parameters, edges);
    const gradient = new TreeParameters(40, 2);
    const found = stress(rows, gradient);
    const scratch = new TreeParameters(40, 2);
    expect(found.pairs).toBe(slow().pairs);
    expect(found.pairs).toBeLessThan(36);
    // Points are float32 in the slow loop.
    expect(Math.abs(found.sum / slow().sum - 1)).toBeLessThan(1e-4);
    const h = 1e-5;
    parameters.flat.forEach((value, k) => {
      parameters.flat[k] = value + h;
      const up = stress(rows, scratch).sum;
      parameters.flat[k] = value - h;
      const down = stress(rows, scratch).sum;
      parameters.flat[k] = value;
      expect(Math.abs(gradient.flat[k] - (up - down) / (2 * h))).toBeLessThan(1e-6 * found.sum);
    });
  });
});

describe('trainTree', () => {
  it('writes a ternary tree of 121 nodes into the plane: a third of the Euclidean distortion at most', async () => {
    const tree = ternary(4);
    const steps = { training: { steps: 400 } };
    const hyperbolic = await distortionOf(tree, { dim: 2, ...steps });
    const euclidean = await distortionOf(tree, { dim: 2, space: 'euclidean', ...steps });
    expect(hyperbolic).toBeLessThan(0.09);
    expect(hyperbolic).toBeLessThan(euclidean / 2);
  });

  it('needs an offset and nothing else for a star, whose leaves are all as far apart', async () => {
    const star = treeOf(
      Array.from({ length: 30 }, (_, i) => `n${i}`),
      Int32Array.from({ length: 30 }, (_, i) => (i === 0 ? -1 : 0)),
    );
    expect(await distortionOf(star, { dim: 3, star: true })).toBeLessThan(0.01);
    expect(await distortionOf(star, { dim: 3, star: false, space: 'euclidean' })).toBeGreaterThan(0.1);
  });

  it('gives valid codes of a tree of two nodes, one edge apart', async () => {
    const two = treeOf(['a', 'b'], Int32Array.of(-1, 0));
    expect(await distortionOf(two, { dim: 2 })).toBeLessThan(1e-3);
  });

  it('keeps offsets at or above 0, and gives the same codes for the same seed alone', async () => {
    const tree = ternary(3);
    const train = async (seed: number) =>
      (await trainTree(tree, config({ seed, training: { steps: 60 } }))).codes.vectors.data;
    const first = await train(1);
    for (let i = 0; i < 40; i++) expect(first[3 * i + 2]).toBeGreaterThanOrEqual(0);
    expect(await train(1)).toEqual(first);
    expect(await train(2)).not.toEqual(first);
  });

  it('reports steps, stops at a signal, and refuses a single node', async () => {
    const tree = ternary(3);
    const { history } = await trainTree(tree, config({ training: { steps: 25, reportEvery: 10 } }));
    expect(history.map(({ step }) => step)).toEqual([10, 20, 25]);
    expect(history[2].loss).toBeLessThan(history[0].loss);
    const aborted = AbortSignal.abort(new DOMException('stopped', 'AbortError'));
    await expect(trainTree(tree, config({}), { signal: aborted })).rejects.toThrow('stopped');
    await expect(trainTree(treeOf(['x'], Int32Array.of(-1)), config({}))).rejects.toThrow(
      'at least two nodes',
    );
  });

  it('says when the rate is too high for the stress to stay finite', async () => {
    const wild = config({ training: { learningRate: 1e200, warmup: 0, steps: 20 } });
    await expect(trainTree(ternary(2), wild)).rejects.toThrow('expected a finite stress');
  });
});

describe('treeCodes', () => {
  const of = (space: 'hyperbolic' | 'sphere', code: readonly number[]) => {
    const parameters = new TreeParameters(1, 2);
    parameters.codes.set(code);
    return treeCodes(parameters, { space, star: false }, ['oak']);
  };

  it('puts a tangent vector of length a at distance a from the origin', () => {
    const { space, vectors } = of('hyperbolic', [1.8, 2.4]);
    expect(distance(space, [0, 0], vectors.data)).toBeCloseTo(3, 5);
  });

  it('keeps codes of length 14 inside the float32 ball, and refuses longer ones by name', () => {
    const { space, vectors } = of('hyperbolic', [0, 14]);
    // What 28 float32 steps from the boundary leave of the length: half a step is 0.02.
    expect(Math.abs(distance(space, [0, 0], vectors.data) - 14)).toBeLessThan(0.04);
    expect(() => of('hyperbolic', [0, 14.1])).toThrow('code of "oak": expected a distance of at most 14');
  });

  it('refuses a direction of length 0', () => {
    expect(() => of('sphere', [0, 0])).toThrow('code of "oak": expected a direction');
  });
});
