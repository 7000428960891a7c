import { encode } from 'fast-png';
import type { Picture } from './input.js';
import { element, type Markup, text } from './svg.js';

/** The image as a PNG inside the page; a labelled blank where the pixels do not fill height x width x channels. */
export function picture({ pixels, height, width, channels = 1 }: Picture, alt: string): Markup {
  const fits = Number.isInteger(height) && Number.isInteger(width) && height > 0 && width > 0;
  if (!fits || pixels.length !== height * width * channels) {
    return element('span', { class: 'blank', role: 'img', 'aria-label': `${alt} (no image)` }, text('?'));
  }
  const png = encodePng({ pixels, height, width, channels });
  const src = `data:image/png;base64,${Buffer.from(png).toString('base64')}`;
  return element('img', { src, alt, width, height });
}

/** The image at no more than `most` pixels a side: each pixel the mean of a square of whole ones, what is left over cut. */
export function thumbnail({ pixels, height, width, channels = 1 }: Picture, most: number): Picture {
  const size = Math.ceil(Math.max(height, width) / most);
  if (size <= 1) return { pixels, height, width, channels };
  const [rows, columns] = [Math.max(1, Math.floor(height / size)), Math.max(1, Math.floor(width / size))];
  const small = new Uint8Array(rows * columns * channels);
  for (let y = 0; y < rows; y++) {
    for (let x = 0; x < columns; x++) {
      for (let c = 0; c < channels; c++) {
        let [sum, count] = [0, 0];
        for (let i = y * size; i < Math.min(height, (y + 1) * size); i++) {
          for (let j = x * size; j < Math.min(width, (x + 1) * size); j++) {
            sum += pixels[(i * width + j) * channels + c];
            count++;
          }
        }
        small[(y * columns + x) * channels + c] = Math.round(sum / count);
      }
    }
  }
  return { pixels: small, height: rows, width: columns, channels };
}

/** The bytes of a PNG file. @param picture whose pixels fill height x width x channels */
export function encodePng({ pixels, height, width, channels = 1 }: Picture): Uint8Array {
  return encode({ data: pixels, width, height, channels, depth: 8 }, { zlib: { level: 9 } });
}
