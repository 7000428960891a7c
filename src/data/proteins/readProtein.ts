import { basename } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { expectation, FormatError, UsageError } from '../../core/errors.js';
import { readFileBytes } from '../../core/files.js';
import { parseCif } from './cif.js';
import { parsePdb, parsePdbqt } from './pdb.js';
import type { Protein } from './protein.js';

const PARSERS = { pdb: parsePdb, ent: parsePdb, pdbqt: parsePdbqt, cif: parseCif } as const;

/**
 * A protein of a file .pdb, .ent, .pdbqt or .cif, or one of these packed by gzip, .gz.
 * @throws UsageError for no such file or another ending; FormatError naming the line where it is broken
 */
export function readProtein(path: string): Protein {
  const name = basename(path);
  const [, kind, packed] = /\.(pdb|ent|pdbqt|cif)(\.gz)?$/i.exec(name) ?? [];
  if (!kind) {
    const remedy = 'name the file by its format';
    throw new UsageError(
      expectation('readProtein', '.pdb, .ent, .pdbqt, .cif, or these with .gz', name, remedy),
    );
  }
  const bytes = readFileBytes(path, 'readProtein');
  const text = new TextDecoder('latin1').decode(packed ? unpacked(bytes, name) : bytes);
  return PARSERS[kind.toLowerCase() as keyof typeof PARSERS](text, name);
}

function unpacked(bytes: Uint8Array, who: string): Uint8Array {
  try {
    return gunzipSync(bytes);
  } catch (cause) {
    const got = `${bytes.byteLength} bytes`;
    throw new FormatError(expectation(who, 'a whole gzip file', got, 'restore the file'), { cause });
  }
}
