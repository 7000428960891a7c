import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { buildAddon } from '../../src/setup/buildAddon.mjs';
import { available, root } from './addon.js';

const folders: string[] = [];

/** A folder like this package's, with one C++ file. */
function packageWith(source: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'gyrometric-addon-'));
  folders.push(folder);
  cpSync(join(root, 'package.json'), join(folder, 'package.json'));
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
  cpSync(join(root, 'src', 'native', 'targets.h'), join(folder, 'src', 'native', 'targets.h'), {
    recursive: true,
  });
  writeFileSync(join(folder, 'src', 'native', 'only.cc'), source);
  return folder;
}

afterEach(() => {
  vi.unstubAllEnvs();
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

describe('buildAddon', () => {
  it.skipIf(!available)('compiles once, says so, and again only after a change', async () => {
    const folder = packageWith('int first() { return 1; }\n');
    const lines: string[] = [];
    const log = (line: string) => lines.push(line);
    expect((await buildAddon({ root: folder, log })).status).toBe('built');
    expect(existsSync(join(folder, 'build', 'gyrometric.node'))).toBe(true);
    expect((await buildAddon({ root: folder, log })).status).toBe('current');
    expect(lines).toHaveLength(1);
    writeFileSync(join(folder, 'src', 'native', 'only.cc'), 'int second() { return 2; }\n');
    expect((await buildAddon({ root: folder, log })).status).toBe('built');
  });

  it.skipIf(!available)('says what the compiler objects to, and leaves no file behind', async () => {
    const folder = packageWith('int broken( { return 1; }\n');
    const { status, reason } = await buildAddon({ root: folder });
    expect(status).toBe('unavailable');
    expect(reason).toMatch(/only\.cc:1:\d+: error/);
    expect(existsSync(join(folder, 'build', 'gyrometric.node'))).toBe(false);
  });

  it('says that there is no compiler, without throwing', async () => {
    const folder = packageWith('int first() { return 1; }\n');
    vi.stubEnv('PATH', '');
    vi.stubEnv('CXX', '');
    const { status, reason } = await buildAddon({ root: folder });
    expect(status).toBe('unavailable');
    expect(reason).toBe('no C++ compiler found: install g++ or clang++, or set CXX');
  });

  it.skipIf(!available)('names the package whose headers are missing', async () => {
    const folder = packageWith('int first() { return 1; }\n');
    const modules = join(folder, 'node_modules');
    rmSync(modules);
    // Nothing can be resolved in it, and it hides one that a folder above may have.
    mkdirSync(join(modules, 'node-api-headers'), { recursive: true });
    writeFileSync(join(modules, 'node-api-headers', 'package.json'), '{"exports": {}}');
    const { status, reason } = await buildAddon({ root: folder });
    expect(status).toBe('unavailable');
    expect(reason).toContain('node-api-headers');
  });
});
