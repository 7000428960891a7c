import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, describe, expect, it } from 'vitest';
import { FormatError, UsageError } from '../../../src/core/errors.js';
import { parseCif } from '../../../src/data/proteins/cif.js';
import { parsePdb, parsePdbqt } from '../../../src/data/proteins/pdb.js';
import type { Protein } from '../../../src/data/proteins/protein.js';
import { readProtein } from '../../../src/data/proteins/readProtein.js';

const folder = mkdtempSync(join(tmpdir(), 'gyrometric-proteins-'));
afterAll(() => rmSync(folder, { recursive: true }));

const PDB = `HEADER    ONE
ATOM      1  N   MET A  22     111.918  36.419  46.656  1.00 42.79           N
ATOM      2  CA  MET A  22     112.023  35.084  47.316  1.00 44.37           C
ATOM      3  SD  MET A  22     110.180  34.436  45.960  1.00 39.08           S
ATOM      4  N  ASER A  22A      1.000   2.000  -3.500  0.40 10.00           N
ATOM      5  CA ASER A  22A      1.500   2.000  -3.500  0.40 10.00           C
ATOM      6  N  BTHR A  22A      1.000   2.100  -3.500  0.60 10.00           N
ATOM      7  CA BTHR A  22A      1.500   2.100  -3.500  0.60 10.00           C
TER
HETATM    8 CA    CA A 301      -1.000  -2.000  -3.000  1.00 10.00          CA2+
ENDMDL
ATOM      9  N   MET A  22     111.918  36.419  46.656  1.00 42.79           N
`;

const CIF = `data_ONE
# a comment
loop_
_entity.id
_entity.pdbx_description
1 'a protein'
loop_
_atom_site.group_PDB
_atom_site.id
_atom_site.type_symbol
_atom_site.label_atom_id
_atom_site.label_alt_id
_atom_site.label_comp_id
_atom_site.label_asym_id
_atom_site.label_seq_id
_atom_site.pdbx_PDB_ins_code
_atom_site.Cartn_x
_atom_site.Cartn_y
_atom_site.Cartn_z
_atom_site.occupancy
_atom_site.auth_seq_id
_atom_site.auth_asym_id
_atom_site.pdbx_PDB_model_num
ATOM 1 N N . MET B 1 ? 111.918 36.419 46.656 1.00 22 A 1
ATOM 2 C CA . MET B 1 ? 112.023 35.084 47.316 1.00 22 A 1
ATOM 3 S "SD" . MET B 1 ? 110.180 34.436 45.960 1.00 22 A 1
ATOM 4 N N A SER B 2 A 1.000 2.000 -3.500 0.40 22 A 1
ATOM 5 C CA A SER B 2 A 1.500 2.000 -3.500 0.40 22 A 1
ATOM 6 N N B THR B 2 A 1.000 2.100 -3.500 0.60 22 A 1
ATOM 7 C CA B THR B 2 A 1.500 2.100 -3.500 0.60 22 A 1
HETATM 8 CA CA . CA C . ? -1.000 -2.000
-3.000 1.00 301 A 1
ATOM 9 N N . MET B 1 ? 111.918 36.419 46.656 1.00 22 A 2
#
loop_
_other.thing
;a text field
of two lines
;
`;

const PDBQT = `ATOM      1  N   ASP     1      37.433  20.702  -4.362  1.00  0.00    -0.411 N
ATOM      2  HN2 ASP     1      38.016  21.412  -3.919  1.00  0.00     0.151 HD
ATOM      3  CG  PHE     2      37.801  19.271  -4.257  1.00  0.00     0.161 A
ATOM      4  SG  CYS     3      36.849  18.379  -5.039  1.00  0.00     0.251 SA
ATOM      5 FE   HEM     4      36.849  18.379  -5.039  1.00  0.00     0.251 Fe
`;

function expectOne({ residues, positions, elements, names }: Protein): void {
  expect(residues.map(({ name, chain, number, insertion }) => [name, chain, number, insertion])).toEqual([
    ['MET', 'A', 22, ''],
    ['THR', 'A', 22, 'A'],
    ['CA', 'A', 301, ''],
  ]);
  expect(residues.map(({ first, end, alpha }) => [first, end, alpha])).toEqual([
    [0, 3, 1],
    [3, 5, 4],
    // Calcium is no C-alpha.
    [5, 6, -1],
  ]);
  expect(residues.map(({ hetero }) => hetero)).toEqual([false, false, true]);
  expect(elements).toEqual(['N', 'C', 'S', 'N', 'C', 'Ca']);
  expect(names).toEqual(['N', 'CA', 'SD', 'N', 'CA', 'CA']);
  expect(Array.from(positions.subarray(0, 3))).toEqual([111.918, 36.419, 46.656]);
  expect(Array.from(positions.subarray(12))).toEqual([1.5, 2.1, -3.5, -1, -2, -3]);
}

