#include "hnsw.h"

#include <cstdlib>
#include <cstring>
#include <new>
#include <stdexcept>
#include <string>

namespace gyro {
namespace {

/** Reads numbers of a file that may have been made to do harm. */
class LinkReader {
 public:
  LinkReader(const uint32_t* numbers, size_t length) : numbers_(numbers), length_(length) {}

  /** The next number, which must be below `limit`. */
  uint32_t next(size_t limit, const char* what) {
    if (at_ >= length_) throw std::invalid_argument("the links are cut short");
    const uint32_t value = numbers_[at_++];
    if (value >= limit) throw std::invalid_argument(std::string("the links have an impossible ") + what);
    return value;
  }

  void requireEnd() const {
    if (at_ != length_) throw std::invalid_argument("the links are too long");
  }

 private:
  const uint32_t* numbers_;
  size_t length_;
  size_t at_ = 0;
};

void addNode(Hnsw& hnsw, uint32_t node, int level) {
  std::memset(hnsw.get_linklist0(node), 0, hnsw.size_data_per_element_);
  hnsw.setExternalLabel(node, node);
  if (level > 0) {
    void* lists = std::calloc(1, hnsw.size_links_per_element_ * level + sizeof(uint32_t));
    if (!lists) throw std::bad_alloc();
    hnsw.linkLists_[node] = static_cast<char*>(lists);
  }
  // From here on the graph's destructor frees these lists.
  hnsw.element_levels_[node] = level;
  hnsw.label_lookup_[node] = node;
  hnsw.cur_element_count = node + 1;
}

void readList(Hnsw& hnsw, LinkReader& reader, uint32_t node, int level, uint32_t nodes) {
  const size_t room = level == 0 ? hnsw.maxM0_ : hnsw.maxM_;
  const uint32_t count = reader.next(room + 1, "number of links");
  uint32_t* list = hnsw.get_linklist_at_level(node, level);
  hnsw.setListCount(list, static_cast<unsigned short>(count));
  for (uint32_t j = 1; j <= count; j++) {
    list[j] = reader.next(nodes, "link");
    if (list[j] == node) throw std::invalid_argument("the links lead from a node to itself");
  }
}

/** A link on an upper level to a node without that level would be followed into memory that is not there. */
void requireLevels(const Hnsw& hnsw, uint32_t nodes) {
  for (uint32_t i = 0; i < nodes; i++) {
    for (int level = 1; level <= hnsw.element_levels_[i]; level++) {
      uint32_t* list = hnsw.get_linklist(i, level);
      for (size_t j = 1; j <= hnsw.getListCount(list); j++) {
        if (hnsw.element_levels_[list[j]] < level) {
          throw std::invalid_argument("the links lead to a node above its level");
        }
      }
    }
  }
}

}  // namespace

std::vector<uint32_t> dumpLinks(const Hnsw& hnsw) {
  const uint32_t nodes = static_cast<uint32_t>(hnsw.cur_element_count);
  std::vector<uint32_t> out{nodes};
  if (nodes == 0) return out;
  out.push_back(hnsw.enterpoint_node_);
  out.push_back(static_cast<uint32_t>(hnsw.maxlevel_));
  for (uint32_t i = 0; i < nodes; i++) {
    out.push_back(static_cast<uint32_t>(hnsw.element_levels_[i]));
    for (int level = 0; level <= hnsw.element_levels_[i]; level++) {
      uint32_t* list = hnsw.get_linklist_at_level(i, level);
      const size_t count = hnsw.getListCount(list);
      out.push_back(static_cast<uint32_t>(count));
      out.insert(out.end(), list + 1, list + 1 + count);
    }
  }
  return out;
}

void loadLinks(Hnsw& hnsw, const uint32_t* links, size_t length,
               const std::function<void(uint32_t, char*)>& point) {
  LinkReader reader(links, length);
  const uint32_t nodes = reader.next(hnsw.max_elements_ + 1, "number of nodes");
  if (nodes == 0) return reader.requireEnd();
  const uint32_t entry = reader.next(nodes, "entry node");
  const uint32_t top = reader.next(kMaxLevel + 1, "highest level");
  for (uint32_t i = 0; i < nodes; i++) {
    const int level = static_cast<int>(reader.next(top + 1, "level"));
    addNode(hnsw, i, level);
    point(i, hnsw.getDataByInternalId(i));
    for (int l = 0; l <= level; l++) readList(hnsw, reader, i, l, nodes);
  }
  reader.requireEnd();
  requireLevels(hnsw, nodes);
  if (hnsw.element_levels_[entry] != static_cast<int>(top)) {
    throw std::invalid_argument("the links begin at a node that is not on the highest level");
  }
  hnsw.enterpoint_node_ = entry;
  hnsw.maxlevel_ = static_cast<int>(top);
}

}  // namespace gyro
