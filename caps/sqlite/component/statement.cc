// Statements: binding parameters, stepping, rows in batches.
#include <algorithm>

#include "column_rows.hh"
#include "columns.hh"
#include "database.hh"
#include "values.hh"

namespace cap {
namespace {

using engine::beginning;
using engine::columns_batch;
using engine::problem;
using engine::progress;
using engine::text_form;

// A batch ends when it holds enough bytes, but also when it took this much work for each of them.
constexpr std::uint32_t kInstructionsPerByte = 16;
constexpr std::uint32_t kMostInstructions = 1'000'000;
constexpr std::uint32_t kBytesPerCall = 64;
constexpr std::uint32_t kLeastBytesPerRow = 16;

constexpr text_form kTexts = 0, kMarked = 2;

constexpr const char* kBegin[] = {nullptr, "BEGIN ", "BEGIN DEFERRED", "BEGIN IMMEDIATE",
                                  "BEGIN EXCLUSIVE"};

// No code of SQLite's: the caller finds out what is wrong with its values.
problem cannot_bind() {
  return {kNoSuchValue, ""};
}

class Statement final : public engine::statement {
 public:
  Statement(DatabaseRef database, sqlite3_stmt* statement)
      : database_(std::move(database)),
        statement_(statement),
        columns_(sqlite3_column_count(statement)),
        parameters_(static_cast<std::uint32_t>(sqlite3_bind_parameter_count(statement))) {}
  ~Statement() override { sqlite3_finalize(statement_); }

  progress run(std::span<const std::uint8_t> parameters, beginning begin,
               std::uint32_t limit) override {
    sqlite3_reset(statement_);
    glue::reader in(parameters);
    int code = begin_if_needed(begin);
    if (code == SQLITE_OK) code = bind_row(in);
    if (code != SQLITE_OK) return failed(code);
    if (!in.at_end()) return failed(kNoSuchValue);
    progress out = next(limit);
    if (!columns_) sqlite3_clear_bindings(statement_);
    return out;
  }

  progress next(std::uint32_t limit) override {
    progress out;
    dynamic::writer rows;
    const int code = fetch(limit, rows, out);
    const int prepared = sqlite3_stmt_status(statement_, SQLITE_STMTSTATUS_REPREPARE, 0);
    if (prepared != prepared_) out.columns = columns_of(statement_);
    prepared_ = prepared;
    out.more = code == SQLITE_ROW;
    if (code == SQLITE_DONE) out.changes = sqlite3_changes64(db());
    if (code != SQLITE_ROW && code != SQLITE_DONE && !out.problem) out.problem = trouble(code);
    if (!out.more) sqlite3_reset(statement_);
    out.last_rowid = sqlite3_last_insert_rowid(db());
    if (!rows.finish(row_count_, out.rows)) {
      sqlite3_reset(statement_);
      out.more = false;
      out.problem = problem_of(SQLITE_NOMEM);
    }
    return out;
  }

  engine::bulk run_many(std::span<const std::uint8_t> rows, beginning begin) override {
    glue::reader in(rows);
    std::uint64_t count;
    if (!in.head(4, count)) return refused(problem_of(SQLITE_MISUSE));
    const auto bind_next = [&] {
      if (!count) return SQLITE_DONE;
      --count;
      const int code = bind_row(in);
      return code == SQLITE_OK ? SQLITE_ROW : code;
    };
    engine::bulk out;
    const int code = run_rows(begin, bind_next, out);
    if (code != SQLITE_DONE && code != kNoSuchValue) out.problem = last_problem(db());
    finish_bulk();
    return out;
  }

  engine::bulk run_columns(std::span<const std::uint8_t> messages, beginning begin) override {
    ColumnRows rows;
    if (auto opened = rows.open(messages, statement_); !opened) return refused(opened.error());
    engine::bulk out;
    const int code = run_rows(begin, [&] { return rows.bind_next(statement_); }, out);
    if (code != SQLITE_DONE)
      out.problem = code == kNoSuchValue ? rows.problem() : last_problem(db());
    finish_bulk();
    return out;
  }

