// Blobs that are read and written in place, and backups.
#include "database.hh"

namespace cap {
namespace {

class Blob final : public engine::blob {
 public:
  Blob(DatabaseRef database, sqlite3_blob* blob) : database_(std::move(database)), blob_(blob) {}
  ~Blob() override { close(); }

  std::uint32_t size() override { return static_cast<std::uint32_t>(sqlite3_blob_bytes(blob_)); }

  result<bytes, engine::problem> read(std::uint32_t offset, std::uint32_t size) override {
    bytes out;
    if (size > this->size() || !out.try_resize(size)) return err(problem_of(SQLITE_TOOBIG));
    const int code =
        sqlite3_blob_read(blob_, out.data(), static_cast<int>(size), static_cast<int>(offset));
    if (code != SQLITE_OK) return err(problem(code));
    return out;
  }

  result<void, engine::problem> write(std::uint32_t offset,
                                      std::span<const std::uint8_t> data) override {
    if (data.size() > size()) return err(problem_of(SQLITE_TOOBIG));
    const int code = sqlite3_blob_write(blob_, data.data(), static_cast<int>(data.size()),
                                        static_cast<int>(offset));
    if (code != SQLITE_OK) return err(problem(code));
    return {};
  }

  void close() override {
    sqlite3_blob_close(blob_);
    blob_ = nullptr;
  }

 private:
  engine::problem problem(int code) const {
    return database_->get() ? last_problem(database_->get()) : problem_of(code);
  }

  DatabaseRef database_;
  sqlite3_blob* blob_;
};

class Backup final : public engine::backup {
 public:
  Backup(DatabaseRef target, DatabaseRef source, sqlite3_backup* backup)
      : target_(std::move(target)), source_(std::move(source)), backup_(backup) {}
  ~Backup() override { sqlite3_backup_finish(backup_); }

  std::tuple<std::int32_t, std::int32_t, std::int32_t> step(std::int32_t pages) override {
    const int code = backup_ ? sqlite3_backup_step(backup_, pages) : SQLITE_MISUSE;
    return {code, backup_ ? sqlite3_backup_remaining(backup_) : 0,
            backup_ ? sqlite3_backup_pagecount(backup_) : 0};
  }

  result<void, engine::problem> finish() override {
    const int code = sqlite3_backup_finish(std::exchange(backup_, nullptr));
    return checked(code, target_->get());
  }

 private:
  DatabaseRef target_, source_;
  sqlite3_backup* backup_;
};

}  // namespace

result<std::unique_ptr<engine::blob>, engine::problem> open_blob(DatabaseRef database,
                                                                 const std::string& name,
                                                                 const std::string& table,
                                                                 const std::string& column,
                                                                 std::int64_t row, bool writable) {
  sqlite3_blob* blob = nullptr;
  const int code = sqlite3_blob_open(database->get(), name.c_str(), table.c_str(), column.c_str(),
                                     row, writable, &blob);
  if (code == SQLITE_MISUSE) return err(problem_of(code));
  if (code != SQLITE_OK) return err(last_problem(database->get()));
  return std::make_unique<Blob>(std::move(database), blob);
}

result<std::unique_ptr<engine::backup>, engine::problem> start_backup(DatabaseRef target,
                                                                      DatabaseRef source,
                                                                      const std::string& name) {
  sqlite3_backup* backup = sqlite3_backup_init(target->get(), "main", source->get(), name.c_str());
  if (!backup) return err(last_problem(target->get()));
  return std::make_unique<Backup>(std::move(target), std::move(source), backup);
}

}  // namespace cap
