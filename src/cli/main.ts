import { Command, CommanderError } from 'commander';
import pc from 'picocolors';
import { GyrometricError } from '../core/errors.js';
import { packageVersion } from '../core/packageRoot.js';
import { registerConfigCommand } from './configCommand.js';
import { registerEmbedCommand } from './embedCommand.js';
import { registerEngineCommand } from './engineCommand.js';
import { registerIndexCommands } from './indexCommands.js';
import { registerNegativesCommand } from './negativesCommand.js';
import { registerQuickstartCommand } from './quickstartCommand.js';
import { registerTrainCommand } from './trainCommand.js';

function buildProgram(): Command {
  const program = new Command('gyrometric')
    .description('Metric learning and retrieval in hyperbolic and Euclidean space.')
    .version(packageVersion)
    .option('--verbose', 'print stack traces')
    .showHelpAfterError('(add --help for usage)')
    .exitOverride();
  registerQuickstartCommand(program);
  registerConfigCommand(program);
  registerTrainCommand(program);
  registerEmbedCommand(program);
  registerIndexCommands(program);
  registerNegativesCommand(program);
  registerEngineCommand(program);
  return program;
}

/**
 * Runs one command.
 * @returns the exit code: 0, 2 for wrong use, 1 for any other failure, 130 after Ctrl-C
 */
export async function runCommandLine(argv: readonly string[]): Promise<number> {
  try {
    await buildProgram().parseAsync(argv, { from: 'user' });
    return 0;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    const { code, text } = explain(error);
    process.stderr.write(`${pc.red('error')} ${text}\n`);
    if (argv.includes('--verbose')) process.stderr.write(`${(error as Error).stack}\n`);
    return code;
  }
}

const SYSTEM_ERRORS: Readonly<Record<string, string>> = {
  ENOSPC: 'the disk is full; free some space and run the command again',
  EACCES: 'permission denied; choose another path or change its permissions',
  EROFS: 'the file system is read-only; choose another path',
  EISDIR: 'expected a file, got a folder; check the path',
  ENOTDIR: 'expected a folder, got a file; check the path',
  ENOENT: 'no such file or folder; check the path',
};

function explain(error: unknown): { code: number; text: string } {
  if (error instanceof GyrometricError) return { code: error.exitCode, text: error.message };
  if (error instanceof Error && error.name === 'AbortError') return { code: 130, text: error.message };
  const { code, path, message } = error as NodeJS.ErrnoException;
  const known = code === undefined ? undefined : SYSTEM_ERRORS[code];
  if (known) return { code: 1, text: `${path ?? 'file'}: ${known}` };
  return { code: 1, text: `${message ?? String(error)} (unexpected; --verbose prints where it came from)` };
}
