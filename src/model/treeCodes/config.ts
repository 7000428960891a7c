import { z } from 'zod';
import { expectation, UsageError } from '../../core/errors.js';
import type { Tree } from '../../data/tree.js';

const positive = z.number().positive();
const auto = z.literal('auto');

/** What `gyrometric train --tree` reads. Every key but schemaVersion and kind has a default; unknown keys are errors. */
const treeConfigSchema = z.strictObject({
  schemaVersion: z.literal(1),
  kind: z.literal('tree'),
  seed: z.int().min(0).max(4294967295).default(1),
  space: z.enum(['hyperbolic', 'euclidean', 'sphere']).default('hyperbolic'),
  dim: z.int().min(1).max(1024).default(3).describe('numbers kept a node, the offset included'),
  star: z
    .union([z.boolean(), auto])
    .default('auto')
    .describe('one offset >= 0 a node is added to the distances; auto: from dim 3 on'),
  start: z
    .enum(['wedge', 'random', 'auto'])
    .default('auto')
    .describe('wedge: the tree drawn radially; auto: wedge for hyperbolic codes of two columns or more'),
  startScale: z
    .union([positive, auto])
    .default('auto')
    .describe('edges in one unit of distance at the start; learned from there'),
  heldOut: z
    .union([z.boolean(), auto])
    .default('auto')
    .describe('a tenth of the pairs validates, a tenth tests, neither trains; auto: from 100 nodes on'),
  training: z
    .strictObject({
      steps: z.union([z.int().min(1), auto]).default('auto'),
      nodes: z
        .union([z.int().min(2), auto])
        .default('auto')
        .describe('nodes a step; all their pairs count'),
      learningRate: z.union([positive, auto]).default('auto'),
      warmup: z.int().min(0).default(50).describe('steps of linear warm-up; a cosine to 0 follows'),
      beta1: z.number().min(0).lt(1).default(0.9),
      beta2: z.number().min(0).lt(1).default(0.99),
      reportEvery: z.int().min(1).default(100).describe('steps between two readings of the loss'),
    })
    .prefault({}),
});

export type TreeConfig = z.output<typeof treeConfigSchema>;
type WithoutAuto<T> = { readonly [K in keyof T]: Exclude<T[K], 'auto'> };
/** A config with a value in place of every "auto". */
export type ResolvedTreeConfig = WithoutAuto<Omit<TreeConfig, 'training'>> & {
  readonly training: WithoutAuto<TreeConfig['training']>;
};

/** @throws UsageError that names the key and what came */
export function parseTreeConfig(json: unknown, who = 'config'): TreeConfig {
  const result = treeConfigSchema.safeParse(json);
  if (result.success) return result.data;
  const { path, message } = result.error.issues[0];
  const at = path.length > 0 ? `${who}: ${path.map(String).join('.')}` : who;
  throw new UsageError(`${at}: ${message}; correct the config`);
}

/** Deeper nodes than this many units of distance from the root are out of reach of a float32 Poincaré ball later on. */
const DEEPEST_START = 10;
/** Trees above this size take larger batches. */
const LARGE = 5000;
/** Below this size a node has too few pairs to do without some. */
const HOLDS_OUT = 100;

/**
 * Puts a value in place of every "auto", for this tree. What is chosen was measured on two WordNet subtrees and all
 * nouns: docs/tree-codes.md.
 * @throws UsageError when `dim` leaves no column beside the offset
 */
export function resolveTreeConfig(config: TreeConfig, { depths }: Tree): ResolvedTreeConfig {
  const { space, dim, training } = config;
  const given = <T>(value: T | 'auto', chosen: T): T => (value === 'auto' ? chosen : (value as T));
  const star = given(config.star, dim >= 3);
  const columns = dim - (star ? 1 : 0);
  const least = space === 'sphere' ? 2 : 1;
  if (columns < least) {
    const expected = `at least ${dim - columns + least} for ${space}${star ? ' with an offset' : ''}`;
    throw new UsageError(expectation('dim', expected, dim, 'raise --dim'));
  }
  const start = given(config.start, space === 'hyperbolic' && columns >= 2 ? 'wedge' : 'random');
  const deepest = depths.reduce((a, b) => Math.max(a, b), 0);
  const large = depths.length > LARGE;
  return {
    ...config,
    star,
    start,
    heldOut: given(config.heldOut, depths.length >= HOLDS_OUT),
    startScale: given(config.startScale, Math.max(star ? 2 : 1.2, deepest / DEEPEST_START)),
    training: {
      ...training,
      steps: given(training.steps, large ? 4000 : 1000),
      nodes: Math.min(depths.length, given(training.nodes, large ? 512 : 128)),
      learningRate: given(training.learningRate, start === 'wedge' ? 0.02 : 0.05),
    },
  };
}
