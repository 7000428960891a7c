import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expectation, FormatError, UsageError } from '../core/errors.js';
import { readFileBytes, readJson, sha256, writeFolderAtomic } from '../core/files.js';
import { packageVersion } from '../core/packageRoot.js';
import { formatSafetensors, type NamedTensor, parseSafetensors } from '../core/safetensors.js';
import { parseSpace, type Space } from '../core/space.js';

const FORMAT = 'gyrometric-model';
const SCHEMA_VERSION = 1;

/** A trained model on disk: config.json, space.json, metrics.json, weights.safetensors and manifest.json over them. */
export interface Checkpoint {
  /** As it was trained, with every default written out. */
  readonly config: unknown;
  readonly space: Space;
  readonly metrics: unknown;
  readonly tensors: readonly NamedTensor[];
  readonly about: CheckpointAbout;
}

export interface CheckpointAbout {
  readonly engine: string;
  readonly image: { readonly height: number; readonly width: number };
  /** Weight of the Poincaré head in the mixed score. */
  readonly lambda: number;
  readonly steps: number;
}

interface Manifest extends CheckpointAbout {
  readonly format: typeof FORMAT;
  readonly schemaVersion: typeof SCHEMA_VERSION;
  readonly gyrometric: string;
  readonly files: Readonly<Record<string, { readonly bytes: number; readonly sha256: string }>>;
}

const asJson = (value: unknown): Uint8Array =>
  new TextEncoder().encode(`${JSON.stringify(value, null, 2)}\n`);

/** True for a folder that holds a checkpoint, whole or damaged. */
export function isCheckpoint(folder: string): boolean {
  return existsSync(join(folder, 'manifest.json'));
}

/**
 * Writes the folder whole or not at all; an earlier checkpoint there is replaced.
 * @throws UsageError when `folder` holds other files
 */
export function writeCheckpoint(
  folder: string,
  { config, space, metrics, tensors, about }: Checkpoint,
): void {
  const files: Record<string, Uint8Array> = {
    'config.json': asJson(config),
    'space.json': asJson(space),
    'metrics.json': asJson(metrics),
    'weights.safetensors': formatSafetensors(tensors, { format: FORMAT }),
  };
  const manifest: Manifest = {
    format: FORMAT,
    schemaVersion: SCHEMA_VERSION,
    gyrometric: packageVersion,
    ...about,
    files: Object.fromEntries(
      Object.entries(files).map(([name, bytes]) => [
        name,
        { bytes: bytes.byteLength, sha256: sha256(bytes) },
      ]),
    ),
  };
  writeFolderAtomic(folder, { ...files, 'manifest.json': asJson(manifest) }, isCheckpoint);
}

/**
 * @throws UsageError when there is no such folder, FormatError when it is no checkpoint, one of a later version, or
 *   damaged (names the file)
 */
export function readCheckpoint(folder: string): Checkpoint {
  if (!existsSync(folder)) {
    throw new UsageError(
      expectation('model', 'a model folder', folder, 'check the path, or run gyrometric train'),
    );
  }
  if (!isCheckpoint(folder)) {
    throw new FormatError(
      expectation(
        `model ${folder}`,
        'a folder with manifest.json',
        'none',
        'name a folder that gyrometric train wrote',
      ),
    );
  }
  const manifest = requireManifest(readJson(join(folder, 'manifest.json'), 'manifest'), folder);
  const content = (name: string): Uint8Array => {
    const bytes = readFileBytes(join(folder, name), `model ${folder}`);
    if (sha256(bytes) === manifest.files[name]?.sha256) return bytes;
    throw new FormatError(
      expectation(
        join(folder, name),
        'the content that manifest.json sums up',
        'another',
        'restore the model from a copy',
      ),
    );
  };
  const json = (name: string): unknown => JSON.parse(new TextDecoder().decode(content(name)));
  return {
    config: json('config.json'),
    space: parseSpace(json('space.json')),
    metrics: json('metrics.json'),
    tensors: parseSafetensors(content('weights.safetensors'), join(folder, 'weights.safetensors')).tensors,
    about: { engine: manifest.engine, image: manifest.image, lambda: manifest.lambda, steps: manifest.steps },
  };
}

function requireManifest(json: unknown, folder: string): Manifest {
  const manifest = json as Partial<Manifest> | null;
  const refuse = (expected: string, got: unknown): never => {
    throw new FormatError(
      expectation(`model ${folder}`, expected, got, 'name a folder that gyrometric train wrote'),
    );
  };
  if (manifest?.format !== FORMAT) refuse(`manifest.json of format "${FORMAT}"`, manifest?.format);
  if (manifest?.schemaVersion !== SCHEMA_VERSION)
    refuse(`schemaVersion ${SCHEMA_VERSION}`, manifest?.schemaVersion);
  const whole = (value: unknown): boolean => Number.isInteger(value) && (value as number) > 0;
  if (!whole(manifest?.image?.height) || !whole(manifest?.image?.width))
    refuse('an image size', manifest?.image);
  if (!((manifest?.lambda ?? 0) > 0)) refuse('lambda > 0', manifest?.lambda);
  if (manifest?.files === undefined) refuse('a list of files', manifest?.files);
  return manifest as Manifest;
}
