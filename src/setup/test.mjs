import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { prepare, root, runMain } from './prepare.mjs';
import { log } from './progress.mjs';
import { run } from './run.mjs';
import { countTests, exitCode, formatCounts } from './summary.mjs';

let counts = { passed: 0, failed: 0, skipped: 0 };
// On every way out, so that this is the last line even if setting up fails.
process.once('exit', () => process.stdout.write(`${formatCounts(counts)}\n`));

await runMain(async () => {
  const { typescript } = await prepare();
  const failsToCompile = typescript.status === 'failed';
  if (failsToCompile) log(`${typescript.reason}\nTypeScript: does not compile; the tests run all the same`);
  const { code, report } = await runVitest(process.argv.slice(2));
  counts = countTests(report);
  if (failsToCompile) log('TypeScript: does not compile, see above: this run counts as failed');
  return failsToCompile ? 1 : exitCode(code, counts);
});

async function runVitest(/** @type {string[]} */ args) {
  const folder = mkdtempSync(join(tmpdir(), 'gyrometric-test-'));
  try {
    const file = join(folder, 'report.json');
    const vitest = join(root, 'node_modules', 'vitest', 'vitest.mjs');
    const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${file}`];
    const { code } = await run(process.execPath, [vitest, 'run', ...reporters, ...args], {
      cwd: root,
      inherit: true,
    });
    return { code, report: existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : undefined };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
