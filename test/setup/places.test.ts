import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import * as core from '../../src/core/places.js';
import { addonPath, cacheFolder, isInstalled } from '../../src/setup/places.mjs';

let folder: string;
/** As npm lays out a dependency, and as a checkout lies. */
let dependency: string;
let checkout: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'gyrometric-places-'));
  dependency = join(folder, 'node_modules', 'gyrometric');
  checkout = join(folder, 'gyrometric');
  for (const root of [dependency, checkout]) {
    mkdirSync(join(root, 'src', 'native'), { recursive: true });
    writeFileSync(join(root, 'src', 'native', 'one.cc'), 'one');
  }
});
afterAll(() => rmSync(folder, { recursive: true }));
afterEach(() => vi.unstubAllEnvs());

describe('the cache folder', () => {
  it('is GYROMETRIC_CACHE, else in XDG_CACHE_HOME, else in ~/.cache', () => {
    expect(cacheFolder({ GYROMETRIC_CACHE: '/c', XDG_CACHE_HOME: '/x' }, '/home/u')).toBe('/c');
    expect(cacheFolder({ XDG_CACHE_HOME: '/x' }, '/home/u')).toBe(join('/x', 'gyrometric'));
    expect(cacheFolder({}, '/home/u')).toBe(join('/home/u', '.cache', 'gyrometric'));
  });

  it('counts an empty variable as unset', () => {
    expect(cacheFolder({ GYROMETRIC_CACHE: '', XDG_CACHE_HOME: '' }, '/h')).toBe(
      join('/h', '.cache', 'gyrometric'),
    );
  });
});

describe('the native addon', () => {
  it('of a checkout lies in its build folder', () => {
    expect(addonPath(checkout)).toBe(join(checkout, 'build', 'gyrometric.node'));
  });

  it('of a dependency lies in the cache under a name that its sources give', () => {
    const cache = join(folder, 'cache');
    const before = addonPath(dependency, cache);
    expect(before).toMatch(/cache.addon-[0-9a-f]{24}\.node$/);
    writeFileSync(join(dependency, 'src', 'native', 'notes.md'), 'no source');
    expect(addonPath(dependency, cache)).toBe(before);
    writeFileSync(join(dependency, 'src', 'native', 'one.cc'), 'two');
    expect(addonPath(dependency, cache)).not.toBe(before);
  });
});

describe('setup and the program', () => {
  it.each([
    { GYROMETRIC_CACHE: '/c', XDG_CACHE_HOME: '/x' },
    { GYROMETRIC_CACHE: '', XDG_CACHE_HOME: '/x' },
    { GYROMETRIC_CACHE: '', XDG_CACHE_HOME: '' },
  ])('look in the same places with %j', (env) => {
    for (const [name, value] of Object.entries(env)) vi.stubEnv(name, value);
    expect(core.cacheFolder()).toBe(cacheFolder());
    for (const root of [dependency, checkout]) {
      expect(core.isInstalled(root)).toBe(isInstalled(root));
      expect(core.addonPath(root)).toBe(addonPath(root));
    }
  });
});
