// Compiles src/native into build/gyrometric.node with the C++ compiler itself: node-gyp would download headers.
// Plain Node only: this runs before anything is installed or compiled.
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { availableParallelism } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const FLAGS = [
  '-std=c++17',
  '-O3',
  '-fPIC',
  '-fvisibility=hidden',
  '-pthread',
  // Fused multiply-add would make results depend on the processor: see targets.h.
  '-ffp-contract=off',
  '-fno-math-errno',
  '-Wall',
  '-Wextra',
  // Vectors wider than the base instruction set only cross inlined calls.
  '-Wno-psabi',
  '-DNAPI_VERSION=8',
  '-DNODE_ADDON_API_CPP_EXCEPTIONS_ALL',
];

/**
 * Builds the addon if its sources, flags, headers or compiler changed since the last time.
 * @param {{root: string, log?: (line: string) => void}} options the package's folder; where lines of progress go
 * @returns {Promise<{status: 'built' | 'current' | 'unavailable', reason: string}>} never rejects for a missing
 *   compiler or header or a failed compilation: that is 'unavailable', with a sentence that says why
 */
export async function buildAddon({ root, log = () => {} }) {
  const compiler = findCompiler();
  if (compiler === undefined) {
    return unavailable('no C++ compiler found: install g++ or clang++, or set CXX');
  }
  const headers = findHeaders(root);
  if (headers.missing !== undefined) {
    return unavailable(`the npm package ${headers.missing} is not installed: run npm install`);
  }
  const folder = join(root, 'src', 'native');
  const sources = readdirSync(folder)
    .filter((name) => /\.(cc|h)$/.test(name))
    .sort();
  const flags = [
    ...FLAGS,
    ...(process.env.CXXFLAGS ?? '').split(/\s+/).filter(Boolean),
    ...headers.folders.flatMap((path) => ['-isystem', path]),
  ];
  const stamp = createHash('sha256').update(
    JSON.stringify([compiler, flags, headers.versions, process.platform, process.arch]),
  );
  for (const name of sources) stamp.update(name).update(readFileSync(join(folder, name)));
  const digest = stamp.digest('hex');

  const build = join(root, 'build');
  const output = join(build, 'gyrometric.node');
  const stampFile = `${output}.stamp`;
  if (existsSync(output) && existsSync(stampFile) && readFileSync(stampFile, 'utf8') === digest) {
    return { status: 'current', reason: 'sources, flags and compiler are those of the last build' };
  }
  log(`compiling the native addon with ${compiler.command}`);
  mkdirSync(build, { recursive: true });
  const temporary = mkdtempSync(join(build, 'addon-'));
  try {
    const units = sources.filter((name) => name.endsWith('.cc'));
    const objects = units.map((name) => join(temporary, `${name}.o`));
    const jobs = units.map((name, i) => ['-c', join(folder, name), '-o', objects[i], ...flags]);
    await inParallel(jobs, (args) => run(compiler.command, args));
    const linked = join(temporary, 'gyrometric.node');
    const loader = process.platform === 'darwin' ? ['-undefined', 'dynamic_lookup'] : [];
    await run(compiler.command, ['-shared', '-o', linked, ...objects, ...flags, ...loader]);
    // The old stamp goes first: a new addon beside an old stamp would only be built again.
    rmSync(stampFile, { force: true });
    renameSync(linked, output);
    writeFileSync(stampFile, digest);
    return { status: 'built', reason: `compiled ${units.length} files with ${compiler.command}` };
  } catch (error) {
    return unavailable(`compiling the native addon failed: ${error.message}`);
  } finally {
    rmSync(temporary, { recursive: true, force: true });
  }
}

function unavailable(reason) {
  return { status: 'unavailable', reason };
}

function findCompiler() {
  if (process.platform === 'win32') return undefined;
  for (const command of [process.env.CXX, 'g++', 'c++', 'clang++']) {
    if (!command) continue;
    const result = spawnSync(command, ['--version'], { encoding: 'utf8' });
    if (result.status === 0) return { command, version: result.stdout.split('\n')[0] };
  }
  return undefined;
}

/** Packages are found as Node finds them, so that hoisted ones of a user's project count. */
function findHeaders(root) {
  const require = createRequire(join(resolve(root), 'package.json'));
  const folders = [];
  const versions = [];
  for (const [name, inside] of [
    ['node-api-headers', 'include'],
    ['node-addon-api', ''],
    ['hnswlib-node', 'src/hnswlib'],
  ]) {
    try {
      const manifest = require.resolve(`${name}/package.json`);
      versions.push(`${name}@${JSON.parse(readFileSync(manifest, 'utf8')).version}`);
      folders.push(join(dirname(manifest), inside));
    } catch {
      return { missing: name, folders, versions };
    }
  }
  return { missing: undefined, folders, versions };
}

async function inParallel(jobs, work) {
  const waiting = [...jobs];
  const worker = async () => {
    for (let job = waiting.shift(); job !== undefined; job = waiting.shift()) await work(job);
  };
  await Promise.all(Array.from({ length: Math.min(4, availableParallelism()) }, worker));
}

function run(command, args) {
  return new Promise((done, fail) => {
    const child = spawn(command, args, { stdio: ['ignore', 'ignore', 'pipe'] });
    let errors = '';
    child.stderr.setEncoding('utf8').on('data', (text) => {
      errors += text;
    });
    child.on('error', fail);
    child.on('close', (code) => {
      if (code === 0) done();
      else fail(new Error(firstErrors(errors) || `${command} ended with ${code}`));
    });
  });
}

function firstErrors(text) {
  const lines = text.split('\n').filter((line) => /error|undefined reference/i.test(line));
  return lines.slice(0, 5).join('\n');
}

if (process.argv[1] !== undefined && fileURLToPath(import.meta.url) === resolve(process.argv[1])) {
  const root = resolve(dirname(fileURLToPath(import.meta.url)), '..', '..');
  const { status, reason } = await buildAddon({ root, log: console.log });
  console.log(`native addon: ${status} (${reason})`);
}
