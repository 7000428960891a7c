import {
  hardnessCaption,
  histogramCaption,
  historyCaption,
  planesCaption,
  scoresCaption,
  shepardCaption,
  stripsCaption,
} from './captions.js';
import { classChips, classLegend } from './classes.js';
import { factTiles, leadSentence, originList } from './facts.js';
import { hardestFigure, overlapFigure } from './hardness.js';
import { mirroredHistogram } from './histogram.js';
import { lossFigure, shareFigure } from './history.js';
import type { ReportInput } from './input.js';
import { beside, renderPage, type Section } from './page.js';
import { euclideanFigure, poincareFigure } from './planes.js';
import { scoreRows, scoresFigure } from './scores.js';
import { shepardFigure } from './shepard.js';
import { stripsFigure } from './strips.js';
import { element, join, text } from './svg.js';
import { htmlTable } from './table.js';

/**
 * The report of a quickstart training as one HTML file: it needs no network and no scripts, and the same input
 * gives the same bytes. Missing values (NaN, empty arrays) are shown as missing; all text is escaped.
 */
export function renderReport(input: ReportInput): string {
  return renderPage({
    title: input.title,
    lead: leadSentence(input),
    head: factTiles(input),
    sections: [
      found(input),
      scores(input),
      planes(input),
      ...negatives(input),
      distances(input),
      training(input),
    ],
    foot: join([element('h2', {}, text('How this was made')), originList(input)]),
  });
}

function found(input: ReportInput): Section {
  return {
    id: 'found',
    title: 'What it finds',
    body: stripsFigure(input.strips, input.classNames),
    caption: stripsCaption(input),
  };
}

function scores(input: ReportInput): Section {
  const { metrics, numbers } = input;
  const table = htmlTable(scoreRows(metrics.retrieval, numbers), {
    caption: 'Retrieval scores of five ways to search',
    emphasised: [0, 1, 2],
  });
  return {
    id: 'retrieval',
    title: 'How often it is right',
    body: element('figure', {}, scoresFigure(metrics.retrieval, numbers.queries)),
    caption: scoresCaption(input),
    captionPlace: 'beside',
    after: table,
  };
}

function planes(input: ReportInput): Section {
  const legend = classLegend(input.labels, input.classNames);
  const figures = beside(
    { name: 'Hyperbolic: Poincaré disk', figure: poincareFigure(input.plane.hyperbolic, legend) },
    { name: 'Euclidean: plane', figure: euclideanFigure(input.plane.euclidean, legend) },
  );
  return {
    id: 'planes',
    title: 'Two maps of the same images',
    body: join([classChips(legend), figures]),
    caption: planesCaption(input, legend),
  };
}

function negatives(input: ReportInput): readonly Section[] {
  const { euclidean, hyperbolic } = input.negatives;
  const histogram = mirroredHistogram(
    { euclidean: euclidean.p, hyperbolic: hyperbolic.p },
    {
      id: 'negatives-p',
      title: 'Weight of the negatives in both spaces',
      quantity: 'p(x⁻), weight of all negatives',
    },
  );
  return [
    {
      id: 'negatives',
      title: 'How much the negatives weigh',
      body: element('figure', {}, histogram),
      caption: histogramCaption(input),
      captionPlace: 'beside',
    },
    {
      id: 'hardness',
      title: 'Do both spaces find the same images hard?',
      body: beside(
        { name: 'Shared hard negatives', figure: overlapFigure(input.negatives) },
        { name: 'Weight of the hardest one', figure: hardestFigure(input.negatives) },
      ),
      caption: hardnessCaption(input),
    },
  ];
}

function distances(input: ReportInput): Section {
  return {
    id: 'distances',
    title: 'Do near codes mean similar images?',
    body: beside(
      { name: 'Euclidean head', figure: shepardFigure(input.shepard, 'euclidean') },
      { name: 'Hyperbolic head', figure: shepardFigure(input.shepard, 'hyperbolic') },
    ),
    caption: shepardCaption(input),
  };
}

function training(input: ReportInput): Section {
  return {
    id: 'training',
    title: 'How training went',
    body: beside(
      { name: 'Loss', figure: lossFigure(input.history) },
      { name: 'Negatives', figure: shareFigure(input.history) },
    ),
    caption: historyCaption(input),
  };
}
