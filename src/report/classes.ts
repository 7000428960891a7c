import { element, type Markup, text } from './svg.js';

/**
 * Ten class colours for a light and a dark page. Found by search: the least colour difference (CIE76) between any
 * two is above 14 for normal, red-blind, green-blind and blue-blind eyes, and each has a contrast of at least 3:1
 * to its page. Slots 10..19 use them again.
 */
export const CLASS_COLOURS = {
  light: '#4894c4 #8e0333 #5d8d55 #3063f8 #e14d09 #523c74 #c3728d #764309 #980fb4 #ee11ac'.split(' '),
  dark: '#8cf5e6 #f22f39 #65cb77 #889ef0 #e78719 #8d5de3 #ee4f7f #f3d46b #c6f231 #d93fb8'.split(' '),
} as const;

/** Classes drawn in a colour of their own; those beyond share one grey. */
export const MAX_CLASSES = 20;

export interface ClassKey {
  readonly label: number;
  readonly name: string;
  readonly items: number;
}

/** Which class is drawn how: `keys` ascending by label, and the slot of each item, -1 for the shared grey. */
export interface ClassLegend {
  readonly keys: readonly ClassKey[];
  readonly slots: Int32Array;
  /** Number of classes without a slot. */
  readonly rest: number;
}

/** The largest classes get a slot each (ties by smaller label). */
export function classLegend(labels: Int32Array, names: readonly string[] = []): ClassLegend {
  const items = new Map<number, number>();
  for (const label of labels) items.set(label, (items.get(label) ?? 0) + 1);
  const largest = [...items.keys()].sort((a, b) => items.get(b)! - items.get(a)! || a - b);
  const keys = largest
    .slice(0, MAX_CLASSES)
    .sort((a, b) => a - b)
    .map((label) => ({ label, name: className(label, names), items: items.get(label)! }));
  const slotOf = new Map(keys.map((key, slot) => [key.label, slot]));
  return { keys, slots: labels.map((label) => slotOf.get(label) ?? -1), rest: items.size - keys.length };
}

export function className(label: number, names: readonly string[] = []): string {
  return names[label] ?? String(label);
}

/** CSS class that colours a mark of this slot. */
export function slotClass(slot: number): string {
  return slot < 0 ? 'kx' : `k${slot}`;
}

/** Chips, one a class; choosing one fades all other classes in the same section. Works without scripts. */
export function classChips({ keys, rest }: ClassLegend): Markup {
  const chip = (id: string, name: string, mark: string, checked: boolean) =>
    element(
      'label',
      { class: `chip ${mark}` },
      element('input', { type: 'radio', name: 'pick', id, checked }),
      element('span', {}, text(name)),
    );
  return element(
    'fieldset',
    { class: 'chips' },
    element('legend', {}, text('Show class')),
    chip('pick-all', 'all', 'every', true),
    ...keys.map((key, slot) => chip(`pick-${slot}`, key.name, slotClass(slot), false)),
    ...(rest > 0 ? [element('span', { class: 'chip kx' }, text(`${rest} more, in grey`))] : []),
  );
}

/** The rules behind `slotClass` and `classChips`. */
export function classRules(): string {
  const colours = (values: readonly string[]) => values.map((c, i) => `--c${i}:${c}`).join(';');
  const slots = Array.from({ length: MAX_CLASSES }, (_, i) => i);
  return [
    `:root{${colours(CLASS_COLOURS.light)}}`,
    `@media (prefers-color-scheme:dark){:root{${colours(CLASS_COLOURS.dark)}}}`,
    ...slots.map((i) => `.k${i}{--c:var(--c${i % CLASS_COLOURS.light.length})}`),
    '.kx{--c:var(--quiet)}',
    ...slots.map((i) => `section:has(#pick-${i}:checked) .dots>:not(.k${i}){opacity:.05}`),
    ...slots.map((i) => `section:has(#pick-${i}:checked) .names>:not(.k${i}){opacity:.15}`),
  ].join('\n');
}
