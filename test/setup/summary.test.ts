import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { countTests, exitCode, formatCounts } from '../../src/setup/summary.mjs';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'gyrometric-summary-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** What vitest's JSON reporter writes about these files. */
function report(files: Record<string, string>): Parameters<typeof countTests>[0] {
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  const vitest = join(dirname(createRequire(import.meta.url).resolve('vitest/package.json')), 'vitest.mjs');
  const output = join(folder, 'report.json');
  const args = [vitest, 'run', '--globals', '--root', folder, '--reporter=json', `--outputFile=${output}`];
  spawnSync(process.execPath, args, { cwd: folder });
  return JSON.parse(readFileSync(output, 'utf8'));
}

describe('the last line of npm test', () => {
  it('counts what vitest reports, a file that does not load as one failure', () => {
    const counts = countTests(
      report({
        'some.test.js': `it('holds', () => {}); it('holds too', () => {}); it.skip('waits', () => {});
          it.todo('comes'); it('breaks', () => { expect(1).toBe(2); });`,
        'broken.test.js': `import './missing.js'; it('never runs', () => {});`,
      }),
    );
    expect(formatCounts(counts)).toBe('2 passed, 2 failed, 2 skipped');
  });

  it('is all zeros without a report', () => {
    expect(formatCounts(countTests(undefined))).toBe('0 passed, 0 failed, 0 skipped');
  });
});

describe('the exit code of npm test', () => {
  it('is that of vitest', () => {
    expect(exitCode(0, { passed: 3, failed: 0, skipped: 1 })).toBe(0);
    expect(exitCode(130, { passed: 3, failed: 0, skipped: 0 })).toBe(130);
  });

  it('is a failure when no test ran or one failed', () => {
    expect(exitCode(0, { passed: 0, failed: 0, skipped: 9 })).toBe(1);
    expect(exitCode(0, { passed: 9, failed: 1, skipped: 0 })).toBe(1);
  });
});
