import pc from 'picocolors';

/** Where a long command says how far it is: a bar on a terminal, a plain line now and then elsewhere. */
export class Progress {
  private readonly start = performance.now();
  private lastPlain = Number.NEGATIVE_INFINITY;

  constructor(
    private readonly title: string,
    private readonly stream: NodeJS.WriteStream = process.stderr,
    /** Plain lines come at most this often, seconds. */
    private readonly plainEvery = 10,
  ) {}

  /** @param unit what `done` counts, for the rate; note: a short text behind the bar */
  update(done: number, total: number, unit: string, note = ''): void {
    const seconds = (performance.now() - this.start) / 1000;
    const rate = done / Math.max(seconds, 1e-9);
    const left = done > 0 ? formatSeconds((total - done) / rate) : '?';
    const figures = `${done}/${total} ${unit}, ${rate.toPrecision(3)}/s, ${left} left`;
    if (this.stream.isTTY) {
      const width = 24;
      const filled = Math.round((width * done) / total);
      const bar = pc.cyan('█'.repeat(filled)) + pc.dim('░'.repeat(width - filled));
      this.stream.write(`\r\x1b[2K${this.title} ${bar} ${figures} ${pc.dim(note)}`);
      return;
    }
    if (seconds - this.lastPlain < this.plainEvery && done < total) return;
    this.lastPlain = seconds;
    this.stream.write(`${this.title}: ${figures}${note && `; ${note}`}\n`);
  }

  /** Ends the bar with a line that stays. */
  finish(summary: string): void {
    const seconds = formatSeconds((performance.now() - this.start) / 1000);
    this.stream.write(`${this.stream.isTTY ? '\r\x1b[2K' : ''}${this.title}: ${summary} (${seconds})\n`);
  }
}

/** 3.2 s, 75 s, 12 min: as many digits as one cares about. */
export function formatSeconds(seconds: number): string {
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  return seconds < 600 ? `${Math.round(seconds)} s` : `${Math.round(seconds / 60)} min`;
}
