import { existsSync } from 'node:fs';
import { expectation, FormatError } from '../../core/errors.js';
import { readFileBytes, sha256, writeFileAtomic } from '../../core/files.js';
import { formatSafetensors, type NamedTensor, parseSafetensors } from '../../core/safetensors.js';
import type { ClosureState } from './closureTraining.js';
import type { ClosureConfig } from './config.js';

const FORMAT = 'gyrometric-closure';
const VERSION = '1';

/** What a training that was stopped goes on from. */
export interface SavedClosure extends ClosureState {
  /** Time spent so far. */
  readonly seconds: number;
}

/** Writes one safetensors file, whole or not at all. */
export function writeClosureState(path: string, config: ClosureConfig, saved: SavedClosure): void {
  const { tensors, ...rest } = saved;
  const state = JSON.stringify(rest);
  const metadata = { format: FORMAT, version: VERSION, config: JSON.stringify(config), state };
  const bytes = formatSafetensors(tensors, { ...metadata, sha256: digest(metadata.config, state, tensors) });
  writeFileAtomic(path, bytes);
}

/**
 * @returns undefined where there is no such file
 * @throws FormatError for one that is damaged, foreign, or of another config
 */
export function readClosureState(path: string, config: ClosureConfig): SavedClosure | undefined {
  if (!existsSync(path)) return undefined;
  const { tensors, metadata } = parseSafetensors(readFileBytes(path, 'closure state'), path);
  const refuse = (expected: string, got: unknown): never => {
    throw new FormatError(expectation(path, expected, got, 'delete it and start the training anew'));
  };
  const { format, version, config: written = '', state = '', sha256: expected } = metadata;
  if (format !== FORMAT) refuse(`format "${FORMAT}"`, format);
  if (version !== VERSION) refuse(`version ${VERSION}`, version);
  if (digest(written, state, tensors) !== expected)
    refuse('the content that its checksum sums up', 'another');
  if (written !== JSON.stringify(config)) refuse(`the config ${JSON.stringify(config)}`, written);
  return { ...(JSON.parse(state) as Omit<SavedClosure, 'tensors'>), tensors };
}

function digest(config: string, state: string, tensors: readonly NamedTensor[]): string {
  const parts = tensors.map(({ name, shape, data }) => {
    const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
    return `${name} ${shape.join('x')} ${sha256(bytes)}`;
  });
  return sha256(new TextEncoder().encode([config, state, ...parts].join('\n')));
}
