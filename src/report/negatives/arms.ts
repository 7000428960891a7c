import { element, type Markup, text } from '../svg.js';

/** Arms drawn in a line of their own; further ones repeat the looks of the first. */
export const ARM_LOOKS = 8;

// Colours of the report's two heads first, then colours of classes; every second round is dashed, so that no two of the
// first eight are told apart by colour alone.
const COLOURS = ['euclidean', 'hyperbolic', 'ink', 'c2', 'c8', 'c9', 'c7', 'c6'];
const DASHES = ['', '', '7 3', '2 3', '9 3 2 3', '12 4', '4 2', '1 3'];

/** CSS class of the lines, bars and names of an arm. */
export function armClass(arm: number): string {
  return `arm${arm % ARM_LOOKS}`;
}

/** The rules behind armClass. */
export function armRules(): string {
  return COLOURS.map((colour, i) => {
    const dash = DASHES[i] === '' ? '' : `.arm-line.arm${i}{stroke-dasharray:${DASHES[i]}}`;
    return `.arm${i}{--s:var(--${colour})}${dash}`;
  }).join('\n');
}

/** Names with the look of their lines. */
export function armLegend(names: readonly string[]): Markup {
  const items = names.map((name, arm) =>
    element(
      'li',
      {},
      element(
        'svg',
        { viewBox: '0 0 30 10', 'aria-hidden': 'true' },
        element('path', { class: `arm-line ${armClass(arm)}`, d: 'M1 5h28' }),
      ),
      element('span', {}, text(name)),
    ),
  );
  return element('ul', { class: 'arms' }, ...items);
}
