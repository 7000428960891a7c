// A process to be killed or to crash, with the compiled package: says what an index holds, then changes it for as long as it
// may; or opens damaged files.
// Each line is one JSON array; a line is out before the next change begins, however the process ends.
import { readFileSync, writeFileSync, writeSync } from 'node:fs';
import { buildIndex, openIndex, verifyIndex } from '../../../dist/indices/index.js';
import { FormatError } from '../../../dist/src/core/errors.js';
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

/** The bytes of a file after something that disks, copies and people do to files. */
function damaged(whole, rng) {
  const bytes = Buffer.from(whole);
  const at = rng.below(bytes.length);
  const length = 1 + rng.below(Math.min(700, bytes.length - at));
  switch (rng.below(6)) {
    case 0:
      bytes[at] ^= 1 << rng.below(8);
      return bytes;
    case 1:
      return bytes.subarray(0, at);
    case 2:
      return bytes.fill(0, at, at + length);
    case 3:
      return Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + length)]);
    case 4:
      return Buffer.concat([bytes.subarray(0, at + length), bytes.subarray(at)]);
    default:
      bytes.copy(bytes, at, rng.below(bytes.length - length + 1), bytes.length);
      return bytes;
  }
}

/** Opens an index beside so many damaged journals: each must end in a FormatError or in what it was after some batch. */
async function damageJournal(path, count, seed) {
  const rng = new Rng(Number(seed));
  const live = await openIndex(path, { journal: true });
  const states = [JSON.stringify(contentOf(live))];
  for (let next = 1000; next < 1006; next++) {
    await Promise.all([
      live.add(big([next]), vectorsOf([[next, 1]])),
      live.update(big([next - 990]), vectorsOf([[next - 990, next - 900]])),
      live.remove(big([next - 980])),
    ]);
    states.push(JSON.stringify(contentOf(live)));
  }
  await live.close();
  await sayOutcomes(`${path}.journal`, count, rng, async (i) => {
    const opened = await openIndex(path, { journal: i % 2 === 0, map: i % 4 < 2 });
    const state = states.indexOf(JSON.stringify(contentOf(opened)));
    await opened.close();
    return state >= 0;
  });
}

/** Opens and searches so many damaged index files: each must end in a FormatError or in the right answers. */
async function damageFile(path, count, seed, map) {
  const search = async () => {
    const index = await openIndex(path, { map: map === 'map' });
    const { ids } = await index.search(
      vectorsOf([
        [3, 0],
        [200, 0],
      ]),
      5,
      { ef: 15 },
    );
    const answer = JSON.stringify([ids.map(String), contentOf(index)].map((part) => [...part].join()));
    index.close();
    return answer;
  };
  const right = await search();
  await sayOutcomes(path, count, new Rng(Number(seed)), async () => (await search()) === right);
}

async function sayOutcomes(path, count, rng, isRight) {
  const whole = readFileSync(path);
  const outcomes = { refused: 0, right: 0, others: [] };
  for (let i = 0; i < Number(count); i++) {
    writeFileSync(path, damaged(whole, rng));
    try {
      if (await isRight(i)) outcomes.right++;
      else outcomes.others.push(`${i}: wrong answers`);
    } catch (error) {
      if (error instanceof FormatError) outcomes.refused++;
      else outcomes.others.push(`${i}: ${error}`);
    }
  }
  say(outcomes);
}

const [command, ...args] = process.argv.slice(2);
await { make, change, verify, damageJournal, damageFile }[command](...args);
