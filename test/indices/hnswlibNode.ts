import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { HnswlibNode } from '../../indices/index.js';
import { cacheFolder } from '../../src/core/places.js';
import { findCompiler } from '../../src/setup/compiler.mjs';

const load = createRequire(import.meta.url);
const folderOf = (name: string) => dirname(load.resolve(`${name}/package.json`));

/** What the package's own graphs can do beside what the index uses. */
export interface WholeGraph {
  initIndex(options: { maxElements: number; m: number; efConstruction: number; randomSeed: number }): void;
  addPoint(point: number[], label: number): void;
  markDelete(label: number): void;
  writeIndexSync(path: string): void;
}

/**
 * The package itself, compiled here as its install script would: npm runs no install scripts in this repository.
 * Undefined without a compiler.
 */
export async function compiledHnswlibNode(): Promise<HnswlibNode | undefined> {
  const compiler = await findCompiler();
  if (compiler === undefined || process.platform === 'win32') return undefined;
  const folder = folderOf('hnswlib-node');
  const source = join(folder, 'src', 'addon.cc');
  const loader = process.platform === 'darwin' ? ['-undefined', 'dynamic_lookup'] : [];
  const flags = [
    ...['-std=c++17', '-O2', '-fPIC', '-pthread', '-shared', ...loader],
    ...['-DNAPI_DISABLE_CPP_EXCEPTIONS', '-DBUILDING_NODE_EXTENSION', '-isystem', join(folder, 'src')],
    ...['-isystem', folderOf('node-addon-api'), '-isystem', join(folderOf('node-api-headers'), 'include')],
  ];
  const key = [compiler, ...flags, process.arch, readFileSync(source, 'utf8')].join('\n');
  const hash = createHash('sha256').update(key).digest('hex').slice(0, 12);
  const output = join(cacheFolder(), `test-hnswlib-node-${hash}.node`);
  if (!existsSync(output)) {
    mkdirSync(cacheFolder(), { recursive: true });
    const unfinished = `${output}.${process.pid}`;
    execFileSync(compiler, [source, ...flags, '-o', unfinished], { stdio: 'pipe' });
    renameSync(unfinished, output);
  }
  return load(output) as HnswlibNode;
}
