import type { z } from 'zod';
import { expectation, UsageError } from '../core/errors.js';
import { type ModelConfig, type modelConfigSchema, parseModelConfig } from './config.js';

type ModelConfigInput = z.input<typeof modelConfigSchema>;

const PRESETS: Readonly<Record<string, ModelConfigInput>> = {
  quickstart: { schemaVersion: 1, encoder: { kind: 'polarCnn' }, training: { steps: 480 } },
  // The quickstart's rival: as many parameters, and as many of its cheaper steps as take the same time.
  plain: { schemaVersion: 1, encoder: { kind: 'plainCnn' }, training: { steps: 700 } },
};

export const PRESET_NAMES = Object.keys(PRESETS);

/** A ready config with every default written out. @throws UsageError for an unknown name */
export function presetConfig(name: string): ModelConfig {
  if (Object.hasOwn(PRESETS, name)) return parseModelConfig(PRESETS[name]);
  throw new UsageError(
    expectation('config', `one of ${PRESET_NAMES.join(', ')}`, name, 'choose one of these'),
  );
}
