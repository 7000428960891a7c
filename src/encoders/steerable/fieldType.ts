import { requireInteger } from '../../core/checks.js';
import { expectation, UsageError } from '../../core/errors.js';
import type { PlaneGroup } from './planeGroup.js';
import { frequenciesUpTo, irrep, type Representation, regularRepresentation } from './representation.js';

/**
 * What the channels of a feature map are: `fields` copies of one representation. Channel c * fields + f is component c of
 * field f, so that what all fields do alike is done to whole rows of the map.
 */
export interface FieldType {
  readonly representation: Representation;
  readonly fields: number;
}

/** @throws UsageError, DomainError unless fields is an integer >= 1 */
export function fieldType(representation: Representation, fields: number): FieldType {
  requireInteger(fields, 1, 'fieldType fields');
  return { representation, fields };
}

/** Numbers that do not change: grey values or colours of an image, an invariant code. */
export const scalarFields = (group: PlaneGroup, fields: number): FieldType =>
  fieldType(irrep(group, 0), fields);

/** Functions on a finite group: one number for each rotation (and reflection). */
export const regularFields = (group: PlaneGroup, fields: number): FieldType =>
  fieldType(regularRepresentation(group), fields);

/** Numbers, vectors and so on up to a frequency: band-limited functions on the circle of rotations. */
export const frequencyFields = (group: PlaneGroup, highest: number, fields: number): FieldType =>
  fieldType(frequenciesUpTo(group, highest), fields);

export function channelsOf({ representation, fields }: FieldType): number {
  return representation.dim * fields;
}

export function describeFields({ representation, fields }: FieldType): string {
  return `${fields} x (${representation.name}) of ${representation.group.name}`;
}

/** @throws UsageError unless both are the same */
export function requireSameFields(got: FieldType, expected: FieldType, who: string): void {
  const [is, should] = [describeFields(got), describeFields(expected)];
  if (is !== should) throw new UsageError(expectation(who, should, is, 'make the layers fit'));
}

/** @throws UsageError unless the group only permutes the components */
export function requirePermuting({ representation }: FieldType, who: string): void {
  if (representation.parts.every((part) => part.permutes)) return;
  throw new UsageError(
    expectation(
      who,
      'regular or scalar fields',
      representation.name,
      'take normRelu, gatedRelu or fourierRelu',
    ),
  );
}
