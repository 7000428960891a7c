import type { TreeScores } from '../evaluation/treeCodes.js';
import { type ClassLegend, classChips, classLegend } from './classes.js';
import { count, counted, duration, number } from './format.js';
import type { Plane } from './input.js';
import { renderPage, type Section } from './page.js';
import { euclideanFigure } from './planes.js';
import { element, join, type Markup, text } from './svg.js';
import { htmlTable, type TableRows } from './table.js';
import { bandsFigure } from './treeBands.js';
import { treeDisk } from './treeDisk.js';

/** Everything the report of codes of a tree shows. */
export interface TreeReportInput {
  readonly title: string;
  readonly space: 'hyperbolic' | 'euclidean' | 'sphere';
  readonly star: boolean;
  readonly nodes: number;
  readonly depth: number;
  /** Numbers kept a node. */
  readonly dim: number;
  readonly seconds: number;
  /** Scores on pairs that did not train, or on all pairs. */
  readonly scores: TreeScores;
  readonly heldOut: boolean;
  /** Other ways to spend as many numbers; empty where none was tried. */
  readonly arms: readonly { readonly name: string; readonly scores: TreeScores }[];
  /** The nodes drawn: their plane, their parents among themselves (rows, or -1), and the branch of each (or -1). */
  readonly plane: Plane;
  readonly parents: Int32Array;
  readonly branches: Int32Array;
  readonly branchNames: readonly string[];
  /** What is needed to repeat the run: name and value. */
  readonly origin: readonly (readonly [string, string])[];
}

/** The report of codes of a tree as one HTML file without scripts; the same input gives the same bytes. */
export function renderTreeReport(input: TreeReportInput): string {
  const { scores, nodes, dim, depth } = input;
  return renderPage({
    title: input.title,
    lead: `${counted(nodes, 'node')} of a tree, ${depth} levels deep, written as ${counted(dim, 'number')} each: distances between them are off by ${number(100 * scores.distortion)} % of the edges on average.`,
    head: tiles(input),
    sections: [picture(input), bands(input), ...(input.arms.length > 0 ? [comparison(input)] : [])],
    foot: join([element('h2', {}, text('How this was made')), origin(input)]),
  });
}

/** The scores of several arms as a table for terminal and page. */
export function treeScoreRows(arms: TreeReportInput['arms']): TableRows {
  return [
    ['', 'distortion', 'Spearman', 'steps to nearest', 'neighbour MAP'],
    ...arms.map(({ name, scores }) => [
      name,
      scores.distortion.toFixed(4),
      scores.spearman.toFixed(4),
      scores.stepsToNearest.toFixed(3),
      scores.neighborMap.toFixed(4),
    ]),
  ];
}

function tiles({ scores, heldOut, seconds }: TreeReportInput): Markup {
  const held = heldOut ? 'pairs that did not train' : 'pairs, all of which trained';
  const facts = [
    ['Distortion', number(scores.distortion), `mean |D - t| / t over ${count(scores.pairs)} ${held}`],
    ['Rank correlation', number(scores.spearman), 'Spearman, of code and tree distances'],
    ['Steps to nearest', number(scores.stepsToNearest), `edges to the nearest code; 1 is perfect`],
    ['Neighbours', number(scores.neighborMap), `mean average precision, ${counted(scores.nodes, 'node')}`],
    ['Trained in', duration(seconds), 'on one core'],
  ];
  return element(
    'dl',
    { class: 'facts' },
    ...facts.map(([name, value, note]) =>
      element(
        'div',
        {},
        element('dt', {}, text(name)),
        element('dd', { class: 'value' }, text(value)),
        element('dd', { class: 'note' }, text(note)),
      ),
    ),
  );
}

function picture(input: TreeReportInput): Section {
  const { plane, parents, space, nodes, branches } = input;
  const legend: ClassLegend = classLegend(branches, input.branchNames);
  const hyperbolic = space === 'hyperbolic';
  const drawn = parents.length;
  const shown = drawn < nodes ? `The ${count(drawn)} nodes nearest to the root are drawn. ` : '';
  const kept =
    plane.stress !== undefined && plane.method !== undefined
      ? `Two dimensions out of more, drawn by ${plane.method}: distances on paper have a stress of ${number(plane.stress)} (0 would be exact).`
      : plane.explained < 1
        ? `Two directions of the codes, which keep ${number(100 * plane.explained)} % of their spread.`
        : 'The codes as they are, without any reduction.';
  return {
    id: 'picture',
    title: 'The tree',
    body: join([
      classChips(legend),
      element(
        'figure',
        {},
        hyperbolic
          ? treeDisk({ coordinates: plane.coordinates, parents }, legend)
          : euclideanFigure(plane, legend),
      ),
    ]),
    caption: {
      reading: hyperbolic
        ? 'Every dot is a node, every arc the shortest way from a node to its parent. Room grows outwards like a tree does: circles are equally far apart.'
        : 'Every dot is a node, in the colour of its branch.',
      finding: `${shown}${kept}${input.star ? ' The offset of each node is not drawn.' : ''}`,
    },
  };
}

function bands({ scores }: TreeReportInput): Section {
  return {
    id: 'distances',
    title: 'Do codes keep the distances?',
    body: element('figure', {}, bandsFigure(scores.byEdges)),
    caption: {
      reading:
        'Across: edges between two nodes. Up: the distance of their codes, in the same unit; the middle 80 % of the pairs and their median. On the dashed line both agree.',
      finding: `${count(scores.pairs)} pairs; mean distortion ${number(scores.distortion)}.`,
    },
    captionPlace: 'beside',
  };
}

function comparison({ arms, dim }: TreeReportInput): Section {
  const best = arms.reduce((a, b) => (b.scores.distortion < a.scores.distortion ? b : a));
  return {
    id: 'arms',
    title: 'Other spaces with as many numbers',
    body: htmlTable(treeScoreRows(arms), {
      caption: `Scores of ${counted(dim, 'number')} a node`,
      emphasised: [arms.indexOf(best)],
    }),
    caption: {
      reading: `Every arm keeps ${counted(dim, 'number')} a node, an offset counted, and trains and is scored on the same pairs. Smaller distortion and fewer steps are better; larger correlation and precision are.`,
      finding: `${best.name} has the smallest distortion, ${number(best.scores.distortion)}.`,
    },
  };
}

function origin(input: TreeReportInput): Markup {
  return element(
    'dl',
    { class: 'origin' },
    ...input.origin.map(([name, value]) =>
      element('div', {}, element('dt', {}, text(name)), element('dd', {}, text(value))),
    ),
  );
}
