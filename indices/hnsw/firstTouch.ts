import { expectation, FormatError } from '../../src/core/errors.js';
import type { NativeGraph, Storage } from '../../src/native/index.js';

/** What is left to do of opening a mapped file, when it is first needed. */
export class FirstTouch {
  private problem: FormatError | undefined;
  private running: Promise<void> | undefined;
  private done = false;

  /** @param count of points, as the header says */
  constructor(
    private readonly path: string,
    private readonly graph: NativeGraph,
    readonly count: number,
    readonly storage: Storage,
  ) {}

  get pending(): boolean {
    return !this.done;
  }

  /** undefined: all is done. Rejects with FormatError for a damaged file, now and ever after. */
  begin(): Promise<void> | undefined {
    if (this.done) return undefined;
    this.running ??= this.graph.touch(this.storage).then(
      () => {
        this.done = true;
      },
      (cause) => {
        throw this.damage(cause);
      },
    );
    return this.running;
  }

  /** The same, done when it returns. @throws FormatError for a damaged file */
  now(): void {
    if (this.done) return;
    if (this.problem) throw this.problem;
    try {
      this.graph.touchNow(this.storage);
      this.done = true;
    } catch (cause) {
      throw this.damage(cause as Error);
    }
  }

  private damage(cause: Error): FormatError {
    const remedy = `run \`gyrometric index verify --repair\` (${cause.message})`;
    this.problem = new FormatError(
      expectation(`index ${this.path}`, 'an undamaged file', 'another', remedy),
      {
        cause,
      },
    );
    return this.problem;
  }
}
