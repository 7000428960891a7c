#pragma once

#include <cstddef>
#include <vector>

#include "space.h"

namespace gyro {

/**
 * The distance that the graph is built and walked with: float32, on points prepared as chord.h says (Lorentz in
 * float64, whose ball coordinates crowd at the edge). For one space alone it is u, which ranks like the distance.
 * A point's bytes: for each leaf its coordinates, padded, then its scalar.
 */
class Metric {
 public:
  explicit Metric(const Space& space);

  size_t bytes() const { return bytes_; }
  /** @param row columns of the space @param point bytes() of memory */
  void prepare(const float* row, char* point) const;

  /** In the form hnswlib calls; param is the Metric. A stored point is its own nearest, whatever the space. */
  using Function = float (*)(const void* a, const void* b, const void* param);
  Function function() const;

 private:
  struct Part {
    Space leaf;
    size_t offset;
    int padded;
    bool wide;
  };
  static float chord(const void* a, const void* b, const void* param);
  static float general(const void* a, const void* b, const void* param);
  double leafChord(const Part& part, const char* a, const char* b) const;
  double distance(const Space& space, const char* a, const char* b) const;
  void place(const Space& space);

  Space space_;
  std::vector<Part> parts_;
  size_t bytes_ = 0;
};

}  // namespace gyro
