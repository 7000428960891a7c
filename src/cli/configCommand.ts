import type { Command } from 'commander';
import { modelConfigJsonSchema } from '../model/config.js';
import { PRESET_NAMES, presetConfig } from '../model/presets.js';
import { printJson } from './output.js';

export function registerConfigCommand(program: Command): void {
  program
    .command('config')
    .argument('<name>', `one of ${PRESET_NAMES.join(', ')}`)
    .description('print a ready config with every default written out')
    .option('--schema', 'print the JSON Schema of configs instead')
    .option('--json', 'no difference: a config is JSON')
    .addHelpText('after', '\nExample:\n  gyrometric config quickstart > digits.json')
    .action((name: string, options: { schema?: boolean }) => {
      const config = presetConfig(name);
      printJson(options.schema ? modelConfigJsonSchema() : config);
    });
}