  result<columns_batch, problem> first_columns(std::span<const std::uint8_t> fetched, bool more,
                                               std::uint32_t limit) override {
    glue::reader in(fetched);
    std::uint64_t count;
    if (!in.head(4, count)) return err(problem_of(SQLITE_MISUSE));
    batches_ = std::make_unique<Columns>(statement_);
    for (; count; --count)
      if (auto added = batches_->add(in); !added) return err(added.error());
    return take_columns(more, limit);
  }

  result<columns_batch, problem> next_columns(std::uint32_t limit) override {
    if (!batches_) return err(problem_of(SQLITE_MISUSE));
    return take_columns(true, limit);
  }

  void shape(text_form texts, std::span<const std::uint32_t> plain_columns) override {
    texts_ = texts;
    plain_.assign(plain_columns.empty() ? 0 : static_cast<std::size_t>(columns_), false);
    for (std::uint32_t column : plain_columns)
      if (column < plain_.size()) plain_[column] = true;
  }

  void reset() override {
    sqlite3_reset(statement_);
    sqlite3_clear_bindings(statement_);
  }

 private:
  sqlite3* db() const { return sqlite3_db_handle(statement_); }

  int begin_if_needed(beginning begin) {
    if (begin == 0 || !sqlite3_get_autocommit(db())) return SQLITE_OK;
    return sqlite3_exec(db(), kBegin[std::min<std::size_t>(begin, std::size(kBegin) - 1)], nullptr,
                        nullptr, nullptr);
  }

  // The bytes of a statement without rows are not needed any more when it has run.
  int bind_row(glue::reader& in) {
    std::uint64_t count;
    if (!in.head(4, count) || count != parameters_) return kNoSuchValue;
    for (std::uint32_t i = 1; i <= parameters_; ++i) {
      dynamic::value value;
      if (!dynamic::read(in, value)) return kNoSuchValue;
      if (int code = bind(statement_, static_cast<int>(i), value, columns_ == 0); code != SQLITE_OK)
        return code;
    }
    return SQLITE_OK;
  }

  // Runs the statement for each row that `bind_next` binds; the code that ended it, SQLITE_DONE
  // after the last row.
  template <typename BindNext>
  int run_rows(beginning begin, BindNext bind_next, engine::bulk& out) {
    sqlite3_reset(statement_);
    int code = begin_if_needed(begin);
    while (code == SQLITE_OK) {
      code = bind_next();
      if (code != SQLITE_ROW) return code;
      while (code == SQLITE_ROW) code = sqlite3_step(statement_);
      if (code != SQLITE_DONE) return code;
      ++out.count;
      out.changes += sqlite3_changes64(db());
      code = sqlite3_reset(statement_);
    }
    return code;
  }

  void finish_bulk() {
    sqlite3_reset(statement_);
    sqlite3_clear_bindings(statement_);
  }

  static engine::bulk refused(problem why) {
    engine::bulk out;
    out.problem = std::move(why);
    return out;
  }

  // The rows that there are, and further ones if there may be.
  result<columns_batch, problem> take_columns(bool more, std::uint32_t limit) {
    const bool running = more;
    result<void, problem> added;
    while (added && more && !batches_->full(limit)) {
      const int code = sqlite3_step(statement_);
      if (code == SQLITE_ROW)
        added = batches_->add(statement_);
      else if (code != SQLITE_DONE)
        added = err(last_problem(db()));
      more = code == SQLITE_ROW;
    }
    if (running && !(added && more)) sqlite3_reset(statement_);
    if (!added) return err(added.error());
    auto messages = batches_->take();
    if (!messages) return err(messages.error());
    return columns_batch{std::move(*messages), more};
  }

  problem trouble(int code) const {
    return code == kNoSuchValue ? cannot_bind() : last_problem(db());
  }

  progress failed(int code) {
    progress out;
    out.problem = trouble(code);
    reset();
    dynamic::writer none;
    (void)none.finish(0, out.rows);
    return out;
  }

