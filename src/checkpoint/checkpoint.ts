import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expectation, FormatError, UsageError } from '../core/errors.js';
import {
  isTemporaryFile,
  readFileBytes,
  readJson,
  recoverFolder,
  sha256,
  writeFolderAtomic,
} from '../core/files.js';
import { packageVersion } from '../core/packageRoot.js';
import { formatSafetensors, type NamedTensor, parseSafetensors } from '../core/safetensors.js';
import { parseSpace, type Space } from '../core/space.js';

const FORMAT = 'gyrometric-model';
const SCHEMA_VERSION = 1;
const MANIFEST = 'manifest.json';

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

const FILES = ['config.json', 'space.json', 'metrics.json', 'weights.safetensors'] as const;

/** Where a training keeps its state until it is done. */
export const TRAINING_FILE = 'training.safetensors';

/** True for a folder with a checkpoint of any version, whole or damaged. */
export function isCheckpoint(folder: string): boolean {
  if (!existsSync(join(folder, MANIFEST))) return false;
  try {
    // Web pages and browser extensions have a manifest.json too.
    return (readJson(join(folder, MANIFEST), 'manifest') as Partial<Manifest> | null)?.format === FORMAT;
  } catch {
    return false;
  }
}

/** True for a folder with a checkpoint or an interrupted training, and nothing else. */
export function isModelFolder(folder: string): boolean {
  const known = new Set<string>([...FILES, MANIFEST, TRAINING_FILE]);
  const foreign = readdirSync(folder).some((name) => !known.has(name) && !isTemporaryFile(name));
  return !foreign && (isCheckpoint(folder) || existsSync(join(folder, TRAINING_FILE)));
}

/**
 * Writes the folder whole or not at all; an earlier checkpoint there is replaced.
 * @throws UsageError when `folder` holds other files, or a manifest.json that is not a checkpoint's
 */
export function writeCheckpoint(
  folder: string,
  { config, space, metrics, tensors, about }: Checkpoint,
): void {
  const files: Record<(typeof FILES)[number], Uint8Array> = {
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
  writeFolderAtomic(folder, { ...files, [MANIFEST]: asJson(manifest) }, isModelFolder);
}

/**
 * @throws UsageError when there is no such folder, FormatError when it is no checkpoint, one of a later version, or
 *   damaged (names the file)
 */
export function readCheckpoint(folder: string): Checkpoint {
  recoverFolder(folder);
  if (!existsSync(folder)) {
    throw new UsageError(
      expectation('model', 'a model folder', folder, 'check the path, or run gyrometric train'),
    );
  }
  if (!existsSync(join(folder, MANIFEST))) {
    throw new FormatError(
      expectation(
        `model ${folder}`,
        'a folder with manifest.json',
        'none',
        'name a folder that gyrometric train wrote',
      ),
    );
  }
  const manifest = requireManifest(readJson(join(folder, MANIFEST), 'manifest'), folder);
  const content = (name: (typeof FILES)[number]): Uint8Array => {
    const path = join(folder, name);
    const bytes = existsSync(path) ? readFileBytes(path, 'model') : undefined;
    if (bytes && sha256(bytes) === manifest.files[name]?.sha256) return bytes;
    throw new FormatError(
      expectation(
        path,
        'the content that manifest.json sums up',
        bytes ? 'another' : 'no such file',
        'restore the model from a copy',
      ),
    );
  };
  const json = (name: (typeof FILES)[number]): unknown => JSON.parse(new TextDecoder().decode(content(name)));
  return {
    config: json('config.json'),
    space: parseSpace(json('space.json'), join(folder, 'space.json')),
    metrics: json('metrics.json'),
    tensors: parseSafetensors(content('weights.safetensors'), join(folder, 'weights.safetensors')).tensors,
    about: { engine: manifest.engine, image: manifest.image, lambda: manifest.lambda, steps: manifest.steps },
  };
}

function requireManifest(json: unknown, folder: string): Manifest {
  const manifest = json as Partial<Manifest> | null;
  const refuse = (
    expected: string,
    got: unknown,
    remedy = 'name a folder that gyrometric train wrote',
  ): never => {
    throw new FormatError(expectation(`model ${folder}`, expected, got, remedy));
  };
  if (manifest?.format !== FORMAT) refuse(`manifest.json of format "${FORMAT}"`, manifest?.format);
  if (manifest?.schemaVersion !== SCHEMA_VERSION)
    refuse(
      `schemaVersion ${SCHEMA_VERSION}`,
      manifest?.schemaVersion,
      `open it with the gyrometric that wrote it, ${manifest?.gyrometric}, or train it anew`,
    );
  const whole = (value: unknown): boolean => Number.isInteger(value) && (value as number) > 0;
  if (!whole(manifest?.image?.height) || !whole(manifest?.image?.width))
    refuse('an image size', manifest?.image);
  const lambda: unknown = manifest?.lambda;
  if (!(typeof lambda === 'number' && lambda > 0 && lambda < Number.POSITIVE_INFINITY))
    refuse('a finite lambda > 0', lambda);
  if (typeof manifest?.files !== 'object' || manifest.files === null)
    refuse('a list of files', manifest?.files);
  return manifest as Manifest;
}
