import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expectation, MissingError } from '../../core/errors.js';
import { cacheFolder } from '../../core/places.js';
import type { Protein } from './protein.js';
import { readProtein } from './readProtein.js';

/** Lactate and malate dehydrogenases, trypsins and their like, cytochromes c. */
export const FAMILIES = ['ldh', 'trypsins', 'cytochromes'] as const;

export interface Chain {
  /** Of its file: 1a5z_A. */
  readonly name: string;
  readonly family: (typeof FAMILIES)[number];
  readonly protein: Protein;
}

/** Where `npm run fetch -- theseus` puts the chains. */
export const theseusFolder = (cache: string = cacheFolder()): string => join(cache, 'theseus-examples-3.3.0');

/** Whether they have been fetched. */
export const hasTheseus = (folder: string = theseusFolder()): boolean => existsSync(folder);

/**
 * The 424 chains of the package theseus-examples 3.3.0 of Debian, of the Protein Data Bank, by family and name: within a
 * family all have one fold.
 * @throws MissingError naming the command that fetches them, FormatError for a damaged file
 */
export function loadTheseus(folder: string = theseusFolder()): Chain[] {
  if (!hasTheseus(folder)) {
    const remedy = 'run: npm run fetch -- theseus';
    throw new MissingError(expectation('theseus', `chains in ${folder}`, 'none', remedy));
  }
  const ending = '.pdb.gz';
  return FAMILIES.flatMap((family) => {
    const files = readdirSync(join(folder, family)).filter((name) => name.endsWith(ending));
    return files.sort().map((file) => ({
      name: file.slice(0, -ending.length),
      family,
      protein: readProtein(join(folder, family, file)),
    }));
  });
}
