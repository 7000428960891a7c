import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { openEngine, UsageError } from '../src/index.js';
import { machineName, requireName, runMain } from './commandLine.js';
import type { Experiment, Row, Scale } from './experiment.js';

/** Compiled files stand in dist/experiments; configs, expectations and results stay with the sources. */
const sources = join(import.meta.dirname, '..', '..', 'experiments');

interface Expectation {
  readonly scale: Scale;
  readonly arm: string;
  readonly metric: string;
  readonly low: number;
  readonly high: number;
}

async function main(): Promise<void> {
  const { positionals, values } = parseArgs({
    allowPositionals: true,
    options: {
      scale: { type: 'string', default: 'small' },
      seed: { type: 'string', default: '1' },
      json: { type: 'string' },
    },
  });
  const name = requireName('experiment', sources, positionals[0]);
  const scale = values.scale as Scale;
  if (scale !== 'small' && scale !== 'full')
    throw new UsageError(`experiment --scale: expected small or full, got ${scale}`);
  const seed = Number(values.seed);
  const { run } = (await import(`./${name}/run.js`)) as Experiment;
  const folder = join(sources, name);
  const engine = await openEngine({ onNotice: console.error });
  const out = join(folder, 'out');
  mkdirSync(out, { recursive: true });
  const start = performance.now();
  const rows = await run({
    scale,
    seed,
    config: JSON.parse(readFileSync(join(folder, 'config.json'), 'utf8')),
    out,
    slice: (key, work) => cached(join(out, `${scale}-${seed}-${engine.name}-${key}.json`), key, work),
  });
  const result = {
    name,
    scale,
    seed,
    engine: engine.version,
    machine: machineName(),
    seconds: (performance.now() - start) / 1000,
    rows,
  };
  print(rows, JSON.parse(readFileSync(join(folder, 'expected.json'), 'utf8')) as Expectation[], scale);
  if (values.json) writeFileSync(values.json, `${JSON.stringify(result, null, 2)}\n`);
}

/** The stored result of a slice, or its work, stored. Delete the out folder to start anew. */
async function cached<T>(file: string, key: string, work: () => Promise<T>): Promise<T> {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as T;
  } catch {
    console.error(`${key} ...`);
    const result = await work();
    writeFileSync(file, JSON.stringify(result));
    return result;
  }
}

function print(rows: readonly Row[], expected: readonly Expectation[], scale: Scale): void {
  for (const { arm, metric, mean, low, high, n } of rows) {
    const want = expected.find((e) => e.scale === scale && e.arm === arm && e.metric === metric);
    const verdict =
      want === undefined
        ? ''
        : mean >= want.low && mean <= want.high
          ? 'as expected'
          : `expected ${want.low}..${want.high}`;
    if (verdict.startsWith('expected')) process.exitCode = 1;
    console.log(
      `${arm}\t${metric}\t${mean.toFixed(4)}\t[${low.toFixed(4)}, ${high.toFixed(4)}]\tn=${n}\t${verdict}`,
    );
  }
}

await runMain(main);
