import { spawn } from 'node:child_process';
import {
  appendFileSync,
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { zipSync } from 'fflate';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import type { AddonStatus } from '../../src/setup/buildAddon.mjs';
import { findCompiler } from '../../src/setup/compiler.mjs';
import type { LinkResult } from '../../src/setup/linkTensorflow.mjs';
import { stateOfCache } from '../../src/setup/tensorflowWheel.mjs';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
/** The TensorFlow that an earlier setup fetched; nothing here fetches it again. */
const fetched = stateOfCache();
const canCompile = (await findCompiler()) !== undefined;
const canLink = fetched.state === 'whole' && canCompile;
const isRoot = process.getuid?.() === 0;
const NOBODY = 65534;

const folder = mkdtempSync(join(tmpdir(), 'gyrometric-setup-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** A copy of tfjs-node-gpu's C++ sources, so that the link that other tests run on stays as it is. */
let packageDir: string;
let cache: string;
beforeEach(() => {
  const fresh = mkdtempSync(join(folder, 'case-'));
  packageDir = join(fresh, 'package');
  cache = join(fresh, 'cache');
  mkdirSync(cache);
  const installed = createRequire(import.meta.url).resolve('@tensorflow/tfjs-node-gpu/package.json');
  cpSync(join(dirname(installed), 'binding'), join(packageDir, 'binding'), { recursive: true });
});

interface Outcome {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A script in a process of its own, which is how setups meet each other. */
function runScript(script: string, env: NodeJS.ProcessEnv, uid?: number): Promise<Outcome> {
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
    env: { ...process.env, GYROMETRIC_CACHE: cache, GYROMETRIC_TENSORFLOW: '', ...env },
    ...(uid !== undefined && { uid, gid: uid }),
  });
  const texts = { stdout: '', stderr: '' };
  for (const stream of ['stdout', 'stderr'] as const) {
    child[stream].on('data', (chunk) => {
      texts[stream] += chunk;
    });
  }
  return new Promise((resolve) => child.on('close', (code) => resolve({ code, ...texts })));
}

const moduleUrl = (name: string) => JSON.stringify(pathToFileURL(join(ROOT, 'src', 'setup', name)).href);

function startLink(env: NodeJS.ProcessEnv = {}, uid?: number): Promise<Outcome> {
  const options = JSON.stringify({ root: ROOT, packageDir });
  return runScript(
    `import { linkTensorflow } from ${moduleUrl('linkTensorflow.mjs')};
     import { runMain } from ${moduleUrl('prepare.mjs')};
     await runMain(async () => {
       const result = await linkTensorflow({ ...${options}, log: console.error });
       console.log(JSON.stringify(result));
       return 0;
     });`,
    env,
    uid,
  );
}

async function link(env: NodeJS.ProcessEnv = {}, uid?: number): Promise<LinkResult & { stderr: string }> {
  const { stdout, stderr } = await startLink(env, uid);
  return { ...(JSON.parse(stdout) as LinkResult), stderr };
}

/** The TensorFlow fetched earlier, in this test's cache. */
function shareLibraries(): string {
  const shared = join(cache, basename(fetched.folder));
  symlinkSync(realpathSync(fetched.folder), shared);
  return shared;
}

/** A TensorFlow in the cache whose large library was cut off. */
function damagedLibraries(): string {
  const damaged = join(cache, basename(fetched.folder));
  mkdirSync(damaged);
  for (const name of ['include', 'libtensorflow_framework.so.2']) {
    symlinkSync(join(realpathSync(fetched.folder), name), join(damaged, name));
  }
  writeFileSync(join(damaged, 'libtensorflow_cc.so.2'), 'cut off');
  return damaged;
}

describe.skipIf(fetched.state !== 'whole')('a cache with a library that was cut off', () => {
  it('is seen, and one sentence says so where it cannot be fetched again', async () => {
    damagedLibraries();
    const { status, reason, stderr } = await link({ PIP_NO_INDEX: '1', PIP_FIND_LINKS: '' });
    expect(status).toBe('unavailable');
    expect(stderr).toMatch(/the copy in .* is damaged and is fetched again/);
    expect(reason).toMatch(/^TensorFlow could not be downloaded \(.*\); the engine runs on WASM until you /);
    expect(reason).not.toContain('\n');
    expect(readdirSync(cache)).toEqual([basename(fetched.folder)]);
  });

  it('stops the setup with exit code 1 if the package index has another wheel of that name', async () => {
    damagedLibraries();
    const wheels = join(dirname(cache), 'wheels');
    mkdirSync(wheels);
    const metadata = 'Metadata-Version: 2.1\nName: tensorflow-cpu\nVersion: 2.21.0\n';
    const wheel = zipSync({
      'tensorflow/libtensorflow_cc.so.2': new TextEncoder().encode('changed'),
      'tensorflow_cpu-2.21.0.dist-info/METADATA': new TextEncoder().encode(metadata),
    });
    writeFileSync(join(wheels, 'tensorflow_cpu-2.21.0-cp311-cp311-manylinux_2_27_x86_64.whl'), wheel);
    const { code, stdout, stderr } = await startLink({ PIP_NO_INDEX: '1', PIP_FIND_LINKS: wheels });
    expect(code).toBe(1);
    expect(stdout).toBe('');
    expect(stderr).toMatch(
      /TensorFlow wheel: pip got a file that is not the pinned one \(sha256 [0-9a-f]{64}\)/,
    );
    expect(existsSync(join(packageDir, 'lib'))).toBe(false);
    expect(readdirSync(cache)).toEqual([basename(fetched.folder)]);
  });
});

describe.skipIf(!canLink)('linking TensorFlow', () => {
  it('by two setups at once gives one binding that loads, and leaves nothing half done', async () => {
    shareLibraries();
    const both = await Promise.all([link(), link()]);
    expect(both.map(({ status }) => status)).toEqual(['linked', 'linked']);
    const compiled = readdirSync(cache).filter((name) => name.startsWith('tfjs-binding-'));
    expect(compiled.length).toBeGreaterThan(0);
    expect(readdirSync(cache).filter((name) => name.startsWith('.partial-'))).toEqual([]);
    expect(readdirSync(join(packageDir, 'lib', 'napi-v8')).sort()).toEqual([
      'gyrometric-link.json',
      'tfjs_binding.node',
    ]);
    expect((await link()).status).toBe('current');

    // One compiled addon in the cache serves the next project; a damaged one is none.
    rmSync(join(packageDir, 'lib'), { recursive: true });
    expect((await link()).stderr).not.toContain('compiling');
    rmSync(join(packageDir, 'lib'), { recursive: true });
    for (const name of compiled) truncateSync(join(cache, name), 1000);
    const again = await link();
    expect(again.status).toBe('linked');
    expect(again.stderr).toContain('compiling');
  });

  it('mends a binding that was damaged where it is installed', async () => {
    shareLibraries();
    expect((await link()).status).toBe('linked');
    truncateSync(join(packageDir, 'lib', 'napi-v8', 'tfjs_binding.node'), 1000);
    expect((await link()).status).toBe('linked');
    expect((await link()).status).toBe('current');
  });

  it.skipIf(!isRoot)('into a cache of somebody else is one sentence that names the folder', async () => {
    shareLibraries();
    // All but the cache folder is open to whoever links.
    chmodSync(folder, 0o755);
    chmodSync(dirname(cache), 0o777);
    const { status, reason } = await link({ HOME: '/nonexistent' }, NOBODY);
    expect(status).toBe('unavailable');
    expect(reason).toMatch(/permission denied.*set GYROMETRIC_CACHE to a folder that can be written/);
    expect(reason).toContain(cache);
    expect(reason).not.toContain('\n');
  });
});

describe.skipIf(!canCompile)('the native addon', () => {
  /** A package like ours with one C++ file. */
  function smallPackage(): string {
    const root = join(dirname(cache), 'root');
    mkdirSync(join(root, 'src', 'native'), { recursive: true });
    cpSync(join(ROOT, 'package.json'), join(root, 'package.json'));
    symlinkSync(join(ROOT, 'node_modules'), join(root, 'node_modules'));
    writeFileSync(join(root, 'src', 'native', 'only.cc'), 'int only() { return 1; }\n');
    return root;
  }

  async function build(root: string): Promise<AddonStatus> {
    const script = `import { buildAddon } from ${moduleUrl('buildAddon.mjs')};
      console.log(JSON.stringify(await buildAddon({ root: ${JSON.stringify(root)} })));`;
    return JSON.parse((await runScript(script, {})).stdout) as AddonStatus;
  }

  it('is built by two setups at once, and whole afterwards', async () => {
    const root = smallPackage();
    const both = await Promise.all([build(root), build(root)]);
    expect(both.map(({ status }) => status)).toEqual(['built', 'built']);
    expect(readdirSync(join(root, 'build')).sort()).toEqual(['gyrometric.node', 'gyrometric.node.stamp']);
    expect((await build(root)).status).toBe('current');
  });

  it('is built again when it was cut off or changed', async () => {
    const root = smallPackage();
    const addon = join(root, 'build', 'gyrometric.node');
    expect((await build(root)).status).toBe('built');
    const whole = readFileSync(addon);
    truncateSync(addon, 1000);
    expect((await build(root)).status).toBe('built');
    appendFileSync(addon, 'more');
    expect((await build(root)).status).toBe('built');
    expect(readFileSync(addon)).toHaveLength(whole.length);
  });
});
