import { afterEach, describe, expect, it, vi } from 'vitest';
import { UsageError } from '../../src/core/errors.js';
import { openEngine } from '../../src/engine/openEngine.js';
import * as tf from '../../src/engine/tf.js';

afterEach(() => vi.unstubAllEnvs());

describe('openEngine', () => {
  it('refuses an unknown name and lists the known ones', async () => {
    await expect(openEngine({ prefer: 'cuda' })).rejects.toThrow(UsageError);
    await expect(openEngine({ prefer: 'cuda' })).rejects.toThrow(
      /one of tensorflow, webgpu, wasm, cpu, got "cuda"/,
    );
  });

  it('takes the name from GYROMETRIC_ENGINE and names the variable in its error', async () => {
    vi.stubEnv('GYROMETRIC_ENGINE', 'abacus');
    await expect(openEngine()).rejects.toThrow(/GYROMETRIC_ENGINE: expected one of/);
  });

  it('runs WebAssembly when asked to, and multiplies right', async () => {
    const engine = await openEngine({ prefer: 'wasm' });
    expect(engine.name).toBe('wasm');
    expect(tf.getBackend()).toBe('wasm');
    const product = tf.tidy(() => tf.matMul(tf.tensor2d([[1, 2]]), tf.tensor2d([[3], [4]])).dataSync()[0]);
    expect(product).toBe(11);
  });
});
