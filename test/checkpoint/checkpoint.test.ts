import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Checkpoint, readCheckpoint, writeCheckpoint } from '../../src/checkpoint/checkpoint.js';
import { FormatError, UsageError } from '../../src/core/errors.js';
import { canLimitFileSize, withFileSizeLimit } from '../core/fileSizeLimit.js';
import { refused } from '../core/hostile.js';

const EXAMPLE: Checkpoint = {
  config: { schemaVersion: 1, seed: 3 },
  space: {
    kind: 'product',
    combine: 'sum',
    factors: [{ space: { kind: 'poincare', dim: 4, curvature: -0.1 }, weight: 1.7 / 0.3 }],
  },
  metrics: { loss: 0.25, history: [] },
  tensors: [
    { name: 'encoder/kernel', shape: [2, 2], data: Float32Array.of(1, -0, 1e-40, 4) },
    { name: 'encoder/scale', shape: [1], data: Float32Array.of(Math.PI) },
  ],
  about: { engine: 'cpu', image: { height: 28, width: 20 }, lambda: 1.7, steps: 6 },
};
const FILES = ['config.json', 'manifest.json', 'metrics.json', 'space.json', 'weights.safetensors'];

let parent = '';
let folder = '';
beforeEach(() => {
  parent = mkdtempSync(join(tmpdir(), 'gyrometric-checkpoint-'));
  folder = join(parent, 'model');
});
afterEach(() => rmSync(parent, { recursive: true, force: true }));

const at = (name: string) => join(folder, name);
const bytesOf = (name: string) => new Uint8Array(readFileSync(at(name)));
describe('a checkpoint', () => {
  it('comes back as it was written, to the last bit', () => {
    writeCheckpoint(folder, EXAMPLE);
    expect(readCheckpoint(folder)).toEqual(EXAMPLE);
    expect(readdirSync(folder).sort()).toEqual(FILES);
    expect(readdirSync(parent)).toEqual(['model']);
  });

  it('is written over an earlier one, and over a damaged one', () => {
    writeCheckpoint(folder, EXAMPLE);
    const later = { ...EXAMPLE, about: { ...EXAMPLE.about, steps: 7 } };
    writeCheckpoint(folder, later);
    expect(readCheckpoint(folder)).toEqual(later);
    rmSync(at('weights.safetensors'));
    writeCheckpoint(folder, EXAMPLE);
    expect(readCheckpoint(folder)).toEqual(EXAMPLE);
    expect(readdirSync(parent)).toEqual(['model']);
  });

  it.skipIf(!canLimitFileSize())('leaves the earlier one whole when the disk fills up', () => {
    writeCheckpoint(folder, EXAMPLE);
    const large = { name: 'x', shape: [50_000], data: new Float32Array(50_000) };
    const attempt = () => writeCheckpoint(folder, { ...EXAMPLE, tensors: [large] });
    expect(() => withFileSizeLimit(8192, attempt)).toThrow(/EFBIG/);
    expect(readCheckpoint(folder)).toEqual(EXAMPLE);
    expect(readdirSync(parent)).toEqual(['model']);
  });

  it('leaves the earlier one whole when the new one cannot be put into JSON', () => {
    writeCheckpoint(folder, EXAMPLE);
    expect(() => writeCheckpoint(folder, { ...EXAMPLE, metrics: { n: 1n } })).toThrow();
    expect(readCheckpoint(folder)).toEqual(EXAMPLE);
    expect(readdirSync(parent)).toEqual(['model']);
  });
});

describe('writing a checkpoint refuses', () => {
  const refuse = () => {
    const before = readdirSync(folder).map((name) => [name, readFileSync(at(name), 'utf8')]);
    expect(() => writeCheckpoint(folder, EXAMPLE)).toThrow(UsageError);
    expect(readdirSync(folder).map((name) => [name, readFileSync(at(name), 'utf8')])).toEqual(before);
    expect(readdirSync(parent)).toEqual(['model']);
  };

  it('a folder with other files', () => {
    mkdirSync(folder);
    writeFileSync(at('thesis.tex'), 'years of work');
    refuse();
  });

  it('a folder of a web page or browser extension, which has a manifest.json too', () => {
    mkdirSync(folder);
    writeFileSync(at('manifest.json'), '{"manifest_version": 3}');
    refuse();
    writeFileSync(at('manifest.json'), 'no JSON');
    refuse();
    writeFileSync(at('manifest.json'), 'null');
    refuse();
  });

  it('a checkpoint to which a user added a file', () => {
    writeCheckpoint(folder, EXAMPLE);
    writeFileSync(at('notes.txt'), 'the best run so far');
    refuse();
  });

  it('a file', () => {
    writeFileSync(folder, 'kept');
    expect(() => writeCheckpoint(folder, EXAMPLE)).toThrow(UsageError);
    expect(readFileSync(folder, 'utf8')).toBe('kept');
  });
});

