import { prepare, requireCompiled, runMain } from './prepare.mjs';
import { log, stopwatch } from './progress.mjs';

await runMain(async () => {
  const seconds = stopwatch();
  requireCompiled(await prepare());
  log(`build: up to date, ${seconds()}`);
  return 0;
});
