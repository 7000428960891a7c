import { z } from 'zod';
import { heads, mixing, optimization, parseWith, softmaxWeights } from '../config.js';
import { contrast } from '../contrast.js';

const auto = z.literal('auto');

/**
 * What `gyrometric train --vectors` reads. Every key but schemaVersion and kind has a default; unknown keys are errors.
 * What the defaults were chosen by is in docs/guides/your-embeddings.md.
 */
const vectorConfigSchema = z.strictObject({
  schemaVersion: z.literal(1),
  kind: z.literal('vectors'),
  seed: z.int().min(0).max(4294967295).default(1),
  data: z
    .strictObject({
      validationShare: z.number().gt(0).lt(1).default(0.15).describe('items that choose when to stop'),
      testShare: z.number().gt(0).lt(1).default(0.15).describe('items that are scored, once'),
      unseenClasses: z.boolean().default(false).describe('hold out whole classes instead of items'),
    })
    .prefault({}),
  encoder: z
    .strictObject({
      hidden: z.int().min(0).max(65536).default(256).describe('units beside the vector itself; 0: linear'),
    })
    .prefault({}),
  heads: heads.prefault({}),
  loss: z
    .strictObject({
      ...mixing,
      ...contrast,
      weights: z
        .strictObject(softmaxWeights)
        .refine((weights) => Object.values(weights).some((weight) => weight > 0), 'must be one above 0')
        .prefault({}),
    })
    .prefault({}),
  training: z
    .strictObject({
      steps: z
        .union([z.int().min(1), auto])
        .default('auto')
        .describe('auto: what `epochs` come to, at least 300, at most 6000'),
      epochs: z.number().positive().default(20).describe('times that as many items are drawn as train'),
      batchSize: z.int().min(4).max(8192).default(256).describe('most items a step; all their pairs count'),
      perClass: z
        .union([z.int().min(2), auto])
        .default('auto')
        .describe('items of a class in a batch; auto: 4, more if there are few classes'),
      ...optimization,
      evaluateEvery: z.int().min(1).default(50).describe('steps between two looks at the validation part'),
      patience: z.int().min(1).default(10).describe('looks without a better one after which training ends'),
    })
    .prefault({}),
});

export type VectorConfig = z.output<typeof vectorConfigSchema>;
/** A config with a number in place of every "auto". */
export type ResolvedVectorConfig = Omit<VectorConfig, 'training'> & {
  readonly training: Omit<VectorConfig['training'], 'steps' | 'perClass'> & {
    readonly steps: number;
    readonly perClass: number;
  };
};

/** @throws UsageError that names the key, what it takes and what came */
export function parseVectorConfig(json: unknown, who = 'config'): VectorConfig {
  return parseWith(vectorConfigSchema, json, who, 'see gyrometric config vectors --schema');
}

/** A ready config with every default written out. */
export function defaultVectorConfig(): VectorConfig {
  return parseVectorConfig({ schemaVersion: 1, kind: 'vectors' });
}

/** JSON Schema of the config file, as `gyrometric config vectors --schema` prints it. */
export function vectorConfigJsonSchema(): unknown {
  return z.toJSONSchema(vectorConfigSchema, { io: 'input' });
}

const FEWEST_STEPS = 300;
const MOST_STEPS = 6000;
const USUAL_PER_CLASS = 4;

/**
 * Puts a number in place of every "auto". A batch never takes more than half its items from one class.
 * @param items that train; classes: among them
 */
export function resolveVectorConfig(
  config: VectorConfig,
  { items, classes }: { readonly items: number; readonly classes: number },
): ResolvedVectorConfig {
  const { steps, epochs, batchSize, perClass } = config.training;
  const epoch = Math.min(MOST_STEPS, Math.max(FEWEST_STEPS, Math.ceil((epochs * items) / batchSize)));
  const even = Math.max(USUAL_PER_CLASS, Math.floor(batchSize / classes));
  return {
    ...config,
    training: {
      ...config.training,
      steps: steps === 'auto' ? epoch : steps,
      perClass: Math.min(Math.floor(batchSize / 2), perClass === 'auto' ? even : perClass),
    },
  };
}
