import { expectation, FormatError } from '../../core/errors.js';

/** A model of a catalogue, as its properties tell. */
export interface CatalogueEntry {
  readonly name: string;
  readonly category: string;
  /** Of its OBJ file in the catalogue. */
  readonly path: string;
}

/**
 * Entries of a PluginFurnitureCatalog.properties, in its order: the lines `name#i=`, `category#i=` and `model#i=`.
 * @throws FormatError naming an entry that lacks one of them
 */
export function parseCatalogue(text: string, who: string): CatalogueEntry[] {
  const entries = new Map<string, Record<string, string>>();
  for (const line of text.split(/\r?\n/)) {
    const [, key, id, value] = /^(name|category|model)#(\d+)=(.*)$/.exec(line) ?? [];
    if (key === undefined) continue;
    const entry = entries.get(id) ?? {};
    entry[key] = unescaped(value.trim());
    entries.set(id, entry);
  }
  return Array.from(entries, ([id, { name, category, model }]) => {
    if (name && category && model?.startsWith('/')) return { name, category, path: model.slice(1) };
    const got = [name, category, model].join(', ');
    const expected = 'a name, a category and the path of a model';
    throw new FormatError(expectation(`${who} entry ${id}`, expected, got, 'restore the file'));
  });
}

/** Letters that the format writes as \uXXXX. */
const unescaped = (text: string): string =>
  text.replace(/\\u([0-9a-fA-F]{4})/g, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)));

/** The last word of a name, in small letters, without a number behind it: what sort of thing "Office chair 2" is. */
export function lastWord(name: string): string {
  const words = name.toLowerCase().match(/\p{L}+/gu) ?? [];
  return words[words.length - 1] ?? '';
}
