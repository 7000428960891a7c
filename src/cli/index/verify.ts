import type { Command } from 'commander';
import { type RepairReport, verifyIndex } from '../../../indices/index.js';
import { interruptSignal } from '../output.js';
import { elapsed, example, recallLine, report, THREADS, whole } from './flags.js';

interface VerifyFlags {
  readonly k: number;
  readonly sample: number;
  readonly seed: number;
  readonly threads?: number;
  readonly repair?: true;
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
    .option('--repair', 'make a damaged file whole again: keep what is sound, tell the ids of what is lost')
    .option('--json', 'print one JSON object')
    .addHelpText('after', example('verify index.gyro --sample 1000'))
    .action((file: string, flags: VerifyFlags) => verify(file, flags));
}

async function verify(file: string, { json, ...flags }: VerifyFlags): Promise<void> {
  const started = performance.now();
  const signal = interruptSignal('index verify: interrupted');
  const { repaired, ...verified } = await verifyIndex(file, { ...flags, signal });
  const { engine, size, columns, unreachable, recall } = verified;
  const seconds = elapsed(started);
  const lost = repaired && { ...repaired, lostIds: Array.from(repaired.lostIds, Number) };
  report(json, { file, ...verified, ...(lost && { repaired: lost }), seconds }, [
    ...(repaired ? repairLines(repaired) : []),
    `${file}: no damage; ${size} points of ${columns} columns, engine ${engine}, ${unreachable} unreachable`,
    recallLine(recall),
  ]);
}

/** Ids that are named, at most. */
const NAMED = 20;

function repairLines({ blocks, journalFrom, lostIds, lostRows, copies }: RepairReport): string[] {
  const found = blocks.map((name) => `block "${name}"`);
  if (journalFrom !== undefined) found.push(`journal from byte ${journalFrom} on`);
  const more = lostIds.length > NAMED ? `, and ${lostIds.length - NAMED} more` : '';
  const ids = lostIds.length > 0 ? `: ${lostIds.subarray(0, NAMED).join(', ')}${more}` : '';
  const unknown = lostRows > 0 ? `, and ${lostRows} whose ids are gone too` : '';
  return [
    `repaired: ${found.join(', ') || 'length or gaps'}; as it was found: ${copies.join(', ')}`,
    `lost: ${lostIds.length} points or changes of points${ids}${unknown}`,
  ];
}
