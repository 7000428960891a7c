import type { BenchContext, BenchRow } from '../bench.js';
import { bands } from './bands.js';
import { churn } from './churn.js';
import { filter } from './filter.js';
import { million } from './million.js';
import { storage } from './storage.js';

const CASES = { filter, churn, bands, storage, million } as const;

/** Indices that are changed and asked for parts of what they hold; parts: the names of cases. */
export async function run(context: BenchContext): Promise<BenchRow[]> {
  const rows: BenchRow[] = [];
  for (const [name, measure] of Object.entries(CASES)) {
    if (context.parts.length > 0 && !context.parts.includes(name)) continue;
    context.log(`${name} ...`);
    rows.push(...(await measure(context)));
  }
  return rows;
}
