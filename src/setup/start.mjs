import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { prepare, requireCompiled, root, runMain } from './prepare.mjs';

await runMain(async () => {
  requireCompiled(await prepare());
  const command = join(root, 'dist', 'src', 'cli', 'gyrometric.js');
  // In this process, so that Ctrl-C and the exit code are the command's own.
  process.argv = [process.argv[0], command, 'quickstart', ...process.argv.slice(2)];
  await import(pathToFileURL(command).href);
  return Number(process.exitCode ?? 0);
});
