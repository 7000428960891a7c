import { requireFinite, requireInteger, requireLength } from '../core/checks.js';

/**
 * Turns each image about its centre by its own angle, bilinear, zero outside.
 * Rows run downwards and columns to the right. A positive angle turns counter-clockwise as seen: at π/2 what was at
 * the right edge comes to the top. The centre is ((height - 1)/2, (width - 1)/2), so multiples of π/2 of a square image
 * only permute its pixels, up to rounding.
 * @param pixels [count * height * width]: Uint8Array 0..255, divided by 255, or Float32Array, taken as it is
 * @param angles count angles, radians
 * @returns [count * height * width]
 * @throws ShapeError for other lengths, DomainError for an angle that is not finite
 */
export function rotateImages(
  pixels: Uint8Array | Float32Array,
  count: number,
  height: number,
  width: number,
  angles: ArrayLike<number>,
): Float32Array {
  requireInteger(height, 1, 'rotateImages height');
  requireInteger(width, 1, 'rotateImages width');
  requireLength(pixels.length, count * height * width, 'rotateImages pixels');
  requireLength(angles.length, count, 'rotateImages angles');
  requireFinite(angles, 1, 'rotateImages angles');
  const unit = pixels instanceof Uint8Array ? 1 / 255 : 1;
  const out = new Float32Array(pixels.length);
  // One row and column of zeros on each side: a bilinear square that touches the image then lies inside the copy.
  const padded = new Float32Array((height + 2) * (width + 2));
  for (let i = 0; i < count; i++) {
    const at = i * height * width;
    for (let r = 0; r < height; r++) {
      const to = (r + 1) * (width + 2) + 1;
      for (let q = 0; q < width; q++) padded[to + q] = pixels[at + r * width + q] * unit;
    }
    rotateInto(out, at, padded, height, width, angles[i]);
  }
  return out;
}

function rotateInto(
  out: Float32Array,
  at: number,
  padded: Float32Array,
  height: number,
  width: number,
  angle: number,
): void {
  const cos = Math.cos(angle);
  const sin = Math.sin(angle);
  const middleRow = (height - 1) / 2;
  const middleColumn = (width - 1) / 2;
  const stride = width + 2;
  for (let r = 0; r < height; r++) {
    const down = r - middleRow;
    for (let q = 0; q < width; q++) {
      const right = q - middleColumn;
      // The source is the target turned back; down = -up turns the signs of sin.
      const sourceRow = middleRow + 1 + sin * right + cos * down;
      const sourceColumn = middleColumn + 1 + cos * right - sin * down;
      if (!(sourceRow >= 0 && sourceRow <= height + 1 && sourceColumn >= 0 && sourceColumn <= width + 1))
        continue;
      const top = Math.min(Math.floor(sourceRow), height);
      const left = Math.min(Math.floor(sourceColumn), width);
      const y = sourceRow - top;
      const x = sourceColumn - left;
      const corner = top * stride + left;
      const upper = padded[corner] + x * (padded[corner + 1] - padded[corner]);
      const lower = padded[corner + stride] + x * (padded[corner + stride + 1] - padded[corner + stride]);
      out[at + r * width + q] = upper + y * (lower - upper);
    }
  }
}
