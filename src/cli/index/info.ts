import type { Command } from 'commander';
import { estimateRecall, openIndex } from '../../../indices/index.js';
import { interruptSignal } from '../output.js';
import { example, recallLine, report } from './flags.js';

/** Stored points of the recall estimate: a glance; `verify` looks longer. */
const SAMPLE = 100;

export function registerInfo(index: Command): void {
  index
    .command('info')
    .description(`check an index file and describe it; recall is estimated from ${SAMPLE} stored points`)
    .argument('<index>', 'index file')
    .option('--json', 'print one JSON object')
    .addHelpText('after', example('info index.gyro --json'))
    .action((file: string, flags: { readonly json?: true }) => info(file, flags.json === true));
}

async function info(file: string, json: boolean): Promise<void> {
  const signal = interruptSignal('index info: interrupted');
  const index = await openIndex(file);
  const recall = await estimateRecall(index, { sample: SAMPLE, signal });
  const { unreachable = await index.countUnreachable(), ...stats } = index.stats();
  const { space, columns } = index;
  index.close();
  const { engine, size, m, efConstruction, ef, seed, bytes } = stats;
  const bytesPerVector = size === 0 ? 0 : Math.round(bytes / size);
  report(json, { file, space, columns, ...stats, unreachable, bytesPerVector, recall }, [
    `${file}: ${size} points of ${columns} columns, space ${JSON.stringify(space)}`,
    `engine ${engine}, m ${m}, ef-construction ${efConstruction}, ef ${ef}, seed ${seed}, ${unreachable} unreachable`,
    `${bytes} bytes of memory, ${bytesPerVector} a vector`,
    recallLine(recall),
  ]);
}
