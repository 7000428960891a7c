// What test/slow/indexFile.test.ts does in processes of their own, with the compiled package: a crash or a hang must be
// seen as such. Prints one line of JSON.
import { readFileSync, writeFileSync } from 'node:fs';
import { buildIndex, openIndex } from '../../dist/indices/index.js';
import { FormatError } from '../../dist/src/core/errors.js';
import { Rng } from '../../dist/src/core/rng.js';

const space = {
  kind: 'product',
  combine: 'sum',
  factors: [
    { space: { kind: 'cosine', dim: 5 }, weight: 1 },
    { space: { kind: 'poincare', dim: 3, curvature: -1 }, weight: 2 },
  ],
};
const COLUMNS = 8;

/** Random points, every seventh equal to an earlier one. */
function build(count) {
  const rng = new Rng(count);
  const vectors = Float32Array.from({ length: count * COLUMNS }, () => rng.uniform(-0.5, 0.5));
  for (let i = 7; i < count; i += 7) {
    const from = rng.below(i) * COLUMNS;
    vectors.copyWithin(i * COLUMNS, from, from + COLUMNS);
  }
  return buildIndex({ space, vectors, engine: 'hnsw' });
}

/** How many points a file has, and what it answers. */
async function check(path) {
  const index = await openIndex(path);
  const query = new Float32Array(COLUMNS).fill(0.25);
  const { ids } = await index.search(query, 5, { ef: 20 });
  return { engine: index.stats().engine, size: index.size, ids: [...ids].map(Number) };
}

/** The bytes of a file with one change that the random numbers choose. */
function damaged(whole, kind, rng) {
  if (kind === 'cut') return whole.subarray(0, rng.below(whole.length));
  if (kind === 'longer') {
    return Buffer.concat([
      whole,
      Buffer.from(Array.from({ length: 1 + rng.below(300) }, () => rng.below(256))),
    ]);
  }
  const flipped = Buffer.from(whole);
  flipped[rng.below(whole.length)] ^= 1 << rng.below(8);
  return flipped;
}

/** Opens so many damaged files, the last of which stays at `target`. */
async function damage(path, target, kind, count, seed) {
  const whole = readFileSync(path);
  const rng = new Rng(Number(seed));
  let refused = 0;
  let slowest = 0;
  const others = [];
  for (let i = 0; i < Number(count); i++) {
    writeFileSync(target, damaged(whole, kind, rng));
    const start = performance.now();
    try {
      await openIndex(target);
      others.push(`${i}: opened`);
    } catch (error) {
      if (error instanceof FormatError) refused++;
      else others.push(`${i}: ${error}`);
    }
    slowest = Math.max(slowest, performance.now() - start);
  }
  return { refused, others, slowest };
}

/** Saves two indices to the same file in turn, for as long as it may, at most a minute. */
async function saveAgain(path, small, large) {
  const indices = [await build(Number(small)), await build(Number(large))];
  process.stdout.write('ready\n');
  const end = Date.now() + 60_000;
  for (let i = 0; Date.now() < end; i++) await indices[i % 2].save(path);
}

const [command, ...args] = process.argv.slice(2);
const commands = {
  save: async (path, count) => (await build(Number(count))).save(path),
  check,
  damage,
  saveAgain,
};
try {
  console.log(JSON.stringify((await commands[command](...args)) ?? {}));
} catch (error) {
  console.log(JSON.stringify({ error: String(error) }));
}
