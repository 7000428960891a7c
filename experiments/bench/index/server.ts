import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import type { Built, Opening, Question, Search, Searched } from './protocol.js';

/** A library of JavaScript that answers questions. */
export interface Side {
  build(threads: number): Promise<void>;
  /** Makes what `search` needs beyond the index. */
  prepare?(ef: number): void;
  /** Rows of the k nearest of each query, [queries * k]. */
  search(ef: number, threads: number): Promise<ArrayLike<number | bigint>>;
  /** Distances computed by searches so far; 0: not counted. */
  distances?(): number;
  missed?(): Promise<number>;
  /** Bytes that the index itself states. */
  stated?(): number;
}

export interface Points {
  readonly opening: Opening;
  /** [n, columns] and [queries, columns], row-major. */
  readonly vectors: Float32Array;
  readonly queries: Float32Array;
}

/** Answers the questions on stdin until it ends. @param name with version */
export async function serve(name: string, open: (points: Points) => Side): Promise<void> {
  let side: Side | undefined;
  let queries = 0;
  let builds = 0;
  for await (const line of createInterface(process.stdin)) {
    const question = JSON.parse(line) as Question;
    let answer: object = { version: name };
    if (question.task === 'open') {
      const points = {
        opening: question,
        vectors: floats(question.vectors),
        queries: floats(question.queries),
      };
      queries = points.queries.length / question.columns;
      side = open(points);
    } else if (side) {
      if (question.task === 'build') answer = await timeBuild(side, question.threads, builds++ === 0);
      if (question.task === 'search') answer = await timeSearch(side, queries, question);
      if (question.task === 'count') answer = { distances: await countDistances(side, queries, question.ef) };
      if (question.task === 'missed') answer = { missed: await side.missed?.() };
    }
    console.log(JSON.stringify(answer));
  }
}

async function timeBuild(side: Side, threads: number, first: boolean): Promise<Built> {
  const before = first ? await memory() : 0;
  const start = performance.now();
  await side.build(threads);
  const seconds = (performance.now() - start) / 1000;
  const resident = first ? (await memory()) - before : 0;
  return { seconds, resident, ...(side.stated && { stated: side.stated() }) };
}

/** Bytes in use but for the heap of JavaScript, where an index keeps next to nothing and garbage of before goes away. */
async function memory(): Promise<number> {
  // What is collected goes back to the system in the background.
  for (let i = 0; i < 3; i++) {
    globalThis.gc?.();
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  const { rss, heapTotal } = process.memoryUsage();
  return rss - heapTotal;
}

async function timeSearch(side: Side, queries: number, question: Search): Promise<Searched> {
  const { ef, threads, warmUp, seconds } = question;
  side.prepare?.(ef);
  const neighbors = Array.from(await side.search(ef, threads), Number);
  const perSecond = async (limit: number) => {
    const start = performance.now();
    let [elapsed, times] = [0, 0];
    for (; elapsed < limit; times++) {
      await side.search(ef, threads);
      elapsed = (performance.now() - start) / 1000;
    }
    return times > 0 ? (times * queries) / elapsed : 0;
  };
  await perSecond(warmUp);
  return { perSecond: await perSecond(seconds), neighbors };
}

async function countDistances(side: Side, queries: number, ef: number): Promise<number | null> {
  if (!side.distances) return null;
  side.prepare?.(ef);
  const before = side.distances();
  await side.search(ef, 1);
  const counted = side.distances() - before;
  return counted > 0 ? counted / queries : null;
}

function floats(path: string): Float32Array {
  return new Float32Array(Uint8Array.from(readFileSync(path)).buffer);
}
