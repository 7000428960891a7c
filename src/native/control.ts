import { availableParallelism } from 'node:os';

/** How often a running task's progress is looked at. */
const PROGRESS_MS = 100;

export interface TaskOptions {
  /** Stops the work soon after it is aborted; the promise rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
  /** Called on the event loop with the number of finished items, at most every 0.1 s, and at the end. */
  readonly onProgress?: ((done: number) => void) | undefined;
}

/** Runs an addon's task with two numbers shared with it: a request to stop and a count of finished items. */
export async function withControl<T>(
  { signal, onProgress }: TaskOptions,
  run: (control: Int32Array) => Promise<T>,
): Promise<T> {
  signal?.throwIfAborted();
  const control = new Int32Array(2);
  const stop = () => Atomics.store(control, 0, 1);
  signal?.addEventListener('abort', stop);
  const timer = onProgress && setInterval(() => onProgress(Atomics.load(control, 1)), PROGRESS_MS);
  try {
    const result = await run(control);
    onProgress?.(control[1]);
    return result;
  } catch (error) {
    signal?.throwIfAborted();
    throw error;
  } finally {
    clearInterval(timer);
    signal?.removeEventListener('abort', stop);
  }
}

/** One thread a core unless told, at most 256. */
export function threadCount(threads: number | undefined): number {
  return Math.min(256, threads ?? availableParallelism());
}
