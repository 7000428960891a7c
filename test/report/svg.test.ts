import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DomainError } from '../../src/core/errors.js';
import { drawing, element, emptyDrawing, round, text } from '../../src/report/svg.js';

describe('element', () => {
  it('escapes the five special characters in text and attributes', () => {
    expect(element('p', { title: `"<&'>` }, text(`<b>&"'`))).toBe(
      '<p title="&quot;&lt;&amp;&#39;&gt;">&lt;b&gt;&amp;&quot;&#39;</p>',
    );
  });

  it('lets no text break out of its place', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (value) => {
        const markup = element('p', { title: value }, text(value));
        expect(markup.match(/[<>]/g)).toHaveLength(4);
        expect(markup.match(/"/g)).toHaveLength(2);
        expect(markup.replace(/[\n\t]/g, '')).not.toMatch(/[\p{Cc}\p{Surrogate}]/u);
      }),
      { seed: 3, numRuns: 300 },
    );
  });

  it('leaves out attributes that are undefined or false and writes true ones bare', () => {
    expect(element('input', { id: 'a', checked: true, disabled: false, name: undefined })).toBe(
      '<input id="a" checked>',
    );
  });

  it('rounds numbers to two decimals without negative zero', () => {
    expect(element('circle', { cx: 1 / 3, cy: -0.001, r: 2 })).toBe(
      '<circle cx="0.33" cy="0" r="2"></circle>',
    );
    expect(round(12.3)).toBe('12.3');
  });

  it('refuses a number that is not finite, and names the attribute', () => {
    expect(() => element('circle', { cx: Number.NaN })).toThrow(DomainError);
    expect(() => element('circle', { cx: Number.NaN })).toThrow(
      /circle cx: expected a finite number, got NaN/,
    );
  });
});

describe('drawing', () => {
  it('names itself to screen readers by title and description', () => {
    const markup = drawing({ id: 'a', title: 'T', description: 'D', width: 10, height: 20 });
    expect(markup).toContain('viewBox="0 0 10 20"');
    expect(markup).toContain('aria-labelledby="a-title a-description"');
    expect(markup).toContain('<title id="a-title">T</title><desc id="a-description">D</desc>');
  });

  it('says so where there is no data', () => {
    expect(emptyDrawing({ id: 'a', title: 'T', width: 10, height: 20 })).toContain('>no data</text>');
  });
});
