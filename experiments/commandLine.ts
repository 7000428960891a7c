import { existsSync, readdirSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { GyrometricError, UsageError } from '../src/index.js';

// What the programs of `npm run experiment` and `npm run bench` share.

/** Runs `main`; an error of ours is one line and its exit code, any other is printed whole. */
export async function runMain(main: () => Promise<void>): Promise<void> {
  try {
    await main();
  } catch (error) {
    console.error(error instanceof GyrometricError ? `error ${error.message}` : error);
    process.exitCode = error instanceof GyrometricError ? error.exitCode : 1;
  }
}

/**
 * The name given, if a folder of `sources` with a run.ts has it.
 * @param script of package.json that was started
 * @throws UsageError listing all such folders
 */
export function requireName(script: string, sources: string, name: string | undefined): string {
  const names = readdirSync(sources).filter((folder) => existsSync(join(sources, folder, 'run.ts')));
  if (name !== undefined && names.includes(name)) return name;
  throw new UsageError(
    `${script}: expected one of ${names.join(', ')}, got ${name}; try npm run ${script} -- ${names[0]}`,
  );
}

/** Processor and its number of cores. */
export function machineName(): string {
  const cores = cpus();
  return `${cores[0]?.model.trim()}, ${cores.length} cores`;
}
