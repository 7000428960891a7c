import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';

const PREFIX = '.partial-';
const ONE_DAY_MS = 86_400_000;

/**
 * Lends `use` an empty folder inside `parent` and removes it afterwards, on Ctrl-C too. What a killed process left
 * a day ago goes as well.
 * @template T
 * @param {string} parent made if missing
 * @param {(folder: string) => Promise<T>} use
 * @returns {Promise<T>}
 */
export async function withTemporaryFolder(parent, use) {
  mkdirSync(parent, { recursive: true });
  removeAbandoned(parent);
  const folder = mkdtempSync(join(parent, PREFIX));
  const remove = () => rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
  const interrupted = () => {
    remove();
    process.exit(130);
  };
  process.once('SIGINT', interrupted);
  process.once('SIGTERM', interrupted);
  try {
    return await use(folder);
  } finally {
    process.off('SIGINT', interrupted);
    process.off('SIGTERM', interrupted);
    remove();
  }
}

function removeAbandoned(/** @type {string} */ parent) {
  for (const name of readdirSync(parent)) {
    if (!name.startsWith(PREFIX)) continue;
    const folder = join(parent, name);
    const { mtimeMs } = statSync(folder, { throwIfNoEntry: false }) ?? { mtimeMs: Date.now() };
    if (Date.now() - mtimeMs > ONE_DAY_MS) rmSync(folder, { recursive: true, force: true });
  }
}

/**
 * Puts a finished folder in its place in one step. Whoever comes second keeps the first one's.
 * @param {string} finished
 * @param {string} target on the same file system
 * @param {(folder: string) => boolean} isComplete
 */
export function publishFolder(finished, target, isComplete) {
  if (existsSync(target) && !isComplete(target)) {
    moveAside(target, `${finished}.damaged`);
  }
  try {
    renameSync(finished, target);
  } catch (error) {
    if (!isComplete(target)) throw error;
  }
}

/** Moved, then removed: meanwhile another setup may put its good folder in the place of a large damaged one. */
function moveAside(/** @type {string} */ folder, /** @type {string} */ aside) {
  try {
    renameSync(folder, aside);
  } catch (error) {
    if (existsSync(folder)) throw error;
  }
  rmSync(aside, { recursive: true, force: true });
}
