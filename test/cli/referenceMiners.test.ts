import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { compareFile } from '../../src/cli/reference/compareFile.js';
import type { JsonObject } from '../../src/cli/reference/leaves.js';
import { ROOT } from './run.js';

const read = (): JsonObject =>
  JSON.parse(readFileSync(join(ROOT, 'test', 'reference', 'miners.json'), 'utf8'));

interface Mined {
  readonly name: string;
  readonly params: JsonObject;
  readonly tuple: number[][][];
}
const minersOf = (file: JsonObject) => file['miners'] as Mined[];

/** The file with `change` made to the sets of its first miner of that name. */
async function rowWith(name: string, change: (tuple: number[][][]) => number[][][], params?: JsonObject) {
  const file = read();
  const mined = minersOf(file).map((miner) =>
    miner.name === name
      ? { ...miner, tuple: change(miner.tuple), params: { ...miner.params, ...params } }
      : miner,
  );
  const rows = await compareFile('miners.json', { ...file, miners: mined });
  return rows.find(({ quantity }) => quantity === `miners.${name}.tuple`);
}

describe('miners.json', () => {
  it('has every set of every miner, exactly', async () => {
    const file = read();
    const rows = await compareFile('miners.json', file);
    expect(rows.map(({ quantity, status }) => [quantity, status])).toEqual(
      minersOf(file).map(({ name }) => [`miners.${name}.tuple`, 'pass']),
    );
    expect(rows.map(({ count }) => count)).toEqual(minersOf(file).map(({ tuple }) => tuple.flat(2).length));
  });

  it('fails for a tuple more, a tuple less, another tuple, and for one in the other set', async () => {
    const changes: ((tuple: number[][][]) => number[][][])[] = [
      ([positives, negatives]) => [positives.concat([[0, 1]]), negatives],
      ([positives, negatives]) => [positives, negatives.slice(1)],
      ([positives, negatives]) => [positives, negatives.with(0, [negatives[0][0], negatives[0][0]])],
      ([positives, negatives]) => [positives.slice(0, -1), [positives.at(-1) as number[], ...negatives]],
      ([positives]) => [positives, []],
    ];
    for (const change of changes) {
      expect((await rowWith('PairMarginMiner', change))?.status).toBe('fail');
    }
  });

  it('passes where neither side finds a tuple', async () => {
    const far = { pos_margin: 3, neg_margin: 0 };
    expect(await rowWith('PairMarginMiner', () => [[], []], far)).toMatchObject({ count: 0, status: 'pass' });
    expect(await rowWith('PairMarginMiner', ([positives]) => [positives, []], far)).toMatchObject({
      status: 'fail',
    });
  });

  it('skips miners that draw at random, and parameters that are not known', async () => {
    const file = read();
    const [first] = minersOf(file);
    const others = [
      { ...first, name: 'UniformHistogramMiner' },
      { ...first, params: { temperature: 1 } },
    ];
    const rows = await compareFile('miners.json', { ...file, miners: others });
    expect(rows.map(({ status }) => status)).toEqual(['skip', 'skip']);
  });
});
