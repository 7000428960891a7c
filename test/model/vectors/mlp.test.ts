import { beforeAll, describe, expect, it } from 'vitest';
import { Rng } from '../../../src/core/rng.js';
import { mlp } from '../../../src/encoders/mlp.js';
import { Network } from '../../../src/engine/network.js';
import { openEngine } from '../../../src/engine/openEngine.js';
import * as tf from '../../../src/engine/tf.js';

beforeAll(async () => {
  await openEngine();
});

/** The code of one vector, with the given weights. */
function codeOf(hidden: number, x: readonly number[], weights: readonly number[]): number[] {
  const encoder = mlp({ columns: x.length, hidden });
  const network = new Network([encoder], new Rng(1));
  const code = tf.tidy(() => {
    network.parameters.flat.assign(tf.tensor1d([...weights]));
    return Array.from(
      encoder.encode(network.inferencePass(), tf.tensor2d([...x], [1, x.length])).code.dataSync(),
    );
  });
  network.dispose();
  return code;
}

describe('mlp', () => {
  it('is the vector and its rectified units beside it, by hand', () => {
    // Units: 1·2 + 2·(-1) + 0.5 = 0.5, and 1·(-3) + 2·1 + 0 = -1, which is cut to 0.
    expect(codeOf(2, [1, 2], [2, -3, -1, 1, 0.5, 0])).toEqual([1, 2, 0.5, 0]);
  });

  it('is the vector itself without hidden units', () => {
    expect(mlp({ columns: 3, hidden: 0 })).toMatchObject({ codeDim: 3, columns: 3, parameters: [] });
    expect(codeOf(0, [1, 2, 3], [])).toEqual([1, 2, 3]);
  });
});
