// The work on tiles for one instruction set: mixedProducts.cc includes it once for each, with GYRO_TILE_TARGET its attribute
// and GYRO_TILE_VECTOR its vector. Every function has the attribute of its own: GCC splits vectors that are too wide for a
// function's target before it inlines the function into one for which they are not.
#define GYRO_TILE GYRO_TILE_TARGET __attribute__((always_inline)) inline

/** Arrays of vectors stay in registers only where their loops are unrolled. */
#define GYRO_UNROLL _Pragma("GCC unroll 16")

using V = GYRO_TILE_VECTOR;

GYRO_TILE V load(const float* from) {
  V value;
  std::memcpy(&value, from, sizeof value);
  return value;
}
GYRO_TILE void store(float* to, V value) { std::memcpy(to, &value, sizeof value); }
/** sum + x y, in one rounding where the processor can. */
GYRO_TILE V add(V sum, V x, V y) { return GYRO_TILE_ADD(sum, x, y); }

// A number less a vector of zeros is that number in each lane; plus zeros it would be an addition, as -0 + 0 is 0.

/** Work on the rows of `N` vectors that hold some channels of a tile: N * lanes / kItems of them. */
template <size_t N>
struct MixedTile {
  static constexpr size_t kLanes = floatLanes<V>;
  /** Floats of a row. */
  static constexpr size_t kWidth = N * kLanes;
  static constexpr size_t kChannels = kWidth / kItems;
  /** Vectors of a channel. */
  static constexpr size_t kEach = kItems / kLanes;

  /** Rows [from, from + count) of the products. x [rows][kWidth], h [count][kWidth] */
  GYRO_TILE static void products(const Couplings& plan, const TermGroups& groups, size_t from, size_t count, const float* x,
                            float* h) {
    const V none{};
    for (size_t p = 0; p < count; p++) {
      V sums[N];
      GYRO_UNROLL for (size_t v = 0; v < N; v++) sums[v] = none;
      int32_t t = plan.starts[from + p];
      for (int32_t g = groups.ofRow[from + p]; g < groups.ofRow[from + p + 1]; g++) {
        V inner[N];
        GYRO_UNROLL for (size_t v = 0; v < N; v++) inner[v] = none;
        for (; t < groups.end[g]; t++) {
          const V c = plan.coefficients[t] - none;
          const float* y = x + size_t(plan.others[t]) * kWidth;
          GYRO_UNROLL for (size_t v = 0; v < N; v++) inner[v] = add(inner[v], c, load(y + v * kLanes));
        }
        const float* y = x + size_t(groups.factor[g]) * kWidth;
        GYRO_UNROLL for (size_t v = 0; v < N; v++) sums[v] = add(sums[v], inner[v], load(y + v * kLanes));
      }
      GYRO_UNROLL for (size_t v = 0; v < N; v++) store(h + p * kWidth + v * kLanes, sums[v]);
    }
  }

  /** squares[item] += weight Σ over channels and rows of h². */
  GYRO_TILE static void addSquares(const float* h, size_t count, float weight, float* squares) {
    V sums[kEach];
    GYRO_UNROLL for (size_t e = 0; e < kEach; e++) sums[e] = V{};
    for (size_t k = 0; k < count * kChannels; k++) {
      GYRO_UNROLL for (size_t e = 0; e < kEach; e++) {
        const V value = load(h + k * kItems + e * kLanes);
        sums[e] = add(sums[e], value, value);
      }
    }
    GYRO_UNROLL for (size_t e = 0; e < kEach; e++)
      store(squares + e * kLanes, add(load(squares + e * kLanes), sums[e], weight - V{}));
  }

  /** y[o][item] += Σ_k kernel[k][o] h[k][item] for G outputs; kernel rows of a path stand `channels` apart. */
  template <size_t G>
  GYRO_TILE static void mixSome(const float* kernel, size_t channels, size_t used, size_t outputs, size_t count, const float* h,
                           float* y) {
    V sums[G][kEach];
    GYRO_UNROLL for (size_t o = 0; o < G; o++)
      GYRO_UNROLL for (size_t e = 0; e < kEach; e++) sums[o][e] = load(y + o * kItems + e * kLanes);
    for (size_t p = 0; p < count; p++) {
      for (size_t c = 0; c < used; c++) {
        const float* row = kernel + (p * channels + c) * outputs;
        GYRO_UNROLL for (size_t e = 0; e < kEach; e++) {
          const V value = load(h + p * kWidth + c * kItems + e * kLanes);
          GYRO_UNROLL for (size_t o = 0; o < G; o++) sums[o][e] = add(sums[o][e], row[o] - V{}, value);
        }
      }
    }
    GYRO_UNROLL for (size_t o = 0; o < G; o++)
      GYRO_UNROLL for (size_t e = 0; e < kEach; e++) store(y + o * kItems + e * kLanes, sums[o][e]);
  }

