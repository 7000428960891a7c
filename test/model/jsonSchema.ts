type Schema = Readonly<Record<string, unknown>>;
type Check = (rule: never, value: unknown, schema: Schema) => boolean;

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const isNumber = (value: unknown): value is number => typeof value === 'number';

const TYPES: Readonly<Record<string, (value: unknown) => boolean>> = {
  object: isObject,
  array: Array.isArray,
  number: isNumber,
  integer: Number.isInteger,
  string: (value) => typeof value === 'string',
  boolean: (value) => typeof value === 'boolean',
};

/** Keywords of JSON Schema 2020-12 that constrain, each by the text of the standard. */
const CHECKS: Readonly<Record<string, Check>> = {
  type: (type: string, value) => {
    if (!TYPES[type]) throw new Error(`unknown type ${type}`);
    return TYPES[type](value);
  },
  const: (rule: unknown, value) => value === rule,
  enum: (rule: unknown[], value) => rule.includes(value),
  minimum: (rule: number, value) => !isNumber(value) || value >= rule,
  maximum: (rule: number, value) => !isNumber(value) || value <= rule,
  exclusiveMinimum: (rule: number, value) => !isNumber(value) || value > rule,
  exclusiveMaximum: (rule: number, value) => !isNumber(value) || value < rule,
  multipleOf: (rule: number, value) => !isNumber(value) || Number.isInteger(value / rule),
  minItems: (rule: number, value) => !Array.isArray(value) || value.length >= rule,
  maxItems: (rule: number, value) => !Array.isArray(value) || value.length <= rule,
  prefixItems: (rule: Schema[], value) =>
    !Array.isArray(value) || rule.every((item, i) => i >= value.length || accepts(item, value[i])),
  items: (rule: false | Schema, value, { prefixItems = [] }) => {
    const others = Array.isArray(value) ? value.slice((prefixItems as unknown[]).length) : [];
    return others.every((item) => rule !== false && accepts(rule, item));
  },
  required: (rule: string[], value) => !isObject(value) || rule.every((key) => Object.hasOwn(value, key)),
  properties: (rule: Record<string, Schema>, value) =>
    !isObject(value) ||
    Object.entries(rule).every(([key, item]) => !Object.hasOwn(value, key) || accepts(item, value[key])),
  additionalProperties: (rule: false, value, { properties }) => {
    if (rule !== false) throw new Error('additionalProperties other than false');
    return !isObject(value) || Object.keys(value).every((key) => Object.hasOwn(properties as object, key));
  },
  anyOf: (rule: Schema[], value) => rule.some((item) => accepts(item, value)),
  oneOf: (rule: Schema[], value) => rule.filter((item) => accepts(item, value)).length === 1,
};
const ANNOTATIONS = ['$schema', 'default', 'description'];

/** Whether a JSON value meets a JSON Schema. @throws Error for a keyword that is not known here, so that none is passed over */
export function accepts(schema: Schema, value: unknown): boolean {
  return Object.entries(schema).every(([keyword, rule]) => {
    if (ANNOTATIONS.includes(keyword)) return true;
    if (!CHECKS[keyword]) throw new Error(`unknown keyword ${keyword}`);
    return CHECKS[keyword](rule as never, value, schema);
  });
}
