import { UsageError } from '../src/core/errors.js';

const ignore = () => {};

/**
 * Keeps changes apart from each other and from what needs an index at rest, and lets nothing begin after
 * close().
 */
export class Gate {
  private last: Promise<unknown> = Promise.resolve();
  private closed = false;

  /** @param first what all else waits for; called again each time */
  constructor(private readonly first: () => Promise<void> | undefined = () => undefined) {}

  /** @throws UsageError after close() */
  requireOpen(): void {
    if (this.closed) throw new UsageError('index: it has been closed; open it again');
  }

  /** At once, beside whatever else runs. */
  async pass<T>(run: () => Promise<T>): Promise<T> {
    this.requireOpen();
    const first = this.first();
    if (first) {
      await first;
      this.requireOpen();
    }
    return run();
  }

  /** After all that was called in turn before. */
  inTurn<T>(run: () => Promise<T>): Promise<T> {
    const result = this.last.then(() => this.pass(run));
    this.last = result.then(ignore, ignore);
    return result;
  }

  /** What has not begun yet, and all that comes, rejects with UsageError. */
  close(): void {
    this.closed = true;
  }
}
