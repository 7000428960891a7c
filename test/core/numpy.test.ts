import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { formatNpy, type NpyArray, parseNpy } from '../../src/core/npy.js';
import { formatNpz, parseNpz } from '../../src/core/npz.js';

function python(script: string, ...args: string[]): string {
  return execFileSync('python3', ['-c', `import sys, numpy\n${script}`, ...args], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

function numpyRuns(): boolean {
  try {
    python('');
    return true;
  } catch {
    return false;
  }
}

const ARRAYS: Record<string, NpyArray> = {
  f4: { data: Float32Array.of(0, -1.5, 3e38, 1e-45, Number.POSITIVE_INFINITY, 7), shape: [2, 3] },
  f8: { data: Float64Array.of(Math.PI), shape: [] },
  i4: { data: Int32Array.of(-(2 ** 31), 2 ** 31 - 1), shape: [2] },
  i8: { data: BigInt64Array.of(-(2n ** 63n), 2n ** 63n - 1n), shape: [1, 2, 1] },
  u1: { data: new Uint8Array(0), shape: [0, 28, 28] },
};

// Byte fixtures in npy.test.ts and npz.test.ts hold the format where there is no numpy.
describe.skipIf(!numpyRuns())('numpy itself', () => {
  let folder = '';
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'gyrometric-numpy-'));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('reads our .npz, and writes files that we read to the same arrays', () => {
    const [ours, theirs, packed] = ['ours', 'theirs', 'packed'].map((name) => join(folder, `${name}.npz`));
    writeFileSync(ours, formatNpz(ARRAYS));
    const script = [
      'z = dict(numpy.load(sys.argv[1], allow_pickle=False))',
      'print([(k, v.dtype.str, v.shape) for k, v in z.items()])',
      'numpy.savez(sys.argv[2], **z)',
      'numpy.savez_compressed(sys.argv[3], **z)',
    ].join('\n');
    expect(python(script, ours, theirs, packed).trim()).toBe(
      "[('f4', '<f4', (2, 3)), ('f8', '<f8', ()), ('i4', '<i4', (2,)), ('i8', '<i8', (1, 2, 1)), ('u1', '|u1', (0, 28, 28))]",
    );
    for (const path of [theirs, packed]) expect(parseNpz(readFileSync(path), path)).toEqual(ARRAYS);
  });

  it('writes the same bytes as formatNpy, and versions 2 and 3 that parseNpy reads', () => {
    for (const [name, array] of Object.entries(ARRAYS)) {
      const path = join(folder, `${name}.npy`);
      writeFileSync(path, formatNpy(array));
      const script = [
        'x = numpy.load(sys.argv[1])',
        'numpy.save(sys.argv[1], x)',
        'for v in (2, 3):',
        '  with open(sys.argv[1] + str(v), "wb") as f: numpy.lib.format.write_array(f, x, (v, 0))',
      ].join('\n');
      python(script, path);
      expect(new Uint8Array(readFileSync(path))).toEqual(formatNpy(array));
      for (const version of [2, 3]) expect(parseNpy(readFileSync(path + version), path)).toEqual(array);
    }
  });

  it('writes Fortran order, big-endian numbers and texts, which are refused', () => {
    const path = join(folder, 'odd.npy');
    for (const [expression, message] of [
      ['numpy.asfortranarray(numpy.ones((2, 2), "f4"))', /C order/],
      ['numpy.ones(2, ">f4")', /element type/],
      ['numpy.array(["a"])', /element type/],
    ] as const) {
      python(`numpy.save(sys.argv[1], ${expression})`, path);
      expect(() => parseNpy(readFileSync(path), path)).toThrow(message);
    }
  });
});
