import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expectation, UsageError } from '../../core/errors.js';
import { readFileBytes } from '../../core/files.js';
import { isObject, type JsonObject } from './leaves.js';

/** The file itself, or the .json files of a folder, sorted. @throws UsageError if there are none */
export function referenceFiles(path: string): string[] {
  if (!existsSync(path)) {
    const remedy = 'check the path';
    throw new UsageError(expectation('reference', 'a folder or file that exists', path, remedy));
  }
  if (!statSync(path).isDirectory()) return [path];
  const names = readdirSync(path).filter((name) => name.endsWith('.json'));
  if (names.length === 0) {
    const remedy = 'make some with make.py';
    throw new UsageError(expectation(`reference ${path}`, 'a folder with .json files', 'none', remedy));
  }
  return names.sort().map((name) => join(path, name));
}

/** Strings are matched first, so that words inside them stay. */
const PYTHON_NUMBERS = /"(?:[^"\\]|\\.)*"|\bNaN\b|-?\bInfinity\b/g;

/**
 * A JSON object as Python writes it: NaN and Infinity, which JSON does not have, read as null.
 * @throws UsageError if there is no such file, or something else is in it
 */
export function readReference(path: string): JsonObject {
  const text = new TextDecoder().decode(readFileBytes(path, 'reference'));
  const plain = text.replace(PYTHON_NUMBERS, (word) => (word.startsWith('"') ? word : 'null'));
  let value: unknown;
  try {
    value = JSON.parse(plain);
  } catch (cause) {
    throw new UsageError(
      expectation(`reference ${path}`, 'JSON', text.slice(0, 40), 'make the file again with make.py'),
      { cause },
    );
  }
  if (isObject(value)) return value;
  throw new UsageError(
    expectation(`reference ${path}`, 'a JSON object', value, 'make the file again with make.py'),
  );
}
