import type { Metrics, RetrievalScores } from '../core/records.js';
import { axisBottom, linearAxis } from './axes.js';
import { count, duration, isDrawable, MISSING, percent } from './format.js';
import type { ModelPair } from './input.js';
import { drawing, element, emptyDrawing, type Markup, text } from './svg.js';
import type { TableRows } from './table.js';

export type Arm = keyof Metrics['retrieval'];

/** The five arms in the order of the table, with the name that readers see. */
export const ARMS: readonly (readonly [Arm, string])[] = [
  ['euclidean', 'Euclidean head'],
  ['hyperbolic', 'Hyperbolic head'],
  ['ensemble', 'Both heads together'],
  ['noInvariance', 'Network without invariance'],
  ['rawPixels', 'Raw pixels'],
];

/** sqrt(p (1 - p) / n): the standard error of a share p among n independent queries; an upper bound for a mean in 0..1. */
export function standardError(share: number, n: number): number {
  return Math.sqrt((share * (1 - share)) / n);
}

/** The retrieval scores of all arms as rows of text, each share with its standard error in percentage points. */
export function scoreRows(
  retrieval: Metrics['retrieval'],
  numbers: { readonly parameters: ModelPair; readonly trainSeconds: ModelPair; readonly queries: number },
): TableRows {
  const header = ['', 'Recall@1', 'Recall@10', 'MAP@R', 'Parameters', 'Training'];
  const rows = ARMS.map(([arm, name]) => {
    const { recallAt1, recallAt10, mapAtR }: RetrievalScores = retrieval[arm];
    const shares = [recallAt1, recallAt10, mapAtR].map((share) => plusMinus(share, numbers.queries));
    if (arm === 'rawPixels') return [name, ...shares, MISSING, MISSING];
    const side = arm === 'noInvariance' ? 'baseline' : 'model';
    return [name, ...shares, count(numbers.parameters[side]), duration(numbers.trainSeconds[side])];
  });
  return [header, ...rows];
}

function plusMinus(share: number, n: number): string {
  const error = standardError(share, n);
  return isDrawable(error) ? `${(100 * share).toFixed(1)} ± ${(100 * error).toFixed(1)}%` : percent(share);
}

const WIDTH = 440;
const ROW = 46;

/** Recall@1 of all arms as dots with bars of two standard errors to each side. */
export function scoresFigure(retrieval: Metrics['retrieval'], queries: number): Markup {
  const rows = ARMS.map(([arm, name]) => ({ arm, name, share: retrieval[arm].recallAt1 })).filter(
    ({ share }) => isDrawable(share),
  );
  const area = { left: 8, right: WIDTH - 12, top: 6, bottom: 6 + ROW * rows.length };
  const frame = {
    id: 'scores',
    title: 'Recall@1 of five ways to search',
    width: WIDTH,
    height: area.bottom + 50,
  };
  if (rows.length === 0) return emptyDrawing({ ...frame, height: 200 });
  const shares = rows.map((r) => r.share);
  const [low, high] = [Math.min(...shares), Math.max(...shares)];
  const x = linearAxis(100 * (low - 0.2 * (high - low)), 100 * high).range([area.left, area.right]);
  return drawing(
    { ...frame, description: rows.map(({ name, share }) => `${name} ${percent(share)}`).join(', ') },
    axisBottom(x, area, 'Recall@1, %'),
    ...rows.map(({ arm, name, share }, i) => {
      const y = area.top + ROW * i + 32;
      const spread = 200 * standardError(share, queries);
      const error = isDrawable(spread) ? spread : 0;
      const at = x(100 * share);
      const end = at > WIDTH / 2 ? 'end' : 'start';
      const side = Math.max(0, x(100 * share - error));
      const label = { x: end === 'end' ? Math.min(side, at) - 8 : x(100 * share + error) + 10, y: y + 4 };
      return element(
        'g',
        { class: `dot-row ${arm}` },
        element('text', { class: 'arm', x: area.left + 2, y: y - 14 }, text(name)),
        element('line', { x1: side, x2: Math.min(WIDTH, x(100 * share + error)), y1: y, y2: y }),
        element('circle', { cx: at, cy: y, r: 5 }),
        element('text', { class: 'value', ...label, 'text-anchor': end }, text(percent(share))),
      );
    }),
  );
}
