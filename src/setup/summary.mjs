/** @typedef {{passed: number, failed: number, skipped: number}} Counts */

/**
 * What a report of vitest's JSON reporter adds up to. A file that failed before its first test counts as one failure,
 * so that "0 failed" means that nothing failed.
 * @param {{testResults: readonly {status: string, assertionResults: readonly {status: string}[]}[]} | undefined} report
 *   undefined: vitest ended without writing one
 * @returns {Counts}
 */
export function countTests(report) {
  const counts = { passed: 0, failed: 0, skipped: 0 };
  for (const file of report?.testResults ?? []) {
    if (file.status === 'failed' && !file.assertionResults.some((test) => test.status === 'failed')) {
      counts.failed++;
    }
    for (const { status } of file.assertionResults) {
      if (status === 'passed' || status === 'failed') counts[status]++;
      else counts.skipped++;
    }
  }
  return counts;
}

/** The last line of `npm test`. */
export function formatCounts(/** @type {Counts} */ { passed, failed, skipped }) {
  return `${passed} passed, ${failed} failed, ${skipped} skipped`;
}

/** vitest's exit code, and 1 also if nothing ran or something failed that vitest let pass. */
export function exitCode(/** @type {number} */ vitest, /** @type {Counts} */ { passed, failed }) {
  if (vitest !== 0) return vitest;
  return passed > 0 && failed === 0 ? 0 : 1;
}
