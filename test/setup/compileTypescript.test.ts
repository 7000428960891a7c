import { existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { compileTypescript } from '../../src/setup/compileTypescript.mjs';

const OPTIONS = {
  rootDir: '.',
  outDir: 'dist',
  types: [],
  module: 'NodeNext',
  target: 'ES2022',
  strict: true,
  lib: ['ES2022'],
  skipLibCheck: true,
};

const GOOD = 'export const one: number = 1;\n';

let root: string;
const compile = () => compileTypescript({ root, log: () => {} });
const write = (name: string, text: string) => writeFileSync(join(root, name), text);

beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'gyrometric-tsc-'));
  for (const folder of ['src/setup', 'indices', 'experiments', 'node_modules']) {
    mkdirSync(join(root, folder), { recursive: true });
  }
  const typescript = createRequire(import.meta.url).resolve('typescript/package.json');
  symlinkSync(dirname(typescript), join(root, 'node_modules', 'typescript'));
  write('tsconfig.json', JSON.stringify({ compilerOptions: OPTIONS, include: ['src', 'indices'] }));
  write('src/setup/plain.mjs', 'export const plain = 1;\n');
  write('src/one.ts', GOOD);
});
afterAll(() => rmSync(root, { recursive: true }));

it('compiles once, and again after a failure', async () => {
  expect(await compile()).toEqual({ status: 'built' });
  expect(existsSync(join(root, 'dist', 'src', 'one.js'))).toBe(true);
  expect(existsSync(join(root, 'dist', 'src', 'setup', 'plain.mjs'))).toBe(true);
  expect(await compile()).toEqual({ status: 'current' });

  write('src/one.ts', `export const one: number = '1';\n`);
  const failed = { status: 'failed', reason: expect.stringMatching(/src\/one\.ts.*TS2322/) };
  expect(await compile()).toEqual(failed);

  // The very source that compiled before: what tsc left of the failing one must not count as up to date.
  write('src/one.ts', GOOD);
  expect(await compile()).toEqual({ status: 'built' });
});
