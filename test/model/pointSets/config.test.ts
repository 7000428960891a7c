import { describe, expect, it } from 'vitest';
import { UsageError } from '../../../src/core/errors.js';
import { matrix } from '../../../src/core/matrix.js';
import { packPointSets } from '../../../src/encoders/packPointSets.js';
import { modelKind } from '../../../src/model/modelKind.js';
import {
  POINT_SET_PRESET_NAMES,
  parsePointSetConfig,
  pointSetConfigJsonSchema,
  pointSetPreset,
  requireResolved,
} from '../../../src/model/pointSets/config.js';
import { resolvePointSetConfig } from '../../../src/model/pointSets/items.js';
import { accepts } from '../jsonSchema.js';

const BASE = { schemaVersion: 1, kind: 'pointSets' };

describe('parsePointSetConfig', () => {
  it('fills in everything, and reading what it gave changes nothing', () => {
    const config = parsePointSetConfig(BASE);
    expect(parsePointSetConfig(JSON.parse(JSON.stringify(config)))).toEqual(config);
    expect(modelKind(config)).toBe('pointSets');
  });

  it.each([
    ['an unknown key', { colour: 'red' }, /known keys only, got "colour"/],
    ['data of another kind', { data: { name: 'mnist' } }, /data/],
    ['weights of 0 alone', { loss: { weights: { mixed: 0, euclidean: 0, poincare: 0 } } }, /loss.weights/],
    ['a set without elements', { encoder: { kind: 'set', dim: 0 } }, /encoder.dim: .*got 0/],
    ['a radius of 0', { encoder: { kind: 'cloud', radius: 0 } }, /encoder.radius/],
  ])('refuses %s', (_, changes, sentence) => {
    const parse = () => parsePointSetConfig({ ...BASE, ...changes });
    expect(parse).toThrow(UsageError);
    expect(parse).toThrow(sentence);
  });
});

describe('presets of sets and clouds', () => {
  it.each(POINT_SET_PRESET_NAMES)('%s is accepted by the JSON Schema', (name) => {
    const schema = pointSetConfigJsonSchema() as Record<string, unknown>;
    expect(accepts(schema, pointSetPreset(name))).toBe(true);
  });
});

describe('resolvePointSetConfig', () => {
  const cloud = (...points: number[][]) => matrix(Float32Array.from(points.flat()), points.length, 3);
  const config = parsePointSetConfig({ ...BASE, encoder: { kind: 'cloud', maxPoints: 3 } });
  const rowsOf = (...clouds: ReturnType<typeof cloud>[]) => packPointSets(clouds, { maxPoints: 3, dim: 3 });

  it('takes the mean distance of the farthest point from the centre as the size, by hand', () => {
    // Centres (2, 0, 0) and (0, 1, 0): the farthest points are 2 and 1 away.
    const rows = rowsOf(cloud([0, 0, 0], [4, 0, 0]), cloud([0, 0, 0], [0, 1, 0], [0, 2, 0]));
    expect(resolvePointSetConfig(config, rows).encoder).toMatchObject({ radius: 1.5 });
  });

  it('takes 1 where all points of every cloud coincide, and what the config says where it says it', () => {
    expect(resolvePointSetConfig(config, rowsOf(cloud([3, 3, 3]))).encoder).toMatchObject({ radius: 1 });
    const given = parsePointSetConfig({ ...BASE, encoder: { kind: 'cloud', maxPoints: 3, radius: 7 } });
    expect(resolvePointSetConfig(given, rowsOf(cloud([1, 0, 0]))).encoder).toMatchObject({ radius: 7 });
  });

  it('is what a stored config must have gone through', () => {
    expect(() => requireResolved(config, 'model')).toThrow(
      /model: encoder.radius: expected a number, got "auto"/,
    );
  });
});
