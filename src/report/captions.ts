import { spearman } from '../evaluation/correlation.js';
import { type ClassLegend, MAX_CLASSES } from './classes.js';
import { ensembleSentence, rivalSentence } from './findings.js';
import { count, counted, degrees, isDrawable, number, percent } from './format.js';
import type { Plane, ReportInput, RetrievalStrip } from './input.js';
import type { Caption } from './page.js';
import { radii } from './radii.js';
import { drawableTogether, meanOf, quantiles } from './statistics.js';
import { isRight } from './strips.js';

// `reading` holds for every run; every outcome that `finding` states is computed from the input.

export function stripsCaption({ strips, metrics }: ReportInput): Caption {
  const { codeRelativeChange, orientationErrorDegrees } = metrics.equivariance;
  return {
    reading:
      'Each card starts with a test image at an angle the model was not told, then the same image turned back by the orientation that the model read off. Each row shows the nearest images that one way of searching found, nearest first. A dashed frame with a cross marks an image of another class.',
    finding: `${tally(strips)} Turning an image moves its code by ${percent(codeRelativeChange)} of the distance between two different images (0% would be perfect), and the orientation error is ${degrees(orientationErrorDegrees)}.`,
  };
}

function tally(strips: readonly RetrievalStrip[]): string {
  const names = {
    euclidean: 'Euclidean',
    hyperbolic: 'hyperbolic',
    ensemble: 'both together',
    pixels: 'raw pixels',
  };
  const parts = (['euclidean', 'hyperbolic', 'ensemble', 'pixels'] as const).flatMap((head) => {
    const answers = strips.flatMap(({ query, rows }) =>
      rows.filter((r) => r.head === head).flatMap(({ tiles }) => tiles.map((tile) => isRight(tile, query))),
    );
    const right = answers.filter(Boolean).length;
    return answers.length === 0 ? [] : [`${names[head]} ${count(right)} of ${count(answers.length)}`];
  });
  if (parts.length === 0) return '';
  return `Right answers in ${strips.length === 1 ? 'this card' : `these ${strips.length} cards`}: ${parts.join(', ')}. The cards are a choice, not a measure: the table further down counts all queries.`;
}

export function scoresCaption({ metrics, numbers, feeding }: ReportInput): Caption {
  const { retrieval } = metrics;
  const n = numbers.queries;
  return {
    reading: `Recall@1: the nearest image is of the query's class. Recall@10: at least one of the ten nearest is. MAP@R also asks that all images of the class come first. ± is one standard error for ${counted(n, 'query', 'queries')} (for MAP@R at most that); bars in the figure reach two to each side. All of it is one training; how much another seed would change is not in these errors.`,
    finding: `${ensembleSentence(retrieval, n, feeding)} ${rivalSentence(retrieval, 'noInvariance', n)} ${rivalSentence(retrieval, 'rawPixels', n)}`,
  };
}

export function planesCaption({ heads, plane, labels }: ReportInput, legend: ClassLegend): Caption {
  const { euclidean, hyperbolic } = heads;
  const limit =
    legend.rest > 0 || legend.keys.length > 10
      ? ` Colours repeat after ten classes${legend.rest > 0 ? `; all but the ${MAX_CLASSES} largest are grey` : ''}.`
      : '';
  return {
    reading: `Each dot is one of ${counted(labels.length, 'test image')}, coloured by class; the names stand near the middle of their class, and the buttons single out one.${limit} In the disk the thin arcs are straight lines, and each numbered circle is one unit further from the centre than the one before: near the rim, short steps on paper are long ways.`,
    finding: `A picture can hold two numbers of each code; the codes have ${euclidean.matrix.columns} (Euclidean) and ${hyperbolic.matrix.columns} (hyperbolic). The plane keeps ${percent(plane.euclidean.explained, 0)} of the spread and ${diskSentence(plane.hyperbolic)}, so classes that overlap here may lie apart in the full codes.${radiusSentence(radii(hyperbolic))}`,
  };
}

function diskSentence({ explained, method, stress }: Plane): string {
  if (method === undefined || stress === undefined) return `the disk ${percent(explained, 0)}`;
  return `in the disk, drawn by ${method}, distances have a stress of ${number(stress)} (0 would be exact)`;
}

function radiusSentence(values: Float64Array): string {
  const [low, middle, high] = quantiles(values, [0.05, 0.5, 0.95]);
  if (!isDrawable(middle) || middle <= 0) return '';
  const shell = (high - low) / middle < 0.05;
  const meaning = shell
    ? 'all but on one sphere: distance from the centre tells next to nothing about an image.'
    : 'so images do differ in their distance from the centre.';
  return ` In the full hyperbolic codes nine of ten images lie between ${number(low)} and ${number(high)} from the centre, ${meaning}`;
}

