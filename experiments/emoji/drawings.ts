import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { cacheFolder, formatNpy, MissingError, parseNpy, sha256, writeFileAtomic } from '../../src/index.js';
import { type Icon, loadIcons, type Shape, SOURCES } from './icons.js';

export const CHANNELS = 3;

/** What is known of a drawing. */
export type Drawing = Omit<Icon, 'shape'>;

export interface Drawings {
  /** Pixels along a side. */
  readonly size: number;
  /** [n, size, size, 3] on white ground. */
  readonly pixels: Uint8Array;
  /** n */
  readonly rows: readonly Drawing[];
}

/** What lies beside the pixels in the cache. */
interface Listing {
  readonly sources: string;
  /** Of the file of pixels. */
  readonly sha256: string;
  readonly rows: readonly Drawing[];
}

/** Drawings that are rendered at the same time. */
const AT_ONCE = 32;

/**
 * The drawings of the first `emojis` emoji. The first call renders them, a minute or two for all at 32 x 32, and keeps them
 * in the cache folder. What lies there is used only if it is whole and of the same sources; else it is rendered again.
 * @throws MissingError without the packages or the renderer, FormatError for packages that are not those pinned
 */
export async function loadDrawings(
  size: number,
  emojis: number,
  log: (line: string) => void,
): Promise<Drawings> {
  const path = join(cacheFolder(), `emoji-${emojis}-${size}`);
  const cached = readDrawings(path, size);
  if (cached) return cached;
  const icons = await loadIcons(emojis, log);
  log(`rendering ${icons.length} drawings at ${size} x ${size}, once`);
  const pixels = await render(icons, size);
  const rows = icons.map(({ shape: _, ...drawing }) => drawing);
  writeDrawings(path, { size, pixels, rows });
  return { size, pixels, rows };
}

/** Pixels first: a listing is there only with all that it lists. */
export function writeDrawings(path: string, { size, pixels, rows }: Drawings): void {
  const npy = formatNpy({ data: pixels, shape: [rows.length, size, size, CHANNELS] });
  const listing: Listing = { sources: SOURCES, sha256: sha256(npy), rows };
  writeFileAtomic(`${path}.npy`, npy);
  writeFileAtomic(`${path}.json`, JSON.stringify(listing));
}

/** Undefined for drawings that are not there, not whole, or of other sources. */
export function readDrawings(path: string, size: number): Drawings | undefined {
  if (!existsSync(`${path}.npy`) || !existsSync(`${path}.json`)) return undefined;
  const listing = listingOf(readFileSync(`${path}.json`, 'utf8'));
  const npy = readFileSync(`${path}.npy`);
  if (listing?.sources !== SOURCES || listing.sha256 !== sha256(npy)) return undefined;
  return { size, pixels: parseNpy(npy, `${path}.npy`).data as Uint8Array, rows: listing.rows };
}

function listingOf(text: string): Listing | undefined {
  try {
    return JSON.parse(text) as Listing;
  } catch {
    return undefined;
  }
}

async function render(icons: readonly Icon[], size: number): Promise<Uint8Array> {
  const sharp = await loadSharp();
  const bytes = size * size * CHANNELS;
  const pixels = new Uint8Array(icons.length * bytes);
  for (let from = 0; from < icons.length; from += AT_ONCE) {
    const some = icons.slice(from, from + AT_ONCE).map(async ({ shape }, i) => {
      const drawing = await sharp(Buffer.from(svgOf(shape, size)))
        .resize(size, size)
        .flatten({ background: 'white' })
        .removeAlpha()
        .toColourspace('srgb')
        .raw()
        .toBuffer();
      pixels.set(drawing, (from + i) * bytes);
    });
    await Promise.all(some);
  }
  return pixels;
}

function svgOf({ body, viewBox }: Shape, size: number): string {
  const names = 'xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"';
  return `<svg ${names} viewBox="${viewBox}" width="${size}" height="${size}">${body}</svg>`;
}

async function loadSharp() {
  try {
    const { default: sharp } = await import('sharp');
    // Many drawings at once keep all cores busy; threads of their own would only cost.
    sharp.concurrency(1);
    return sharp;
  } catch (cause) {
    throw new MissingError('emoji: expected the package sharp, got none; run `npm install`', { cause });
  }
}
