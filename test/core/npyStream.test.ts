import { execFileSync } from 'node:child_process';
import {
  appendFileSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { FormatError, ShapeError, UsageError } from '../../src/core/errors.js';
import { formatNpy, parseNpy } from '../../src/core/npy.js';
import { type NpyStream, openNpyStream } from '../../src/core/npyStream.js';
import { Rng } from '../../src/core/rng.js';

const folder = mkdtempSync(join(tmpdir(), 'gyrometric-stream-'));
const path = join(folder, 'x.npy');
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function chunksOf(stream: NpyStream, rowsAtOnce?: number): Promise<Float32Array[]> {
  const chunks: Float32Array[] = [];
  for await (const chunk of stream.chunks(rowsAtOnce)) chunks.push(chunk);
  return chunks;
}

/** What the whole file holds by parseNpy, value by value. */
function oracle(bytes: Uint8Array): { rows: number; columns: number; values: number[] } {
  const { data, shape } = parseNpy(bytes, 'oracle');
  return { rows: shape[0], columns: shape[1], values: Array.from(data as Float64Array, Math.fround) };
}

/** As version 2 or 3: two more bytes of length, the same text. */
function asVersion(bytes: Uint8Array, version: number): Uint8Array {
  const length = bytes[8] + 256 * bytes[9];
  return Uint8Array.of(...bytes.slice(0, 6), version, 0, length & 255, length >> 8, 0, 0, ...bytes.slice(10));
}

const numbers = (count: number) => {
  const rng = new Rng(5);
  return Float64Array.from({ length: count }, () => rng.normal());
};

describe('openNpyStream', () => {
  it.each([
    ['float32', formatNpy({ data: Float32Array.from(numbers(91)), shape: [13, 7] })],
    ['float64', formatNpy({ data: numbers(91), shape: [13, 7] })],
    ['no rows', formatNpy({ data: new Float32Array(0), shape: [0, 7] })],
    ['no columns', formatNpy({ data: new Float32Array(0), shape: [3, 0] })],
  ])('gives the rows of %s in order, whatever the version and the size of chunks', async (_, first) => {
    for (const bytes of [first, asVersion(first, 2), asVersion(first, 3)]) {
      writeFileSync(path, bytes);
      const expected = oracle(bytes);
      const stream = await openNpyStream(path, '--vectors');
      expect([stream.rows, stream.columns]).toEqual([expected.rows, expected.columns]);
      for (const rowsAtOnce of [1, 2, 5, 12, 13, 14, undefined]) {
        const chunks = await chunksOf(stream, rowsAtOnce);
        expect(chunks.flatMap((chunk) => [...chunk])).toEqual(expected.values);
        const full = Math.min(rowsAtOnce ?? 13, 13) * 7;
        expect(chunks.slice(0, -1).every((chunk) => chunk.length === full)).toBe(true);
      }
    }
  });

  it('reads about 4 MB at once by default, always whole rows', async () => {
    const rows = Math.floor(2 ** 22 / 12);
    const data = Float32Array.from({ length: 3 * (rows + 2) }, (_, i) => i);
    writeFileSync(path, formatNpy({ data, shape: [rows + 2, 3] }));
    const [first, second, ...rest] = await chunksOf(await openNpyStream(path, 'x'));
    expect([first.length, second.length, rest.length]).toEqual([3 * rows, 6, 0]);
    expect([first[3 * rows - 1], ...second]).toEqual([...data.subarray(3 * rows - 1)]);
    writeFileSync(path, formatNpy({ data: new Float32Array(2 ** 21 + 2), shape: [2, 2 ** 20 + 1] }));
    expect((await chunksOf(await openNpyStream(path, 'x'))).map((c) => c.length)).toEqual([
      2 ** 20 + 1,
      2 ** 20 + 1,
    ]);
  });

  it('rounds float64 once, and what float32 cannot hold becomes infinite', async () => {
    const data = Float64Array.of(1 + 2 ** -30, 1e39, -1e39, Number.NaN, 1e-46, 3.4028235e38);
    writeFileSync(path, formatNpy({ data, shape: [3, 2] }));
    const [values] = await chunksOf(await openNpyStream(path, 'x'));
    const { POSITIVE_INFINITY, NEGATIVE_INFINITY, NaN: nan } = Number;
    expect([...values]).toEqual([1, POSITIVE_INFINITY, NEGATIVE_INFINITY, nan, 0, Math.fround(3.4028235e38)]);
  });

  it('gives arrays that stay as they are while reading goes on', async () => {
    writeFileSync(path, formatNpy({ data: Float32Array.of(1, 2, 3, 4), shape: [4, 1] }));
    const stream = await openNpyStream(path, 'x');
    expect(await chunksOf(stream, 1)).toEqual([1, 2, 3, 4].map((value) => Float32Array.of(value)));
    // Asked again, it begins again.
    expect(await chunksOf(stream, 4)).toEqual([Float32Array.of(1, 2, 3, 4)]);
  });

  it('refuses what is missing, of another type or shape, and bad numbers of rows', async () => {
    await expect(openNpyStream(join(folder, 'none.npy'), '--vectors')).rejects.toThrow(UsageError);
    await expect(openNpyStream(folder, '--vectors')).rejects.toThrow(UsageError);
    for (const array of [
      { data: Int32Array.of(1, 2), shape: [1, 2] },
      { data: Float32Array.of(1, 2), shape: [2] },
      { data: Float64Array.of(1, 2), shape: [1, 2, 1] },
      { data: Float32Array.of(1), shape: [] },
    ]) {
      writeFileSync(path, formatNpy(array));
      const opened = openNpyStream(path, '--vectors');
      await expect(opened).rejects.toThrow(ShapeError);
      await expect(opened).rejects.toThrow(/^--vectors .*x\.npy: expected float32 or float64 \[n, columns\]/);
    }
    writeFileSync(path, formatNpy({ data: Float32Array.of(1, 2), shape: [2, 1] }));
    const stream = await openNpyStream(path, 'x');
    for (const rows of [0, -1, 1.5, Number.NaN]) {
      await expect(chunksOf(stream, rows)).rejects.toThrow(UsageError);
    }
  });

  it('refuses every file cut short or prolonged, before it reads any value', async () => {
    const bytes = formatNpy({ data: Float32Array.of(1, 2, 3, 4, 5, 6), shape: [2, 3] });
    for (let length = 0; length < bytes.length; length++) {
      writeFileSync(path, bytes.subarray(0, length));
      await expect(openNpyStream(path, 'x'), `${length} bytes`).rejects.toThrow(FormatError);
    }
    writeFileSync(path, Uint8Array.of(...bytes, 0));
    await expect(openNpyStream(path, 'x')).rejects.toThrow(/expected 24 bytes for shape .*, got 25/);
  });

  it('accepts of a damaged file just what parseNpy accepts, with the same values', async () => {
    const bytes = formatNpy({ data: Float32Array.of(1, 2, 3, 4, 5, 6), shape: [2, 3] });
    const rng = new Rng(8);
    let accepted = 0;
    for (let run = 0; run < 600; run++) {
      const damaged = bytes.slice();
      for (let k = rng.below(3); k >= 0; k--) damaged[rng.below(bytes.length)] = rng.below(256);
      writeFileSync(path, damaged);
      const streamed = await openNpyStream(path, 'x').then(
        async (stream) => (await chunksOf(stream, 1)).flatMap((chunk) => [...chunk]),
        (error: Error) => error,
      );
      if (Array.isArray(streamed)) {
        accepted++;
        expect(streamed).toEqual(oracle(damaged).values);
      } else if (!(streamed instanceof ShapeError)) {
        expect(streamed).toBeInstanceOf(FormatError);
        expect(() => parseNpy(damaged, 'x')).toThrow(FormatError);
      }
    }
    expect(accepted).toBeGreaterThan(50);
    expect(accepted).toBeLessThan(550);
  });

  it('refuses headers that claim more than a file can hold', async () => {
    const huge = (shape: string) => {
      const text = `{'descr': '<f4', 'fortran_order': False, 'shape': ${shape}, }`.padEnd(117);
      return Uint8Array.of(0x93, ...new TextEncoder().encode(`NUMPY\x01\x00\x76\x00${text}\n`));
    };
    for (const shape of [
      '(9007199254740991, 9007199254740991)',
      '(1000000000000, 4)',
      '(1e400, 1)',
      '(-1, 4)',
    ]) {
      writeFileSync(path, huge(shape));
      await expect(openNpyStream(path, 'x'), shape).rejects.toThrow(FormatError);
    }
    // A header of 4 GB by its own account.
    writeFileSync(
      path,
      Uint8Array.of(...formatNpy({ data: new Float32Array(2), shape: [1, 2] }))
        .fill(255, 8, 12)
        .fill(2, 6, 7),
    );
    await expect(openNpyStream(path, 'x')).rejects.toThrow(/a complete header/);
  });

  it('says so when the file changes between opening and reading, or while it is read', async () => {
    const bytes = formatNpy({ data: Float32Array.from(numbers(400)), shape: [100, 4] });
    for (const change of [() => truncateSync(path, bytes.length - 1), () => appendFileSync(path, 'x')]) {
      writeFileSync(path, bytes);
      const stream = await openNpyStream(path, 'x');
      change();
      await expect(chunksOf(stream)).rejects.toThrow(/the size it had when it was opened/);
    }
    writeFileSync(path, bytes);
    const reading = (await openNpyStream(path, 'x')).chunks(10);
    await reading.next();
    truncateSync(path, bytes.length - 1000);
    await expect(
      (async () => {
        for await (const _ of reading);
      })(),
    ).rejects.toThrow(FormatError);
  });

  it.skipIf(!existsSync('/proc/self/fd'))('closes the file when reading stops half-way', async () => {
    writeFileSync(path, formatNpy({ data: new Float32Array(8), shape: [8, 1] }));
    const stream = await openNpyStream(path, 'x');
    const open = () => readdirSync('/proc/self/fd').length;
    const before = open();
    for await (const _ of stream.chunks(1)) {
      expect(open()).toBe(before + 1);
      break;
    }
    expect(open()).toBe(before);
  });
});

function numpyRuns(): boolean {
  try {
    execFileSync('python3', ['-c', 'import numpy'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

describe.skipIf(!numpyRuns())('numpy itself', () => {
  it('writes files of every version that are read to the same rows', async () => {
    const script = [
      'import sys, numpy',
      'x = numpy.random.default_rng(1).normal(size=(1000, 17))',
      'for d in ("f4", "f8"):',
      '  for v in (1, 2, 3):',
      '    with open(f"{sys.argv[1]}/{d}{v}.npy", "wb") as f:',
      '      numpy.lib.format.write_array(f, x.astype(d), (v, 0))',
    ].join('\n');
    execFileSync('python3', ['-c', script, folder]);
    for (const name of ['f41', 'f42', 'f43', 'f81', 'f82', 'f83']) {
      const file = join(folder, `${name}.npy`);
      const chunks = await chunksOf(await openNpyStream(file, 'x'), 333);
      expect(chunks.map((chunk) => chunk.length)).toEqual([5661, 5661, 5661, 17]);
      expect(chunks.flatMap((chunk) => [...chunk])).toEqual(oracle(readFileSync(file)).values);
    }
  });
});
