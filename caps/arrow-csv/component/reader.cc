// A reader of CSV in pieces.
#include <algorithm>

#include "values.hh"
#include "wire.hh"

namespace cap::csv {

namespace {

using ::csv::Column;
using ::csv::Conversion;
using ::csv::Dialect;
using ::csv::Rows;

constexpr std::size_t kLongestShown = 100;

failure<error> invalid(std::string text) {
  return err(error{error::invalid{std::move(text)}});
}

std::vector<std::string> texts_of(const std::vector<bytes>& from) {
  std::vector<std::string> out;
  for (const bytes& one : from)
    out.emplace_back(reinterpret_cast<const char*>(one.data()), one.size());
  return out;
}

// For a message: valid text, not too long.
std::string shown(std::string_view text) {
  std::string out;
  for (char c : text.substr(0, kLongestShown)) out += c >= ' ' && c <= '~' ? c : '?';
  return out + (text.size() > kLongestShown ? "..." : "");
}

Dialect dialect_of(const options& from) {
  Dialect out;
  out.delimiter = static_cast<char>(from.delimiter);
  out.quote = from.quote ? std::optional(static_cast<char>(*from.quote)) : std::nullopt;
  out.escape = from.escape ? std::optional(static_cast<char>(*from.escape)) : std::nullopt;
  out.double_quote = from.double_quote;
  out.ignore_empty_lines = from.ignore_empty_lines;
  return out;
}

Conversion conversion_of(const options& from) {
  Conversion out;
  out.nulls = texts_of(from.null_values);
  out.trues = texts_of(from.true_values);
  out.falses = texts_of(from.false_values);
  out.texts_can_be_null = from.texts_can_be_null;
  out.quoted_can_be_null = from.quoted_can_be_null;
  out.check_utf8 = from.check_utf8;
  out.decimal_point = static_cast<char>(from.decimal_point);
  return out;
}

class Reader : public reader {
 public:
  explicit Reader(const options& options)
      : options_(options),
        rows_(dialect_of(options)),
        conversion_(conversion_of(options)),
        lines_to_skip_(options.skip_lines),
        rows_to_skip_(options.skip_rows) {}

  result<batch, error> feed(std::span<const std::uint8_t> data, bool last) override {
    text_.append(reinterpret_cast<const char*>(data.data()), data.size());
    if (!skip_lines(last) || (!last && text_.size() < worth_trying_)) return batch{};
    const std::optional<std::size_t> whole = rows_.parse(text_, last);
    if (!whole)
      return invalid("CSV parse error: a quoted value does not end, or a row is too long (row " +
                     std::to_string(rows_before_ + 1) + " or later)");
    std::size_t first = 0;
    if (auto wrong = find_columns(first)) return invalid(std::move(*wrong));
    if (auto wrong = check_widths()) return invalid(std::move(*wrong));
    const std::size_t skipped =
        static_cast<std::size_t>(std::min<std::uint64_t>(rows_to_skip_, rows_.count() - first));
    rows_to_skip_ -= skipped;
    auto out = convert(first + skipped);
    rows_before_ += rows_.count();
    // A row that does not end is not looked for again with each piece.
    worth_trying_ = *whole == 0 ? text_.size() * 2 : 0;
    text_.erase(0, *whole);
    return out;
  }

 private:
  // True when the lines before the rows are left out, and a mark of the encoding.
  bool skip_lines(bool last) {
    if (!began_ && (text_.size() >= 3 || last)) {
      if (text_.starts_with("\xef\xbb\xbf")) text_.erase(0, 3);
      began_ = true;
    }
    while (began_ && lines_to_skip_ > 0) {
      const std::size_t end = text_.find('\n');
      if (end == text_.npos) {
        text_.clear();
        break;
      }
      text_.erase(0, end + 1);
      --lines_to_skip_;
    }
    return began_ && lines_to_skip_ == 0;
  }

