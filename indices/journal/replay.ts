import { expectation, FormatError } from '../../src/core/errors.js';
import { journalPath } from '../format/indexFile.js';
import type { Base } from '../openBase.js';
import type { VectorIndex } from '../vectorIndex.js';
import { applyChanges } from './applyChanges.js';
import type { JournalEnd } from './batches.js';
import { type OpenedJournal, openJournal, readJournal, requireUndamaged } from './journalFile.js';

/**
 * How often an index and its journal are opened again because a checkpoint replaced one of them meanwhile.
 */
const ATTEMPTS = 5;

/**
 * An index with all changes of its journal, which is read and left alone: another process may be writing it.
 */
export async function openWithJournal(path: string, open: () => Promise<Base>): Promise<VectorIndex> {
  for (let attempt = 1; ; attempt++) {
    const base = await open();
    try {
      const opened = await openJournal(path, 'r');
      if (!opened) return base.index;
      try {
        const relation = relationOf(opened, base);
        if (relation === 'contained') return base.index;
        if (relation === 'continues') {
          requireUndamaged(path, await replay(path, opened, base.index));
          return base.index;
        }
        if (attempt === ATTEMPTS) await requireEmpty(path, opened, base.index);
      } finally {
        await opened.file.close();
      }
      if (attempt === ATTEMPTS) return base.index;
    } catch (error) {
      base.index.close();
      throw error;
    }
    base.index.close();
  }
}

/** Whether a journal's changes come after a file, are in it, or belong to another. */
export function relationOf(
  { base }: OpenedJournal,
  { id, follows }: Base,
): 'continues' | 'contained' | 'foreign' {
  if (base.equals(id)) return 'continues';
  return base.toString('hex') === follows ? 'contained' : 'foreign';
}

/** Makes the changes of all whole batches. @throws FormatError for one that does not fit, naming the byte */
export function replay(path: string, opened: OpenedJournal, index: VectorIndex): Promise<JournalEnd> {
  return readJournal(opened, index.columns, async (changes, at) => {
    try {
      await applyChanges(index, changes);
    } catch (cause) {
      const remedy = `run \`gyrometric index verify --repair\` (${(cause as Error).message})`;
      throw new FormatError(
        expectation(`journal ${journalPath(path)} byte ${at}`, 'a change that fits', 'another', remedy),
        { cause },
      );
    }
  });
}

/** A journal of another file may be put aside only if nothing is in it. @throws FormatError */
export async function requireEmpty(
  path: string,
  opened: OpenedJournal,
  { columns }: Pick<VectorIndex, 'columns'>,
): Promise<void> {
  const { batches, damage } = await readJournal(opened, columns, async () => {});
  if (batches === 0 && !damage) return;
  throw new FormatError(
    expectation(
      `journal ${journalPath(path)}`,
      'changes of this index file',
      'those of another',
      'put the file back that it belongs to, or remove the journal',
    ),
  );
}
