import { element, type Markup, text } from './svg.js';

/** Rows of text, the first of them the header; the first column names the row, the others hold numbers. */
export type TableRows = readonly (readonly string[])[];

/**
 * A table for the terminal: the first column left-aligned, the others right-aligned, a rule under the header.
 * Short rows are filled with blanks. Ends without a newline; '' for no rows.
 */
export function formatTable(rows: TableRows): string {
  const columns = Math.max(0, ...rows.map((cells) => cells.length));
  const widths = Array.from({ length: columns }, (_, j) =>
    Math.max(...rows.map((cells) => width(cells[j] ?? ''))),
  );
  const lines = rows.map((cells) =>
    widths
      .map((w, j) => {
        const cell = printable(cells[j] ?? '');
        const blanks = ' '.repeat(w - width(cell));
        return j === 0 ? cell + blanks : blanks + cell;
      })
      .join('  ')
      .trimEnd(),
  );
  if (lines.length > 0) lines.splice(1, 0, widths.map((w) => '-'.repeat(w)).join('  '));
  return lines.join('\n');
}

/** Control characters in a cell would move the cursor of the reader's terminal. */
function printable(cell: string): string {
  return cell.replace(/\p{Cc}/gu, ' ');
}

function width(cell: string): number {
  return [...printable(cell)].length;
}

export interface HtmlTableOptions {
  /** Spoken and shown above the table. */
  readonly caption: string;
  /** Rows (0 is the first below the header) set off as the ones to look at. */
  readonly emphasised?: readonly number[];
}

/** The same rows as an HTML table that scrolls sideways inside its own box on a narrow screen. */
export function htmlTable(rows: TableRows, { caption, emphasised = [] }: HtmlTableOptions): Markup {
  const [header = [], ...body] = rows;
  if (body.length === 0) return element('p', { class: 'nothing' }, text('no data'));
  const head = header.map((cell) => element('th', { scope: 'col' }, text(cell)));
  const lines = body.map((cells, i) => {
    const columns = cells.map((cell, j) =>
      j === 0 ? element('th', { scope: 'row' }, text(cell)) : element('td', {}, text(cell)),
    );
    return element('tr', { class: emphasised.includes(i) ? 'emphasised' : undefined }, ...columns);
  });
  return element(
    'div',
    { class: 'table', tabindex: 0, role: 'region', 'aria-label': caption },
    element(
      'table',
      {},
      element('caption', {}, text(caption)),
      element('thead', {}, element('tr', {}, ...head)),
      element('tbody', {}, ...lines),
    ),
  );
}
