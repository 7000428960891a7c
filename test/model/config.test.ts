import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { UsageError } from '../../src/core/errors.js';
import { modelConfigJsonSchema, parseModelConfig } from '../../src/model/config.js';
import { PRESET_NAMES, presetConfig } from '../../src/model/presets.js';
import { accepts } from './jsonSchema.js';

const V1 = { schemaVersion: 1 };

function accepted(json: unknown): boolean {
  try {
    parseModelConfig(json);
    return true;
  } catch (error) {
    expect(error).toBeInstanceOf(UsageError);
    return false;
  }
}

describe('parseModelConfig', () => {
  it('writes out every default', () => {
    expect(parseModelConfig(V1)).toEqual({
      schemaVersion: 1,
      seed: 1,
      data: { name: 'mnist', train: 60000 },
      encoder: { kind: 'polarCnn', radii: 16, angles: 48, channels: [32, 48, 64, 96] },
      heads: {
        euclidean: { dim: 64 },
        poincare: {
          ...{ dim: 64, curvature: -1, furtherCurvatures: [] },
          ...{ feeding: 'free', clip: 2.3, startNorm: 0.7 },
        },
      },
      loss: {
        temperature: { euclidean: 0.1, poincare: 0.2 },
        lambda: 'balanced',
        hardness: { beta: 0, tauPlus: 0, weightedBy: 'own' },
        negatives: { kind: 'all' },
        weights: { mixed: 1, euclidean: 0.5, poincare: 0.5, preservation: 0.3, orientation: 0.1 },
        preservation: {
          ...{ kind: 'relativeStress', target: 'orbit' },
          ...{ weighting: { kind: 'fixed' }, schedule: { kind: 'constant' } },
        },
        preservationSample: 64,
      },
      training: {
        steps: 600,
        classesPerBatch: 10,
        perClass: 13,
        learningRate: 0.003,
        warmup: 50,
        weightDecay: 0.0001,
        beta1: 0.9,
        beta2: 0.99,
        clipNorm: 5,
        reportEvery: 50,
      },
    });
    const plain = parseModelConfig({ ...V1, encoder: { kind: 'plainCnn' } });
    expect(plain.encoder).toEqual({ kind: 'plainCnn', channels: [32, 48, 64, 96], codeDim: 114 });
  });

  it('keeps what is given beside the defaults', () => {
    const config = parseModelConfig({ ...V1, loss: { lambda: 2, temperature: { poincare: 0.5 } } });
    expect(config.loss.lambda).toBe(2);
    expect(config.loss.temperature).toEqual({ euclidean: 0.1, poincare: 0.5 });
  });

  it('is its own fixed point, so that a saved config opens the same model', () => {
    const config = parseModelConfig({ ...V1, seed: 7 });
    expect(parseModelConfig(JSON.parse(JSON.stringify(config)))).toEqual(config);
  });

  const refused: [string, unknown, string][] = [
    ['no object', null, 'config: top level: expected object, got null'],
    ['a list', [], 'config: top level: expected object, got []'],
    ['no version', {}, 'config: schemaVersion: expected 1, got undefined'],
    ['a later version', { schemaVersion: 2 }, 'config: schemaVersion: expected 1, got 2'],
    ['an unknown key', { ...V1, trainning: {} }, 'config: expected known keys only, got "trainning"'],
    [
      'an unknown key inside, by its place',
      { ...V1, loss: { weights: { mix: 1 } } },
      'config: loss.weights: expected known keys only, got "mix"',
    ],
    [
      'a key of the other encoder',
      { ...V1, encoder: { kind: 'polarCnn', codeDim: 3 } },
      'config: encoder: expected known keys only, got "codeDim"',
    ],
    [
      'an unknown encoder',
      { ...V1, encoder: { kind: 'resnet' } },
      `config: encoder.kind: expected 'polarCnn' | 'steerableCnn' | 'plainCnn', got "resnet"`,
    ],
    [
      'an encoder without kind',
      { ...V1, encoder: {} },
      `config: encoder.kind: expected 'polarCnn' | 'steerableCnn' | 'plainCnn', got undefined`,
    ],
    [
      'an encoder that is a text',
      { ...V1, encoder: 'polarCnn' },
      'config: encoder: expected object, got "polarCnn"',
    ],
    [
      'a text as number',
      { ...V1, training: { steps: '9' } },
      'config: training.steps: expected number, got "9"',
    ],
    ['half a step', { ...V1, training: { steps: 1.5 } }, 'config: training.steps: expected int, got 1.5'],
    ['null as section', { ...V1, training: null }, 'config: training: expected object, got null'],
    ['beta 1', { ...V1, training: { beta1: 1 } }, 'config: training.beta1: expected number to be <1, got 1'],
    [
      'rate 0',
      { ...V1, training: { learningRate: 0 } },
      'config: training.learningRate: expected number to be >0, got 0',
    ],
    [
      'NaN',
      { ...V1, training: { learningRate: Number.NaN } },
      'config: training.learningRate: expected number, got NaN',
    ],
    [
      'infinity',
      { ...V1, training: { clipNorm: Infinity } },
      'config: training.clipNorm: expected number, got Infinity',
    ],
    ['a seed below 0', { ...V1, seed: -1 }, 'config: seed: expected number to be >=0, got -1'],
    [
      'curvature 0',
      { ...V1, heads: { poincare: { curvature: 0 } } },
      'config: heads.poincare.curvature: expected number to be <0, got 0',
    ],
    [
      'a misspelt choice',
      { ...V1, heads: { poincare: { feeding: 'fre' } } },
      'config: heads.poincare.feeding: expected one of "unit"|"free", got "fre"',
    ],
    [
      'three channels',
      { ...V1, encoder: { kind: 'plainCnn', channels: [1, 2, 3] } },
      'config: encoder.channels: expected array to have >=4 items, got [1,2,3]',
    ],
    [
      'a channel of none',
      { ...V1, encoder: { kind: 'plainCnn', channels: [1, 2, 3, 0] } },
      'config: encoder.channels.3: expected number to be >=1, got 0',
    ],
    [
      'odd angles',
      { ...V1, encoder: { kind: 'polarCnn', angles: 9 } },
      'config: encoder.angles: expected a multiple of 2, got 9',
    ],
    [
      'a wrong word for lambda',
      { ...V1, loss: { lambda: 'equal' } },
      'config: loss.lambda: expected number or "balanced", got "equal"',
    ],
    [
      'lambda below 0',
      { ...V1, loss: { lambda: -1 } },
      'config: loss.lambda: expected number to be >0, got -1',
    ],
  ];
  it.each(refused)('refuses %s and says where, what it takes and what came', (_, json, message) => {
    expect(() => parseModelConfig(json)).toThrow(UsageError);
    expect(() => parseModelConfig(json)).toThrow(`${message}; see gyrometric config quickstart --schema`);
  });

  it('begins its messages with the file that the caller names', () => {
    expect(() => parseModelConfig({}, 'my/config.json')).toThrow(/^my\/config\.json: schemaVersion:/);
  });
});

