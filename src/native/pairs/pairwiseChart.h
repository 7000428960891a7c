#pragma once

#include <cstddef>
#include <vector>

#include "pairwiseLaw.h"
#include "../space.h"

namespace gyro {

/**
 * Points in the coordinates in which every curved distance is one function of q a b (pairwiseLaw.h), in float64:
 *   euclidean                p = x, a = ½
 *   poincare, stereographic  p = x, a = 1 / (1 + K|x|²)
 *   sphere, cosine           p = x / (√K |x|), a = ½: lengths of rows do not count
 *   lorentz                  p = x / (1 + τ), a = (1 + τ) / 2, τ = √(1 + c|x|²), x the columns behind the time, which
 *                            is taken from them: its own gradient is 0
 * Functions on one row: J is the derivative of (p, a) by the row, `columns` values; v and results have that length.
 */
class Chart {
 public:
  /** @throws std::invalid_argument for a kind without a chart */
  Chart(Kind kind, int columns, double curvature);

  Law law() const { return law_; }
  /** Coordinates of p. */
  int size() const { return size_; }
  int columns() const { return columns_; }
  /** Whether a depends on the row. */
  bool weighted() const { return type_ == Type::ball || type_ == Type::sheet; }
  /** Whether 1 - K u is asked for near 0: the antipode. */
  bool antipodes() const { return law_.form == Form::spherical; }

  /** (p, a) of a row. */
  void place(const float* row, double* p, double* a) const;
  /** (vp, va) = J v. */
  void push(const float* row, const float* v, double* vp, double* va) const;
  /** out = J' (g, ga). */
  void pull(const float* row, const double* g, double ga, double* out) const;
  /** out += (the derivative of J' along v) (g, ga). */
  void pullAlong(const float* row, const float* v, const double* g, double ga, double* out) const;
  /** (g, ga) times the derivative of (p, a) by K. */
  double curvaturePull(const float* row, const double* g, double ga) const;
  /** 1 - K u between two rows at nearly opposite points, summed without cancellation; for K > 0. The same both ways. */
  double complement(const double* p, double a, const double* q, double b) const;

 private:
  enum class Type { plain, ball, direction, sheet };
  Type type_;
  Law law_;
  int columns_;
  int size_;
  int skip_;  // columns before the coordinates: 1 for the time
};

/** Values a row, in float64 and padded with zeros to whole tiles: the forms that the kernels read. */
struct ChartRows {
  const double* row(size_t i) const { return rows.data() + i * stride; }
  /** Of rows i to i + 7, i a multiple of 8. */
  const double* octet(size_t i) const { return octets.data() + i * size; }

  size_t count = 0;
  size_t size = 0;
  size_t width = 0;             // size in whole vectors
  size_t stride = 0;            // of `rows`
  std::vector<double> rows;     // [count, stride]
  std::vector<double> octets;   // coordinate k of row i at (i / 8) * 8 size + 8 k + i % 8
  std::vector<double> squared;  // |p|², padded
  std::vector<double> a;        // padded
};

ChartRows placeRows(const Chart& chart, const float* values, size_t count);
ChartRows pushRows(const Chart& chart, const float* values, const float* v, size_t count);

}  // namespace gyro
