import { execFileSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { LinkResult } from '../../src/setup/linkTensorflow.mjs';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const MODULE = pathToFileURL(join(ROOT, 'src', 'setup', 'linkTensorflow.mjs')).href;
const hasPinnedWheel = process.platform === 'linux' && process.arch === 'x64';

let folder: string;
let packageDir: string;
let cache: string;
/** A TensorFlow in form only: compiling against it fails. */
let hollow: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'gyrometric-link-'));
  cache = join(folder, 'cache');
  // A copy of the package's C++ sources: these tests must not touch the link that others run on.
  packageDir = join(folder, 'package');
  const installed = createRequire(import.meta.url).resolve('@tensorflow/tfjs-node-gpu/package.json');
  cpSync(join(dirname(installed), 'binding'), join(packageDir, 'binding'), { recursive: true });
  hollow = join(folder, 'tensorflow');
  mkdirSync(join(hollow, 'include', 'tensorflow', 'c'), { recursive: true });
  for (const file of [
    'libtensorflow_cc.so.2',
    'libtensorflow_framework.so.2',
    'include/tensorflow/c/c_api.h',
  ]) {
    writeFileSync(join(hollow, file), '');
  }
});
afterAll(() => rmSync(folder, { recursive: true }));

/** Links in a process of its own with this environment alone. */
function link(env: NodeJS.ProcessEnv): LinkResult {
  const script = `import { linkTensorflow } from ${JSON.stringify(MODULE)};
    const options = { root: ${JSON.stringify(ROOT)}, packageDir: ${JSON.stringify(packageDir)}, log() {} };
    process.stdout.write(JSON.stringify(await linkTensorflow(options)));`;
  const output = execFileSync(process.execPath, ['--input-type=module', '-e', script], {
    env: { GYROMETRIC_CACHE: cache, ...env },
    encoding: 'utf8',
  });
  return JSON.parse(output) as LinkResult;
}

function expectNothingLeft(): void {
  expect(existsSync(join(packageDir, 'lib'))).toBe(false);
  expect(existsSync(cache) ? readdirSync(cache) : []).toEqual([]);
}

describe('linking TensorFlow where something is missing', () => {
  it.runIf(hasPinnedWheel)('names python3 and the next best way when there is none', () => {
    const { status, reason } = link({ PATH: '/nonexistent' });
    expect(status).toBe('unavailable');
    expect(reason).toMatch(/no python3 .* runs on WASM until you install python3 .*GYROMETRIC_TENSORFLOW/);
    expectNothingLeft();
  });

  it('names the compiler when there is none', () => {
    const { status, reason } = link({ PATH: '/nonexistent', GYROMETRIC_TENSORFLOW: hollow });
    expect(status).toBe('unavailable');
    expect(reason).toMatch(/no C\+\+ compiler .* install g\+\+/);
    expectNothingLeft();
  });

  it('names a folder that is no TensorFlow', () => {
    const { status, reason } = link({ GYROMETRIC_TENSORFLOW: folder });
    expect(status).toBe('unavailable');
    expect(reason).toContain(`GYROMETRIC_TENSORFLOW is ${folder}`);
    expectNothingLeft();
  });

  it('leaves nothing behind when compiling fails', () => {
    const { status, reason } = link({
      ...process.env,
      GYROMETRIC_CACHE: cache,
      GYROMETRIC_TENSORFLOW: hollow,
    });
    expect(status).toBe('unavailable');
    expect(reason).toMatch(/could not compile|no C\+\+ compiler/);
    expectNothingLeft();
  });

  it('is one sentence when the cache cannot be made', () => {
    const file = join(folder, 'file');
    writeFileSync(file, '');
    const { status, reason } = link({
      PATH: '/nonexistent',
      GYROMETRIC_CACHE: join(file, 'cache'),
      GYROMETRIC_TENSORFLOW: '',
    });
    expect(status).toBe('unavailable');
    expect(reason).toMatch(/GYROMETRIC_CACHE|no TensorFlow is pinned/);
    expect(reason).not.toContain('\n');
  });
});

describe('the declaration beside the module', () => {
  it('declares the function that the module exports', () => {
    const source = readFileSync(join(ROOT, 'src', 'setup', 'linkTensorflow.mjs'), 'utf8');
    expect(source.match(/^export .*$/gm)).toEqual([expect.stringContaining('function linkTensorflow(')]);
  });
});
