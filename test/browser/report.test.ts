import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { renderReport } from '../../src/report/report.js';
import { exampleInput } from '../report/example.js';

const CHROMIUM = '/usr/bin/chromium';
const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];
/** svg drawings of a complete report: scores, 2 planes, histogram, 2 hardness, 2 Shepard, 2 histories. */
const DRAWINGS = 10;

describe('the report in a browser', () => {
  const folder = mkdtempSync(join(tmpdir(), 'gyrometric-report-'));
  const file = join(folder, 'report.html');
  let browser: Browser | undefined;

  beforeAll(async () => {
    if (!existsSync(CHROMIUM)) return;
    writeFileSync(file, renderReport(exampleInput(2000, 12)));
    browser = await chromium.launch({ executablePath: CHROMIUM, args: FLAGS });
  });

  afterAll(async () => {
    await browser?.close();
    rmSync(folder, { recursive: true });
  });

  beforeEach((context) => {
    if (!existsSync(CHROMIUM))
      context.skip(`needs a browser at ${CHROMIUM}, e.g. from the Debian package chromium`);
  });

  async function open(width: number, colorScheme: 'light' | 'dark' = 'light'): Promise<Page> {
    const page = await browser!.newPage({ viewport: { width, height: 900 }, colorScheme });
    await page.goto(pathToFileURL(file).href);
    return page;
  }

  it('loads without a request beyond the file, an error or a warning', async () => {
    const page = await browser!.newPage();
    const requests: string[] = [];
    const complaints: string[] = [];
    page.on('request', (request) => requests.push(request.url()));
    page.on('console', (message) => complaints.push(message.text()));
    page.on('pageerror', (error) => complaints.push(String(error)));
    await page.goto(pathToFileURL(file).href, { waitUntil: 'networkidle' });
    expect(requests.filter((url) => !url.startsWith('data:'))).toEqual([pathToFileURL(file).href]);
    expect(complaints).toEqual([]);
    await page.close();
  });

  it.each([360, 390, 1000, 1400])(
    'shows every figure and needs no sideways scrolling at %i px',
    async (width) => {
      const page = await open(width);
      const boxes = await page
        .locator('svg')
        .evaluateAll((all) => all.map((svg) => svg.getBoundingClientRect().toJSON()));
      expect(boxes).toHaveLength(DRAWINGS);
      for (const box of boxes) {
        expect(box.width).toBeGreaterThan(200);
        expect(box.height).toBeGreaterThan(100);
        expect(box.left).toBeGreaterThanOrEqual(0);
        expect(box.right).toBeLessThanOrEqual(width);
      }
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(width);
      await page.close();
    },
  );

  it('decodes every image, also those that open on request', async () => {
    const page = await open(1280);
    await page.locator('summary').click();
    const images = page.locator('img');
    // 12 strips of query, upright query and 4 rows of 8.
    expect(await images.count()).toBe(12 * 34);
    const sizes = await images.evaluateAll(async (all) => {
      const pictures = all as unknown as {
        decode(): Promise<void>;
        naturalWidth: number;
        offsetWidth: number;
      }[];
      await Promise.all(pictures.map((picture) => picture.decode()));
      return pictures.map((picture) => [picture.naturalWidth, picture.offsetWidth]);
    });
    for (const [natural, shown] of sizes) {
      expect(natural).toBe(28);
      expect(shown).toBeGreaterThanOrEqual(28);
    }
    await page.close();
  });

  it('fades all classes but the chosen one', async () => {
    const page = await open(1280);
    const opacity = (slot: number) =>
      page
        .evaluate<string>(
          `getComputedStyle(document.querySelector('#poincare-plane-title ~ .dots .k${slot}')).opacity`,
        )
        .then(Number);
    const before = await opacity(4);
    expect(before).toBeGreaterThan(0.5);
    await page.locator('#pick-3').check();
    expect(await opacity(3)).toBe(before);
    expect(await opacity(4)).toBeLessThan(0.1);
    await page.close();
  });

  it('keeps text readable on both pages', async () => {
    for (const scheme of ['light', 'dark'] as const) {
      const page = await open(1280, scheme);
      const colours = await page.evaluate<[string, string][]>(
        `['p', 'dt', 'h3', 'td', 'svg text', '.mark.euclidean text', '.mark.hyperbolic text'].map((selector) => {
          const style = getComputedStyle(document.querySelector(selector));
          return [selector.startsWith('svg') || selector.startsWith('.mark') ? style.fill : style.color,
            getComputedStyle(document.body).backgroundColor];
        })`,
      );
      // WCAG 2.1, 1.4.3: text.
      for (const [text, page] of colours) expect(contrast(text, page)).toBeGreaterThanOrEqual(4.5);
      await page.close();
    }
  });
});

function contrast(a: string, b: string): number {
  const [low, high] = [a, b].map(luminance).sort((x, y) => x - y);
  return (high + 0.05) / (low + 0.05);
}

function luminance(colour: string): number {
  const [r, g, b] = (colour.match(/[\d.]+/g) ?? []).map((v) => {
    const share = Number(v) / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}
