import { expectation, FormatError } from '../../core/errors.js';
import { requireElement } from './elements.js';
import { requireAtoms } from './pdb.js';
import { type AtomRecord, type Protein, proteinOf } from './protein.js';

interface Token {
  readonly text: string;
  /** Written in quotes or as a text field: never a keyword, nor "none". */
  readonly quoted: boolean;
  /** From 1. */
  readonly line: number;
}

/**
 * The first model of an mmCIF file: its table `_atom_site`. Chains, numbers and names are the author's where given.
 * @throws FormatError naming the line of a broken atom or an unknown element, or for a file without atoms
 * @source wwPDB, PDBx/mmCIF dictionary; Hall, Allen, Brown 1991 (CIF), Acta Cryst. A47:655
 */
export function parseCif(text: string, who: string): Protein {
  const { columns, values } = atomTable(tokens(text, who));
  const width = columns.length;
  if (width === 0 || values.length === 0) requireAtoms([], who);
  if (values.length % width !== 0) {
    const { line } = values[values.length - 1];
    const got = values.length % width;
    throw new FormatError(expectation(`${who} line ${line}`, `${width} values`, got, 'restore the file'));
  }
  const records: AtomRecord[] = [];
  const models = fieldReader(columns, values, who)('pdbx_PDB_model_num');
  const model = models(0, '1');
  const read = fieldReader(columns, values, who);
  const field = {
    group: read('group_PDB'),
    name: read('auth_atom_id', 'label_atom_id'),
    alternative: read('label_alt_id'),
    residue: read('auth_comp_id', 'label_comp_id'),
    chain: read('auth_asym_id', 'label_asym_id'),
    number: read('auth_seq_id', 'label_seq_id'),
    insertion: read('pdbx_PDB_ins_code'),
    x: read('Cartn_x'),
    y: read('Cartn_y'),
    z: read('Cartn_z'),
    occupancy: read('occupancy'),
    element: read('type_symbol'),
  };
  for (let i = 0; i < values.length / width; i++) {
    if (models(i, '1') !== model) break;
    const at = `${who} line ${values[i * width].line}`;
    const number = (name: 'number' | 'x' | 'y' | 'z' | 'occupancy', none?: string) => {
      const value = field[name](i, none);
      if (/^[-+]?(\d+\.?\d*|\.\d+)$/.test(value)) return Number(value);
      throw new FormatError(expectation(`${at} ${name}`, 'a number', value, 'restore the file'));
    };
    records.push({
      hetero: field.group(i, 'ATOM') === 'HETATM',
      name: field.name(i),
      alternative: field.alternative(i, ''),
      residue: field.residue(i),
      chain: field.chain(i, ''),
      number: number('number'),
      insertion: field.insertion(i, ''),
      position: [number('x'), number('y'), number('z')],
      occupancy: number('occupancy', '1'),
      element: requireElement(field.element(i), at),
    });
  }
  return proteinOf(records);
}

/** Columns of the loop whose names begin with `_atom_site.`, and what stands below them. */
function atomTable(all: readonly Token[]): { columns: string[]; values: readonly Token[] } {
  const prefix = '_atom_site.';
  const isName = ({ text, quoted }: Token) => !quoted && text.startsWith('_');
  const isKeyword = ({ text, quoted }: Token) => !quoted && /^(loop_|data_.*|save_.*|stop_)$/i.test(text);
  const start = all.findIndex((token) => isName(token) && token.text.startsWith(prefix));
  if (start < 0) return { columns: [], values: [] };
  let at = start;
  while (at < all.length && isName(all[at])) at++;
  let end = at;
  while (end < all.length && !isName(all[end]) && !isKeyword(all[end])) end++;
  const columns = all.slice(start, at).map(({ text }) => text.slice(prefix.length));
  return { columns, values: all.slice(at, end) };
}

/** Reads, of a row, the first of the named columns that has a value; `none` where none has, or an error without it. */
function fieldReader(columns: readonly string[], values: readonly Token[], who: string) {
  return (...names: string[]) => {
    const places = names.map((name) => columns.indexOf(name)).filter((place) => place >= 0);
    return (row: number, none?: string): string => {
      for (const place of places) {
        const { text, quoted } = values[row * columns.length + place];
        if (quoted || (text !== '.' && text !== '?')) return text;
      }
      if (none !== undefined) return none;
      const at = `${who} line ${values[row * columns.length].line}`;
      throw new FormatError(expectation(at, `a value of _atom_site.${names[0]}`, 'none', 'restore the file'));
    };
  };
}

/** @throws FormatError naming the line where a text field begins that does not end */
function tokens(text: string, who: string): Token[] {
  const found: Token[] = [];
  const lines = text.split(/\r?\n/);
  for (let i = 0; i < lines.length; i++) {
    if (lines[i].startsWith(';')) {
      const end = lines.findIndex((line, j) => j > i && line.startsWith(';'));
      if (end < 0) {
        throw new FormatError(
          expectation(`${who} line ${i + 1}`, 'a text field that ends', 'the end of the file', 'restore it'),
        );
      }
      found.push({ text: lines.slice(i, end).join('\n').slice(1), quoted: true, line: i + 1 });
      i = end;
      lines[i] = lines[i].slice(1);
    }
    // A quote ends only before a blank: 'O5'' is O5'.
    for (const [word, single, double] of lines[i].matchAll(
      /'((?:[^']|'(?=\S))*)'(?=\s|$)|"((?:[^"]|"(?=\S))*)"(?=\s|$)|#.*$|\S+/g,
    )) {
      if (word.startsWith('#')) break;
      const inside = single ?? double;
      found.push({ text: inside ?? word, quoted: inside !== undefined, line: i + 1 });
    }
  }
  return found;
}
