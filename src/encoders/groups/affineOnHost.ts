/** Of images [count, height, width, channels]. */
export interface ImageSize {
  readonly count: number;
  readonly height: number;
  readonly width: number;
  readonly channels: number;
}

// A source square may reach one pixel beyond the image: each image is read from, and its gradient written to, a copy with
// a border of one pixel, which is zero or is dropped.

/** Of a padded copy: numbers of a row, and of the whole. */
function paddedSize({ height, width, channels }: ImageSize) {
  const stride = (width + 2) * channels;
  return { stride, total: (height + 2) * stride };
}

/** The rows of image `i` into the middle of `padded`. */
function pad(padded: Float32Array, images: Float32Array, i: number, size: ImageSize): void {
  const { height, width, channels } = size;
  const { stride } = paddedSize(size);
  const row = width * channels;
  for (let r = 0; r < height; r++) {
    const from = (i * height + r) * row;
    padded.set(images.subarray(from, from + row), (r + 1) * stride + channels);
  }
}

function isFinite6(maps: Float32Array, at: number): boolean {
  let sum = 0;
  for (let k = 0; k < 6; k++) sum += maps[at + k] * 0;
  return sum === 0;
}

/**
 * @param images [count, height, width, channels] @param maps [count, 2, 3], from target to source, in pixels (right, up)
 *   from the centre
 * @returns the moved images, bilinear, zero outside; NaN where a map is not finite
 */
export function affineValues(images: Float32Array, maps: Float32Array, size: ImageSize): Float32Array {
  const { count, height, width, channels } = size;
  const { stride, total } = paddedSize(size);
  const padded = new Float32Array(total);
  const out = new Float32Array(images.length);
  const [middleRow, middleColumn] = [(height - 1) / 2, (width - 1) / 2];
  let target = 0;
  for (let i = 0; i < count; i++) {
    pad(padded, images, i, size);
    const [m00, m01, t0, m10, m11, t1] = maps.subarray(6 * i, 6 * i + 6);
    if (!isFinite6(maps, 6 * i)) out.fill(Number.NaN, target, target + height * width * channels);
    for (let r = 0; r < height; r++) {
      const up = middleRow - r;
      for (let q = 0; q < width; q++, target += channels) {
        const right = q - middleColumn;
        const row = middleRow + 1 - (m10 * right + m11 * up + t1);
        const column = middleColumn + 1 + m00 * right + m01 * up + t0;
        if (!(row > 0 && row < height + 1 && column > 0 && column < width + 1)) continue;
        const top = Math.floor(row);
        const left = Math.floor(column);
        const [y, x] = [row - top, column - left];
        const at = top * stride + left * channels;
        for (let c = 0; c < channels; c++) {
          const upper = padded[at + c] + x * (padded[at + channels + c] - padded[at + c]);
          const lower =
            padded[at + stride + c] + x * (padded[at + stride + channels + c] - padded[at + stride + c]);
          out[target + c] = upper + y * (lower - upper);
        }
      }
    }
  }
  return out;
}

/**
 * The transpose of `affineValues` to its images and to its maps.
 * @param dy [count, height, width, channels]
 */
export function affineGradients(
  dy: Float32Array,
  images: Float32Array,
  maps: Float32Array,
  size: ImageSize,
): { dImages: Float32Array; dMaps: Float32Array } {
  const { count, height, width, channels } = size;
  const { stride, total } = paddedSize(size);
  const [padded, dPadded] = [new Float32Array(total), new Float32Array(total)];
  const dImages = new Float32Array(images.length);
  const dMaps = new Float32Array(6 * count);
  const [middleRow, middleColumn] = [(height - 1) / 2, (width - 1) / 2];
  const line = width * channels;
  let target = 0;
  for (let i = 0; i < count; i++) {
    pad(padded, images, i, size);
    dPadded.fill(isFinite6(maps, 6 * i) ? 0 : Number.NaN);
    const [m00, m01, t0, m10, m11, t1] = maps.subarray(6 * i, 6 * i + 6);
    let [d00, d01, d02, d10, d11, d12] = [0, 0, 0, 0, 0, 0];
    for (let r = 0; r < height; r++) {
      const up = middleRow - r;
      for (let q = 0; q < width; q++, target += channels) {
        const right = q - middleColumn;
        const row = middleRow + 1 - (m10 * right + m11 * up + t1);
        const column = middleColumn + 1 + m00 * right + m01 * up + t0;
        if (!(row > 0 && row < height + 1 && column > 0 && column < width + 1)) continue;
        const top = Math.floor(row);
        const left = Math.floor(column);
        const [y, x] = [row - top, column - left];
        const at = top * stride + left * channels;
        let [alongRight, alongDown] = [0, 0];
        for (let c = 0; c < channels; c++) {
          const pull = dy[target + c];
          const [a, b] = [at + c, at + stride + c];
          dPadded[a] += pull * (1 - y) * (1 - x);
          dPadded[a + channels] += pull * (1 - y) * x;
          dPadded[b] += pull * y * (1 - x);
          dPadded[b + channels] += pull * y * x;
          const upper = padded[a + channels] - padded[a];
          const lower = padded[b + channels] - padded[b];
          alongRight += pull * (upper + y * (lower - upper));
          alongDown += pull * (padded[b] - padded[a] + x * (lower - upper));
        }
        d00 += alongRight * right;
        d01 += alongRight * up;
        d02 += alongRight;
        d10 -= alongDown * right;
        d11 -= alongDown * up;
        d12 -= alongDown;
      }
    }
    dMaps.set([d00, d01, d02, d10, d11, d12], 6 * i);
    if (!isFinite6(maps, 6 * i)) dMaps.fill(Number.NaN, 6 * i, 6 * i + 6);
    for (let r = 0; r < height; r++) {
      const from = (r + 1) * stride + channels;
      dImages.set(dPadded.subarray(from, from + line), (i * height + r) * line);
    }
  }
  return { dImages, dMaps };
}