  // Steps until the batch is full, at the end, or at a problem; the code of the last step.
  int fetch(std::uint32_t limit, dynamic::writer& rows, progress& out) {
    row_count_ = 0;
    if (!statement_) return SQLITE_DONE;
    const std::uint64_t most_calls = function_calls + limit / kBytesPerCall;
    const std::uint32_t most_instructions =
        std::min(limit, kMostInstructions / kInstructionsPerByte) * kInstructionsPerByte;
    sqlite3_stmt_status(statement_, SQLITE_STMTSTATUS_VM_STEP, 1);
    for (;;) {
      const int code = sqlite3_step(statement_);
      if (code != SQLITE_ROW) return code;
      if (row_count_ == 0) columns_ = sqlite3_column_count(statement_);
      const std::size_t before = rows.size();
      if (!write_row(rows, out)) {
        rows.shrink(before);
        return SQLITE_ERROR;
      }
      ++row_count_;
      if (rows.size() >= limit || row_count_ >= limit / kLeastBytesPerRow) return code;
      if (rows.failed() || function_calls > most_calls) return code;
      if (static_cast<std::uint32_t>(
              sqlite3_stmt_status(statement_, SQLITE_STMTSTATUS_VM_STEP, 0)) > most_instructions)
        return code;
    }
  }

  bool write_row(dynamic::writer& rows, progress& out) {
    rows.array(static_cast<std::uint64_t>(columns_));
    for (int i = 0; i < columns_; ++i) {
      const int type = sqlite3_column_type(statement_, i);
      if (static_cast<std::size_t>(i) < plain_.size() && plain_[static_cast<std::size_t>(i)]) {
        write_plain(rows, i);
        continue;
      }
      switch (type) {
        case SQLITE_INTEGER:
          rows.integer(sqlite3_column_int64(statement_, i));
          break;
        case SQLITE_FLOAT:
          rows.real(sqlite3_column_double(statement_, i));
          break;
        case SQLITE_TEXT:
          if (!write_text(rows, i, out)) return false;
          break;
        case SQLITE_BLOB:
          rows.blob(data_at(sqlite3_column_blob(statement_, i), i));
          break;
        default:
          rows.null();
      }
    }
    return true;
  }

  // CPython's converters do not get to see empty values.
  void write_plain(dynamic::writer& rows, int column) {
    const void* data = sqlite3_column_blob(statement_, column);
    if (data)
      rows.blob(data_at(data, column));
    else
      rows.null();
  }

  std::span<const std::uint8_t> data_at(const void* data, int column) {
    return bytes_at(data, data ? sqlite3_column_bytes(statement_, column) : 0);
  }

  bool write_text(dynamic::writer& rows, int column, progress& out) {
    const auto data = data_at(sqlite3_column_text(statement_, column), column);
    if (texts_ != kTexts) {
      if (texts_ == kMarked) rows.array(1);
      rows.blob(data);
    } else if (glue::is_utf8(data.data(), data.size())) {
      rows.text(text_of(data));
    } else {
      out.problem = undecodable(column, data);
      return false;
    }
    return true;
  }

  problem undecodable(int column, std::span<const std::uint8_t> data) const {
    std::string text = "Could not decode to UTF-8 column '";
    text += sqlite3_column_name(statement_, column);
    text += "' with text '";
    text += std::string(text_of(data)).c_str();
    text = text.substr(0, 198);
    std::string words;
    for (char c : text + "'")
      if (static_cast<unsigned char>(c) < 0x80)
        words += c;
      else
        words += "\xef\xbf\xbd";
    return {SQLITE_ERROR, words};
  }

  DatabaseRef database_;
  sqlite3_stmt* statement_;
  int columns_;
  std::uint32_t parameters_;
  text_form texts_ = kTexts;
  std::vector<bool> plain_;
  std::uint64_t row_count_ = 0;
  std::unique_ptr<Columns> batches_;
  int prepared_ = 0;  // how often SQLite had to prepare it anew
};

}  // namespace

std::unique_ptr<engine::statement> make_statement(DatabaseRef database, sqlite3_stmt* statement) {
  return std::make_unique<Statement>(std::move(database), statement);
}

}  // namespace cap