  // Names the columns when the first row is there; `first` is the first row of data.
  std::optional<std::string> find_columns(std::size_t& first) {
    if (named_ || (options_.names.empty() && rows_.count() == 0)) return {};
    if (!options_.names.empty()) {
      names_ = options_.names;
    } else if (rows_.count() > 0) {
      for (std::size_t i = 0; i < rows_.width(0); ++i) {
        names_.push_back(options_.made_up_names ? "f" + std::to_string(i)
                                                : std::string(rows_.field(0, i)));
        if (!glue::is_utf8(reinterpret_cast<const std::uint8_t*>(names_.back().data()),
                           names_.back().size()))
          return "CSV parse error: the name of column " + std::to_string(i) + " is not UTF-8";
      }
      first = options_.made_up_names ? 0 : 1;
    }
    named_ = true;
    for (const std::string& name : options_.wanted)
      if (std::ranges::find(names_, name) == names_.end())
        return "Column '" + name + "' in include_columns does not exist in CSV file";
    for (std::size_t i = 0; i < names_.size(); ++i) add_kind(i);
    return {};
  }

  void add_kind(std::size_t place) {
    const auto given =
        std::ranges::find(options_.kinds, names_[place],
                          [](const auto& pair) -> const std::string& { return std::get<0>(pair); });
    is_given_.push_back(given != options_.kinds.end());
    kinds_.push_back(given != options_.kinds.end()      ? std::get<1>(*given)
                     : place < options_.at_least.size() ? options_.at_least[place]
                                                        : kind::null);
    is_wanted_.push_back(options_.wanted.empty() ||
                         std::ranges::find(options_.wanted, names_[place]) !=
                             options_.wanted.end());
  }

  std::optional<std::string> check_widths() const {
    for (std::size_t i = 0; i < rows_.count(); ++i)
      if (rows_.width(i) != names_.size())
        return "CSV parse error: Row #" + std::to_string(rows_before_ + i + 1) + ": Expected " +
               std::to_string(names_.size()) + " columns, got " + std::to_string(rows_.width(i)) +
               (rows_.width(i) ? ": " + shown(rows_.field(i, 0)) : "");
    return {};
  }

  result<batch, error> convert(std::size_t first) {
    batch out;
    out.rows = rows_.count() - first;
    bool other_kinds = false;
    for (std::size_t i = 0; i < names_.size(); ++i) {
      if (!is_wanted_[i]) continue;
      const kind before = kinds_[i];
      std::size_t misfit = 0;
      auto column = ::csv::convert({&rows_, first, i}, kinds_[i], conversion_, misfit);
      while (!column && !is_given_[i] && kinds_[i] < kind::binary) {
        kinds_[i] = ::csv::wider(kinds_[i]);
        column = ::csv::convert({&rows_, first, i}, kinds_[i], conversion_, misfit);
      }
      if (!column)
        return invalid("In CSV column #" + std::to_string(i) + " (" + shown(names_[i]) +
                       "): Row #" + std::to_string(rows_before_ + misfit + 1) +
                       ": CSV conversion error: invalid value '" + shown(rows_.field(misfit, i)) +
                       "'");
      other_kinds |= kinds_[i] != before && has_given_rows_;
      column->name = names_[i];
      out.columns.push_back(std::move(*column));
    }
    has_given_rows_ |= out.rows > 0;
    if (other_kinds) return err(error{error::other_kinds{kinds_}});
    return out;
  }

  options options_;
  Rows rows_;
  Conversion conversion_;
  std::string text_;
  std::size_t worth_trying_ = 0;
  std::uint64_t lines_to_skip_, rows_to_skip_;
  std::uint64_t rows_before_ = 0;
  bool began_ = false, named_ = false, has_given_rows_ = false;
  std::vector<std::string> names_;
  std::vector<kind> kinds_;
  std::vector<bool> is_given_, is_wanted_;
};

}  // namespace

std::unique_ptr<reader> make_reader(const options& options) {
  return std::make_unique<Reader>(options);
}

}  // namespace cap::csv
