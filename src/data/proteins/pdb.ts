import { expectation, FormatError } from '../../core/errors.js';
import { elementOfAutodock, elementOfName, requireElement } from './elements.js';
import { type AtomRecord, type Protein, proteinOf } from './protein.js';

/**
 * The first model of a PDB file. The element stands in columns 77 and 78 or, in files from before 1996, which have the
 * file's name and a line number there, is read off the atom's name.
 * @throws FormatError naming the line of a broken atom or an unknown element, or for a file without atoms
 * @source wwPDB, "Atomic coordinate entry format", version 3.30, ATOM
 */
export function parsePdb(text: string, who: string): Protein {
  return parseLines(text, who, (line, at) => {
    const [, symbol, charge] = /^(.{2})(.{2})$/.exec(line.slice(76, 80).padEnd(4)) ?? [];
    const isElement = /^[A-Za-z ][A-Za-z]$/.test(symbol) && /^( {2}|\d[+-])$/.test(charge);
    return isElement ? requireElement(symbol.trim(), at) : elementOfName(line.slice(12, 16), at);
  });
}

/**
 * The first model of a PDBQT file: columns 78 and 79 have the atom's type for AutoDock.
 * @throws as parsePdb
 * @source Morris et al. 2009 (AutoDock 4), J. Comput. Chem. 30:2785
 */
export function parsePdbqt(text: string, who: string): Protein {
  return parseLines(text, who, (line, at) => elementOfAutodock(line.slice(77, 79).trim(), at));
}

function parseLines(text: string, who: string, elementAt: (line: string, who: string) => string): Protein {
  const records: AtomRecord[] = [];
  const lines = text.split(/\r?\n/);
  for (const [i, line] of lines.entries()) {
    if (line.startsWith('ENDMDL')) break;
    if (!/^(ATOM {2}|HETATM)/.test(line)) continue;
    const at = `${who} line ${i + 1}`;
    records.push({
      hetero: line.startsWith('HETATM'),
      name: line.slice(12, 16).trim(),
      alternative: line.slice(16, 17).trim(),
      residue: line.slice(17, 20).trim(),
      chain: line.slice(21, 22).trim(),
      number: numberAt(line, 22, 26, /^-?\d+$/, at, 'a residue number'),
      insertion: line.slice(26, 27).trim(),
      position: [
        numberAt(line, 30, 38, DECIMAL, at, 'a coordinate'),
        numberAt(line, 38, 46, DECIMAL, at, 'a coordinate'),
        numberAt(line, 46, 54, DECIMAL, at, 'a coordinate'),
      ],
      occupancy: line.slice(54, 60).trim() === '' ? 1 : numberAt(line, 54, 60, DECIMAL, at, 'an occupancy'),
      element: elementAt(line, at),
    });
  }
  return proteinOf(requireAtoms(records, who));
}

const DECIMAL = /^[-+]?(\d+\.?\d*|\.\d+)$/;

function numberAt(
  line: string,
  from: number,
  to: number,
  form: RegExp,
  who: string,
  expected: string,
): number {
  const field = line.slice(from, to).trim();
  if (form.test(field)) return Number(field);
  throw new FormatError(
    expectation(who, `${expected} in columns ${from + 1} to ${to}`, field, 'restore the file'),
  );
}

/** @throws FormatError for none */
export function requireAtoms<T>(records: readonly T[], who: string): readonly T[] {
  if (records.length > 0) return records;
  throw new FormatError(expectation(who, 'atoms', 'none', 'restore the file'));
}
