#include "function.hh"

#include "duckdb/catalog/catalog.hpp"
#include "duckdb/function/scalar_function.hpp"
#include "duckdb/parser/parsed_data/create_scalar_function_info.hpp"
#include "duckdb/parser/parsed_data/drop_info.hpp"
#include "duckdb/planner/expression/bound_function_expression.hpp"
#include "given_value.hh"
#include "written_value.hh"

namespace cap::database {
namespace {

using duckdb::idx_t;

/// The rows for which a function is called.
std::vector<idx_t> rows_without_null(duckdb::DataChunk& arguments) {
  std::vector<duckdb::UnifiedVectorFormat> formats(arguments.ColumnCount());
  for (std::size_t i = 0; i < formats.size(); ++i)
    arguments.data[i].ToUnifiedFormat(arguments.size(), formats[i]);
  std::vector<idx_t> out;
  for (idx_t row = 0; row < arguments.size(); ++row)
    if (std::ranges::all_of(formats, [&](const duckdb::UnifiedVectorFormat& format) {
          return format.validity.RowIsValid(format.sel->get_index(row));
        }))
      out.push_back(row);
  return out;
}

std::vector<idx_t> all_rows(idx_t count) {
  std::vector<idx_t> out(count);
  for (idx_t row = 0; row < count; ++row) out[row] = row;
  return out;
}

bytes finished(dynamic::writer& out) {
  bytes document;
  if (!out.finish(document)) throw std::bad_alloc();
  return document;
}

bytes written_types(duckdb::DataChunk& arguments) {
  dynamic::writer out;
  out.array(arguments.ColumnCount());
  for (const duckdb::Vector& argument : arguments.data) write_type(out, argument.GetType());
  return finished(out);
}

bytes written(duckdb::DataChunk& arguments, const std::vector<idx_t>& rows) {
  dynamic::writer out;
  out.array(arguments.ColumnCount());
  for (duckdb::Vector& argument : arguments.data) {
    const WrittenColumn column(argument, arguments.size());
    out.array(rows.size());
    for (const idx_t row : rows) column.write(out, row);
  }
  return finished(out);
}

void read(duckdb::ClientContext& context, const bytes& document, const std::vector<idx_t>& rows,
          duckdb::Vector& out) {
  GivenValues from(&context, document);
  from.array(rows.size());
  for (const idx_t row : rows) out.SetValue(row, from.value().CastAs(context, out.GetType()));
  from.end();
}

// One call for a chunk of rows.
void call(std::uint32_t number, bool takes_null, duckdb::DataChunk& arguments,
          duckdb::ExpressionState& state, duckdb::Vector& result) {
  const idx_t count = arguments.size();
  const std::vector<idx_t> rows = takes_null ? all_rows(count) : rows_without_null(arguments);
  result.SetVectorType(duckdb::VectorType::FLAT_VECTOR);
  if (rows.size() < count) duckdb::FlatVector::Validity(result).SetAllInvalid(count);
  if (!rows.empty()) {
    auto answer = callbacks::call(number, static_cast<std::uint32_t>(rows.size()),
                                  written_types(arguments), written(arguments, rows));
    if (!answer) consumer_raised();
    if (!*answer) throw duckdb::InvalidInputException(answer->error().message);
    read(state.GetContext(), **answer, rows, result);
  }
  const auto& function = state.expr.Cast<duckdb::BoundFunctionExpression>().function;
  if (arguments.AllConstant() &&
      (count == 1 || function.stability != duckdb::FunctionStability::VOLATILE))
    result.SetVectorType(duckdb::VectorType::CONSTANT_VECTOR);
}

// A result that is being streamed holds a transaction, which ends with it.
void change_catalogue(duckdb::ClientContext& context, const std::function<void()>& change) {
  if (context.transaction.HasActiveTransaction() && context.transaction.IsAutoCommit())
    context.CancelTransaction();
  context.RunFunctionInTransaction(change);
}

}  // namespace

void create_function(Session& session, const function_signature& signature) {
  duckdb::ClientContext& context = session.context();
  duckdb::vector<duckdb::LogicalType> parameters;
  for (const std::string& type : signature.parameters)
    parameters.push_back(type_of(&context, type));
  duckdb::ScalarFunction function(
      signature.name, std::move(parameters), type_of(&context, signature.returns),
      [number = signature.number, takes_null = signature.takes_null](
          duckdb::DataChunk& arguments, duckdb::ExpressionState& state, duckdb::Vector& result) {
        call(number, takes_null, arguments, state, result);
      });
  if (signature.more) function.varargs = type_of(&context, *signature.more);
  if (signature.takes_null) function.null_handling = duckdb::FunctionNullHandling::SPECIAL_HANDLING;
  if (signature.volatile_) function.stability = duckdb::FunctionStability::VOLATILE;
  change_catalogue(context, [&] {
    duckdb::CreateScalarFunctionInfo info(std::move(function));
    duckdb::Catalog::GetSystemCatalog(context).CreateFunction(context, info);
  });
}

void remove_function(Session& session, std::string_view name) {
  duckdb::ClientContext& context = session.context();
  change_catalogue(context, [&] {
    duckdb::DropInfo info;
    info.type = duckdb::CatalogType::SCALAR_FUNCTION_ENTRY;
    info.name = std::string(name);
    info.allow_drop_internal = true;
    info.if_not_found = duckdb::OnEntryNotFound::THROW_EXCEPTION;
    duckdb::Catalog::GetSystemCatalog(context).DropEntry(context, info);
  });
}

}  // namespace cap::database
