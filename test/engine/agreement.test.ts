import { describe, expect, it } from 'vitest';
import { MissingError } from '../../src/core/errors.js';
import { loadMnist } from '../../src/data/mnist.js';
import { firstImages } from '../../src/data/split.js';
import { ENGINES, type EngineName, openEngine } from '../../src/engine/openEngine.js';
import { parseModelConfig } from '../../src/model/config.js';
import { trainModel } from '../../src/model/trainModel.js';

/**
 * Rounding of float32 in another order, after Adam has made steps of it: the first steps divide by the size of the
 * gradient, so that differences of 1e-7 in a small gradient entry become visible in its parameter.
 */
const AFTER_TRAINING = 2e-2;
const FIRST_LOSS = 1e-4;

const config = parseModelConfig({
  schemaVersion: 1,
  seed: 2,
  encoder: { kind: 'polarCnn', channels: [4, 6, 8, 8] },
  heads: { euclidean: { dim: 8 }, poincare: { dim: 8 } },
  training: { steps: 6, perClass: 2, reportEvery: 1, warmup: 3 },
});

async function lossesOn(engine: EngineName): Promise<{ losses: number[]; code: Float32Array } | undefined> {
  try {
    await openEngine({ prefer: engine });
  } catch (error) {
    if (error instanceof MissingError) return undefined;
    throw error;
  }
  const { model, history } = await trainModel(config, firstImages(loadMnist('train'), 300));
  const pixels = Float32Array.from(firstImages(loadMnist('test'), 4).pixels, (value) => value / 255);
  const { code } = await model.embed(pixels);
  model.dispose();
  return { losses: history.map(({ loss }) => loss), code: code.data };
}

describe('engines', () => {
  it('agree on the losses of a training and on the codes after it', async ({ skip }) => {
    const results = new Map<EngineName, NonNullable<Awaited<ReturnType<typeof lossesOn>>>>();
    for (const engine of ENGINES) {
      const result = await lossesOn(engine);
      if (result) results.set(engine, result);
    }
    skip(results.size < 2, 'only one engine on this machine');
    const reference = results.get('cpu')!;
    for (const [, { losses, code }] of results) {
      expect(Math.abs(losses[0] - reference.losses[0])).toBeLessThan(FIRST_LOSS * reference.losses[0]);
      for (const [i, loss] of losses.entries()) {
        expect(Math.abs(loss - reference.losses[i])).toBeLessThan(AFTER_TRAINING * reference.losses[i]);
      }
      const size = Math.hypot(...reference.code);
      expect(Math.hypot(...code.map((value, i) => value - reference.code[i]))).toBeLessThan(
        AFTER_TRAINING * size,
      );
    }
  });
});
