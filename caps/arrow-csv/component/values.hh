// Columns of text fields as columns of values.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "arrow_csv_cap.hh"
#include "rows.hh"

namespace csv {

using cap::csv::kind;

/// What makes values of texts.
struct Conversion {
  std::vector<std::string> nulls, trues, falses;
  bool texts_can_be_null = false, quoted_can_be_null = true, check_utf8 = true;
  char decimal_point = '.';

  bool is_null(std::string_view text, bool quoted) const;
};

/// A column of a number of rows.
struct Column {
  const Rows* rows;
  std::size_t from;  ///< the first row
  std::size_t place;
};

/// The kind that is tried after one that did not fit.
kind wider(kind than);

/// The column's values of this kind; nothing if one does not fit, whose row is then in `misfit`.
std::optional<cap::csv::column> convert(const Column& column, kind wanted, const Conversion& how,
                                        std::size_t& misfit);

}  // namespace csv
