import type { Drawing } from './drawings.js';

/** emojibase's group of flags: they are told apart by colour, and are no test of anything else. */
const FLAGS = 9;

export interface Split {
  /** Rows of drawings. */
  readonly train: Int32Array;
  /** Of other emoji than train. */
  readonly test: Int32Array;
}

/** Emoji at even places train, those at odd places test, but for flags. */
export function splitEmojis(rows: readonly Drawing[]): Split {
  return {
    train: rowsWhere(rows, ({ emoji }) => emoji % 2 === 0),
    test: rowsWhere(rows, ({ emoji, group }) => emoji % 2 === 1 && group !== FLAGS),
  };
}

/** For choices: a fifth of the training emoji is held out, of which flags are left out. */
export function splitForValidation(rows: readonly Drawing[]): Split {
  const isHeldOut = (emoji: number) => emoji % 2 === 0 && (emoji / 2) % 5 === 4;
  return {
    train: rowsWhere(rows, ({ emoji }) => emoji % 2 === 0 && !isHeldOut(emoji)),
    test: rowsWhere(rows, ({ emoji, group }) => isHeldOut(emoji) && group !== FLAGS),
  };
}

function rowsWhere(rows: readonly Drawing[], take: (row: Drawing) => boolean): Int32Array {
  return Int32Array.from(rows.keys()).filter((i) => take(rows[i]));
}
