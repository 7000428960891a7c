import { UsageError } from '../src/core/errors.js';

const ignore = () => {};

/** Lets readers run together and a writer alone, in the order in which they came. */
export class Gate {
  private lastWriter: Promise<unknown> = Promise.resolve();
  private readonly readers = new Set<Promise<unknown>>();
  private closed = false;

  read<T>(run: () => Promise<T>): Promise<T> {
    const result = this.lastWriter.then(() => this.enter(run));
    const settled = result.then(ignore, ignore);
    this.readers.add(settled);
    settled.then(() => this.readers.delete(settled));
    return result;
  }

  write<T>(run: () => Promise<T>): Promise<T> {
    const before = Promise.all([this.lastWriter, ...this.readers]);
    const result = before.then(() => this.enter(run));
    this.lastWriter = result.then(ignore, ignore);
    return result;
  }

  /** What has not begun yet, and all that comes, rejects with UsageError. */
  close(): void {
    this.closed = true;
  }

  private enter<T>(run: () => Promise<T>): Promise<T> {
    if (this.closed) throw new UsageError('index: it has been closed; open it again');
    return run();
  }
}
