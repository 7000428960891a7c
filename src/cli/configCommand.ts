import type { Command } from 'commander';
import { expectation, UsageError } from '../core/errors.js';
import { modelConfigJsonSchema } from '../model/config.js';
import {
  POINT_SET_PRESET_NAMES,
  pointSetConfigJsonSchema,
  pointSetPreset,
} from '../model/pointSets/config.js';
import { PRESET_NAMES, presetConfig } from '../model/presets.js';
import { defaultVectorConfig, vectorConfigJsonSchema } from '../model/vectors/config.js';
import { printJson } from './output.js';

interface ReadyConfig {
  readonly config: () => unknown;
  readonly schema: () => unknown;
}

/** Of images and of point sets by the presets' names, and of vectors. */
const READY: ReadonlyMap<string, ReadyConfig> = new Map<string, ReadyConfig>([
  ...PRESET_NAMES.map(
    (name) => [name, { config: () => presetConfig(name), schema: modelConfigJsonSchema }] as const,
  ),
  ...POINT_SET_PRESET_NAMES.map(
    (name) => [name, { config: () => pointSetPreset(name), schema: pointSetConfigJsonSchema }] as const,
  ),
  ['vectors', { config: defaultVectorConfig, schema: vectorConfigJsonSchema }],
]);
const NAMES = [...READY.keys()].join(', ');

export function registerConfigCommand(program: Command): void {
  program
    .command('config')
    .argument('<name>', `one of ${NAMES}`)
    .description('print a ready config with every default written out')
    .option('--schema', 'print the JSON Schema of configs instead')
    .option('--json', 'no difference: a config is JSON')
    .addHelpText(
      'after',
      '\nExample:\n  gyrometric config quickstart > digits.json\n  gyrometric config vectors > heads.json\n  gyrometric config clouds --schema',
    )
    .action((name: string, options: { schema?: boolean }) => {
      const ready = readyConfig(name);
      printJson(options.schema ? ready.schema() : ready.config());
    });
}

function readyConfig(name: string): ReadyConfig {
  const ready = READY.get(name);
  if (ready) return ready;
  throw new UsageError(expectation('config', `one of ${NAMES}`, name, 'choose one of these'));
}
