import type { Command } from 'commander';
import { verifyIndex } from '../../../indices/index.js';
import { interruptSignal } from '../output.js';
import { elapsed, example, recallLine, report, THREADS, whole } from './flags.js';

interface VerifyFlags {
  readonly k: number;
  readonly sample: number;
  readonly seed: number;
  readonly threads?: number;
  readonly json?: true;
}

export function registerVerify(index: Command): void {
  index
    .command('verify')
    .description(
      'read all of an index file; exit code 1 for any damage, else its recall against exact search',
    )
    .argument('<index>', 'index file')
    .option('--k <count>', 'neighbours of a query', whole('--k'), 10)
    .option('--sample <count>', 'stored points to search for, at most', whole('--sample'), 400)
    .option('--seed <number>', 'of the sample', whole('--seed'), 1)
    .option(...THREADS)
    .option('--json', 'print one JSON object')
    .addHelpText('after', example('verify index.gyro --sample 1000'))
    .action((file: string, flags: VerifyFlags) => verify(file, flags));
}

async function verify(file: string, { json, ...flags }: VerifyFlags): Promise<void> {
  const started = performance.now();
  const signal = interruptSignal('index verify: interrupted');
  const { space, engine, size, columns, ef, unreachable, recall } = await verifyIndex(file, {
    ...flags,
    signal,
  });
  const seconds = elapsed(started);
  report(json, { file, space, engine, size, columns, ef, unreachable, recall, seconds }, [
    `${file}: no damage; ${size} points of ${columns} columns, engine ${engine}, ${unreachable} unreachable`,
    recallLine(recall),
  ]);
}
