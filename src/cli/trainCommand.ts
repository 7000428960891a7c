import type { Command } from 'commander';
import { expectation, UsageError } from '../core/errors.js';
import { readJson } from '../core/files.js';
import { modelKind } from '../model/modelKind.js';
import { wholeNumber as whole } from './flags.js';
import { trainConfigCommand } from './train/config.js';
import { decimalNumber as decimal, requireFlagsOf, type TrainFlags } from './train/flags.js';
import { trainPointsCommand } from './train/points.js';
import { trainVectorsCommand } from './train/vectors.js';
import { trainTreeCommand } from './treeCommand.js';

export { trainingReporter } from './train/reporter.js';

/** Vectors, points or a tree, each with or without a config of its own, or the config of an encoder. */
async function train(configPath: string | undefined, flags: TrainFlags): Promise<void> {
  const { vectors, points, tree, resume } = flags;
  if ([vectors, points, tree].filter((given) => given !== undefined).length > 1)
    throw new UsageError(expectation('train', '--vectors, --points or --tree', 'several', 'leave one'));
  if (points !== undefined) {
    requireFlagsOf('points', flags);
    return trainPointsCommand(configPath, flags);
  }
  if (vectors !== undefined) {
    requireFlagsOf('vectors', flags);
    return trainVectorsCommand(configPath, { ...flags, vectors });
  }
  if (tree !== undefined) {
    if (resume)
      throw new UsageError(expectation('train --tree', 'no --resume', '--resume', 'a tree is trained anew'));
    requireFlagsOf('tree', flags);
    return trainTreeCommand(configPath, { ...flags, tree });
  }
  if (configPath !== undefined) {
    requireFlagsOf('config', flags);
    const trainKind =
      modelKind(readJson(configPath, 'config')) === 'pointSets' ? trainPointsCommand : trainConfigCommand;
    return trainKind(configPath, flags);
  }
  const expected = 'a config file, --tree, --vectors or --points';
  throw new UsageError(expectation('train', expected, 'none', 'add --help for usage'));
}

export function registerTrainCommand(program: Command): void {
  program
    .command('train')
    .argument('[config]', 'a config file; gyrometric config quickstart prints one')
    .description(
      'train an invariant encoder with a Euclidean and a Poincaré head, with --vectors or --points on vectors, sets ' +
        'or clouds of your own, or with --tree codes of a taxonomy',
    )
    .requiredOption('--out <folder>', 'where the model goes')
    .option('--resume', 'go on with the training that was interrupted in this folder')
    .option('--vectors <file>', 'your vectors: .npy [n, columns], or a .npz with `vectors` and `labels`')
    .option(
      '--points <file>',
      'your clouds or sets: .npy [n, points, 3], or a .npz with `points` and `sizes`',
    )
    .option('--labels <file>', 'vectors, points: their classes, integers [n] as .npy')
    .option(
      '--hidden <count>',
      'vectors: units of the hidden layer; 0 for linear heads',
      whole('--hidden', 0),
    )
    .option('--curvature <number>', 'vectors: of the Poincaré head, below 0', decimal('--curvature'))
    .option('--epochs <number>', 'vectors: how often each is drawn at most', decimal('--epochs'))
    .option('--steps <count>', 'points; vectors: instead of --epochs', whole('--steps', 1))
    .option('--patience <count>', 'vectors: looks without a better one', whole('--patience', 1))
    .option('--val-share <share>', 'vectors: that choose when to stop', decimal('--val-share'))
    .option('--test-share <share>', 'vectors, points: that are scored', decimal('--test-share'))
    .option('--unseen-classes', 'vectors: hold out whole classes, not items')
    .option('--tree <file>', 'edges of a tree, one a line: child, tab, parent')
    .option('--dim <count>', 'tree: numbers kept a node; vectors: columns of each head', whole('--dim', 1))
    .option('--space <name>', 'tree: hyperbolic, euclidean or sphere (default: hyperbolic)')
    .option('--star', 'tree: add one offset a node to the distances (default from --dim 3 on)')
    .option('--no-star', 'tree: no offsets')
    .option('--first-parent', 'tree: keep the first of several parents of a node')
    .option('--compare', 'tree: train other spaces with as many numbers as well')
    .option(
      '--seed <number>',
      'tree, vectors, points: the same seed, the same result',
      whole('--seed', 0, 2 ** 32 - 1),
    )
    .option('--json', 'JSON on stdout')
    .addHelpText(
      'after',
      '\nExample:\n  gyrometric config quickstart > digits.json\n  gyrometric train digits.json --out model' +
        '\n  gyrometric train --vectors X.npy --labels Y.npy --out heads' +
        '\n  gyrometric train --points clouds.npz --labels Y.npy --out shapes' +
        '\n  gyrometric train --tree taxonomy.tsv --dim 3 --out codes',
    )
    .action(train);
}
