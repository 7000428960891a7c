// A process to be killed, with the compiled package: says what an index holds, then changes it for as long as it may.
// Each line is one JSON array; a line is out before the next change begins, however the process ends.
import { writeSync } from 'node:fs';
import { buildIndex, openIndex, verifyIndex } from '../../../dist/indices/index.js';
import { Rng } from '../../../dist/src/core/rng.js';

const space = {
  kind: 'product',
  combine: 'sum',
  factors: [
    { space: { kind: 'cosine', dim: 5 }, weight: 1 },
    { space: { kind: 'poincare', dim: 3, curvature: -1 }, weight: 2 },
  ],
};
const COLUMNS = 8;

const say = (...values) => writeSync(1, `${JSON.stringify(values)}\n`);

/** The vector of an id and a version: the first value tells the version. */
function vectorOf(id, version) {
  const rng = new Rng(id * 1000 + version);
  return [version / 1000 + 0.001, ...Array.from({ length: COLUMNS - 1 }, () => rng.uniform(-0.4, 0.4))];
}

const big = (ids) => BigInt64Array.from(ids, BigInt);
const vectorsOf = (changes) => Float32Array.from(changes.flatMap(([id, version]) => vectorOf(id, version)));

/** [id, version] of every point; -1 where a vector is none that was ever written. */
function contentOf(index) {
  const ids = index.ids().sort();
  const vectors = index.get(ids);
  return Array.from(ids, (id, i) => {
    const row = vectors.subarray(i * COLUMNS, (i + 1) * COLUMNS);
    const version = Math.round((row[0] - 0.001) * 1000);
    const whole = vectorsOf([[Number(id), version]]).every((value, k) => value === row[k]);
    return [Number(id), whole ? version : -1];
  });
}

async function make(path, count) {
  const start = Array.from({ length: Number(count) }, (_, id) => [id, 0]);
  await (await buildIndex({ space, vectors: vectorsOf(start), engine: 'hnsw' })).save(path);
}

/** Some changes of points that no other change of the same moment has to do with. */
function plan(rng, present, next) {
  const some = Array.from(rng.permutation(present.length).slice(0, 6), (at) => present[at]);
  const changes = [['add', [next, next + 1, next + 2].map((id) => [id, 1 + rng.below(900)])]];
  if (present.length > 300) changes.push(['remove', some.slice(0, 4).map((id) => [id])]);
  changes.push(['update', some.slice(4).map((id) => [id, 1 + rng.below(900)])]);
  return changes;
}

async function change(path, seed) {
  const rng = new Rng(Number(seed));
  const reader = await openIndex(path);
  const index = await openIndex(path, { journal: true });
  const content = contentOf(index);
  say('content', content, JSON.stringify(contentOf(reader)) === JSON.stringify(content));
  const present = new Set(content.map(([id]) => id));
  let next = Math.max(...present) + 1;
  for (;;) {
    const changes = plan(rng, [...present], next);
    next += 3;
    say('begin', changes);
    await Promise.all(
      changes.map(async ([kind, points], i) => {
        const ids = big(points.map(([id]) => id));
        await (kind === 'remove' ? index.remove(ids) : index[kind](ids, vectorsOf(points)));
        for (const [id] of points)
          if (kind === 'remove') present.delete(id);
          else present.add(id);
        say('done', i);
      }),
    );
    if (rng.below(4) === 0) await index.checkpoint();
  }
}

async function verify(path) {
  const { size, unreachable } = await verifyIndex(path);
  say('verified', size, unreachable);
}

const [command, ...args] = process.argv.slice(2);
await { make, change, verify }[command](...args);
