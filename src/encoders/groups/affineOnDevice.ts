import * as tf from '../../engine/tf.js';

// The same operation as affineOnHost.ts in tensors, for values that are far from the host.

/** Of each target pixel of each image: where its source lies in the flat, padded images, and how it is weighed. */
interface Sources {
  /** [4, n * height * width], int32: upper left, upper right, lower left, lower right corner */
  readonly corners: tf.Tensor2D;
  /** [n * height * width, 1] each: place in the square, from above and from the left */
  readonly y: tf.Tensor;
  readonly x: tf.Tensor;
  /** [n * height * width, 1]: 1 where the square touches the image, else 0 */
  readonly touches: tf.Tensor;
  /** [2, height * width]: (right, up) of the target pixels */
  readonly points: tf.Tensor2D;
}

function sourcesOf([n, height, width]: number[], maps: tf.Tensor3D): Sources {
  const [middleRow, middleColumn] = [(height - 1) / 2, (width - 1) / 2];
  const right = tf.sub(tf.range(0, width), middleColumn);
  const up = tf.sub(middleRow, tf.range(0, height));
  const points = tf.stack([
    tf.reshape(tf.broadcastTo(tf.reshape(right, [1, width]), [height, width]), [-1]),
    tf.reshape(tf.broadcastTo(tf.reshape(up, [height, 1]), [height, width]), [-1]),
  ]) as tf.Tensor2D;
  const matrices = tf.reshape(tf.slice(maps, [0, 0, 0], [n, 2, 2]), [2 * n, 2]) as tf.Tensor2D;
  const shifts = tf.reshape(tf.slice(maps, [0, 0, 2], [n, 2, 1]), [n, 2, 1]);
  const sources = tf.add(tf.reshape(tf.matMul(matrices, points), [n, 2, height * width]), shifts);
  const [sourceRight, sourceUp] = tf.unstack(sources, 1);
  const anyRow = tf.sub(middleRow + 1, sourceUp);
  const anyColumn = tf.add(sourceRight, middleColumn + 1);
  const touching = (at: tf.Tensor, last: number) => tf.mul(tf.step(at), tf.step(tf.sub(last + 1, at)));
  // Beyond the border all is zero, so the values on it are right there; NaN must not become an index.
  const within = (at: tf.Tensor, last: number) =>
    tf.minimum(tf.maximum(tf.where(tf.equal(at, at), at, tf.zerosLike(at)), 0), last + 1);
  const row = within(anyRow, height);
  const column = within(anyColumn, width);
  const top = tf.minimum(tf.floor(row), height);
  const left = tf.minimum(tf.floor(column), width);
  const image = tf.mul(tf.reshape(tf.range(0, n), [n, 1]), (height + 2) * (width + 2));
  // Far from the host float32 counts whole numbers to 2^24 only.
  const corner = tf.add(tf.cast(image, 'int32'), tf.cast(tf.add(tf.mul(top, width + 2), left), 'int32'));
  const flat = tf.reshape(corner, [1, n * height * width]);
  const offsets = tf.cast(tf.tensor2d([[0], [1], [width + 2], [width + 3]]), 'int32');
  const asColumn = (t: tf.Tensor) => tf.reshape(t, [n * height * width, 1]);
  return {
    corners: tf.add(flat, offsets) as tf.Tensor2D,
    y: asColumn(tf.sub(row, top)),
    x: asColumn(tf.sub(column, left)),
    touches: asColumn(tf.mul(touching(anyRow, height), touching(anyColumn, width))),
    points,
  };
}

const BORDER: [number, number][] = [
  [0, 0],
  [1, 1],
  [1, 1],
  [0, 0],
];

/** [4][n * height * width, channels]: the images at the corners. */
function cornersOf(images: tf.Tensor4D, { corners }: Sources): tf.Tensor[] {
  const channels = images.shape[3];
  const padded = tf.reshape(tf.pad(images, BORDER), [-1, channels]);
  return tf.unstack(tf.gather(padded, corners));
}

/** [n, 1, 1, 1]: 0, or NaN for a map that is not finite. */
function nanOf(maps: tf.Tensor3D): tf.Tensor {
  return tf.reshape(tf.sum(tf.mul(maps, 0), [1, 2]), [-1, 1, 1, 1]);
}

export function affineOnDevice(images: tf.Tensor4D, maps: tf.Tensor3D): tf.Tensor4D {
  return tf.tidy(() => {
    const sources = sourcesOf(images.shape, maps);
    const [upperLeft, upperRight, lowerLeft, lowerRight] = cornersOf(images, sources);
    const upper = tf.add(upperLeft, tf.mul(sources.x, tf.sub(upperRight, upperLeft)));
    const lower = tf.add(lowerLeft, tf.mul(sources.x, tf.sub(lowerRight, lowerLeft)));
    const values = tf.reshape(tf.add(upper, tf.mul(sources.y, tf.sub(lower, upper))), images.shape);
    return tf.add(values, nanOf(maps));
  });
}

/** Gradients to images and maps. */
export function affineGradientsOnDevice(
  dy: tf.Tensor4D,
  images: tf.Tensor4D,
  maps: tf.Tensor3D,
): tf.Tensor[] {
  const [n, height, width, channels] = images.shape;
  const result = tf.scope(() => {
    const sources = sourcesOf(images.shape, maps);
    const { x, y, corners, points, touches } = sources;
    const pull = tf.mul(tf.reshape(dy, [n * height * width, channels]), touches);
    const [fromLeft, fromTop] = [tf.sub(1, x), tf.sub(1, y)];
    const weights = [tf.mul(fromTop, fromLeft), tf.mul(fromTop, x), tf.mul(y, fromLeft), tf.mul(y, x)];
    const pulls = tf.concat(weights.map((weight) => tf.mul(pull, weight)));
    const padded = tf.unsortedSegmentSum(
      pulls,
      tf.reshape(corners, [-1]) as tf.Tensor1D,
      n * (height + 2) * (width + 2),
    );
    const dImages = tf.slice(
      tf.reshape(padded, [n, height + 2, width + 2, channels]),
      [0, 1, 1, 0],
      [n, height, width, channels],
    );
    const [upperLeft, upperRight, lowerLeft, lowerRight] = cornersOf(images, sources);
    const [upper, lower] = [tf.sub(upperRight, upperLeft), tf.sub(lowerRight, lowerLeft)];
    const [leftEdge, rightEdge] = [tf.sub(lowerLeft, upperLeft), tf.sub(lowerRight, upperRight)];
    const along = (near: tf.Tensor, far: tf.Tensor, share: tf.Tensor) =>
      tf.reshape(tf.sum(tf.mul(pull, tf.add(near, tf.mul(share, tf.sub(far, near)))), 1), [
        n,
        1,
        height * width,
      ]);
    const alongRight = along(upper, lower, y);
    const alongUp = tf.neg(along(leftEdge, rightEdge, x));
    const both = tf.reshape(tf.concat([alongRight, alongUp], 1), [2 * n, height * width]) as tf.Tensor2D;
    const byPoint = tf.reshape(tf.matMul(both, points, false, true), [n, 2, 2]);
    const shift = tf.reshape(tf.sum(both, 1), [n, 2, 1]);
    const nan = nanOf(maps);
    return {
      dImages: tf.add(dImages, nan),
      dMaps: tf.add(tf.concat([byPoint, shift], 2), tf.reshape(nan, [n, 1, 1])),
    };
  });
  return [result.dImages, result.dMaps];
}