describe('parsePdb', () => {
  it('reads the first model: residues, insertion codes, the alternative that is there most', () => {
    expectOne(parsePdb(PDB, 'one.pdb'));
  });

  it('reads elements off the names where columns 77 to 80 number lines', () => {
    const old = (name: string, tail: string) =>
      `ATOM      1 ${name} MET A  22     111.918  36.419  46.656  1.00 42.79      ${tail}`;
    const of = (name: string, tail: string) => parsePdb(old(name, tail), 'old').elements[0];
    expect(of(' CA ', '01931C02')).toBe('C');
    expect(of(' N  ', '0195BC30')).toBe('N');
    expect(of('2HG1', '1LDM 123')).toBe('H');
    expect(of('HG11', '')).toBe('H');
    expect(of('FE  ', '')).toBe('Fe');
  });

  it.each([
    [30, 38, '        ', 'a coordinate in columns 31 to 38, got ""'],
    [38, 46, '  36.4x9', 'a coordinate in columns 39 to 46, got "36.4x9"'],
    [46, 54, '     NaN', 'a coordinate in columns 47 to 54, got "NaN"'],
    [22, 26, ' 2.5', 'a residue number in columns 23 to 26, got "2.5"'],
    [54, 60, '  high', 'an occupancy in columns 55 to 60, got "high"'],
    [76, 78, 'XX', 'the symbol of an element, got "XX"'],
  ])('names the line and what is broken at %i..%i', (from, to, wrong, expected) => {
    const lines = PDB.split('\n');
    lines[2] = lines[2].slice(0, from) + wrong + lines[2].slice(to);
    const read = () => parsePdb(lines.join('\n'), 'one.pdb');
    expect(read).toThrow(FormatError);
    expect(read).toThrow(`one.pdb line 3: expected ${expected}`);
  });

  it('names the line that was cut off, and a file without atoms', () => {
    expect(() => parsePdb(`${PDB.split('\n')[1].slice(0, 40)}\n`, 'cut.pdb')).toThrow(/cut\.pdb line 1: /);
    expect(() => parsePdb('HEADER\n', 'empty.pdb')).toThrow(/empty\.pdb: expected atoms, got "none"/);
  });
});

describe('parsePdbqt', () => {
  it("reads elements off AutoDock's types", () => {
    const { elements, residues } = parsePdbqt(PDBQT, 'a.pdbqt');
    expect(elements).toEqual(['N', 'H', 'C', 'S', 'Fe']);
    expect(residues).toHaveLength(4);
  });

  it('names the line of an unknown type', () => {
    const wrong = PDBQT.replace(' SA\n', ' Q9\n');
    expect(() => parsePdbqt(wrong, 'a.pdbqt')).toThrow(
      /a\.pdbqt line 4: expected the symbol of an element, got "Q9"/,
    );
  });
});

describe('parseCif', () => {
  it('reads the same protein as from PDB: author numbers, quotes, rows over two lines', () => {
    expectOne(parseCif(CIF, 'one.cif'));
  });

  it.each([
    ['112.023', '11x.023', 'one.cif line 25 x: expected a number, got "11x.023"'],
    ['ATOM 3 S', 'ATOM 3 Xx', 'one.cif line 26: expected the symbol of an element, got "Xx"'],
    ['46.656 1.00 22 A 2', '46.656', 'one.cif line 33: expected 16 values, got 12'],
    ['ATOM 2 C CA', 'ATOM 2 ? CA', 'one.cif line 25: expected a value of _atom_site.type_symbol'],
    ['of two lines\n;', 'of two lines', 'one.cif line 37: expected a text field that ends'],
  ])('names the line of %j made %j', (right, wrong, message) => {
    expect(CIF).toContain(right);
    const read = () => parseCif(CIF.replace(right, wrong), 'one.cif');
    expect(read).toThrow(FormatError);
    expect(read).toThrow(message);
  });

  it('says of a file without atoms that it has none', () => {
    expect(() => parseCif('data_x\n_cell.length_a 1\n', 'x.cif')).toThrow(/x\.cif: expected atoms/);
  });
});

describe('readProtein', () => {
  it('reads files by their endings, packed or not', () => {
    writeFileSync(join(folder, 'one.pdb.gz'), gzipSync(PDB));
    writeFileSync(join(folder, 'one.cif'), CIF);
    expectOne(readProtein(join(folder, 'one.pdb.gz')));
    expectOne(readProtein(join(folder, 'one.cif')));
  });

  it('is an error for another ending, no file, and a damaged gzip', () => {
    writeFileSync(join(folder, 'cut.pdb.gz'), gzipSync(PDB).subarray(0, 60));
    expect(() => readProtein('a.xyz')).toThrow(UsageError);
    expect(() => readProtein(join(folder, 'none.pdb'))).toThrow(UsageError);
    expect(() => readProtein(join(folder, 'cut.pdb.gz'))).toThrow(/cut\.pdb\.gz: expected a whole gzip/);
  });
});