export function histogramCaption({ negatives, temperatures }: ReportInput): Caption {
  const { euclidean, hyperbolic } = negatives;
  const [e, h] = [meanOf(euclidean.p), meanOf(hyperbolic.p)];
  const order = e === h ? 'the same in both spaces' : `${h > e ? 'larger' : 'smaller'} in hyperbolic space`;
  const known = isDrawable(e) && isDrawable(h);
  const matter = [euclidean, hyperbolic].map((s) => quantiles(s.effective, [0.5])[0]);
  return {
    reading:
      'The loss turns distances from an image (the anchor) into probabilities. p(x⁻) is what goes to images of other classes, the negatives: 0 means the anchor is settled, 1 that its own class is drowned out. The Euclidean bars grow upwards, the hyperbolic ones downwards.',
    finding: known
      ? `Its mean is ${number(e)} in Euclidean and ${number(h)} in hyperbolic space: ${order}, at the temperatures ${number(temperatures.euclidean)} and ${number(temperatures.hyperbolic)}. Other temperatures give other values, so this alone does not say which space separates better. For the median anchor ${number(matter[0])} (Euclidean) and ${number(matter[1])} (hyperbolic) negatives carry the weight.`
      : 'There are no values in this run.',
  };
}

export function hardnessCaption({ negatives, feeding }: ReportInput): Caption {
  const { hardestDiffer, spearman: agreement, overlap } = negatives;
  const r = overlap.length;
  return {
    reading:
      'Hard negatives are the images of other classes that lie nearest. The first figure counts how many of the r hardest are the same images in both spaces (100%: both agree fully). The second has one mark an anchor, with the weight of its hardest negative in each space; a dot where both spaces name the same image, a cross where they do not. On the diagonal both weigh it equally.',
    finding: `${differSentence(hardestDiffer, negatives.euclidean.hardest.length, feeding)} Over all negatives the two orders agree with a rank correlation of ${number(agreement)} (1 is the same order, 0 none)${r > 0 && isDrawable(overlap[r - 1]) ? `; of the ${r} hardest, ${percent(overlap[r - 1], 0)} are shared` : ''}.`,
  };
}

function differSentence(share: number, anchors: number, feeding: 'unit' | 'free'): string {
  if (!isDrawable(share) || anchors === 0) return 'Whether the hardest negatives differ is not known.';
  if (share > 0) return `The hardest negative differs for ${percent(share)} of the anchors.`;
  const reason = feeding === 'unit' ? ' With unit-norm feeding the two spaces must rank alike.' : '';
  return `The hardest negative is the same image in both spaces for every anchor: a null result.${reason}`;
}

export function shepardCaption({ shepard, metrics }: ReportInput): Caption {
  const { shepardSpearman, scaledStress1, weight } = metrics.distances;
  const heads = (['euclidean', 'hyperbolic'] as const).map((head) => {
    const pairs = drawableTogether(shepard.input, shepard[head], shepard.sameClass);
    const rank = (keep: (i: number) => boolean) => {
      const kept = [...pairs].filter(keep);
      return number(
        spearman(
          kept.map((i) => shepard.input[i]),
          kept.map((i) => shepard[head][i]),
        ),
      );
    };
    const name = head === 'euclidean' ? 'Euclidean' : 'hyperbolic';
    return `${name} ${rank(() => true)} over all pairs, ${rank((i) => shepard.sameClass[i] === 1)} within a class, ${rank((i) => shepard.sameClass[i] === 0)} between classes`;
  });
  const penalty =
    weight > 0
      ? `The loss had a term for this, with weight ${number(weight)}`
      : weight === 0
        ? 'The loss had no term for this (weight 0)'
        : 'Whether the loss had a term for this is not known';
  return {
    reading: `Each of ${counted(shepard.input.length, 'pair')} of images is placed by the distance between the images (at their best turn, left to right) and between their codes (bottom to top); the stronger the colour of a cell, the more pairs it holds. The lines follow the median, dashed within a class. A line that rises means that codes tell how alike two images look, not just which class they are.`,
    finding: `Rank correlation (Spearman): ${heads.join('; ')}. ${penalty}; metrics.json has, for both heads together, a rank correlation of ${number(shepardSpearman)} and a scaled stress of ${number(scaledStress1)} (0 would be exact proportion).`,
  };
}

export function historyCaption({ history, metrics }: ReportInput): Caption {
  const reading =
    'The first figure shows the loss, which training makes small, and its parts before they are weighted. The second shows, for the training batches, the weight of the negatives in each space, and for which share of anchors the two spaces disagree about the hardest one. Long histories are averaged in windows.';
  const steps = history.filter((e) => isDrawable(e.loss));
  if (steps.length < 2) return { reading, finding: 'Too few steps were recorded.' };
  const window = Math.max(1, Math.floor(steps.length / 20));
  const start = meanOf(steps.slice(0, window).map((e) => e.loss));
  const end = meanOf(steps.slice(-window).map((e) => e.loss));
  const moved = end < start ? 'fell' : end > start ? 'rose' : 'stayed';
  const last = history[history.length - 1];
  return {
    reading,
    finding: `The loss ${moved} from ${number(start)} to ${number(end)} (means over the first and last ${counted(window, 'recorded step')}) in ${counted(last.step, 'step')}, ${counted(last.images, 'image')} drawn from ${counted(metrics.data.train, 'training image')}.`,
  };
}
