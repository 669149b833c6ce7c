// Values of the engine as documents (the contract says which for which type).
#pragma once

#include "duckdb.hpp"
#include "dynamic.hh"

namespace cap::database {

/// A type as a document.
void write_type(dynamic::writer& out, const duckdb::LogicalType& type);

/// A column of a chunk, of which values are written. It refers to the chunk.
class WrittenColumn {
 public:
  WrittenColumn(duckdb::Vector& column, duckdb::idx_t rows);

  void write(dynamic::writer& out, duckdb::idx_t row) const { way_.one(out, *format_, row); }
  /// The values from row `from` to before row `to`.
  void write(dynamic::writer& out, duckdb::idx_t from, duckdb::idx_t to) const {
    way_.several(out, *format_, from, to);
  }

  using Format = duckdb::RecursiveUnifiedVectorFormat;
  /// How values of a type are written.
  struct Way {
    void (*one)(dynamic::writer&, const Format&, duckdb::idx_t row) = nullptr;
    void (*several)(dynamic::writer&, const Format&, duckdb::idx_t from,
                    duckdb::idx_t to) = nullptr;
  };

 private:
  duckdb::unique_ptr<duckdb::Vector> converted_;
  duckdb::unique_ptr<Format> format_;
  Way way_;
};

}  // namespace cap::database
