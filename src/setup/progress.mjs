/** Progress goes to stderr, so that what a command prints on stdout stays its own. */
export function log(/** @type {string} */ line) {
  process.stderr.write(`${line}\n`);
}

/** Starts a clock; each call gives the time since as "1.2 s". */
export function stopwatch() {
  const start = performance.now();
  return () => `${((performance.now() - start) / 1000).toFixed(1)} s`;
}

export function megabytes(/** @type {number} */ bytes) {
  return `${Math.round(bytes / 1e6)} MB`;
}
