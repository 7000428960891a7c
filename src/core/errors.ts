/**
 * Every error that gyrometric throws on purpose. Each message says who speaks, what was expected, what came
 * and what to do; `exitCode` is what the command line exits with (2: wrong use, 1: any other failure).
 */
export class GyrometricError extends Error {
  readonly exitCode: 1 | 2 = 1;
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = new.target.name;
  }
}

/** Wrong use of a command or function: an unknown flag, key, name or engine, a missing file. */
export class UsageError extends GyrometricError {
  override readonly exitCode = 2;
}

/** An array or file of the wrong shape, length or element type. */
export class ShapeError extends GyrometricError {
  override readonly exitCode = 2;
}

/** A value outside the domain of the mathematics: NaN, a point outside the ball, a temperature <= 0. */
export class DomainError extends GyrometricError {}

/** A file that is damaged, foreign, or of a version that this program does not read. */
export class FormatError extends GyrometricError {}

/** Something of the machine is missing: an engine, a compiler, a data package. */
export class MissingError extends GyrometricError {}

/** The machine refuses to read or write a file: a full disk, no permission, a file that another process has. */
export class StorageError extends GyrometricError {}

/** One sentence of the form "who: expected E, got G; what to do". */
export function expectation(who: string, expected: string, got: unknown, remedy: string): string {
  return `${who}: expected ${expected}, got ${show(got)}; ${remedy}`;
}

function show(value: unknown): string {
  if (typeof value === 'string') return value.length > 80 ? `"${value.slice(0, 77)}..."` : `"${value}"`;
  if (typeof value === 'bigint') return `${value}n`;
  if (value === null || typeof value !== 'object') return String(value);
  if (ArrayBuffer.isView(value)) {
    return `${value.constructor.name}(${(value as unknown as ArrayLike<number>).length ?? value.byteLength})`;
  }
  const text = json(value) ?? Object.prototype.toString.call(value);
  return text.length > 80 ? `${text.slice(0, 77)}...` : text;
}

/** undefined for what has no JSON: circular objects, those with a bigint inside. */
function json(value: object): string | undefined {
  try {
    return JSON.stringify(value);
  } catch {
    return undefined;
  }
}
