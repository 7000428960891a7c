import { DomainError, expectation } from '../../core/errors.js';
import type { Tree } from '../../data/tree.js';
import { type TreeCodes, treeCodes } from './codes.js';
import { type ResolvedTreeConfig, resolveTreeConfig, type TreeConfig } from './config.js';
import { type FitEvent, type FitOptions, fitTree } from './fit.js';
import type { TreeParameters } from './stress.js';

export interface TrainedTree {
  readonly config: ResolvedTreeConfig;
  readonly parameters: TreeParameters;
  readonly codes: TreeCodes;
  readonly history: readonly FitEvent[];
}

/**
 * Codes of the nodes of a tree, dim numbers each, with D = s (d(u, v) + b_u + b_v) near the edges between them.
 * @throws UsageError for a config that does not fit, DomainError for one node, a fit that diverges or codes that float32
 *   cannot hold, the signal's reason when it aborts
 */
export async function trainTree(
  tree: Tree,
  config: TreeConfig,
  options: FitOptions = {},
): Promise<TrainedTree> {
  if (tree.names.length < 2)
    throw new DomainError(expectation('tree', 'at least two nodes', tree.names.length, 'pass a larger tree'));
  const resolved = resolveTreeConfig(config, tree);
  const { parameters, history } = await fitTree(tree, resolved, options);
  return { config: resolved, parameters, codes: treeCodes(parameters, resolved, tree.names), history };
}
