import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { openEngine } from '../../src/index.js';
import { machineName, requireName, runMain } from '../commandLine.js';
import type { Bench, BenchRow } from './bench.js';
import { benchSources, peersPython } from './peers.js';

async function main(): Promise<void> {
  const { positionals, values } = parseArgs({
    allowPositionals: true,
    options: { quick: { type: 'boolean', default: false }, json: { type: 'string' } },
  });
  const [first, ...parts] = positionals;
  const name = requireName('bench', benchSources, first);
  const { run } = (await import(`./${name}/run.js`)) as Bench;
  const engine = await openEngine({ onNotice: console.error });
  const machine = `${machineName()}, ${engine.version}`;
  console.log(`${name} on ${machine}`);
  const rows = await run({
    quick: values.quick,
    parts,
    python: () => peersPython(console.error),
    log: (line) => console.error(line),
  });
  for (const row of rows) console.log(describe(row));
  if (values.json) writeFileSync(values.json, `${JSON.stringify({ name, machine, rows }, null, 2)}\n`);
}

function describe({ case: name, ours, peer, peerVersion, ratio, low, high, unit }: BenchRow): string {
  if (unit) {
    const [mine, theirs] = [ours, peer].map((value) => Number(value.toPrecision(4)));
    return `${name}: ${unit} ours ${mine}, ${peerVersion} ${theirs}`;
  }
  const times = `ours ${milliseconds(ours)}, ${peerVersion} ${milliseconds(peer)}`;
  return `${name}: ${times}, ratio ${ratio.toPrecision(3)} [${low.toPrecision(3)}, ${high.toPrecision(3)}]`;
}

function milliseconds(seconds: number): string {
  return `${(seconds * 1000).toPrecision(3)} ms`;
}

await runMain(main);
