#pragma once

#include <cstring>

#include "../../src/native/graph/graphIndex.h"
#include "randomRows.h"

namespace gyro {

inline std::vector<char> readAll(const GraphIndex& index, Part part) {
  const size_t bytes = index.entryBytes(part);
  const size_t entries = index.length(part);
  std::vector<char> all(entries * bytes);
  for (size_t from = 0; from < entries; from += 100) {
    index.read(part, from, std::min<size_t>(100, entries - from), all.data() + from * bytes);
  }
  return all;
}

/** What a file keeps of an index, and the way back. */
struct Copy {
  std::vector<char> values, ids, levels, lowest, upper;
  uint32_t entry;
  std::vector<int32_t> twins, stragglers;

  explicit Copy(const GraphIndex& index)
      : values(readAll(index, Part::values)),
        ids(readAll(index, Part::ids)),
        levels(readAll(index, Part::levels)),
        lowest(readAll(index, Part::lowest)),
        upper(readAll(index, Part::upper)),
        entry(index.entry()),
        twins(index.twins()),
        stragglers(index.stragglers()) {}

  bool operator==(const Copy& o) const {
    return values == o.values && ids == o.ids && levels == o.levels && lowest == o.lowest && upper == o.upper &&
           entry == o.entry && twins == o.twins && stragglers == o.stragglers;
  }

  void restoreInto(GraphIndex& index) const {
    const size_t rows = ids.size() / sizeof(int64_t);
    index.append(reinterpret_cast<const float*>(values.data()), reinterpret_cast<const int64_t*>(ids.data()), rows);
    index.restore({reinterpret_cast<const int8_t*>(levels.data()), reinterpret_cast<const uint32_t*>(lowest.data()),
                   reinterpret_cast<const uint32_t*>(upper.data()), upper.size() / index.entryBytes(Part::upper), entry,
                   twins.data(), twins.size() / 2, stragglers.data(), stragglers.size()});
  }
};

/** Some words replaced by numbers that links may or may not hold. */
inline void damage(Copy& copy, Random& random) {
  const uint32_t rows = static_cast<uint32_t>(copy.levels.size());
  const uint32_t numbers[] = {0, 1, 2, 8, 9, 16, 17, 30, 31, rows - 1, rows, 0x7fffffffu, 0x80000000u, kNone};
  for (size_t changes = 1 + random() % 3; changes > 0; changes--) {
    const uint32_t number = random() % 2 ? numbers[random() % 14] : static_cast<uint32_t>(random() % rows);
    const auto write = [&](void* words, size_t count) {
      if (count > 0) std::memcpy(static_cast<char*>(words) + random() % count * sizeof number, &number, sizeof number);
    };
    switch (random() % 7) {
      case 0:
        copy.levels[random() % rows] = static_cast<char>(number);
        break;
      case 1:
      case 2:
        write(copy.lowest.data(), copy.lowest.size() / sizeof number);
        break;
      case 3:
        write(copy.upper.data(), copy.upper.size() / sizeof number);
        break;
      case 4:
        copy.entry = number;
        break;
      case 5:
        write(copy.twins.data(), copy.twins.size());
        break;
      default:
        copy.stragglers.push_back(static_cast<int32_t>(number));
    }
  }
}

}  // namespace gyro
