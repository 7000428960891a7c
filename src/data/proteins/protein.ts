/** One line of atoms, as a file has it. */
export interface AtomRecord {
  /** Of a ligand, water or ion by the file's word. */
  readonly hetero: boolean;
  /** Without blanks: CA. */
  readonly name: string;
  /** '' where there is only one place for it. */
  readonly alternative: string;
  readonly residue: string;
  readonly chain: string;
  readonly number: number;
  readonly insertion: string;
  /** ångström */
  readonly position: readonly [number, number, number];
  /** Share of the molecules that have the atom there. */
  readonly occupancy: number;
  readonly element: string;
}

export interface Residue {
  /** Three letters. */
  readonly name: string;
  readonly chain: string;
  readonly number: number;
  readonly insertion: string;
  readonly hetero: boolean;
  /** Its atoms are first .. end - 1. */
  readonly first: number;
  readonly end: number;
  /** Its C-alpha, an atom; -1 without one. */
  readonly alpha: number;
}

export interface Protein {
  /** [3 * atoms], ångström */
  readonly positions: Float64Array;
  /** Symbol of each atom. */
  readonly elements: readonly string[];
  readonly names: readonly string[];
  readonly residues: readonly Residue[];
}

/**
 * Residues in the order of the file: lines that follow each other with the same chain, number, insertion code and, but for
 * alternatives, name. Of alternative places the residue's one with the largest sum of occupancies is kept, the first of equals.
 */
export function proteinOf(records: readonly AtomRecord[]): Protein {
  const residues: Residue[] = [];
  const kept: AtomRecord[] = [];
  for (let from = 0; from < records.length; ) {
    let to = from + 1;
    while (to < records.length && isSameResidue(records[to - 1], records[to])) to++;
    const atoms = withoutAlternatives(records.slice(from, to));
    const first = kept.length;
    const alpha = atoms.findIndex(({ name, element }) => name === 'CA' && element === 'C');
    const { residue: name, chain, number, insertion, hetero } = atoms[0];
    kept.push(...atoms);
    residues.push({
      ...{ name, chain, number, insertion, hetero, first, end: kept.length },
      alpha: alpha < 0 ? -1 : first + alpha,
    });
    from = to;
  }
  return {
    positions: Float64Array.from(kept.flatMap(({ position }) => position)),
    elements: kept.map(({ element }) => element),
    names: kept.map(({ name }) => name),
    residues,
  };
}

function isSameResidue(a: AtomRecord, b: AtomRecord): boolean {
  const here = a.chain === b.chain && a.number === b.number && a.insertion === b.insertion;
  return here && (a.residue === b.residue || (a.alternative !== '' && b.alternative !== ''));
}

function withoutAlternatives(atoms: readonly AtomRecord[]): readonly AtomRecord[] {
  const sums = new Map<string, number>();
  for (const { alternative, occupancy } of atoms) {
    if (alternative !== '') sums.set(alternative, (sums.get(alternative) ?? 0) + occupancy);
  }
  const [best] = [...sums].sort(([, a], [, b]) => b - a)[0] ?? [''];
  return atoms.filter(({ alternative }) => alternative === '' || alternative === best);
}
