import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { strToU8, zipSync } from 'fflate';
import { afterAll, describe, expect, it } from 'vitest';
import { FormatError, MissingError } from '../../../src/core/errors.js';
import { Rng } from '../../../src/core/rng.js';
import { lastWord, parseCatalogue } from '../../../src/data/furniture/catalogue.js';
import { hasFurniture, loadFurniture, readCatalogue } from '../../../src/data/furniture/furniture.js';
import { areasOf, parseObj, sampleSurface } from '../../../src/data/furniture/mesh.js';

const folder = mkdtempSync(join(tmpdir(), 'gyrometric-furniture-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** A square of side 2 and, above it, a triangle of half its area. */
const OBJ = `# two surfaces
mtllib any.mtl
v 0 0 0
v 2 0 0
v 2 2 0
v 0 2 0
vn 0 0 1
f 1/1/1 2/2/1 3//1 4
v 0 0 5
v 2 0 5
v 2 2 5
f -3 -2 -1
f 1 2
`;

describe('parseObj', () => {
  it('reads vertices and makes fans of faces, counted from the start or from the last vertex', () => {
    const mesh = parseObj(OBJ, 'a.obj');
    expect(Array.from(mesh.triangles)).toEqual([0, 1, 2, 0, 2, 3, 4, 5, 6]);
    expect(mesh.vertices.length).toBe(21);
    expect(areasOf(mesh)).toEqual({ areas: Float64Array.of(2, 2, 2), total: 6 });
  });

  it.each([
    ['v 1 2', 'three coordinates'],
    ['v 1 2 x', 'three coordinates'],
    ['v 0 0 0\nf 1 1 2', 'vertices that stand above'],
    ['v 0 0 0\nf 1 1 0', 'vertices that stand above'],
    ['v 0 0 0\nf 1 1 -2', 'vertices that stand above'],
    ['v 0 0 0\nf 1 1 1.5', 'vertices that stand above'],
  ])('names the line of %j', (text, expected) => {
    expect(() => parseObj(text, 'a.obj')).toThrow(FormatError);
    expect(() => parseObj(text, 'a.obj')).toThrow(
      new RegExp(`a\\.obj line ${text.split('\n').length}: expected ${expected}`),
    );
  });
});

describe('sampleSurface', () => {
  const mesh = parseObj(OBJ, 'a.obj');

  it('spreads points over triangles by their area, the same for the same seed', () => {
    const points = sampleSurface(mesh, 3000, new Rng(2));
    expect(sampleSurface(mesh, 3000, new Rng(2))).toEqual(points);
    const above = Array.from({ length: 3000 }, (_, i) => points.data[3 * i + 2]);
    // A third is expected above: 1000 with a standard deviation of 26.
    expect(Math.abs(above.filter((z) => z === 5).length - 1000)).toBeLessThan(100);
    expect(above.every((z) => z === 0 || z === 5)).toBe(true);
  });

  it('spreads them evenly within a triangle: their mean is its centroid', () => {
    const triangle = parseObj('v 0 0 0\nv 3 0 0\nv 0 3 0\nf 1 2 3', 'a.obj');
    const { data } = sampleSurface(triangle, 4000, new Rng(3));
    const mean = (k: number) =>
      Array.from({ length: 4000 }, (_, i) => data[3 * i + k]).reduce((a, b) => a + b) / 4000;
    // By hand: 1; a coordinate's standard deviation is 1/√2, that of the mean 0.011.
    expect([mean(0), mean(1)].every((m) => Math.abs(m - 1) < 0.05)).toBe(true);
    expect(mean(2)).toBe(0);
  });

  it('refuses a mesh without area', () => {
    expect(() => sampleSurface(parseObj('v 0 0 0\nf 1 1 1', 'a.obj'), 5, new Rng(1))).toThrow(FormatError);
  });
});

const PROPERTIES = `# comment
name=Catalogue
name#1=Office chair 2
category#1=Office
model#1=/a/chair.obj
name#2=L\\u00e9gume
category#2=Kitchen
model#2=/b/none.obj
`;

describe('catalogues', () => {
  const zip = zipSync({
    'PluginFurnitureCatalog.properties': strToU8(PROPERTIES),
    'a/chair.obj': strToU8(OBJ),
    'b/none.obj': strToU8('v 0 0 0\nf 1 1 1'),
  });

  it('give names, categories and paths', () => {
    expect(parseCatalogue(PROPERTIES, 'p')).toEqual([
      { name: 'Office chair 2', category: 'Office', path: 'a/chair.obj' },
      { name: 'Légume', category: 'Kitchen', path: 'b/none.obj' },
    ]);
  });

  it('name an entry that lacks something', () => {
    expect(() => parseCatalogue('name#7=Chair\nmodel#7=/a.obj', 'p')).toThrow(/p entry 7: expected a name/);
  });

  it('say by the last word what sort of thing a model is', () => {
    expect(['Office chair 2', 'Bed', 'Sofa (three seats)', '42'].map(lastWord)).toEqual([
      'chair',
      'bed',
      'seats',
      '',
    ]);
  });

  it('are read from their zip, models without a surface left out', () => {
    const models = readCatalogue(zip, 'c.sh3f');
    expect(models.map(({ name, word }) => [name, word])).toEqual([['Office chair 2', 'chair']]);
    expect(models[0].mesh.triangles.length).toBe(9);
  });

  it('refuse a zip that is damaged or lacks a model', () => {
    expect(() => readCatalogue(zip.subarray(0, 100), 'c.sh3f')).toThrow(FormatError);
    const without = zipSync({ 'PluginFurnitureCatalog.properties': strToU8(PROPERTIES) });
    expect(() => readCatalogue(without, 'c.sh3f')).toThrow(
      /c\.sh3f: expected an entry a\/chair\.obj, got "none"/,
    );
  });

  it('are loaded from a folder, in the order of names', () => {
    writeFileSync(join(folder, 'b.sh3f'), zip);
    writeFileSync(join(folder, 'a.sh3f'), zip);
    writeFileSync(join(folder, 'readme'), '');
    expect(loadFurniture(folder)).toHaveLength(2);
  });

  it('say by which command they come where there are none', () => {
    const none = join(folder, 'none');
    expect(hasFurniture(none)).toBe(false);
    expect(() => loadFurniture(none)).toThrow(MissingError);
    expect(() => loadFurniture(none)).toThrow(/run: npm run fetch -- furniture/);
  });
});
