#include "result.hh"

#include "duckdb/common/box_renderer.hpp"
#include "duckdb/main/client_context.hpp"
#include "duckdb/main/stream_query_result.hpp"
#include "registered.hh"
#include "written_value.hh"

namespace cap::database {
namespace {

using duckdb::idx_t;

constexpr std::uint64_t kNoLimit = UINT64_MAX;

std::vector<WrittenColumn> written_columns(duckdb::DataChunk& chunk) {
  std::vector<WrittenColumn> out;
  out.reserve(chunk.ColumnCount());
  for (duckdb::Vector& column : chunk.data) out.emplace_back(column, chunk.size());
  return out;
}

bytes finished(dynamic::writer& out, std::uint64_t count) {
  bytes document;
  if (!out.finish(count, document)) throw std::bad_alloc();
  return document;
}

// Documents as the elements of one array.
bytes joined(std::vector<dynamic::writer>& parts, std::uint64_t count) {
  std::vector<bytes> documents;
  std::size_t size = glue::head_size(parts.size());
  for (dynamic::writer& part : parts) size += documents.emplace_back(finished(part, count)).size();
  bytes out;
  if (!out.try_resize(size)) throw std::bad_alloc();
  std::uint8_t* end = out.data();
  glue::put_head(end, 4, parts.size());
  for (const bytes& document : documents) glue::put_block(end, document.data(), document.size());
  return out;
}

}  // namespace

std::vector<column> columns_of(const duckdb::vector<duckdb::string>& names,
                               const duckdb::vector<duckdb::LogicalType>& types) {
  std::vector<column> out(names.size());
  for (std::size_t i = 0; i < out.size(); ++i) {
    dynamic::writer document;
    write_type(document, types[i]);
    out[i] = {names[i], types[i].ToString(), {}};
    if (!document.finish(out[i].type_document)) throw std::bad_alloc();
  }
  return out;
}

Result::Result(SessionRef session, duckdb::unique_ptr<duckdb::QueryResult> result)
    : session_(std::move(session)), result_(std::move(result)) {
  if (result_->properties.return_type == duckdb::StatementReturnType::CHANGED_ROWS && left() > 0)
    changed_ = chunk_->GetValue(0, 0).GetValue<std::uint64_t>();
}

std::vector<column> Result::columns() {
  return columns_of(result_->names, result_->types);
}

std::tuple<std::string, std::string> Result::kind() {
  return {duckdb::StatementTypeToString(result_->statement_type),
          duckdb::StatementReturnTypeToString(result_->properties.return_type)};
}

// A streamed result ends with its last row, or when its connection does something else.
bool Result::is_open() const {
  return !ended_ && (result_->type != duckdb::QueryResultType::STREAM_RESULT ||
                     result_->Cast<duckdb::StreamQueryResult>().IsOpen());
}

idx_t Result::left() {
  if (chunk_ && taken_ < chunk_->size()) return chunk_->size() - taken_;
  taken_ = 0;
  do {
    chunk_ = is_open() ? result_->Fetch() : nullptr;
    if (result_->HasError()) result_->ThrowError();
  } while (chunk_ && chunk_->size() == 0);
  ended_ = !chunk_;
  return ended_ ? 0 : chunk_->size();
}

duckdb::unique_ptr<duckdb::ColumnDataCollection> Result::rest() {
  auto out = duckdb::make_uniq<duckdb::ColumnDataCollection>(session_->context(), result_->types);
  while (const idx_t rows = left()) {
    chunk_->Slice(taken_, rows);
    out->Append(*chunk_);
    taken_ = chunk_->size();
  }
  return out;
}

cap::result<void, error> Result::keep(std::string_view name) {
  return executed(session_, [&] {
    database::keep(*session_, name, duckdb::make_shared_ptr<Kept>(result_->names, rest()));
  });
}

cap::result<bytes, error> Result::next_rows(std::uint64_t limit, std::uint32_t size) {
  return executed(session_, [&] {
    dynamic::writer out;
    std::uint64_t rows = 0;
    const std::uint64_t most = limit ? limit : kNoLimit;
    while (rows < most && (rows == 0 || out.size() < size) && left() > 0) {
      const std::vector<WrittenColumn> columns = written_columns(*chunk_);
      for (; taken_ < chunk_->size() && rows < most; ++taken_, ++rows) {
        out.array(columns.size());
        for (const WrittenColumn& column : columns) column.write(out, taken_);
      }
    }
    return finished(out, rows);
  });
}

cap::result<bytes, error> Result::next_columns(std::uint64_t limit, std::uint32_t size) {
  return executed(session_, [&] {
    std::vector<dynamic::writer> parts(result_->types.size());
    std::uint64_t rows = 0;
    std::size_t written = 0;
    const std::uint64_t most = limit ? limit : kNoLimit;
    while (rows < most && (rows == 0 || written < size) && left() > 0) {
      const std::vector<WrittenColumn> columns = written_columns(*chunk_);
      const idx_t end = std::min<std::uint64_t>(chunk_->size(), taken_ + (most - rows));
      written = 0;
      for (std::size_t i = 0; i < columns.size(); ++i) {
        columns[i].write(parts[i], taken_, end);
        written += parts[i].size();
      }
      rows += end - taken_;
      taken_ = end;
    }
    return joined(parts, rows);
  });
}

cap::result<bytes, error> Result::arrow_schema() {
  return executed(session_, [&] { return arrow_batches().schema(); });
}

cap::result<bytes, error> Result::arrow_next(std::uint64_t limit, std::uint32_t size) {
  return executed(session_, [&] {
    ArrowBatches& batches = arrow_batches();
    const std::uint64_t most = limit ? limit : kNoLimit;
    batches.begin();
    while (batches.rows() < most && (batches.rows() == 0 || batches.size() < size) && left() > 0) {
      const idx_t end = std::min<std::uint64_t>(chunk_->size(), taken_ + (most - batches.rows()));
      batches.add(*chunk_, taken_, end);
      taken_ = end;
    }
    return batches.finish();
  });
}

ArrowBatches& Result::arrow_batches() {
  if (!arrow_)
    arrow_ = std::make_unique<ArrowBatches>(session_->context(), result_->names, result_->types,
                                            result_->client_properties);
  return *arrow_;
}

cap::result<std::string, error> Result::draw(std::uint32_t width, std::uint32_t rows,
                                             std::uint32_t column_width, std::string_view null_text,
                                             bool by_columns, std::uint64_t limit) {
  return executed(session_, [&] {
    duckdb::BoxRendererConfig config;
    if (width) config.max_width = width;
    if (rows) config.max_rows = rows;
    if (column_width) config.max_col_width = column_width;
    if (limit) config.limit = limit;
    config.null_value = null_text;
    config.render_mode = by_columns ? duckdb::RenderMode::COLUMNS : duckdb::RenderMode::ROWS;
    return duckdb::BoxRenderer(config).ToString(session_->context(), result_->names, *rest());
  });
}

}  // namespace cap::database
