import { z } from 'zod';
import { expectation, UsageError } from '../../core/errors.js';
import { heads, mixing, optimization, parseWith, softmaxWeights } from '../config.js';
import { contrast } from '../contrast.js';

const count = (least = 1) => z.int().min(least);

const encoder = z
  .discriminatedUnion('kind', [
    z.strictObject({
      kind: z.literal('cloud').describe('points in space: blind to rigid motions and to the order of points'),
      maxPoints: count().max(512).default(64).describe('most points of a cloud'),
      layers: count().max(16).default(3).describe('rounds of messages between points'),
      scalars: count().default(32).describe('invariant numbers of a point'),
      vectors: count().default(16).describe('vectors of a point'),
      neighbors: z
        .union([count(), z.literal('all')])
        .default('all')
        .describe('nearest points that a point hears of'),
      radius: z
        .union([z.number().positive(), z.literal('auto')])
        .default('auto')
        .describe('size of the clouds, in their unit; auto: of those that train'),
      codeDim: count().default(64),
    }),
    z.strictObject({
      kind: z.literal('set').describe('elements without an order'),
      maxPoints: count().max(512).default(20).describe('most elements of a set'),
      dim: count().default(10).describe('classes of elements, or numbers of an element'),
      elements: z
        .enum(['classes', 'vectors'])
        .default('classes')
        .describe('what an element is: one of dim classes, or dim numbers'),
      width: count().default(64).describe('numbers of an element inside'),
      codeDim: count().default(32),
    }),
  ])
  .describe('point set -> invariant code');

const data = z
  .discriminatedUnion('name', [
    z.strictObject({
      name: z.literal('tetris').describe('eight shapes of four points, in any pose and order, with noise'),
      train: count(16).max(1_000_000).default(2000),
      noise: z.number().min(0).default(0.01).describe('standard deviation of every coordinate'),
    }),
    z.strictObject({
      name: z
        .literal('digitSets')
        .describe('sets of digits of MNIST; the class is the digit that occurs most'),
      train: count(20).max(1_000_000).default(5000),
      size: count().max(512).default(20).describe('digits of a set'),
    }),
    z.strictObject({
      name: z
        .literal('furniture')
        .describe('points on the surfaces of furniture; npm run fetch -- furniture'),
      points: count(4).max(512).default(64).describe('points of a cloud'),
      draws: count().max(1000).default(8).describe('clouds sampled from each model'),
    }),
    z.strictObject({ name: z.literal('own').describe('the file of train --points') }),
  ])
  .default({ name: 'own' });

/** What `gyrometric train` reads for sets and clouds. Unknown keys are errors. */
const pointSetConfigSchema = z.strictObject({
  schemaVersion: z.literal(1),
  kind: z.literal('pointSets'),
  seed: z.int().min(0).max(4294967295).default(1),
  data,
  testShare: z.number().min(0).lt(1).default(0.2).describe('items that do not train and are scored'),
  encoder: encoder.prefault({ kind: 'cloud' }),
  heads: heads.prefault({}),
  loss: z
    .strictObject({
      ...mixing,
      ...contrast,
      weights: z
        .strictObject({
          ...softmaxWeights,
          reconstruction: z
            .number()
            .min(0)
            .default(0.5)
            .describe('error of the points drawn again from code, pose and order'),
          order: z.number().min(0).default(0.02).describe('how undecided the order is'),
        })
        .refine(
          ({ mixed, euclidean, poincare }) => mixed + euclidean + poincare > 0,
          'must be a softmax above 0',
        )
        .prefault({}),
    })
    .prefault({}),
  training: z
    .strictObject({
      steps: count().default(600),
      classesPerBatch: count(2).default(8),
      perClass: count(2).default(8),
      ...optimization,
      reportEvery: count().default(50).describe('steps between two readings of losses and statistics'),
    })
    .prefault({}),
});

export type PointSetConfig = z.output<typeof pointSetConfigSchema>;
/** A config with numbers in place of every "auto". */
export type ResolvedPointSetConfig = Omit<PointSetConfig, 'encoder'> & {
  readonly encoder:
    | Extract<PointSetConfig['encoder'], { kind: 'set' }>
    | (Omit<Extract<PointSetConfig['encoder'], { kind: 'cloud' }>, 'radius'> & { readonly radius: number });
};
export type PointSetConfigInput = z.input<typeof pointSetConfigSchema>;

/** @throws UsageError that names the key, what it takes and what came */
export function parsePointSetConfig(json: unknown, who = 'config'): PointSetConfig {
  return parseWith(pointSetConfigSchema, json, who, 'see gyrometric config clouds --schema');
}

/** @throws UsageError for a config with an "auto": no training has put a number there */
export function requireResolved(config: PointSetConfig, who: string): ResolvedPointSetConfig {
  const { encoder } = config;
  if (encoder.kind === 'set') return { ...config, encoder };
  const { radius } = encoder;
  if (radius !== 'auto') return { ...config, encoder: { ...encoder, radius } };
  throw new UsageError(expectation(`${who}: encoder.radius`, 'a number', radius, 'train the model first'));
}

/** JSON Schema of the config file, as `gyrometric config clouds --schema` prints it. */
export function pointSetConfigJsonSchema(): unknown {
  return z.toJSONSchema(pointSetConfigSchema, { io: 'input' });
}

const PRESETS: Readonly<Record<string, PointSetConfigInput>> = {
  tetris: {
    schemaVersion: 1,
    kind: 'pointSets',
    data: { name: 'tetris' },
    encoder: { kind: 'cloud', maxPoints: 4, codeDim: 16 },
    heads: { euclidean: { dim: 16 }, poincare: { dim: 16 } },
    training: { steps: 300 },
  },
  sets: {
    schemaVersion: 1,
    kind: 'pointSets',
    data: { name: 'digitSets' },
    encoder: { kind: 'set' },
    heads: { euclidean: { dim: 16 }, poincare: { dim: 16 } },
  },
  clouds: {
    schemaVersion: 1,
    kind: 'pointSets',
    data: { name: 'furniture' },
    encoder: { kind: 'cloud', maxPoints: 64, neighbors: 16 },
  },
};

export const POINT_SET_PRESET_NAMES = Object.keys(PRESETS);

/** A ready config with every default written out. */
export function pointSetPreset(name: string): PointSetConfig {
  return parsePointSetConfig(PRESETS[name]);
}