describe('presets', () => {
  it.each(PRESET_NAMES)('%s has every default written out', (name) => {
    const config = presetConfig(name);
    expect(parseModelConfig(JSON.parse(JSON.stringify(config)))).toEqual(config);
  });

  it('are quickstart, invariant by construction, and plain, which is not', () => {
    expect(presetConfig('quickstart').encoder.kind).toBe('polarCnn');
    expect(presetConfig('plain').encoder.kind).toBe('plainCnn');
  });

  it('are refused by an unknown name, with the known ones', () => {
    for (const name of ['quick', 'constructor', '__proto__']) {
      expect(() => presetConfig(name)).toThrow(UsageError);
      expect(() => presetConfig(name)).toThrow(`config: expected one of quickstart, plain, got "${name}"`);
    }
  });
});

describe('the JSON Schema of configs', () => {
  const schema = modelConfigJsonSchema() as Record<string, unknown>;

  it('is of draft 2020-12, uses known keywords alone, and is JSON', () => {
    expect(schema['$schema']).toBe('https://json-schema.org/draft/2020-12/schema');
    expect(JSON.parse(JSON.stringify(schema))).toEqual(schema);
    // The whole config visits every part of the schema; an unknown keyword throws.
    expect(accepts(schema, presetConfig('quickstart'))).toBe(true);
    expect(accepts(schema, presetConfig('plain'))).toBe(true);
  });

  it('says what keys are for', () => {
    expect(JSON.stringify(schema)).toContain('unit: the Euclidean unit vector through the exponential map');
  });

  it('accepts and refuses what parseModelConfig does, whatever one value of a config is replaced by', () => {
    /** Every place of a config, sections included, as keys from the top. */
    const places = (value: unknown): string[][] =>
      typeof value === 'object' && value !== null
        ? [
            [],
            ...Object.entries(value).flatMap(([key, inner]) => places(inner).map((rest) => [key, ...rest])),
          ]
        : [[]];
    const replaced = (json: unknown, [key, ...rest]: string[], by: unknown): unknown => {
      if (key === undefined) return by;
      const copy = (Array.isArray(json) ? [...json] : { ...(json as object) }) as Record<string, unknown>;
      if (rest.length === 0 && by === undefined) delete copy[key];
      else copy[key] = replaced(copy[key], rest, by);
      return copy;
    };
    const values = [
      undefined,
      null,
      true,
      -1,
      0,
      0.5,
      1,
      2,
      9,
      16,
      20,
      64,
      70000,
      2 ** 32,
      2 ** 53,
      1e300,
      '',
      'free',
    ]
      .concat(['unit', 'balanced', 'mnist', 'polarCnn', 'steerableCnn', 'plainCnn'])
      .concat([[], {}, [1, 1, 1, 1], [1, 1, 1, 1, 1], { dim: 3 }, { kind: 'plainCnn' }] as never[]);
    let taken = 0;
    for (const name of PRESET_NAMES) {
      const config = presetConfig(name);
      for (const place of places(config).filter(({ length }) => length > 0)) {
        for (const value of values) {
          const json = JSON.parse(JSON.stringify(replaced(config, place, value)));
          const here = `${place.join('.')} = ${JSON.stringify(value)}`;
          const isTaken = accepted(json);
          expect(accepts(schema, json), here).toBe(isTaken);
          if (isTaken) taken++;
        }
        const extra = replaced(config, [...place.slice(0, -1), 'extra'], 1);
        expect(accepts(schema, extra)).toBe(accepted(extra));
      }
    }
    expect(taken).toBeGreaterThan(300);
  });

  it('and whatever JSON comes instead of a config', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (json) => {
        expect(accepts(schema, json)).toBe(accepted(json));
      }),
      { seed: 7, numRuns: 300 },
    );
  });
});
