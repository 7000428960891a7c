import { inspect } from 'node:util';
import { Command } from 'commander';
import { packageVersion } from '../core/packageRoot.js';
import { errorColors } from './colors.js';
import { explain } from './explain.js';
import { noteLine } from './output.js';

/** Each command is loaded when it is named: all of them together take half a second. */
const COMMANDS: Readonly<Record<string, () => Promise<(program: Command) => void>>> = {
  quickstart: async () => (await import('./quickstartCommand.js')).registerQuickstartCommand,
  config: async () => (await import('./configCommand.js')).registerConfigCommand,
  train: async () => (await import('./trainCommand.js')).registerTrainCommand,
  embed: async () => (await import('./embedCommand.js')).registerEmbedCommand,
  index: async () => (await import('./indexCommands.js')).registerIndexCommands,
  negatives: async () => (await import('./negativesCommand.js')).registerNegativesCommand,
  distances: async () => (await import('./distancesCommand.js')).registerDistancesCommand,
  hyperbolicity: async () => (await import('./hyperbolicityCommand.js')).registerHyperbolicityCommand,
  engine: async () => (await import('./engineCommand.js')).registerEngineCommand,
  doctor: async () => (await import('./doctorCommand.js')).registerDoctorCommand,
};

async function buildProgram(argv: readonly string[]): Promise<Command> {
  const program = new Command('gyrometric')
    .description('Metric learning and retrieval in hyperbolic and Euclidean space.')
    .version(packageVersion)
    .option('--verbose', 'print stack traces')
    .addHelpText('after', '\nExample:\n  gyrometric quickstart --out digits')
    // `explain` says it instead, in one line.
    .configureOutput({ outputError: () => {} })
    .exitOverride();
  const named = argv.find((word) => !word.startsWith('-')) ?? '';
  const wanted = Object.hasOwn(COMMANDS, named) ? [named] : Object.keys(COMMANDS);
  for (const name of wanted) (await COMMANDS[name]())(program);
  return program;
}

/**
 * Runs one command.
 * @returns the exit code: 0, 2 for wrong use, 1 for any other failure, 130 after Ctrl-C
 */
export async function runCommandLine(argv: readonly string[]): Promise<number> {
  try {
    const program = await buildProgram(argv);
    await program.parseAsync(argv, { from: 'user' });
    return 0;
  } catch (error) {
    const { code, text } = explain(error);
    if (text !== '') {
      noteLine(`${errorColors.red('error')} ${text}`);
      if (argv.includes('--verbose')) noteLine(inspect(error));
    }
    return code;
  }
}
