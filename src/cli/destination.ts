import { existsSync, readdirSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { isModelFolder } from '../checkpoint/checkpoint.js';
import { expectation, UsageError } from '../core/errors.js';

// A command asks these before its work, which may take minutes, and not when it is about to write.

/** @throws UsageError unless a file can be written to `path`, as far as names go */
export function requireFileDestination(path: string): void {
  requireParent(path);
  if (isFolder(path)) refuse(path, 'a file to write', 'a folder');
}

/** @throws UsageError unless `path` is a folder or can become one, as far as names go */
export function requireFolderDestination(path: string): void {
  requireParent(path);
  if (existsSync(path) && !isFolder(path)) refuse(path, 'a folder to write', 'a file');
}

/** @throws UsageError as requireFolderDestination does, and for a folder with files that are no model's */
export function requireModelDestination(path: string): void {
  requireFolderDestination(path);
  if (!existsSync(path) || readdirSync(path).length === 0 || isModelFolder(path)) return;
  refuse(path, 'a new or empty folder, or one with a model', 'a folder with other files');
}

/** Folders on the way that are missing are made later; anything else there is in the way. */
function requireParent(path: string): void {
  if (path === '') refuse('--out', 'a path', '');
  let folder = dirname(resolve(path));
  while (!existsSync(folder)) folder = dirname(folder);
  if (!isFolder(folder)) refuse(path, 'a path through folders', `the file ${folder} on the way`);
}

function isFolder(path: string): boolean {
  return existsSync(path) && statSync(path).isDirectory();
}

function refuse(who: string, expected: string, got: string): never {
  throw new UsageError(expectation(who, expected, got, 'choose another path'));
}
