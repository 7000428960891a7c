import { rowsByClass } from '../../core/classes.js';
import { expectation, UsageError } from '../../core/errors.js';
import type { Rng } from '../../core/rng.js';

/** Rows that train, that choose, and that are scored; each ascending, together every row once. */
export interface Parts {
  readonly train: Int32Array;
  readonly validation: Int32Array;
  readonly test: Int32Array;
}

export interface SplitOptions {
  /** Shares of all items, each in (0, 1), together below 1. */
  readonly validationShare: number;
  readonly testShare: number;
  /** Whole classes go to one part, so that validation and test see none that trained. */
  readonly unseenClasses: boolean;
}

/** Retrieval within a part needs another item of the class there. */
const TOGETHER = 2;

/**
 * Divides items at random. By item, each class of four or more gives its share to validation and to test, never a single
 * item and never its last two; small ones give two or three items now and then, so that the shares hold in sum, and
 * classes below four train. By class, an item without another of its class always trains.
 * @param classes one class an item, whole numbers >= 0
 * @throws UsageError for shares out of range, fewer than two classes, or too few items to fill the parts
 */
export function splitVectors(classes: Int32Array, options: SplitOptions, rng: Rng): Parts {
  requireShares(options);
  const members = rowsByClass(classes);
  if (members.length < 2) {
    const remedy = 'retrieval learns from what distinguishes classes';
    throw new UsageError(expectation('labels', 'at least two classes', members.length, remedy));
  }
  const shuffled = rng.shuffle(members.map((rows) => rng.shuffle(rows)));
  const divide = options.unseenClasses ? wholeClasses : itemsOfClasses;
  const [test, rest] = divide(shuffled, options.testShare * classes.length);
  const [validation, train] = divide(rest, options.validationShare * classes.length);
  const parts = { train: sorted(train), validation: sorted(validation), test: sorted(test) };
  for (const [name, least] of [['train', 1] as const, ['validation', 2] as const, ['test', 2] as const]) {
    requirePairs(name, parts[name], classes, least, options);
  }
  return parts;
}

/**
 * A share of the items of each class at random, held out as splitVectors does it by item.
 * @param share in [0, 1)
 */
export function holdOutItems(classes: Int32Array, share: number, rng: Rng): Omit<Parts, 'validation'> {
  const shuffled = rng.shuffle(rowsByClass(classes).map((rows) => rng.shuffle(rows)));
  const [test, train] = itemsOfClasses(shuffled, share * classes.length);
  return { train: sorted(train), test: sorted(test) };
}

/** About `count` items, in proportion to the sizes of the classes; what a class cannot give exactly the next ones do. */
function itemsOfClasses(members: readonly number[][], count: number): [held: number[][], rest: number[][]] {
  const held: number[][] = [];
  const rest: number[][] = [];
  const share = count / members.reduce((sum, rows) => sum + rows.length, 0);
  let owed = 0;
  for (const rows of members) {
    const most = rows.length - TOGETHER;
    if (most >= TOGETHER) owed += share * rows.length;
    const take = Math.min(Math.floor(owed), most);
    if (take < TOGETHER) {
      rest.push(rows);
      continue;
    }
    owed = Math.min(owed - take, TOGETHER);
    held.push(rows.slice(0, take));
    rest.push(rows.slice(take));
  }
  return [held, rest];
}

/** Whole classes until there are `count` items, at least two classes. */
function wholeClasses(members: readonly number[][], count: number): [held: number[][], rest: number[][]] {
  const held: number[][] = [];
  const rest: number[][] = [];
  let items = 0;
  for (const rows of members) {
    const wanted = items < count || held.length < TOGETHER;
    if (wanted && rows.length >= TOGETHER) {
      held.push(rows);
      items += rows.length;
    } else rest.push(rows);
  }
  return [held, rest];
}

/**
 * At most `limit` of the rows, at random but items of a class in groups of 5 to 8 (fewer if it has no more), so that most
 * keep others of their class. Ascending.
 */
export function sampleOf(rows: Int32Array, classes: Int32Array, limit: number, rng: Rng): Int32Array {
  if (rows.length <= limit) return rows;
  const groups = rowsByClass(Int32Array.from(rows, (row) => classes[row])).flatMap((places) => {
    rng.shuffle(places);
    const count = Math.ceil(places.length / 8);
    return Array.from({ length: count }, (_, g) =>
      places.slice(Math.floor((g * places.length) / count), Math.floor(((g + 1) * places.length) / count)),
    );
  });
  const chosen: number[] = [];
  for (const group of rng.shuffle(groups)) {
    if (chosen.length + group.length <= limit) chosen.push(...group);
  }
  return Int32Array.from(chosen, (place) => rows[place]).sort();
}

function sorted(groups: readonly number[][]): Int32Array {
  return Int32Array.from(groups.flat()).sort();
}

function requireShares({ validationShare, testShare }: SplitOptions): void {
  const both = validationShare + testShare;
  if (validationShare > 0 && testShare > 0 && both < 1) return;
  const got = `${validationShare} and ${testShare}`;
  const expected = 'two shares above 0, together below 1';
  throw new UsageError(expectation('validation and test share', expected, got, 'leave items to train on'));
}

function requirePairs(
  name: string,
  rows: Int32Array,
  classes: Int32Array,
  least: number,
  { unseenClasses }: SplitOptions,
): void {
  const ofRows = rowsByClass(Int32Array.from(rows, (row) => classes[row]));
  const paired = ofRows.filter((places) => places.length >= TOGETHER).length;
  if (paired >= least && ofRows.length >= 2) return;
  const remedy = unseenClasses
    ? 'pass more classes, or leave --unseen-classes out'
    : 'pass more items a class, or hold out whole classes with --unseen-classes';
  const got = `${paired} of ${ofRows.length} classes and ${rows.length} items`;
  const expected = `two classes, ${least === 1 ? 'one' : 'both'} of two items`;
  throw new UsageError(expectation(`${name} part`, expected, got, remedy));
}