describe('reading a checkpoint', () => {
  const fails = (Class: typeof FormatError | typeof UsageError, ...parts: string[]) => {
    expect(() => readCheckpoint(folder)).toThrow(Class);
    for (const part of parts) expect(() => readCheckpoint(folder)).toThrow(part);
  };

  it('is wrong use without the folder', () => {
    fails(UsageError, folder, 'run gyrometric train');
  });

  it('finds no model in a folder without manifest.json', () => {
    mkdirSync(folder);
    writeFileSync(at('config.json'), '{}');
    fails(FormatError, folder, 'manifest.json');
  });

  it.each(FILES.filter((name) => name !== 'manifest.json'))(
    'names %s when it is damaged or missing',
    (name) => {
      writeCheckpoint(folder, EXAMPLE);
      const whole = bytesOf(name);
      const damages: Record<string, Uint8Array> = {
        'a flipped bit': whole.with(whole.length >> 1, whole[whole.length >> 1] ^ 1),
        'cut short': whole.slice(0, -1),
        empty: new Uint8Array(0),
        longer: Uint8Array.of(...whole, 10),
      };
      for (const damaged of Object.values(damages)) {
        writeFileSync(at(name), damaged);
        fails(FormatError, at(name), 'got "another"', 'restore the model from a copy');
      }
      rmSync(at(name));
      fails(FormatError, at(name), 'got "no such file"');
      writeFileSync(at(name), whole);
      expect(readCheckpoint(folder)).toEqual(EXAMPLE);
    },
  );

  it.each<[string, object, string]>([
    ['another format', { format: 'other-model' }, 'format "gyrometric-model", got "other-model"'],
    ['no format', { format: undefined }, 'got undefined'],
    ['a later version', { schemaVersion: 2 }, 'schemaVersion 1, got 2'],
    ['no image size', { image: undefined }, 'an image size, got undefined'],
    ['half a pixel', { image: { height: 28, width: 0.5 } }, 'an image size'],
    ['lambda 0', { lambda: 0 }, 'a finite lambda > 0, got 0'],
    ['lambda as text', { lambda: '1.7' }, 'a finite lambda > 0, got "1.7"'],
    ['lambda null, which NaN becomes', { lambda: null }, 'a finite lambda > 0, got null'],
    ['no list of files', { files: undefined }, 'a list of files, got undefined'],
    ['null as list of files', { files: null }, 'a list of files, got null'],
    ['a list without a file', { files: {} }, 'config.json'],
  ])('refuses a manifest with %s', (_, changes, message) => {
    writeCheckpoint(folder, EXAMPLE);
    const manifest = JSON.parse(readFileSync(at('manifest.json'), 'utf8'));
    writeFileSync(at('manifest.json'), JSON.stringify({ ...manifest, ...changes }));
    fails(FormatError, folder, message);
  });

  it('refuses a manifest that is not JSON, or not an object, and names it', () => {
    writeCheckpoint(folder, EXAMPLE);
    for (const content of ['', '{', 'null', '5', '[]', '"gyrometric-model"']) {
      writeFileSync(at('manifest.json'), content);
      fails(FormatError, 'manifest');
      fails(FormatError, basename(folder));
    }
  });

  it('meets a manifest cut short anywhere, and flipped bits, with a FormatError or the whole checkpoint', () => {
    writeCheckpoint(folder, EXAMPLE);
    const whole = bytesOf('manifest.json');
    const read = (bytes: Uint8Array) => {
      writeFileSync(at('manifest.json'), bytes);
      expect(readCheckpoint(folder).tensors).toEqual(EXAMPLE.tensors);
    };
    // The last two bytes are } and a newline; without the newline the JSON is whole.
    for (let length = 0; length < whole.length - 1; length++) {
      expect(refused(read, whole.slice(0, length))).toBe(true);
    }
    for (let i = 0; i < whole.length; i += 3) refused(read, whole.with(i, whole[i] ^ (1 << (i % 7))));
  });
});
