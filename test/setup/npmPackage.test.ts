import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { cachedPackage, unpackTarball } from '../../src/setup/npmPackage.mjs';
import { SetupError, Unavailable } from '../../src/setup/setupError.mjs';
import { type Registry, serveRegistry } from './registry.js';

const quiet = () => {};
let folder: string;
/** A package as npm packs it, with an install script that must never run. */
let tarball: Buffer;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'gyrometric-npm-'));
  const source = join(folder, 'source');
  mkdirSync(join(source, 'deep', 'er'), { recursive: true });
  const manifest = { name: 'example', version: '1.0.0', scripts: { install: 'touch installed' } };
  writeFileSync(join(source, 'package.json'), JSON.stringify(manifest));
  writeFileSync(join(source, 'deep', 'er', 'file.bin'), Buffer.alloc(1025, 7));
  writeFileSync(join(source, 'empty.js'), '');
  execFileSync('npm', ['pack', source, '--pack-destination', folder], { stdio: 'ignore' });
  tarball = readFileSync(join(folder, 'example-1.0.0.tgz'));
});
afterAll(() => rmSync(folder, { recursive: true }));

describe('unpacking what npm packed', () => {
  it('writes every file whole', () => {
    const target = join(folder, 'unpacked');
    unpackTarball(gunzipSync(tarball), target);
    expect(readdirSync(target).sort()).toEqual(['deep', 'empty.js', 'package.json']);
    expect(readFileSync(join(target, 'deep', 'er', 'file.bin'))).toEqual(Buffer.alloc(1025, 7));
    expect(readFileSync(join(target, 'empty.js'))).toHaveLength(0);
  });

  it.each([
    ['a path that leads out', 0, 'package/../../../outside\0', /path/],
    ['a link', 156, '2', /kind 2/],
  ])('refuses %s', (_, at, text, message) => {
    const archive = gunzipSync(tarball);
    archive.write(text, at);
    expect(() => unpackTarball(archive, join(folder, 'refused'))).toThrow(message);
    expect(readdirSync(folder)).not.toContain('outside');
  });
});

describe('a package in the cache', () => {
  let registry: Registry;
  let cache: string;
  beforeEach(async () => {
    registry = await serveRegistry({ name: 'example', version: '1.0.0', tarball });
    cache = mkdtempSync(join(folder, 'cache-'));
    vi.stubEnv('npm_config_registry', registry.url);
    vi.stubEnv('npm_config_cache', join(cache, '.npm'));
    vi.stubEnv('npm_config_fetch_retries', '0');
  });
  afterEach(async () => {
    vi.unstubAllEnvs();
    await registry.close();
  });

  it('is fetched once, and none of its scripts is run', async () => {
    const pinned = { name: 'example', version: '1.0.0', sha512: registry.sha512 };
    const place = await cachedPackage(pinned, { cache, log: quiet });
    expect(readdirSync(place).sort()).toEqual(['deep', 'empty.js', 'package.json']);
    await registry.close();
    expect(await cachedPackage(pinned, { cache, log: quiet })).toBe(place);
  });

  it('stops the setup if it is not the pinned one, and leaves nothing of it', async () => {
    const pinned = { name: 'example', version: '1.0.0', sha512: 'another' };
    const fetching = cachedPackage(pinned, { cache, log: quiet });
    await expect(fetching).rejects.toThrow(SetupError);
    await expect(fetching).rejects.toThrow(`expected sha512 another, got ${registry.sha512}`);
    expect(readdirSync(cache)).toEqual(['.npm']);
  });

  it('is one sentence without a network', async () => {
    await registry.close();
    const fetching = cachedPackage({ name: 'example', version: '1.0.0', sha512: '' }, { cache, log: quiet });
    await expect(fetching).rejects.toThrow(Unavailable);
    await expect(fetching).rejects.toThrow(
      /^example 1\.0\.0 could not be fetched \(the registry was not reached\)/,
    );
  });
});
