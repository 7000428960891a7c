import { createRequire } from 'node:module';
import { buildIndex, type HnswlibNode } from '../../../indices/index.js';
import type { BenchContext, BenchRow } from '../bench.js';
import { compileHnswlibNode } from '../index/compilePeers.js';
import { tree16 } from '../index/sets.js';
import { numbers, recallOf, secondsOf } from './table.js';

const K = 10;
const WIDTHS = [0.5, 1, 2];

/** A tree through hnswlib-node: by bands of radius, and its own L2 graph over ball coordinates. */
export async function bands({ quick, log }: BenchContext): Promise<BenchRow[]> {
  const { name, space, vectors, queries, columns } = tree16(quick ? 10_000 : 50_000, 1);
  const hnswlib = createRequire(import.meta.url)(compileHnswlibNode(log)) as HnswlibNode;
  const engine = 'hnswlib-node';
  const exact = await buildIndex({ space, vectors, engine: 'exact' });
  const truth = (await exact.search(queries, K)).ids;
  const size = vectors.length / columns;
  const flat = await buildIndex({ space: { kind: 'euclidean', dim: columns }, vectors, engine, hnswlib });
  const ask = { ef: 64 };
  const alone = recallOf((await flat.search(queries, K, ask)).ids, truth, K);
  const aloneSeconds = await secondsOf(() => flat.search(queries, K, ask));
  const rows: BenchRow[] = [];
  for (const bandWidth of WIDTHS) {
    log(`bands of ${bandWidth}`);
    const index = await buildIndex({ space, vectors, engine, hnswlib, bandWidth });
    const found = (await index.search(queries, K, ask)).ids;
    const seconds = await secondsOf(() => index.search(queries, K, ask));
    const label = `${name}, ${size} points, bands of ${bandWidth}`;
    const peer = 'hnswlib-node 3.0.0, L2 of ball coordinates';
    const perQuery = (1e6 * columns) / queries.length;
    rows.push(
      numbers(label, `recall@${K}`, recallOf(found, truth, K), alone, peer),
      numbers(label, 'microseconds a query', seconds * perQuery, aloneSeconds * perQuery, peer),
    );
    index.close();
  }
  return rows;
}
