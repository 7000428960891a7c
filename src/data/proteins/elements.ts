import { expectation, FormatError } from '../../core/errors.js';

const SYMBOLS = `H He Li Be B C N O F Ne Na Mg Al Si P S Cl Ar K Ca Sc Ti V Cr Mn Fe Co Ni Cu Zn Ga Ge As Se Br Kr Rb Sr Y Zr Nb
Mo Tc Ru Rh Pd Ag Cd In Sn Sb Te I Xe Cs Ba La Ce Pr Nd Pm Sm Eu Gd Tb Dy Ho Er Tm Yb Lu Hf Ta W Re Os Ir Pt Au Hg Tl Pb Bi
Po At Rn Fr Ra Ac Th Pa U Np Pu Am Cm Bk Cf Es Fm Md No Lr Rf Db Sg Bh Hs Mt Ds Rg Cn Nh Fl Mc Lv Ts Og`;

/** Deuterium is hydrogen. */
const ELEMENTS = new Map([...SYMBOLS.split(/\s+/).map((e) => [e.toUpperCase(), e] as const), ['D', 'H']]);

/** What AutoDock's types say beside the element: whether it takes or gives a hydrogen bond, or is aromatic. */
const AUTODOCK = new Map(
  Object.entries({ A: 'C', HD: 'H', HS: 'H', NA: 'N', NS: 'N', OA: 'O', OS: 'O', SA: 'S' }),
);

/** The symbol as chemists write it, of letters of any case; undefined for none. */
export const elementOf = (symbol: string): string | undefined => ELEMENTS.get(symbol.toUpperCase());

/** @throws FormatError naming the line */
export function requireElement(symbol: string, who: string): string {
  const found = elementOf(symbol);
  if (found) return found;
  throw new FormatError(expectation(who, 'the symbol of an element', symbol, 'restore the file'));
}

/** @source Morris et al. 2009 (AutoDock 4), J. Comput. Chem. 30:2785; types of AD4.1_bound.dat */
export function elementOfAutodock(type: string, who: string): string {
  return AUTODOCK.get(type.toUpperCase()) ?? requireElement(type, who);
}

/**
 * The element that columns 13 to 16 of a PDB line name: its symbol ends in column 14, but where a name of four letters
 * of a hydrogen begins in column 13.
 */
export function elementOfName(name: string, who: string): string {
  const letters = name.slice(0, 2).replace(/[\d ]/g, '');
  if (letters.length === 2 && /^[HD].{3}$/.test(name.trimEnd())) return 'H';
  return requireElement(letters, who);
}
