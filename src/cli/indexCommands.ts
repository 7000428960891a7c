import type { Command } from 'commander';
import { registerBuild } from './index/build.js';
import { registerChange } from './index/change.js';
import { example } from './index/flags.js';
import { registerInfo } from './index/info.js';
import { registerQuery } from './index/query.js';
import { registerVerify } from './index/verify.js';

/** Adds the commands of `index`. Errors leave as GyrometricError, before any output exists. */
export function registerIndexCommands(program: Command): void {
  const index = program
    .command('index')
    .description('build, query, change, describe and verify index files')
    .addHelpText(
      'after',
      example('build --vectors embeddings.npz --space model/space.json --out index.gyro'),
    );
  registerBuild(index);
  registerQuery(index);
  registerChange(index);
  registerInfo(index);
  registerVerify(index);
}
