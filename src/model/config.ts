import { z } from 'zod';
import { expectation, UsageError } from '../core/errors.js';
import { contrast } from './contrast.js';
import { preservation } from './preservation.js';

const count = (least = 1) => z.int().min(least);
const positive = z.number().positive();
const fourWidths = z
  .tuple([count(), count(), count(), count()])
  .describe('channels of the four convolutions');

const encoder = z
  .discriminatedUnion('kind', [
    z.strictObject({
      kind: z.literal('polarCnn').describe('invariant to turning, by construction'),
      radii: z.int().min(16).max(17).default(16).describe('rings sampled from the image'),
      angles: z.int().min(8).multipleOf(2).default(48).describe('samples on each ring'),
      channels: fourWidths.default([32, 48, 64, 96]),
    }),
    z.strictObject({
      kind: z
        .literal('steerableCnn')
        .describe('group convolutions: turns and shifts of parts are the same to it'),
      rotations: z.int().min(3).max(64).default(8).describe('turns that its filters are made for'),
      fields: fourWidths
        .default([4, 8, 16, 32])
        .describe('fields of the four layers, each one number a turn'),
      codeDim: count().default(128),
    }),
    z.strictObject({
      kind: z.literal('plainCnn').describe('no built-in invariance; for comparison'),
      channels: fourWidths.default([32, 48, 64, 96]),
      codeDim: count().default(114),
    }),
  ])
  .describe('image -> invariant code');

/** Both heads; the same for every kind of model. */
export const heads = z.strictObject({
  euclidean: z.strictObject({ dim: count(2).default(64) }).prefault({}),
  poincare: z
    .strictObject({
      dim: count(2).default(64),
      curvature: z.number().negative().default(-1).describe('K < 0; the ball has radius 1/sqrt(-K)'),
      furtherCurvatures: z
        .array(z.number().negative())
        .max(7)
        .default([])
        .describe('balls beside it for the same tangent vectors; the distance is the mean over all'),
      feeding: z
        .enum(['unit', 'free'])
        .default('free')
        .describe(
          'unit: the Euclidean unit vector through the exponential map; free: a linear map of its own',
        ),
      clip: positive.default(2.3).describe('largest tangent norm, approached softly (feeding free)'),
      startNorm: positive.default(0.7).describe('typical tangent norm before training (feeding free)'),
    })
    .prefault({}),
});

/** How both heads' distances become scores of one softmax. */
export const mixing = {
  temperature: z
    .strictObject({ euclidean: positive.default(0.1), poincare: positive.default(0.2) })
    .prefault({})
    .describe('distances are divided by it'),
  lambda: z
    .union([positive, z.literal('balanced')])
    .default('balanced')
    .describe('weight of the Poincaré head in the mixed score; balanced: both spread alike before training'),
};

/** Weights of the three softmaxes. */
export const softmaxWeights = {
  mixed: z.number().min(0).default(1).describe('softmax over the sum of both scores (HypMix)'),
  euclidean: z.number().min(0).default(0.5).describe('softmax over the Euclidean score alone'),
  poincare: z.number().min(0).default(0.5).describe('softmax over the hyperbolic score alone'),
};

const loss = z.strictObject({
  ...mixing,
  ...contrast,
  weights: z
    .strictObject({
      ...softmaxWeights,
      preservation: z
        .number()
        .min(0)
        .default(0.3)
        .describe('code distances against distances of the images; 0: not at all'),
      orientation: z.number().min(0).default(0.1).describe('predicted turn against the known one'),
    })
    .prefault({}),
  preservation,
  preservationSample: count(2).default(64).describe('items of each batch whose pairs are penalised'),
});

/** AdamW and its schedule. */
export const optimization = {
  learningRate: positive.default(0.003),
  warmup: z.int().min(0).default(50).describe('steps of linear warm-up; a cosine to 0 follows'),
  weightDecay: z.number().min(0).default(0.0001),
  beta1: z.number().min(0).lt(1).default(0.9),
  beta2: z.number().min(0).lt(1).default(0.99),
  clipNorm: positive.default(5).describe('largest norm of the gradient'),
};

const training = z.strictObject({
  steps: count().default(600),
  classesPerBatch: count(2).default(10),
  perClass: count(2).default(13),
  ...optimization,
  reportEvery: count().default(50).describe('steps between two readings of losses and statistics'),
});

/** What `gyrometric train` reads. Every key but schemaVersion has a default; unknown keys are errors. */
export const modelConfigSchema = z.strictObject({
  schemaVersion: z.literal(1),
  seed: z.int().min(0).max(4294967295).default(1),
  data: z
    .strictObject({
      name: z.literal('mnist').default('mnist').describe('handwritten digits, each turned by a random angle'),
      train: z.int().min(20).max(60000).default(60000).describe('first so many training images'),
    })
    .prefault({}),
  encoder: encoder.prefault({ kind: 'polarCnn' }),
  heads: heads.prefault({}),
  loss: loss.prefault({}),
  training: training.prefault({}),
});

export type ModelConfig = z.output<typeof modelConfigSchema>;
export type EncoderConfig = ModelConfig['encoder'];

/** JSON Schema of the config file, as `gyrometric config NAME --schema` prints it. */
export function modelConfigJsonSchema(): unknown {
  return z.toJSONSchema(modelConfigSchema, { io: 'input' });
}

/** @throws UsageError that names the key, what it takes and what came */
export function parseModelConfig(json: unknown, who = 'config'): ModelConfig {
  return parseWith(modelConfigSchema, json, who, 'see gyrometric config quickstart --schema');
}

/** What a schema makes of parsed JSON. @throws UsageError that names the key, what it takes and what came */
export function parseWith<T>(schema: z.ZodType<T>, json: unknown, who: string, remedy: string): T {
  const result = schema.safeParse(json);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  const path = issue.path.map(String).join('.');
  if (issue.code === 'unrecognized_keys') {
    const at = path === '' ? who : `${who}: ${path}`;
    throw new UsageError(expectation(at, 'known keys only', issue.keys.join(', '), remedy));
  }
  const got = issue.path.reduce<unknown>(
    (value, key) => (value as Record<PropertyKey, unknown> | undefined)?.[key],
    json,
  );
  throw new UsageError(expectation(`${who}: ${path || 'top level'}`, requirement(issue), got, remedy));
}

/** What zod's sentence says was expected, without its own "received ..." half, which `expectation` says. */
function requirement(issue: z.core.$ZodIssue): string {
  if (issue.code === 'invalid_union' && issue.errors.length > 0)
    return issue.errors.map(([first]) => requirement(first)).join(' or ');
  return issue.message.replace(/^.*?(expected|must be) /i, '').replace(/, received .*$/, '');
}
