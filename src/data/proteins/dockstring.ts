import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expectation, FormatError, MissingError } from '../../core/errors.js';
import { readFileBytes } from '../../core/files.js';
import { cacheFolder } from '../../core/places.js';
import type { Protein } from './protein.js';
import { readProtein } from './readProtein.js';

/** A protein that drugs bind to, and where. */
export interface Target {
  /** Of its gene: ABL1. */
  readonly name: string;
  readonly protein: Protein;
  /** Centre of the box that ligands are docked into, ångström. */
  readonly centre: readonly [number, number, number];
}

/** Where `npm run fetch -- dockstring` puts the targets. */
export const dockstringFolder = (cache: string = cacheFolder()): string => join(cache, 'dockstring-0.3.4');

/** Whether they have been fetched. */
export const hasDockstring = (folder: string = dockstringFolder()): boolean => existsSync(folder);

/**
 * The 58 targets of the package dockstring 0.3.4, Apache-2.0, by name.
 * @throws MissingError naming the command that fetches them, FormatError for a damaged file
 * @source García-Ortegón et al. 2022, "DOCKSTRING", J. Chem. Inf. Model. 62:3486
 */
export function loadDockstring(folder: string = dockstringFolder()): Target[] {
  if (!hasDockstring(folder)) {
    const remedy = 'run: npm run fetch -- dockstring';
    throw new MissingError(expectation('dockstring', `targets in ${folder}`, 'none', remedy));
  }
  const ending = '_target.pdbqt';
  const files = readdirSync(folder).filter((name) => name.endsWith(ending));
  return files.sort().map((file) => {
    const name = file.slice(0, -ending.length);
    const box = readFileBytes(join(folder, `${name}_conf.txt`), 'dockstring');
    const centre = boxCentre(new TextDecoder().decode(box), `${name}_conf.txt`);
    return { name, protein: readProtein(join(folder, file)), centre };
  });
}

/** Of lines `center_x = 15.851`. @throws FormatError for one that lacks */
export function boxCentre(text: string, who: string): [number, number, number] {
  const along = (axis: string): number => {
    const [, value] =
      new RegExp(`^center_${axis}\\s*=\\s*([-+]?\\d+(?:\\.\\d+)?)\\s*$`, 'm').exec(text) ?? [];
    if (value) return Number(value);
    throw new FormatError(expectation(who, `a line center_${axis} = number`, 'none', 'restore the file'));
  };
  return [along('x'), along('y'), along('z')];
}
