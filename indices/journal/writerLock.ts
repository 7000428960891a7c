import { type FileHandle, open, rm, stat } from 'node:fs/promises';
import { expectation, StorageError } from '../../src/core/errors.js';
import { requireNative } from '../addonOrNot.js';
import { asStorageError } from '../format/storageError.js';

/**
 * One writer an index file. A lock of the system on a file beside it, so that nothing is left to be taken
 * over when the process dies, however it does.
 */
export class WriterLock {
  private constructor(
    private readonly path: string,
    private readonly file: FileHandle,
  ) {}

  /**
   * @param path the index file
   * @throws StorageError if another process or index has it, or the folder cannot be written; MissingError
   *   without the addon
   */
  static async take(path: string): Promise<WriterLock> {
    const native = requireNative('openIndex journal');
    const name = `${path}.lock`;
    for (;;) {
      const file = await open(name, 'a').catch((cause) => {
        throw asStorageError(`index ${path}`, 'a folder that can be written', cause);
      });
      try {
        if (!native.tryLockFile(file.fd)) {
          throw new StorageError(
            expectation(`index ${path}`, 'no other writer', 'one that has it open', 'close that one first'),
          );
        }
        // Between opening and locking, the last writer may have removed the file and another have made a new
        // one.
        if (await isSame(file, name)) return new WriterLock(name, file);
        await file.close();
      } catch (error) {
        await file.close();
        throw error;
      }
    }
  }

  /** Gives the index file free. */
  async release(): Promise<void> {
    // While it is locked: nobody else can have it by this name.
    await rm(this.path, { force: true });
    await this.file.close();
  }
}

async function isSame(file: FileHandle, name: string): Promise<boolean> {
  const [ours, there] = await Promise.all([file.stat(), stat(name).catch(() => undefined)]);
  return there?.ino === ours.ino && there.dev === ours.dev;
}
