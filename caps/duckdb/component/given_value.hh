// Values that the consumer gives, from documents (the contract says which are which).
#pragma once

#include "duckdb.hpp"
#include "dynamic.hh"

namespace cap::database {

/// A document that is read bit by bit. What is not in the contract's form is thrown as an error.
class GivenValues {
 public:
  /// Types that "cast" names are looked up in the context's catalogue; without one, there are the
  /// engine's own.
  GivenValues(duckdb::optional_ptr<duckdb::ClientContext> context,
              std::span<const std::uint8_t> document)
      : context_(context), in_(document) {}

  /// The head of an array: how many elements follow.
  std::uint64_t array();
  /// The same, of as many elements as that.
  void array(std::uint64_t count);
  std::string_view text();
  duckdb::Value value();
  /// Whether the next one is null, which is then passed over.
  bool null();
  void end();

 private:
  using Maker = duckdb::Value (GivenValues::*)();
  static const std::unordered_map<std::string_view, Maker>& makers();

  dynamic::value next();
  duckdb::Value as(const duckdb::LogicalType& type, const duckdb::Value& value);
  /// Casts them to the one type that all of them have in common.
  duckdb::LogicalType unify(duckdb::vector<duckdb::Value>& values);
  std::int64_t integer();
  duckdb::Value tagged();
  duckdb::vector<duckdb::Value> values();
  duckdb::Value list();
  duckdb::Value structure();
  duckdb::Value map();
  duckdb::Value hugeint();
  duckdb::Value decimal();
  duckdb::Value date();
  duckdb::Value time();
  duckdb::Value timetz();
  duckdb::Value timestamp();
  duckdb::Value timestamptz();
  duckdb::Value timestamp_ns();
  duckdb::Value interval();
  duckdb::Value uuid();
  duckdb::Value cast();

  duckdb::optional_ptr<duckdb::ClientContext> context_;
  glue::reader in_;
  unsigned depth_ = 0;
};

/// A statement's parameters: null, or [the values in order, [[name, value]...]].
duckdb::case_insensitive_map_t<duckdb::BoundParameterData> given_parameters(GivenValues& from);
/// The values in order alone.
duckdb::case_insensitive_map_t<duckdb::BoundParameterData> given_row(GivenValues& from);

/// The type that SQL calls so.
duckdb::LogicalType type_of(duckdb::optional_ptr<duckdb::ClientContext> context,
                            std::string_view sql);

}  // namespace cap::database