  GYRO_TILE static void mix(const float* kernel, size_t channels, size_t used, size_t outputs, size_t count, const float* h,
                       float* y) {
    constexpr size_t kSome = 8 / kEach;
    size_t o = 0;
    for (; o + kSome <= outputs; o += kSome)
      mixSome<kSome>(kernel + o, channels, used, outputs, count, h, y + o * kItems);
    for (; o < outputs; o++) mixSome<1>(kernel + o, channels, used, outputs, count, h, y + o * kItems);
  }

  /** dh[k][item] = pull[item] h[k][item] + Σ_o kernel[k][o] dy[o][item]; zero for channels behind the `used` ones. */
  GYRO_TILE static void unmix(const float* kernel, size_t channels, size_t used, size_t outputs, size_t count, const float* h,
                         const float* pull, const float* dy, float* dh) {
    for (size_t p = 0; p < count; p++) {
      V sums[N];
      GYRO_UNROLL for (size_t v = 0; v < N; v++)
        sums[v] = load(pull + (v % kEach) * kLanes) * load(h + p * kWidth + v * kLanes);
      for (size_t o = 0; o < outputs; o++) {
        GYRO_UNROLL for (size_t v = 0; v < N; v++) {
          const size_t c = std::min(v / kEach, used - 1);
          const V weight = kernel[(p * channels + c) * outputs + o] - V{};
          sums[v] = add(sums[v], weight, load(dy + o * kItems + (v % kEach) * kLanes));
        }
      }
      GYRO_UNROLL for (size_t v = 0; v < N; v++) store(dh + p * kWidth + v * kLanes, sums[v]);
    }
  }

  /** dKernel[k][o] += Σ_item h[k][item] dy[item][o]; rows of both of `padded` floats, a multiple of 16. */
  GYRO_TILE static void addOuter(const float* h, const float* dyTurned, size_t channels, size_t used, size_t padded, size_t count,
                            float* dKernel) {
    for (size_t p = 0; p < count; p++) {
      for (size_t o = 0; o < padded; o += kLanes) {
        V sums[kChannels];
        GYRO_UNROLL for (size_t c = 0; c < kChannels; c++) sums[c] = V{};
        for (size_t i = 0; i < kItems; i++) {
          const V value = load(dyTurned + i * padded + o);
          GYRO_UNROLL for (size_t c = 0; c < kChannels; c++) sums[c] = add(sums[c], h[p * kWidth + c * kItems + i] - V{}, value);
        }
        GYRO_UNROLL for (size_t c = 0; c < kChannels; c++) {
          if (c >= used) break;
          float* to = dKernel + (p * channels + c) * padded + o;
          store(to, load(to) + sums[c]);
        }
      }
    }
  }

  /** dx += the gradient of products(x) with dh. */
  GYRO_TILE static void unproduct(const Couplings& plan, const TermGroups& groups, size_t from, size_t count, const float* x,
                             const float* dh, float* dx) {
    const V none{};
    for (size_t p = 0; p < count; p++) {
      V pull[N];
      GYRO_UNROLL for (size_t v = 0; v < N; v++) pull[v] = load(dh + p * kWidth + v * kLanes);
      int32_t t = plan.starts[from + p];
      for (int32_t g = groups.ofRow[from + p]; g < groups.ofRow[from + p + 1]; g++) {
        const size_t i = size_t(groups.factor[g]) * kWidth;
        V inner[N], outer[N];
        GYRO_UNROLL for (size_t v = 0; v < N; v++) {
          inner[v] = none;
          outer[v] = pull[v] * load(x + i + v * kLanes);
        }
        for (; t < groups.end[g]; t++) {
          const V c = plan.coefficients[t] - none;
          const size_t j = size_t(plan.others[t]) * kWidth;
          GYRO_UNROLL for (size_t v = 0; v < N; v++) {
            inner[v] = add(inner[v], c, load(x + j + v * kLanes));
            store(dx + j + v * kLanes, add(load(dx + j + v * kLanes), c, outer[v]));
          }
        }
        GYRO_UNROLL for (size_t v = 0; v < N; v++)
          store(dx + i + v * kLanes, add(load(dx + i + v * kLanes), pull[v], inner[v]));
      }
    }
  }
};

