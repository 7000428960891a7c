import { type MultiplesInput, multiplesFigure } from './multiples.js';
import { renderPage } from './page.js';
import { element, join, text } from './svg.js';
import { htmlTable, type TableRows } from './table.js';

/** A page around small multiples. */
export interface MultiplesReportInput {
  readonly title: string;
  readonly lead: string;
  readonly figure: MultiplesInput;
  /** How to read the figure, and what it says in this run. */
  readonly reading: string;
  readonly finding: string;
  readonly tables: readonly { readonly caption: string; readonly rows: TableRows }[];
  /** What is needed to repeat the run: name and value. */
  readonly origin: readonly (readonly [string, string])[];
}

/** One HTML file without scripts; the same input gives the same bytes. */
export function renderMultiplesReport(input: MultiplesReportInput): string {
  const { title, lead, figure, reading, finding, tables, origin } = input;
  return renderPage({
    title,
    lead,
    head: join([]),
    sections: [
      {
        id: 'measures',
        title: figure.title,
        body: element('figure', {}, multiplesFigure(figure)),
        caption: { reading, finding },
        after: join(tables.map(({ caption, rows }) => htmlTable(rows, { caption }))),
      },
    ],
    foot: join([
      element('h2', {}, text('How this was made')),
      element(
        'dl',
        { class: 'origin' },
        ...origin.map(([name, value]) =>
          element('div', {}, element('dt', {}, text(name)), element('dd', {}, text(value))),
        ),
      ),
    ]),
  });
}
