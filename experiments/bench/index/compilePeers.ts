import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync } from 'node:fs';
import { createRequire } from 'node:module';
import { cpus } from 'node:os';
import { dirname, join } from 'node:path';
import { cacheFolder, MissingError } from '../../../src/index.js';
import { benchSources } from '../peers.js';

const load = createRequire(import.meta.url);
const folderOf = (name: string) => dirname(load.resolve(`${name}/package.json`));

/** hnswlib's headers for this very processor, with sums that may be reordered: our spaces are then vectorised. */
export function compileHnswlib(log: (line: string) => void): string {
  const source = join(benchSources, 'index', 'hnswlib.cc');
  const headers = join(folderOf('hnswlib-node'), 'src', 'hnswlib');
  const reordered = ['-fno-math-errno', '-fno-trapping-math', '-fno-signed-zeros', '-fassociative-math'];
  const flags = ['-std=c++17', '-O3', '-march=native', '-pthread', ...reordered, '-isystem', headers];
  return compiled('bench-hnswlib', source, flags, log);
}

/** hnswlib-node's binary with the flags that its install script takes: for any processor of the kind. */
export function compileHnswlibNode(log: (line: string) => void): string {
  const folder = folderOf('hnswlib-node');
  const loader = process.platform === 'darwin' ? ['-undefined', 'dynamic_lookup'] : [];
  const flags = [
    ...['-std=c++17', '-O3', '-fPIC', '-pthread', '-shared', ...loader],
    ...['-DNAPI_DISABLE_CPP_EXCEPTIONS', '-DBUILDING_NODE_EXTENSION', '-isystem', join(folder, 'src')],
    ...['-isystem', folderOf('node-addon-api'), '-isystem', join(folderOf('node-api-headers'), 'include')],
  ];
  return compiled('bench-hnswlib-node', join(folder, 'src', 'addon.cc'), flags, log, '.node');
}

function compiled(
  name: string,
  source: string,
  flags: readonly string[],
  log: (line: string) => void,
  suffix = '',
): string {
  const compiler = process.env['CXX'] || 'g++';
  const key = [compiler, ...flags, cpus()[0]?.model, process.arch, readFileSync(source, 'utf8')].join('\n');
  const hash = createHash('sha256').update(key).digest('hex').slice(0, 12);
  const output = join(cacheFolder(), `${name}-${hash}${suffix}`);
  if (existsSync(output)) return output;
  log(`compiling ${name} ...`);
  mkdirSync(cacheFolder(), { recursive: true });
  try {
    execFileSync(compiler, [source, ...flags, '-o', `${output}.unfinished`], { stdio: 'pipe' });
  } catch (cause) {
    throw new MissingError(`bench index: ${compiler} did not compile ${source}; set CXX to a C++ compiler`, {
      cause,
    });
  }
  renameSync(`${output}.unfinished`, output);
  return output;
}
