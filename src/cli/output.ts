/** One JSON document on stdout: what --json promises to machines. */
export function printJson(value: unknown): void {
  process.stdout.write(`${JSON.stringify(value, null, 2)}\n`);
}

export function printLine(text: string): void {
  process.stdout.write(`${text}\n`);
}

/** A line on stderr, in the place of a progress bar that has not ended. */
export function noteLine(text: string): void {
  process.stderr.write(`${process.stderr.isTTY ? CLEAR_LINE : ''}${text}\n`);
}

/** Takes a terminal back to the beginning of its line, and empties it. */
export const CLEAR_LINE = '\r\x1b[2K';

/**
 * A reader that has gone, as after `| head -1`, is no error, and does not end a command that still has files to write.
 * Any other failure to write, such as a full disk, ends the process with one line and exit code 1.
 */
export function outliveClosedPipes(): void {
  process.stderr.on('error', () => {});
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') return;
    noteLine(`error standard output: ${error.message}; write it elsewhere`);
    process.exit(1);
  });
}

/** A signal that Ctrl-C aborts; a second Ctrl-C ends the process at once. */
export function interruptSignal(what: string): AbortSignal {
  const controller = new AbortController();
  process.once('SIGINT', () => {
    controller.abort(new DOMException(what, 'AbortError'));
    process.once('SIGINT', () => process.exit(130));
  });
  return controller.signal;
}
