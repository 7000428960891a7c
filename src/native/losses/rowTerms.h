#pragma once

#include <cstddef>
#include <cstdint>

namespace gyro {

/** What is made of the rows: see the struct of that name in rowSoftmax.h and rowHinges.h. */
enum class RowLaw { logSums, softplus, hinges, squares, rankedMeans, sums };
constexpr size_t kRowLaws = 6;

/** Row-major [n, m]: distances of anchors to references, and how often each is a positive and a negative, >= 0. */
struct PairTable {
  const float* distances;
  const float* positives;
  const float* negatives;
  size_t n;
  size_t m;
  int threads;
};

/** How many numbers a law has: terms and pulls of each row, and parameters of all. */
struct RowSizes {
  size_t terms;
  size_t pulls;
  size_t parameters;
};
RowSizes rowSizes(RowLaw law);

/**
 * Terms [terms, n] of each row, added up in an order that neither the number of threads nor the width of the
 * processor's registers changes. Those that are sums of values are NaN in a row with a NaN, whether its pair counts
 * or not.
 */
void rowTerms(RowLaw law, const PairTable& table, const double* parameters, float* terms);

/** slopes [n, m]: derivatives of Σ pulls terms, the first of the terms, from `terms` as `rowTerms` gave them. */
void rowSlopes(RowLaw law, const PairTable& table, const double* parameters, const float* terms, const float* pulls,
               float* slopes);

struct Labels {
  const int32_t* values;
  size_t count;
};
/**
 * Masks [n, m] of labels: positives where they are equal to those of the references, negatives where they are not.
 * @param themselves the references are the labels, n = m: an item with itself is neither
 */
void labelMasks(const Labels& labels, const Labels& references, bool themselves, int threads, float* positives,
                float* negatives);

}  // namespace gyro
