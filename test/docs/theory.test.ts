import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';

it('every claim of docs/theory.md names a test that is there', () => {
  const theory = readFileSync('docs/theory.md', 'utf8').replaceAll(/\s+/g, ' ');
  const named = [...theory.matchAll(/\*Tests?: (.*?)\*/g)].flatMap(([, mention]) =>
    [...mention.matchAll(/"(.*?)"/g)].map(([, title]) => title),
  );
  expect(named.length).toBeGreaterThan(15);
  const sources = readdirSync('test', { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .map((file) => readFileSync(join('test', file), 'utf8'))
    .join('\n');
  expect(named.filter((title) => !sources.includes(`${title}'`))).toEqual([]);
});
