import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { prepare, requireCompiled, root, runMain } from './prepare.mjs';

await runMain(async () => {
  requireCompiled(await prepare());
  await import(pathToFileURL(join(root, 'dist', 'experiments', 'bench', 'main.js')).href);
  return Number(process.exitCode ?? 0);
});
