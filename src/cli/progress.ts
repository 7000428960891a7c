import pc from 'picocolors';
import { CLEAR_LINE } from './output.js';

export interface ProgressOptions {
  /** Default: stderr, since stdout is for results. */
  readonly stream?: NodeJS.WriteStream;
  /** Plain lines come at most this often, seconds. Default 10. */
  readonly plainEvery?: number;
  /** Seconds since any moment. */
  readonly now?: () => number;
}

const LONGEST_BAR = 24;
const SHORTEST_BAR = 8;

/** Where a long command says how far it is: a bar on a terminal, a plain line now and then elsewhere. */
export class Progress {
  private readonly stream: NodeJS.WriteStream;
  private readonly plainEvery: number;
  private readonly now: () => number;
  private readonly start: number;
  private lastPlain = Number.NEGATIVE_INFINITY;

  constructor(
    private readonly title: string,
    options: ProgressOptions = {},
  ) {
    this.stream = options.stream ?? process.stderr;
    this.plainEvery = options.plainEvery ?? 10;
    this.now = options.now ?? (() => performance.now() / 1000);
    this.start = this.now();
  }

  /** @param unit what `done` of `total` counts, for the rate; note: a short text behind the bar, cut to fit the terminal */
  update(done: number, total: number, unit: string, note = ''): void {
    const seconds = this.now() - this.start;
    const rate = done / Math.max(seconds, 1e-9);
    const left = done > 0 ? formatSeconds((total - done) / rate) : '?';
    const figures = `${done}/${total} ${unit}, ${formatRate(rate)}/s, ${left} left`;
    if (this.stream.isTTY) {
      this.stream.write(CLEAR_LINE + this.line(done / total, figures, note));
      return;
    }
    if (seconds - this.lastPlain < this.plainEvery) return;
    this.lastPlain = seconds;
    this.stream.write(`${this.title}: ${figures}${note && `; ${note}`}\n`);
  }

  /** A line that wraps cannot be cleared, so it stays shorter than the terminal is wide. */
  private line(share: number, figures: string, note: string): string {
    const room = (this.stream.columns || 80) - 1 - `${this.title}  ${figures} `.length;
    const width = Math.max(0, Math.min(LONGEST_BAR, room, Math.max(SHORTEST_BAR, room - note.length)));
    const filled = Math.round(width * share);
    const bar = pc.cyan('█'.repeat(filled)) + pc.dim('░'.repeat(width - filled));
    return `${this.title} ${bar} ${figures} ${pc.dim(note.slice(0, Math.max(0, room - width)))}`;
  }

  /** Ends the bar with a line that stays. */
  finish(summary: string): void {
    const seconds = formatSeconds(this.now() - this.start);
    this.stream.write(`${this.stream.isTTY ? CLEAR_LINE : ''}${this.title}: ${summary} (${seconds})\n`);
  }
}

/** Three digits, without an exponent up to millions. */
function formatRate(rate: number): string {
  return rate >= 100 ? String(Math.round(rate)) : rate.toPrecision(3);
}

/** 3.2 s, 75 s, 12 min: as many digits as one cares about. */
export function formatSeconds(seconds: number): string {
  if (seconds < 9.95) return `${seconds.toFixed(1)} s`;
  return seconds < 599.5 ? `${Math.round(seconds)} s` : `${Math.round(seconds / 60)} min`;
}
