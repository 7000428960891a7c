import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { renderNegatives } from '../../src/report/negatives/negativesReport.js';
import { exampleNegatives } from '../report/negativesExample.js';

const CHROMIUM = '/usr/bin/chromium';
const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

describe('the page about hard negatives in a browser', () => {
  let browser: Browser | undefined;
  const folder = mkdtempSync(join(tmpdir(), 'gyrometric-negatives-'));
  const file = join(folder, 'negatives.html');

  beforeAll(async () => {
    writeFileSync(file, renderNegatives(await exampleNegatives(3, 3)));
    if (existsSync(CHROMIUM)) browser = await chromium.launch({ executablePath: CHROMIUM, args: FLAGS });
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

  it.each([360, 1000, 1400])(
    'shows every figure and every card, and needs no sideways scrolling at %i px',
    async (width) => {
      const page = await open(width);
      await page.locator('summary').click();
      for (const selector of ['svg[role=img]', 'article']) {
        const boxes = await page
          .locator(selector)
          .evaluateAll((all) => all.map((part) => part.getBoundingClientRect().toJSON()));
        expect(boxes.length).toBe(selector === 'article' ? 12 : 10);
        for (const box of boxes) {
          expect(box.width).toBeGreaterThan(200);
          expect(box.height).toBeGreaterThan(100);
          expect(box.left).toBeGreaterThanOrEqual(0);
          expect(box.right).toBeLessThanOrEqual(width);
        }
      }
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(width);
      await page.close();
    },
  );

  it('keeps every row of thumbnails inside its card and decodes each of them', async () => {
    for (const width of [360, 1200]) {
      const page = await open(width);
      await page.locator('summary').click();
      const beyond = await page.evaluate(
        `[...document.querySelectorAll('article')].filter((card) => [...card.querySelectorAll('li, img')]
          .some((tile) => tile.getBoundingClientRect().right > card.getBoundingClientRect().right)).length`,
      );
      expect(beyond).toBe(0);
      const sizes = await page.locator('img').evaluateAll(async (all) => {
        const pictures = all as unknown as { decode(): Promise<void>; naturalWidth: number }[];
        await Promise.all(pictures.map((picture) => picture.decode()));
        return pictures.map((picture) => picture.naturalWidth);
      });
      // 12 anchors, each with 3 positives and 6 negatives in two arms.
      expect(sizes).toEqual(new Array(12 * 19).fill(8));
      await page.close();
    }
  });

  it('draws the arms in colours that differ, in a light and a dark page', async () => {
    for (const scheme of ['light', 'dark'] as const) {
      const page = await open(1200, scheme);
      const colours = await page.evaluate<string[]>(
        `[0, 1, 2].map((arm) => getComputedStyle(document.querySelector('#ranks .arm-line.arm' + arm)).stroke)`,
      );
      expect(new Set(colours).size).toBe(3);
      const ground = await page.evaluate<string>('getComputedStyle(document.body).backgroundColor');
      expect(colours).not.toContain(ground);
      await page.close();
    }
  });
});
