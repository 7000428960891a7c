import { TETRIS_SHAPES } from '../../src/index.js';
import type { Measured } from './measure.js';

const COLOURS = ['#1b9e77', '#d95f02', '#7570b3', '#e7298a', '#66a61e', '#e6ab02', '#a6761d', '#444444'];
const SIDE = 480;
const MARGIN = 20;

/** The two-dimensional codes of the test clouds, coloured by shape. @returns an SVG file */
export function codePicture({ codes, labels }: Measured): string {
  const axis = (k: number) => {
    const values = labels.map((_, i) => codes[2 * i + k]);
    const [low, high] = [Math.min(...values), Math.max(...values)];
    return (value: number) => MARGIN + ((value - low) / (high - low || 1)) * (SIDE - 2 * MARGIN);
  };
  const [x, y] = [axis(0), axis(1)];
  const dots = labels.map((label, i) => {
    const [cx, cy] = [x(codes[2 * i]), y(codes[2 * i + 1])];
    return `<circle cx="${cx.toFixed(1)}" cy="${cy.toFixed(1)}" r="2" fill="${COLOURS[label]}"/>`;
  });
  const legend = Object.keys(TETRIS_SHAPES).map((name, k) => {
    const place = `x="${SIDE + 10}" y="${MARGIN + 18 * k}" fill="${COLOURS[k]}"`;
    return `<text ${place} font-family="sans-serif" font-size="13">${name}</text>`;
  });
  const frame = `xmlns="http://www.w3.org/2000/svg" width="${SIDE + 90}" height="${SIDE}"`;
  return `<svg ${frame}>\n<title>Codes of tetris clouds</title>\n${[...dots, ...legend].join('\n')}\n</svg>\n`;
}
