import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { zipSync } from 'fflate';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { requireSha256 } from '../../src/setup/checksum.mjs';
import { SetupError } from '../../src/setup/setupError.mjs';
import { withTemporaryFolder } from '../../src/setup/temporary.mjs';
import { extractWheel, isTensorflow } from '../../src/setup/tensorflowWheel.mjs';

const text = (s: string) => new TextEncoder().encode(s);

/** The layout of a TensorFlow wheel with a few bytes in each file. */
const WHEEL = zipSync({
  'tensorflow/libtensorflow_cc.so.2': text('cc'),
  'tensorflow/libtensorflow_framework.so.2': text('framework'),
  'tensorflow/include/tensorflow/c/c_api.h': text('header'),
  'tensorflow/include/xla/service/unwanted.h': text('unwanted'),
  'tensorflow/python/unwanted.py': text('unwanted'),
});

let folder: string;
let wheel: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'gyrometric-wheel-'));
  wheel = join(folder, 'tensorflow.whl');
  writeFileSync(wheel, WHEEL);
});
afterAll(() => rmSync(folder, { recursive: true }));

/** As a setup does it: into a temporary folder of the cache, then in place. */
function unpackInto(cache: string): Promise<void> {
  return withTemporaryFolder(cache, (temporary) => extractWheel(wheel, join(cache, 'tf'), temporary));
}

describe('a downloaded wheel', () => {
  it('passes with the pinned hash', async () => {
    await requireSha256(wheel, createHash('sha256').update(WHEEL).digest('hex'), 'wheel', 'its source');
  });

  it('stops the setup with any other, naming both', async () => {
    const pinned = 'ab'.repeat(32);
    const got = createHash('sha256').update(WHEEL).digest('hex');
    const refused = requireSha256(wheel, pinned, 'wheel', 'its source');
    await expect(refused).rejects.toThrow(SetupError);
    await expect(refused).rejects.toThrow(new RegExp(`${pinned}, got ${got}`));
  });
});

describe('unpacking a wheel', () => {
  it('takes the libraries and the headers that the addon includes, nothing else', async () => {
    const cache = join(folder, 'one');
    await unpackInto(cache);
    expect(readdirSync(cache)).toEqual(['tf']);
    expect(readdirSync(join(cache, 'tf')).sort()).toEqual([
      'include',
      'libtensorflow_cc.so.2',
      'libtensorflow_framework.so.2',
    ]);
    expect(readdirSync(join(cache, 'tf', 'include'))).toEqual(['tensorflow']);
  });

  it('leaves one good copy and no rest when two setups do it at once', async () => {
    const cache = join(folder, 'two');
    await Promise.all([unpackInto(cache), unpackInto(cache)]);
    expect(readdirSync(cache)).toEqual(['tf']);
    expect(isTensorflow(join(cache, 'tf'))).toBe(true);
    expect(readFileSync(join(cache, 'tf', 'libtensorflow_cc.so.2'), 'utf8')).toBe('cc');
  });

  it('replaces a damaged copy', async () => {
    const cache = join(folder, 'damaged');
    mkdirSync(join(cache, 'tf'), { recursive: true });
    writeFileSync(join(cache, 'tf', 'libtensorflow_cc.so.2'), 'half');
    await unpackInto(cache);
    expect(isTensorflow(join(cache, 'tf'))).toBe(true);
    expect(readFileSync(join(cache, 'tf', 'libtensorflow_cc.so.2'), 'utf8')).toBe('cc');
  });

  it('leaves nothing behind when the wheel is cut off', async () => {
    const cache = join(folder, 'cut');
    const cut = join(folder, 'cut.whl');
    writeFileSync(cut, WHEEL.subarray(0, WHEEL.length / 2));
    const unpacking = withTemporaryFolder(cache, (temporary) =>
      extractWheel(cut, join(cache, 'tf'), temporary),
    );
    await expect(unpacking).rejects.toThrow(/could not be unpacked/);
    expect(readdirSync(cache)).toEqual([]);
  });
});
