/** One JSON document on stdout: what --json promises to machines. */
export function printJson(value: unknown): void {
  process.stdout.write(`${JSON.stringify(value, null, 2)}\n`);
}

export function printLine(text: string): void {
  process.stdout.write(`${text}\n`);
}

export function noteLine(text: string): void {
  process.stderr.write(`${text}\n`);
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
