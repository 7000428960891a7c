import { requireFile } from '../../src/core/files.js';
import type { Base } from '../openBase.js';
import { Journal, openJournal, requireUndamaged } from './journalFile.js';
import { LiveIndex } from './liveIndex.js';
import type { LiveVectorIndex } from './liveVectorIndex.js';
import { relationOf, replay, requireEmpty } from './replay.js';
import { WriterLock } from './writerLock.js';

/** Opens an index for changes that last, as its only writer. @throws as openIndex */
export async function openLive(path: string, open: () => Promise<Base>): Promise<LiveVectorIndex> {
  requireFile(path, 'index');
  const lock = await WriterLock.take(path);
  try {
    const base = await open();
    try {
      return new LiveIndex(path, base.index, await journalOf(path, base), lock, base.id);
    } catch (error) {
      base.index.close();
      throw error;
    }
  } catch (error) {
    await lock.release();
    throw error;
  }
}

/**
 * The journal that continues the file, with its changes made; a new one if it has none or what there is has
 * ended.
 */
async function journalOf(path: string, base: Base): Promise<Journal> {
  const opened = await openJournal(path, 'r+');
  if (!opened) return Journal.create(path, base.id);
  try {
    const relation = relationOf(opened, base);
    if (relation === 'continues') {
      const end = await replay(path, opened, base.index);
      requireUndamaged(path, end);
      return await Journal.resume(path, opened, end);
    }
    if (relation === 'foreign') await requireEmpty(path, opened, base.index);
  } catch (error) {
    await opened.file.close();
    throw error;
  }
  await opened.file.close();
  return Journal.create(path, base.id);
}
