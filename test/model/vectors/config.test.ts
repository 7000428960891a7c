import { describe, expect, it } from 'vitest';
import { UsageError } from '../../../src/core/errors.js';
import { parseModelConfig } from '../../../src/model/config.js';
import { modelKind } from '../../../src/model/modelKind.js';
import {
  defaultVectorConfig,
  parseVectorConfig,
  resolveVectorConfig,
  vectorConfigJsonSchema,
} from '../../../src/model/vectors/config.js';
import { accepts } from '../jsonSchema.js';

const BASE = { schemaVersion: 1, kind: 'vectors' };
const resolved = (training: object, items: number, classes: number) =>
  resolveVectorConfig(parseVectorConfig({ ...BASE, training }), { items, classes }).training;

describe('parseVectorConfig', () => {
  it('fills in everything, and reading what it gave changes nothing', () => {
    const config = parseVectorConfig(BASE);
    expect(parseVectorConfig(JSON.parse(JSON.stringify(config)))).toEqual(config);
    const ready = resolveVectorConfig(config, { items: 1000, classes: 10 });
    expect(parseVectorConfig(JSON.parse(JSON.stringify(ready)))).toEqual(ready);
  });

  it.each([
    ['an unknown key', { colour: 'red' }, /known keys only, got "colour"/],
    ['a curvature above 0', { heads: { poincare: { curvature: 1 } } }, /heads.poincare.curvature: .*got 1/],
    ['a share of 1', { data: { testShare: 1 } }, /data.testShare: .*got 1/],
    ['weights of 0 alone', { loss: { weights: { mixed: 0, euclidean: 0, poincare: 0 } } }, /loss.weights/],
    ['another kind', { kind: 'tree' }, /kind: expected "vectors", got "tree"/],
  ])('refuses %s', (_, changes, sentence) => {
    const parse = () => parseVectorConfig({ ...BASE, ...changes });
    expect(parse).toThrow(UsageError);
    expect(parse).toThrow(sentence);
  });

  it('is told from a config of images by its kind, which that one refuses', () => {
    expect([modelKind(BASE), modelKind({ schemaVersion: 1 }), modelKind(null)]).toEqual([
      ...['vectors', 'images', 'images'],
    ]);
    expect(() => parseModelConfig(BASE)).toThrow(/known keys only, got "kind"/);
  });
});

describe('the JSON Schema of vector configs', () => {
  const schema = vectorConfigJsonSchema() as Record<string, unknown>;

  it('accepts the ready config, as it is and with every "auto" resolved', () => {
    const config = defaultVectorConfig();
    expect(accepts(schema, config)).toBe(true);
    expect(accepts(schema, resolveVectorConfig(config, { items: 1000, classes: 10 }))).toBe(true);
    expect(schema['required']).toEqual(['schemaVersion', 'kind']);
  });

  it.each([
    { colour: 'red' },
    { heads: { poincare: { curvature: 1 } } },
    { training: { steps: 'all' } },
    { kind: 'tree' },
  ])('refuses what parseVectorConfig does: %j', (changes) => {
    const config = { ...BASE, ...changes };
    expect(accepts(schema, config)).toBe(false);
    expect(() => parseVectorConfig(config)).toThrow(UsageError);
  });
});

describe('resolveVectorConfig', () => {
  it('makes steps of epochs: 20 x 12800 / 256 = 1000, but at least 300 and at most 6000', () => {
    const stepsOf = (items: number) => resolved({}, items, 10).steps;
    expect([12_800, 100, 1e6].map(stepsOf)).toEqual([1000, 300, 6000]);
    expect(resolved({ steps: 7 }, 12_800, 10).steps).toBe(7);
  });

  it('takes 4 items of a class, more of few classes, never more than half a batch', () => {
    const perClassOf = (classes: number) => resolved({}, 1000, classes).perClass;
    expect([1000, 10, 2].map(perClassOf)).toEqual([4, 25, 128]);
    expect(resolved({ perClass: 9 }, 1000, 10).perClass).toBe(9);
    expect(resolved({ perClass: 99, batchSize: 20 }, 1000, 10).perClass).toBe(10);
  });
});
