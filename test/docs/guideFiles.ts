import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..', '..');

/** The files of a guide: its blocks of TypeScript that begin with a comment of their name. */
export function blocksOf(markdown: string): ReadonlyMap<string, string> {
  const blocks = new Map<string, string>();
  for (const [, text] of markdown.matchAll(/^```ts\n([\s\S]*?)^```$/gm)) {
    const name = /^\/\/ (\S+\.ts)\n/.exec(text)?.[1];
    if (!name) throw new Error(`a block of TypeScript without its name: ${text.slice(0, 60)}`);
    blocks.set(name, text);
  }
  return blocks;
}

/** A folder of build/ with the files of a guide, importing the sources in place of the package. */
export function writeGuide(guide: string): { readonly folder: string; readonly remove: () => void } {
  mkdirSync(join(ROOT, 'build'), { recursive: true });
  const folder = mkdtempSync(join(ROOT, 'build', 'guide-'));
  const blocks = blocksOf(readFileSync(join(ROOT, guide), 'utf8'));
  for (const [name, text] of blocks)
    writeFileSync(join(folder, name), text.replaceAll("from 'gyrometric'", "from '../../src/index.js'"));
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

export const importFrom = (folder: string, file: string) =>
  import(/* @vite-ignore */ pathToFileURL(join(folder, file)).href) as Promise<Record<string, never>>;
