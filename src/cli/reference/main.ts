import { join, relative } from 'node:path';
import { inspect } from 'node:util';
import { Command } from 'commander';
import { packageRoot } from '../../core/packageRoot.js';
import { errorColors } from '../colors.js';
import { explain } from '../explain.js';
import { noteLine, outliveClosedPipes, printJson, printLine } from '../output.js';
import type { Row } from './compare.js';
import { compareFile } from './compareFile.js';
import { readReference, referenceFiles } from './files.js';

const HELP = `
One line a quantity: file, quantity, count, maxAbs, maxRel, tolerance, pass|fail|skip. A quantity passes
if maxRel is at most its tolerance; it is skipped if gyrometric computes no such thing. Exit code 1 on a
fail, 2 on wrong use.

Example:
  npm run reference -- test/reference/geometry.json --json`;

interface Flags {
  readonly strict?: true;
  readonly json?: true;
}

/** @returns the exit code */
async function runReference(path: string, flags: Flags): Promise<number> {
  const rows: Row[] = [];
  for (const file of referenceFiles(path)) rows.push(...(await compareFile(file, readReference(file))));
  const counts = { passed: 0, failed: 0, skipped: 0 };
  for (const { status } of rows) counts[OUTCOME[status]]++;
  if (flags.json) printJson({ path, rows, ...counts });
  else {
    for (const row of rows) printLine(formatRow(row));
    printLine(`${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`);
  }
  for (const { file, quantity, reason } of rows) if (reason) noteLine(`fail ${file} ${quantity}: ${reason}`);
  return counts.failed > 0 || (flags.strict && counts.skipped > 0) ? 1 : 0;
}

const OUTCOME = { pass: 'passed', fail: 'failed', skip: 'skipped' } as const;

function formatRow({ file, quantity, count, maxAbs, maxRel, tolerance, status }: Row): string {
  const numbers = [maxAbs?.toExponential(2), maxRel?.toExponential(2), tolerance?.toExponential()];
  return [file, quantity, count, ...numbers.map((text) => text ?? '-'), status].join('\t');
}

outliveClosedPipes();
try {
  await new Command('npm run reference --')
    .description('Recomputes the values of peers with gyrometric and compares.')
    .argument('[path]', 'folder or file', join(relative(process.cwd(), packageRoot), 'test', 'reference'))
    .option('--strict', 'exit with 1 on a skip too')
    .option('--json', 'one JSON document; NaN is null')
    .option('--verbose', 'print stack traces')
    .addHelpText('after', HELP)
    // `explain` says it instead, in one line.
    .configureOutput({ outputError: () => {} })
    .exitOverride()
    .action(async (path: string, flags: Flags) => {
      process.exitCode = await runReference(path, flags);
    })
    .parseAsync();
} catch (error) {
  const { code, text } = explain(error);
  if (text !== '') noteLine(`${errorColors.red('error')} ${text}`);
  if (text !== '' && process.argv.includes('--verbose')) noteLine(inspect(error));
  process.exitCode = code;
}
