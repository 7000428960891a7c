import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { fetchDebianFolder } from '../../src/setup/debianPackage.mjs';
import { run } from '../../src/setup/run.mjs';
import { SetupError } from '../../src/setup/setupError.mjs';

const cache = mkdtempSync(join(tmpdir(), 'gyrometric-fetch-'));
afterAll(() => rmSync(cache, { recursive: true }));

const DATA = { name: 'no-such-package', version: '1', sha256: '00', folder: 'usr', to: 'data-1' };
const log = () => {};

describe('fetching data', () => {
  it('leaves what is there', async () => {
    mkdirSync(join(cache, 'there'));
    const options = { cache, log };
    await expect(fetchDebianFolder({ ...DATA, to: 'there' }, options)).resolves.toBe(join(cache, 'there'));
  });

  it('says what to do where the package cannot be had, and leaves nothing behind', async () => {
    const fetched = fetchDebianFolder(DATA, { cache, log });
    await expect(fetched).rejects.toThrow(SetupError);
    await expect(fetched).rejects.toThrow(
      /no-such-package=1: could not be downloaded \(.*run apt-get update/,
    );
    expect(existsSync(join(cache, 'data-1'))).toBe(false);
  });

  it('refuses a name that it does not know, with exit code 2 and the names that it does', async () => {
    const { code, output } = await run('node', ['src/setup/fetch.mjs', 'nothing']);
    expect([code, output]).toEqual([2, expect.stringMatching(/expected one of .*furniture.*, got nothing/)]);
  });
});