/** Channels [channel, channel + used) of items [item, item + items): rows of kWidth, zeros behind. */
template <class T>
GYRO_TILE void pack(const Call& call, size_t channel, size_t used, size_t item, size_t items, float* to) {
  const MixedProducts& shape = call.shape;
  std::memset(to, 0, shape.plan.aRows * T::kWidth * sizeof(float));
  for (size_t r = 0; r < shape.plan.aRows; r++)
    for (size_t c = 0; c < used; c++)
      std::memcpy(to + r * T::kWidth + c * kItems, call.x + (r * shape.channels + channel + c) * shape.batch + item,
                  items * sizeof(float));
}

template <class T>
GYRO_TILE void forwardTile(const Call& call, size_t item, float* out, float* norms) {
  const MixedProducts& shape = call.shape;
  const size_t items = std::min(kItems, shape.batch - item);
  thread_local std::vector<float> memory;
  const size_t most = *std::max_element(shape.paths, shape.paths + shape.degrees);
  memory.resize((shape.plan.aRows + most) * T::kWidth + call.outRows * shape.outputs * kItems);
  float* const x = memory.data();
  float* const h = x + shape.plan.aRows * T::kWidth;
  float* const y = h + most * T::kWidth;
  std::fill(y, y + call.outRows * shape.outputs * kItems, 0.0f);
  float squares[kItems] = {};
  for (size_t channel = 0; channel < shape.channels; channel += T::kChannels) {
    const size_t used = std::min(T::kChannels, shape.channels - channel);
    pack<T>(call, channel, used, item, items, x);
    size_t product = 0, row = 0, kernel = 0;
for (size_t l = 0; l < shape.degrees; kernel += shape.paths[l] * shape.channels, l++) {
 const size_t paths = shape.paths[l];
 for (size_t m = 0; m < 2 * l + 1; m++, row++, product += paths) {
      T::products(shape.plan, call.groups, product, paths, x, h);
      T::addSquares(h, paths, 1.0f / (2 * l + 1), squares);
      T::mix(shape.kernels + (kernel + channel) * shape.outputs, shape.channels, used, shape.outputs, paths, h,
             y + row * shape.outputs * kItems);
    }}
  }
  for (size_t i = 0; i < items; i++) squares[i] = norms[item + i] = 1 / std::sqrt(squares[i] + kEpsilon);
  for (size_t o = 0; o < call.outRows * shape.outputs; o++)
    for (size_t i = 0; i < items; i++) out[o * shape.batch + item + i] = y[o * kItems + i] * squares[i];
}

template <class T>
GYRO_TILE void backwardTile(const Call& call, const Pulled& pulled, size_t channel, size_t item, float* dx, float* dKernels) {
  const MixedProducts& shape = call.shape;
  const size_t items = std::min(kItems, shape.batch - item);
  const size_t used = std::min(T::kChannels, shape.channels - channel);
  const size_t padded = paddedOutputs(shape);
  thread_local std::vector<float> memory;
  const size_t most = *std::max_element(shape.paths, shape.paths + shape.degrees);
  memory.resize(2 * (shape.plan.aRows + most) * T::kWidth);
  float* const x = memory.data();
  float* const sum = x + shape.plan.aRows * T::kWidth;
  float* const h = sum + shape.plan.aRows * T::kWidth;
  float* const dh = h + most * T::kWidth;
  pack<T>(call, channel, used, item, items, x);
  std::fill(sum, sum + shape.plan.aRows * T::kWidth, 0.0f);
  size_t product = 0, row = 0, kernel = 0;
for (size_t l = 0; l < shape.degrees; kernel += shape.paths[l] * shape.channels, l++) {
 const size_t paths = shape.paths[l];
 for (size_t m = 0; m < 2 * l + 1; m++, row++, product += paths) {
    float pull[kItems];
    for (size_t i = 0; i < kItems; i++) pull[i] = pulled.pull[i] / (2 * l + 1);
    T::products(shape.plan, call.groups, product, paths, x, h);
    T::unmix(shape.kernels + (kernel + channel) * shape.outputs, shape.channels, used, shape.outputs, paths, h, pull,
             pulled.dy + row * shape.outputs * kItems, dh);
    T::addOuter(h, pulled.turned + row * padded * kItems, shape.channels, used, padded, paths,
                dKernels + (kernel + channel) * padded);
    T::unproduct(shape.plan, call.groups, product, paths, x, dh, sum);
  }}
  for (size_t r = 0; r < shape.plan.aRows; r++)
    for (size_t c = 0; c < used; c++)
      std::memcpy(dx + (r * shape.channels + channel + c) * shape.batch + item, sum + r * T::kWidth + c * kItems,
                  items * sizeof(float));
}

#undef GYRO_TILE
#undef GYRO_UNROLL
#undef GYRO_TILE_TARGET
#undef GYRO_TILE_VECTOR
#undef GYRO_TILE_ADD
