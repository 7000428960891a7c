import { execFileSync } from 'node:child_process';
import {
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
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { buildIndex, openIndex, type VectorIndex } from '../../../indices/index.js';
import { FormatError, StorageError, UsageError } from '../../../src/core/errors.js';
import { Rng } from '../../../src/core/rng.js';
import type { Space } from '../../../src/core/space.js';
import { canLimitFileSize } from '../../core/fileSizeLimit.js';
import { available } from '../../native/addon.js';
import { randomPoints } from '../../native/randomPoints.js';

const folder = mkdtempSync(join(tmpdir(), 'gyrometric-journal-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const space: Space = {
  kind: 'product',
  combine: 'sum',
  factors: [
    { space: { kind: 'cosine', dim: 3 }, weight: 1 },
    { space: { kind: 'poincare', dim: 2, curvature: -1 }, weight: 2 },
  ],
};
const COLUMNS = 5;
const rng = new Rng(1);
const points = (count: number) => randomPoints(space, count, rng).data;
const ids = (...numbers: number[]) => BigInt64Array.from(numbers, BigInt);

let count = 0;
let path = '';
let journal = '';

beforeEach(async () => {
  path = join(folder, String(count++), 'index.gyro');
  journal = `${path}.journal`;
  const index = await buildIndex({ space, vectors: points(200), engine: available ? 'hnsw' : 'exact' });
  await index.save(path);
});

const live = () => openIndex(path, { journal: true });

/** Ids with their vectors: what an index is, whatever its graph. */
function contentOf(index: VectorIndex): Map<bigint, string> {
  const stored = index.ids().sort();
  const vectors = index.get(stored);
  return new Map(Array.from(stored, (id, i) => [id, String(vectors.slice(i * COLUMNS, (i + 1) * COLUMNS))]));
}

/** A process that dies at once: its files stay as they are. */
function leave(from: string): { put(): void } {
  const [file, log] = [readFileSync(from), readFileSync(`${from}.journal`)];
  return {
    put() {
      writeFileSync(from, file);
      writeFileSync(`${from}.journal`, log);
    },
  };
}

describe.skipIf(!available)('an index with a journal', () => {
  it('has all changes again after it is opened by itself, by a reader and after a checkpoint', async () => {
    const index = await live();
    await index.add(undefined, points(3));
    await index.remove(ids(0, 7, 201));
    await index.update(ids(5, 202), points(2));
    await index.add(ids(7, 900), points(2));
    const content = contentOf(index);
    expect(content.size).toBe(202);
    expect(index.journal.batches).toBe(4);
    await index.close();
    expect(readdirSync(join(path, '..')).sort()).toEqual(['index.gyro', 'index.gyro.journal']);

    expect(contentOf(await openIndex(path))).toEqual(content);
    expect(contentOf(await openIndex(path, { engine: 'exact' }))).toEqual(content);
    const again = await live();
    expect(contentOf(again)).toEqual(content);
    await again.checkpoint();
    expect(again.journal.batches).toBe(0);
    await again.close();
    expect(readdirSync(join(path, '..'))).toEqual(['index.gyro']);
    expect(contentOf(await openIndex(path))).toEqual(content);
  });

  it('records calls that come together in one batch, and refuses each that does not fit by itself', async () => {
    const index = await live();
    const calls = [
      index.add(ids(500), points(1)),
      index.add(ids(501, 500), points(2)),
      index.add(undefined, points(2)),
      index.remove(ids(500)),
      index.remove(ids(500)),
      index.add(ids(500), points(1)),
      index.update(ids(777), points(1)),
    ];
    const results = await Promise.allSettled(calls);
    expect(results.map(({ status }) => status === 'fulfilled')).toEqual([
      ...[true, false, true, true, false, true, false],
    ]);
    expect(index.journal.batches).toBe(1);
    // 200 is the number of the first row and 201 of the second, but of 201 points: the greatest id + 1 and so on.
    expect(
      index
        .ids()
        .filter((id) => id >= 200n)
        .sort(),
    ).toEqual(ids(201, 202, 500));
    await index.close();
    expect(contentOf(await openIndex(path)).size).toBe(203);
  });

  it('refuses bad input before anything is recorded', async () => {
    const index = await live();
    const bad = points(1);
    bad[4] = 2;
    await expect(index.add(undefined, bad)).rejects.toThrow('row 0');
    await expect(index.add(ids(1, 1), points(2))).rejects.toThrow(UsageError);
    await expect(index.add(ids(3), points(1))).rejects.toThrow('ids that occur once');
    await expect(index.remove(ids(3, 999))).rejects.toThrow('remove ids');
    expect(index.journal.batches).toBe(0);
    await index.close();
    await expect(index.add(undefined, points(1))).rejects.toThrow('closed');
  });

  it('has one writer; a second is refused until the first has closed', async () => {
    const index = await live();
    await expect(live()).rejects.toThrow(StorageError);
    await expect(live()).rejects.toThrow('expected no other writer');
    // Saving another index to the file of one that lives would lose its changes.
    const other = await buildIndex({ space, vectors: points(2) });
    await expect(other.save(path)).rejects.toThrow('expected a file without a journal');
    await index.close();
    const next = await live();
    await next.close();
    await other.save(path);
    expect((await openIndex(path)).size).toBe(2);
  });

  it('is refused while another process writes, and opens once that has been killed', async () => {
    const script = `
      import { openIndex } from '${join(import.meta.dirname, '..', '..', '..', 'dist', 'indices', 'index.js')}';
      try { await openIndex(process.argv[1], { journal: true }); console.log('opened'); }
      catch (error) { console.log(error.name); }`;
    const other = () =>
      execFileSync(process.execPath, ['--input-type=module', '-e', script, path], { encoding: 'utf8' });
    const index = await live();
    expect(other()).toBe('StorageError\n');
    await index.close();
    expect(other()).toBe('opened\n');
    await (await live()).close();
  });

  it('survives the end of the process at each step of a checkpoint', async () => {
    const index = await live();
    await index.add(ids(300, 301), points(2));
    await index.remove(ids(4));
    const content = contentOf(index);
    const before = leave(path);
    await index.checkpoint();
    const after = leave(path);
    await index.close();

    // Before the new file was renamed: the old one and the whole journal.
    before.put();
    expect(contentOf(await openIndex(path))).toEqual(content);
    // After that, but before the new journal: the changes must not be made twice.
    after.put();
    const newFile = readFileSync(path);
    before.put();
    writeFileSync(path, newFile);
    expect(contentOf(await openIndex(path))).toEqual(content);
    const again = await live();
    expect(again.journal.batches).toBe(0);
    await again.add(ids(302), points(1));
    expect(contentOf(again).size).toBe(content.size + 1);
    await again.close();
    expect(contentOf(await openIndex(path)).size).toBe(content.size + 1);
    // An empty journal of a file that is gone holds nothing; changes for another file must not get lost.
    after.put();
    await (await live()).close();
    before.put();
    await (await buildIndex({ space, vectors: points(9) })).save(join(folder, 'foreign.gyro'));
    writeFileSync(path, readFileSync(join(folder, 'foreign.gyro')));
    await expect(openIndex(path)).rejects.toThrow('expected changes of this index file');
    await expect(live()).rejects.toThrow(FormatError);
    expect(existsSync(`${path}.lock`)).toBe(false);
  });

  it('goes on with searches while a checkpoint is written', async () => {
    const index = await live();
    await index.add(undefined, points(50));
    let done = false;
    const written = index.checkpoint().then(() => {
      done = true;
    });
    let beside = 0;
    while (!done) {
      const { ids: found } = await index.search(points(1), 3);
      expect(found.every((id) => id >= 0n)).toBe(true);
      if (!done) beside++;
    }
    await written;
    expect(beside).toBeGreaterThan(0);
    await index.close();
  });

  it('cuts off a batch that was torn, wherever it was', async () => {
    const index = await live();
    await index.add(ids(300), points(1));
    const kept = contentOf(index);
    const end = index.journal.bytes;
    await index.add(ids(301), points(1));
    const size = index.journal.bytes;
    await index.close();
    const whole = readFileSync(journal);
    for (let cut = end; cut < size; cut += 7) {
      writeFileSync(journal, whole.subarray(0, cut));
      expect(contentOf(await openIndex(path))).toEqual(kept);
    }
    // Its length was written, and the rest of it lost with the power.
    writeFileSync(journal, whole.subarray(0, end));
    truncateSync(journal, size);
    const again = await live();
    expect(contentOf(again)).toEqual(kept);
    await again.add(ids(302), points(1));
    await again.close();
    expect(contentOf(await openIndex(path)).size).toBe(kept.size + 1);
  });

  it('names the byte where a batch was damaged, in the middle and at the end', async () => {
    const index = await live();
    const starts: number[] = [];
    for (let i = 0; i < 4; i++) {
      starts.push(index.journal.bytes);
      await index.add(ids(300 + i), points(1));
    }
    await index.close();
    const whole = readFileSync(journal);
    const damage = new Rng(3);
    for (let i = 0; i < 100; i++) {
      const at = starts[0] + damage.below(whole.length - starts[0]);
      const flipped = Buffer.from(whole);
      flipped[at] ^= 1 << damage.below(8);
      writeFileSync(journal, flipped);
      const start = starts.filter((from) => from <= at).at(-1);
      const opened = await openIndex(path).then(String, String);
      expect(opened).toContain(`FormatError: journal ${journal}: expected a whole batch at byte ${start}`);
      await expect(live()).rejects.toThrow(FormatError);
    }
    // A batch that is missing from the middle is no tail either.
    writeFileSync(journal, Buffer.concat([whole.subarray(0, starts[1]), whole.subarray(starts[2])]));
    await expect(openIndex(path)).rejects.toThrow(`a whole batch at byte ${starts[1]}`);
    for (const at of [0, 7, 20, 60]) {
      const flipped = Buffer.from(whole);
      flipped[at] ^= 1;
      writeFileSync(journal, flipped);
      await expect(openIndex(path)).rejects.toThrow(FormatError);
    }
  });

  it('says that a file has no place to lock or to write', async () => {
    await expect(openIndex(join(folder, 'none', 'x.gyro'), { journal: true })).rejects.toThrow(UsageError);
    const index = await openIndex(path);
    await expect(index.save(join(path, 'below', 'a-file.gyro'))).rejects.toThrow(StorageError);
    await expect(openIndex(path, { journal: 1 as unknown as boolean })).rejects.toThrow(UsageError);
    await expect(openIndex(path, { journal: true, engine: 'exact' })).rejects.toThrow(UsageError);
  });

  it.skipIf(!canLimitFileSize())(
    'refuses changes on a full disk, and lives on with the old ones',
    async () => {
      const index = await live();
      await index.add(ids(300), points(1));
      const content = contentOf(index);
      const { bytes } = index.journal;
      const limit = (size: number | 'unlimited') =>
        execFileSync('prlimit', ['--pid', String(process.pid), `--fsize=${size}:`], { stdio: 'ignore' });
      for (const room of [0, 10, 100]) {
        limit(bytes + room);
        try {
          await expect(index.add(ids(302), points(1))).rejects.toThrow(StorageError);
          await expect(index.checkpoint()).rejects.toThrow(StorageError);
        } finally {
          limit('unlimited');
        }
        expect(contentOf(index)).toEqual(content);
        expect(contentOf(await openIndex(path))).toEqual(content);
        expect((await index.search(points(1), 2)).ids.every((id) => id >= 0n)).toBe(true);
      }
      await index.add(ids(303), points(1));
      await index.checkpoint();
      await index.close();
      expect((await openIndex(path)).size).toBe(202);
    },
  );
});
