import { describe, expect, it } from 'vitest';
import { formatTable, htmlTable } from '../../src/report/table.js';

const ROWS = [
  ['', 'Recall@1', 'n'],
  ['Euclidean', '97.9 ± 0.3%', '2,000'],
  ['Raw', '–', '5'],
];

describe('formatTable', () => {
  it('aligns names left and numbers right under a rule', () => {
    expect(formatTable(ROWS)).toBe(
      [
        '              Recall@1      n',
        '---------  -----------  -----',
        'Euclidean  97.9 ± 0.3%  2,000',
        'Raw                  –      5',
      ].join('\n'),
    );
  });

  it('fills short rows with blanks', () => {
    expect(formatTable([['a', 'b'], ['c']])).toBe('a  b\n-  -\nc');
  });

  it('is empty for no rows', () => {
    expect(formatTable([])).toBe('');
  });

  it('keeps control characters away from the terminal', () => {
    expect(formatTable([['a\u001b[2J', 'b']])).not.toContain('\u001b');
  });
});

describe('htmlTable', () => {
  it('marks header, row names and emphasised rows', () => {
    const html = htmlTable(ROWS, { caption: 'Scores', emphasised: [0] });
    expect(html).toContain('<th scope="col">Recall@1</th>');
    expect(html).toContain('<tr class="emphasised"><th scope="row">Euclidean</th><td>97.9 ± 0.3%</td>');
    expect(html).toContain('<tr><th scope="row">Raw</th>');
  });

  it('escapes its cells', () => {
    expect(htmlTable([['x'], ['<b>']], { caption: '&' })).toContain('&lt;b&gt;');
  });

  it('says so where there are no rows', () => {
    expect(htmlTable([['head']], { caption: 'Scores' })).toContain('no data');
  });
});
