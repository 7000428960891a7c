import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { install } from '../../src/setup/install.mjs';
import { SetupError } from '../../src/setup/setupError.mjs';

const LOCK = '{ "name": "example", "lockfileVersion": 3, "packages": {} }';
const quiet = () => {};

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'gyrometric-install-'));
  writeFileSync(join(root, 'package-lock.json'), LOCK);
  // A port where nobody answers, so that these tests are the same with and without a network.
  vi.stubEnv('npm_config_registry', 'http://127.0.0.1:9/');
  vi.stubEnv('npm_config_fetch_retries', '0');
  vi.stubEnv('npm_config_cache', join(root, 'cache'));
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(root, { recursive: true });
});

function writePackage(dependencies: Record<string, string>): void {
  const manifest = { name: 'example', version: '1.0.0', private: true, dependencies };
  writeFileSync(join(root, 'package.json'), JSON.stringify(manifest));
}

describe('installing packages', () => {
  it('happens once for a lock and leaves the lock as it is', async () => {
    // In package.json but not in the lock: npm would add it to the lock if it were let.
    mkdirSync(join(root, 'local'));
    writeFileSync(join(root, 'local', 'package.json'), '{ "name": "local", "version": "1.0.0" }');
    writePackage({ local: 'file:local' });
    expect(await install({ root, log: quiet })).toEqual({ status: 'installed' });
    expect(readFileSync(join(root, 'package-lock.json'), 'utf8')).toBe(LOCK);
    expect(await install({ root, log: quiet })).toEqual({ status: 'current' });
    writeFileSync(join(root, 'package-lock.json'), `${LOCK}\n`);
    expect(await install({ root, log: quiet })).toEqual({ status: 'installed' });
  });

  it('says that it is the network when npm cannot reach the packages, and does not count as done', async () => {
    writePackage({ fflate: '0.8.3' });
    for (let attempt = 0; attempt < 2; attempt++) {
      const installing = install({ root, log: quiet });
      await expect(installing).rejects.toThrow(SetupError);
      await expect(installing).rejects.toThrow(/npm install failed \(.*ECONNREFUSED.*\); check the network/);
    }
  });
});
