import { existsSync } from 'node:fs';
import { expectation, FormatError } from '../core/errors.js';
import { readFileBytes, sha256, writeFileAtomic } from '../core/files.js';
import type { StepEvent } from '../core/records.js';
import type { RngState } from '../core/rng.js';
import { formatSafetensors, type NamedTensor, parseSafetensors } from '../core/safetensors.js';

const FORMAT = 'gyrometric-training';
const SCHEMA_VERSION = '1';

/** Everything that decides how a training goes on after `step`. */
export interface TrainingState {
  /** Steps done. */
  readonly step: number;
  /** Time spent so far. */
  readonly seconds: number;
  readonly engine: string;
  /** As it was parsed, with every default written out. */
  readonly config: unknown;
  readonly lambda: number;
  readonly history: readonly StepEvent[];
  /** The stream that turns the images. */
  readonly turns: RngState;
  /** What the batch sampler saves; plain JSON. */
  readonly sampler: unknown;
  /** Parameters, running statistics and the optimiser's moments. */
  readonly tensors: readonly NamedTensor[];
}

/** Writes one safetensors file, whole or not at all; an earlier state there stays until this one is complete. */
export function writeTrainingState(path: string, { tensors, ...rest }: TrainingState): void {
  const state = JSON.stringify(rest);
  writeFileAtomic(
    path,
    formatSafetensors(tensors, {
      format: FORMAT,
      version: SCHEMA_VERSION,
      state,
      sha256: digest(state, tensors),
    }),
  );
}

/** @returns undefined when there is no such file @throws FormatError for one that is damaged, foreign or later */
export function readTrainingState(path: string): TrainingState | undefined {
  if (!existsSync(path)) return undefined;
  const { tensors, metadata } = parseSafetensors(readFileBytes(path, 'training state'), path);
  const refuse = (expected: string, got: unknown): never => {
    throw new FormatError(expectation(path, expected, got, 'delete it and start the training anew'));
  };
  const { format, version, state = '', sha256: expected } = metadata;
  if (format !== FORMAT) refuse(`format "${FORMAT}"`, format);
  if (version !== SCHEMA_VERSION) refuse(`version ${SCHEMA_VERSION}`, version);
  if (digest(state, tensors) !== expected) refuse('the content that its checksum sums up', 'another');
  return { ...(JSON.parse(state) as Omit<TrainingState, 'tensors'>), tensors };
}

function digest(state: string, tensors: readonly NamedTensor[]): string {
  const parts = tensors.map(({ name, shape, data }) => {
    const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
    return `${name} ${shape.join('x')} ${sha256(bytes)}`;
  });
  return sha256(new TextEncoder().encode([state, ...parts].join('\n')));
}
