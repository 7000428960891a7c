import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expectation, FormatError, MissingError } from '../../core/errors.js';
import { readFileBytes } from '../../core/files.js';
import { cacheFolder } from '../../core/places.js';
import { readZip } from '../../core/zip.js';
import { type CatalogueEntry, lastWord, parseCatalogue } from './catalogue.js';
import { areasOf, type Mesh, parseObj } from './mesh.js';

export interface FurnitureModel extends CatalogueEntry {
  /** The last word of its name. */
  readonly word: string;
  readonly mesh: Mesh;
}

/** Where `npm run fetch -- furniture` puts the catalogues. */
export const furnitureFolder = (cache: string = cacheFolder()): string => join(cache, 'furniture-1.8');

/** Whether they have been fetched. */
export const hasFurniture = (folder: string = furnitureFolder()): boolean => existsSync(folder);

const PROPERTIES = 'PluginFurnitureCatalog.properties';
const isWanted = (name: string): boolean => name === PROPERTIES || name.endsWith('.obj');

/**
 * The models of Sweet Home 3D's catalogues, package sweethome3d-furniture 1.8 of Debian: 820 by several authors, CC-BY 3.0 or
 * CC0. In the order of the files' names and of their entries; those whose surface has no area are left out.
 * @throws MissingError naming the command that fetches them, FormatError for a damaged catalogue
 */
export function loadFurniture(folder: string = furnitureFolder()): FurnitureModel[] {
  if (!hasFurniture(folder)) {
    const remedy = 'run: npm run fetch -- furniture';
    throw new MissingError(expectation('furniture', `catalogues in ${folder}`, 'none', remedy));
  }
  const files = readdirSync(folder).filter((name) => name.endsWith('.sh3f'));
  return files.sort().flatMap((file) => readCatalogue(readFileBytes(join(folder, file), 'data'), file));
}

/** The models of one catalogue, a zip. */
export function readCatalogue(bytes: Uint8Array, who: string): FurnitureModel[] {
  const files = readZip(bytes, who, isWanted);
  // Java writes properties in Latin-1.
  const text = (name: string): string => {
    if (files[name]) return new TextDecoder('latin1').decode(files[name]);
    throw new FormatError(expectation(who, `an entry ${name}`, 'none', 'restore the file'));
  };
  return parseCatalogue(text(PROPERTIES), who).flatMap((entry) => {
    const mesh = parseObj(text(entry.path), `${who} ${entry.path}`);
    const { total } = areasOf(mesh);
    return total > 0 ? [{ ...entry, word: lastWord(entry.name), mesh }] : [];
  });
}
