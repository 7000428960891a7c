/** An object of a parsed JSON file. */
export type JsonObject = Readonly<Record<string, unknown>>;

/** One value, vector or matrix of a reference file that a peer computed. */
export interface Leaf {
  /** Keys from the top of the file, list positions left out, so that it is the same in every case: `lorentz.dist`. */
  readonly quantity: string;
  /** Where it stands in the file: `cases[2].lorentz.dist`. */
  readonly at: string;
  /** Last key. */
  readonly key: string;
  /** Position in a list of tensors, see Shape; 0 elsewhere. */
  readonly index: number;
  /** The objects around it, the file first. */
  readonly owners: readonly JsonObject[];
  /** Row-major. null, which JSON has for what is no number, reads as NaN. */
  readonly expected: readonly number[];
  /** Whether the peer may well have found nothing: an empty one is compared, not skipped. */
  readonly isSet?: boolean;
}

/** What the keys of a file mean. */
export interface Shape {
  /** Keys of what the peer was given. */
  readonly inputs: readonly string[];
  /** Keys of lists of tensors of any shapes, each a leaf of its own, null for none. */
  readonly lists?: readonly string[];
  /** Keys of lists of sets, each a leaf of its own, that may be empty. */
  readonly sets?: readonly string[];
}

export function isObject(value: unknown): value is JsonObject {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}

/** Every leaf of a file, in its order. Strings and flags are remarks. */
export function leavesOf(file: JsonObject, { inputs, lists = [], sets = [] }: Shape): Leaf[] {
  const leaves: Leaf[] = [];
  const add = (
    at: string,
    path: readonly string[],
    owners: readonly JsonObject[],
    value: unknown,
    index = 0,
  ) =>
    leaves.push({
      quantity: path.join('.'),
      at,
      key: path.at(-1) ?? '',
      index,
      owners,
      expected: flatten(value),
      ...(sets.includes(path.at(-1) ?? '') ? { isSet: true } : {}),
    });
  const visit = (
    value: unknown,
    at: string,
    path: readonly string[],
    owners: readonly JsonObject[],
  ): void => {
    if (typeof value === 'string' || typeof value === 'boolean') return;
    if (isObject(value)) {
      for (const [key, child] of Object.entries(value)) {
        if (inputs.includes(key)) continue;
        visit(child, at ? `${at}.${key}` : key, childPath(path, key), [...owners, value]);
      }
    } else if (Array.isArray(value) && value.length > 0 && value.every(isObject)) {
      value.forEach((item, i) => {
        visit(item, `${at}[${i}]`, [...path, ...nameOf(item)], owners);
      });
    } else if (Array.isArray(value) && [...lists, ...sets].includes(path.at(-1) ?? '')) {
      value.forEach((item, i) => {
        if (item !== null) add(`${at}[${i}]`, path, owners, item, i);
      });
    } else add(at, path, owners, value);
  };
  visit(file, '', [], []);
  return leaves;
}

/** Cases differ in nothing but their inputs: the word adds nothing to a quantity's name. */
function childPath(path: readonly string[], key: string): readonly string[] {
  return key === 'cases' ? path : [...path, key];
}

/** Items of a list that are named are quantities of their own. */
function nameOf(item: JsonObject): string[] {
  const name = item['name'] ?? item['optimizer'];
  return typeof name === 'string' ? [name] : [];
}

function flatten(value: unknown): number[] {
  if (Array.isArray(value)) return value.flatMap(flatten);
  return [typeof value === 'number' ? value : Number.NaN];
}
