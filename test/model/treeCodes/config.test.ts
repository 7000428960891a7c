import { describe, expect, it } from 'vitest';
import { type Tree, treeOf } from '../../../src/data/tree.js';
import { parseTreeConfig, resolveTreeConfig } from '../../../src/model/treeCodes/config.js';

const parse = (fields: object) => parseTreeConfig({ schemaVersion: 1, kind: 'tree', ...fields });
const star = (n: number): Tree =>
  treeOf(
    Array.from({ length: n }, (_, i) => `n${i}`),
    Int32Array.from({ length: n }, (_, i) => (i === 0 ? -1 : 0)),
  );
const path = (n: number): Tree =>
  treeOf(
    Array.from({ length: n }, (_, i) => `n${i}`),
    Int32Array.from({ length: n }, (_, i) => i - 1),
  );

describe('parseTreeConfig', () => {
  it.each([
    ['another kind', { kind: 'network' }, 'config: kind'],
    ['an unknown key', { dimension: 3 }, 'dimension'],
    ['a dim of 0', { dim: 0 }, 'config: dim'],
    ['a negative rate', { training: { learningRate: -1 } }, 'config: training.learningRate'],
    ['an unknown space', { space: 'torus' }, 'config: space'],
  ])('refuses %s by its name', (_, fields, named) => {
    expect(() => parse(fields)).toThrow(named);
  });

  it('refuses what is no object', () => {
    expect(() => parseTreeConfig(null, 'c.json')).toThrow('c.json: ');
  });
});

describe('resolveTreeConfig', () => {
  it('leaves no "auto", and nothing that was given changes', () => {
    const given = { startScale: 1.5, star: false, start: 'random', heldOut: true, training: { steps: 7 } };
    const resolved = resolveTreeConfig(parse(given), star(200));
    expect(JSON.stringify(resolved)).not.toContain('auto');
    expect(resolved).toMatchObject(given);
  });

  it('adds an offset from dim 3 on, starts it at scale 2, and holds pairs out from 100 nodes on', () => {
    expect(resolveTreeConfig(parse({ dim: 3 }), star(100))).toMatchObject({
      ...{ star: true, start: 'wedge', startScale: 2, heldOut: true },
    });
    expect(resolveTreeConfig(parse({ dim: 2 }), star(99))).toMatchObject({
      ...{ star: false, start: 'wedge', startScale: 1.2, heldOut: false },
    });
  });

  it('starts deep trees within ten units of the origin, and small ones with all their nodes in a batch', () => {
    expect(resolveTreeConfig(parse({}), path(301)).startScale).toBe(30);
    expect(resolveTreeConfig(parse({}), path(40)).training.nodes).toBe(40);
  });

  it('refuses a dim without room beside the offset', () => {
    expect(() => resolveTreeConfig(parse({ dim: 1, star: true }), star(9))).toThrow(
      'dim: expected at least 2',
    );
    expect(() => resolveTreeConfig(parse({ dim: 2, star: true, space: 'sphere' }), star(9))).toThrow(
      'dim: expected at least 3 for sphere with an offset, got 2',
    );
  });
});
