import { join } from 'node:path';
import ts from 'typescript';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { batchGroupLawErrors } from '../../src/encoders/groups/laws.js';
import { openEngine } from '../../src/engine/openEngine.js';
import * as tf from '../../src/engine/tf.js';
import { FLOAT32 } from '../laws/tolerance.js';
import { importFrom, writeGuide } from './guideFiles.js';

const guide = writeGuide('docs/guides/own-group.md');
const blocks = (file: string) => importFrom(guide.folder, file);
beforeAll(async () => {
  await openEngine();
});
afterAll(() => guide.remove());

describe('docs/guides/own-group.md', () => {
  it('compiles as strictly as the package', () => {
    const config = ts.readConfigFile('tsconfig.json', ts.sys.readFile).config as { compilerOptions: object };
    const { options } = ts.convertCompilerOptionsFromJson(config.compilerOptions, '.');
    const files = ['laws.ts', 'train.ts', 'reversals.ts'].map((file) => join(guide.folder, file));
    const program = ts.createProgram(files, {
      ...{ ...options, noEmit: true, composite: false, incremental: false, rootDir: '.', skipLibCheck: true },
    });
    const errors = program
      .getSourceFiles()
      .filter(({ fileName }) => fileName.includes(guide.folder))
      .flatMap((file) => [...program.getSyntacticDiagnostics(file), ...program.getSemanticDiagnostics(file)]);
    const host = { ...ts.createCompilerHost({}), getCurrentDirectory: () => guide.folder };
    expect(ts.formatDiagnostics(errors, host)).toBe('');
  });

  it('its shifts obey the laws', async () => {
    const { checkLaws } = await blocks('laws.ts');
    const { inverse, equivariance } = await (checkLaws as () => ReturnType<typeof batchGroupLawErrors>)();
    expect(inverse).toBeLessThan(FLOAT32);
    expect(equivariance).toBeLessThan(FLOAT32);
  });

  it('its ψ is finite with a finite gradient for a constant signal, whose vector is 0', async () => {
    const { shiftsBatch } = await blocks('shifts.ts');
    const group = (shiftsBatch as (length: number) => { fromFeatures(f: tf.Tensor): tf.Tensor })(5);
    const gradient = tf.grad((f) => tf.sum(group.fromFeatures(f)))(tf.zeros([1, 2]));
    for (const value of [...gradient.dataSync(), ...group.fromFeatures(tf.zeros([1, 2])).dataSync()])
      expect(Number.isFinite(value)).toBe(true);
  });

  it('its autoencoder learns, and its code is invariant', async () => {
    const { train } = await blocks('train.ts');
    const { history, invariance } = await (train as (steps: number) => Promise<Trained>)(30);
    expect(history[history.length - 1].loss).toBeLessThan(0.5 * history[0].loss);
    expect(invariance.max).toBeLessThan(FLOAT32);
  });

  it('shifts with reversals obey the laws too', async () => {
    const { shiftsAndReversalsBatch, actOnFeatures } = await blocks('reversals.ts');
    const features = () => [tf.randomNormal([8, 2]), tf.randomNormal([8, 1])];
    const errors = await batchGroupLawErrors((shiftsAndReversalsBatch as (length: number) => never)(33), {
      items: tf.randomNormal([8, 33]),
      ...{ features: features(), elements: features(), actOnFeatures },
    });
    expect(errors.inverse).toBeLessThan(FLOAT32);
    expect(errors.equivariance).toBeLessThan(FLOAT32);
  });
});

interface Trained {
  readonly history: readonly { readonly loss: number }[];
  readonly invariance: { readonly max: number };
}
