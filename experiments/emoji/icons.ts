import { fetchPackage, type NpmPackage, readPackageJson } from '../npmPackage.js';

/** The order of the classes. */
const EMOJIBASE: NpmPackage = {
  name: 'emojibase-data',
  version: '17.0.0',
  sha512: 'Yvgb5AWoHViHV/gq1qr5ZAarcBip+B27/ZLRsUJkbgAEaLlZ/fof9g882LTpmEpyhBNEC0m2SEmItljHsTygjA==',
  size: '7 MB',
};

/** One set of drawings each, by one hand. Those with `codes` say which emoji an icon is, the others go by its name. */
export const SETS = [
  {
    name: 'noto',
    version: '1.2.9',
    sha512: 'DQiuXENbun41ch+XPSV55H9FaWKpHTyz46YIKtSaKYD4fIDDzL1tR6H4np/T38jfrTAeI3rcKF0mqHYeZVAuaw==',
    size: '3 MB',
    codes: true,
  },
  {
    name: 'twemoji',
    version: '1.2.5',
    sha512: 'uKpuIEV0v6K5BW3Mjdyl+XKFVAbbcPxAgifKvEMtZoUZB5+YiY5zaMm2uNNCxyXzAWU9yNLlj41WU6/mvgALsw==',
    size: '2 MB',
    codes: true,
  },
  {
    name: 'openmoji',
    version: '1.2.29',
    sha512: 'vXdhkqcXVSO6suy+m9LbcUM3OdVyuNOtpV8/als/WqfkQIRxevL5Geb/g+6GH/Qwnq1OqksEmaDGTCmZ5nFKJQ==',
    size: '1 MB',
    codes: true,
  },
  {
    name: 'fluent-emoji-flat',
    version: '1.2.6',
    sha512: 'RY47RgPb47fYUiyrA64sIOL0+UU02s29sXpNBbIQRBUlPlfNFTKUmZDERGuxDs/7yNGWqQYvuaSYM1M4fRXlUw==',
    size: '1 MB',
    codes: true,
  },
  {
    name: 'noto-v1',
    version: '1.2.5',
    sha512: '/DsVMius69Q0fRS53z7QK1TROSuar606jiIx+laXtdsYGMXpf6LtHBx6CGfoo3UHHb/XpBsw+1L1x3eyPqMuVA==',
    size: '2 MB',
    codes: false,
  },
  {
    name: 'emojione',
    version: '1.2.3',
    sha512: 'T9+T3HIbJNLKKsmxYKlaYhvnHYkz/HNYTV7SHCXVZPfeUi4FqskY70YeN8yYAZT8cCv7w5vJxS4Q1m8zb9CMMg==',
    size: '1 MB',
    codes: false,
  },
  {
    name: 'fxemoji',
    version: '1.2.2',
    sha512: 'UAasRaxzFUKfIGSmLwnoarsssA4LX0VLLuEmplIqM6ZNQqIQRtav8tZ4H1neTlBreXuMQyAifr5jP4kn78DpiQ==',
    size: '1 MB',
    codes: false,
  },
] as const;

/** What the drawings are made of, in words that change when they would. */
export const SOURCES = [EMOJIBASE, ...SETS].map(({ name, version }) => `${name} ${version}`).join(', ');

/** One drawing of one emoji. */
export interface Icon {
  /** Place of the emoji in emojibase's order. */
  readonly emoji: number;
  /** Place in SETS. */
  readonly set: number;
  /** emojibase's numbers. */
  readonly group: number;
  readonly subgroup: number;
  readonly shape: Shape;
}

interface Emoji {
  readonly hexcode: string;
  readonly order?: number;
  readonly group?: number;
  readonly subgroup?: number;
}

/** Of an SVG file: what is in it, and the part of the plane that it shows. */
export interface Shape {
  readonly body: string;
  readonly viewBox: string;
}

interface IconShape {
  readonly body: string;
  readonly left?: number;
  readonly top?: number;
  readonly width?: number;
  readonly height?: number;
}

interface IconSet {
  readonly icons: Readonly<Record<string, IconShape>>;
  readonly aliases?: Readonly<Record<string, { readonly parent: string }>>;
  readonly width: number;
  readonly height: number;
}

/** emojibase's group of skin tones and hair, which are parts of emoji. */
const COMPONENTS = 2;

/**
 * All drawings of the first `count` emoji of emojibase, emoji by emoji. The first call fetches the packages with npm.
 * @throws as fetchPackage
 */
export async function loadIcons(count: number, log: (line: string) => void): Promise<Icon[]> {
  const emojis = (await readPackageJson(await fetched(EMOJIBASE, log), 'en/data.json')) as Emoji[];
  const ordered = emojis
    .filter(({ group }) => group !== undefined && group !== COMPONENTS)
    .sort((a, b) => a.order! - b.order!)
    .slice(0, count);
  const sets: { icons: IconSet; names: ReadonlyMap<string, string> | undefined }[] = [];
  for (const { codes, ...set } of SETS) {
    const tarball = await fetched({ ...set, name: `@iconify-json/${set.name}` }, log);
    sets.push({
      icons: (await readPackageJson(tarball, 'icons.json')) as IconSet,
      names: codes ? namesByCode((await readPackageJson(tarball, 'chars.json')) as CodeNames) : undefined,
    });
  }
  return ordered.flatMap(({ hexcode, group, subgroup }, emoji) => {
    const code = plainCode(hexcode);
    const known = sets.map(({ names }) => names?.get(code));
    const names = [...new Set(known.filter((name) => name !== undefined))];
    return sets.flatMap(({ icons }, set) => {
      const name = sets[set].names ? known[set] : names.find((candidate) => has(icons, candidate));
      if (name === undefined) return [];
      return { emoji, set, group: group!, subgroup: subgroup!, shape: shapeOf(icons, name) };
    });
  });
}

function fetched(pinned: NpmPackage, log: (line: string) => void): Promise<string> {
  return fetchPackage(pinned, 'emoji', log);
}

type CodeNames = Readonly<Record<string, string>>;

function namesByCode(chars: CodeNames): ReadonlyMap<string, string> {
  return new Map(Object.entries(chars).map(([code, name]) => [plainCode(code), name]));
}

/** Code points without the one that asks for colour, which sets write or leave out as they like. */
function plainCode(code: string): string {
  return code
    .toLowerCase()
    .split('-')
    .filter((point) => point !== 'fe0f')
    .join('-');
}

function has({ icons, aliases }: IconSet, name: string): boolean {
  return icons[name] !== undefined || aliases?.[name] !== undefined;
}

function shapeOf(set: IconSet, name: string): Shape {
  let found = name;
  while (!set.icons[found]) found = set.aliases![found].parent;
  const { body, left = 0, top = 0, width = set.width, height = set.height } = set.icons[found];
  return { body, viewBox: `${left} ${top} ${width} ${height}` };
}
