import { spawnSync } from 'node:child_process';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import ts from 'typescript';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildIndex } from '../../indices/index.js';
import type { Space } from '../../src/core/space.js';

const root = resolve(import.meta.dirname, '..', '..');
const folder = mkdtempSync(join(tmpdir(), 'gyrometric-bare-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** The index and what it imports, compiled to a place without build/gyrometric.node. */
beforeAll(() => {
  for (const part of ['indices', 'src/core', 'src/geometry', 'src/native']) {
    for (const name of readdirSync(join(root, part), { recursive: true }) as string[]) {
      if (!name.endsWith('.ts')) continue;
      const source = readFileSync(join(root, part, name), 'utf8');
      const target = join(folder, part, name.replace(/\.ts$/, '.js'));
      mkdirSync(dirname(target), { recursive: true });
      const { outputText } = ts.transpileModule(source, {
        compilerOptions: {
          module: ts.ModuleKind.ESNext,
          target: ts.ScriptTarget.ES2022,
          verbatimModuleSyntax: true,
        },
      });
      writeFileSync(target, outputText);
    }
  }
  writeFileSync(join(folder, 'package.json'), '{"type": "module", "version": "0.0.0"}');
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
});

function run(body: string): { stdout: string; stderr: string } {
  const script = join(folder, 'script.js');
  writeFileSync(script, `import { buildIndex, openIndex } from './indices/index.js';\n${body}`);
  const { stdout, stderr } = spawnSync(process.execPath, [script], { encoding: 'utf8' });
  return { stdout, stderr };
}

const line: Space = { kind: 'euclidean', dim: 1 };

describe('without the addon', () => {
  it('searches exactly, and says so once on stderr with the command that builds it', () => {
    const { stdout, stderr } = run(`
      const space = ${JSON.stringify(line)};
      const index = await buildIndex({ space, vectors: Float32Array.of(5, -2, 1) });
      await buildIndex({ space, vectors: Float32Array.of(1) });
      const { ids } = await index.search(Float32Array.of(0), 2);
      console.log(index.stats().engine, ids.join());
    `);
    expect(stdout).toBe('exact 2,1\n');
    expect(stderr.trim().split('\n')).toHaveLength(1);
    expect(stderr).toMatch(/^gyrometric: exact search in TypeScript, .*`npm run build`\n$/);
  });

  it('refuses the engine hnsw with the command that builds the addon', () => {
    const { stdout } = run(`
      const options = { space: ${JSON.stringify(line)}, vectors: Float32Array.of(1), engine: 'hnsw' };
      await buildIndex(options).catch((error) => console.log(error.name, error.message));
    `);
    expect(stdout).toMatch(/^MissingError .*`npm run build`\n$/);
  });

  it('opens an index that was built with it and searches it exactly', async () => {
    const path = join(folder, 'with.gyro');
    await (await buildIndex({ space: line, vectors: Float32Array.of(5, -2, 1) })).save(path);
    const { stdout } = run(`
      const index = await openIndex(${JSON.stringify(path)});
      const { ids } = await index.search(Float32Array.of(0), 3);
      console.log(index.stats().engine, index.stats().unreachable, ids.join());
    `);
    expect(stdout).toBe('exact 0 2,1,0\n');
  });
});
