import type { NegativesSummary, PairSummary } from '../../evaluation/negatives/records.js';
import { isDrawable, MISSING, percent } from '../format.js';
import { drawing, element, emptyDrawing, type Markup, text } from '../svg.js';

const CELL = 92;
const LEFT = 116;
const TOP = 34;
const LONGEST_NAME = 15;

/**
 * A square of arms against arms: below the diagonal the share of anchors with the same hardest negative, above it the rank
 * correlation of the distances to all negatives. The stronger a cell, the more the two agree.
 */
export function agreementFigure({ arms, pairs }: NegativesSummary, id: string): Markup {
  const size = LEFT + CELL * arms.length + 4;
  const frame = { id, title: 'Agreement of the arms', width: size, height: TOP + CELL * arms.length + 8 };
  if (pairs.length === 0) return emptyDrawing(frame);
  const found = new Map(pairs.map((pair) => [pair.arms.join(), pair]));
  const spoken = pairs.map(
    (pair) =>
      `${arms[pair.arms[0]].name} and ${arms[pair.arms[1]].name}: the same hardest negative for ${percent(same(pair))}, Spearman ${rank(pair)}`,
  );
  const names = arms.flatMap(({ name }, i) => [
    label(name, LEFT - 10, TOP + CELL * (i + 0.5) + 4, 'end'),
    label(name, LEFT + CELL * (i + 0.5), TOP - 12, 'middle'),
  ]);
  const cells = arms.flatMap((_, row) =>
    arms.map((_, column) => {
      const [a, b] = [Math.min(row, column), Math.max(row, column)];
      const pair = found.get([a, b].join());
      const x = LEFT + CELL * column;
      const y = TOP + CELL * row;
      if (row === column || !pair)
        return element('rect', {
          class: 'empty',
          x: x + 2,
          y: y + 2,
          width: CELL - 4,
          height: CELL - 4,
          rx: 8,
        });
      const below = row > column;
      const strength = below ? same(pair) : Math.max(0, pair.spearman?.mean ?? Number.NaN);
      return cell(
        x,
        y,
        strength,
        below ? percent(strength) : rank(pair),
        below ? 'same hardest' : 'Spearman',
      );
    }),
  );
  return drawing({ ...frame, description: `${spoken.join('; ')}.` }, ...names, ...cells);
}

function same(pair: PairSummary): number {
  return 1 - pair.hardestDiffer.mean;
}

function rank({ spearman }: PairSummary): string {
  return spearman && isDrawable(spearman.mean) ? spearman.mean.toFixed(3) : MISSING;
}

function cell(x: number, y: number, strength: number, value: string, note: string): Markup {
  const middle = { x: x + CELL / 2, 'text-anchor': 'middle' };
  return element(
    'g',
    {},
    element('rect', {
      class: 'cell',
      ...{ x: x + 2, y: y + 2, width: CELL - 4, height: CELL - 4, rx: 8 },
      'fill-opacity': isDrawable(strength) ? 0.06 + 0.5 * strength : 0,
    }),
    element('text', { class: 'cell-text', ...middle, y: y + CELL / 2 }, text(value)),
    element('text', { class: 'cell-note', ...middle, y: y + CELL / 2 + 18 }, text(note)),
  );
}

function label(name: string, x: number, y: number, anchor: string): Markup {
  const shown = name.length > LONGEST_NAME ? `${name.slice(0, LONGEST_NAME - 1)}…` : name;
  return element('text', { class: 'ridge-name', x, y, 'text-anchor': anchor }, text(shown));
}
