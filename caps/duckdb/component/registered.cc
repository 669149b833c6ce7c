#include "registered.hh"

#include "duckdb/common/types/column/column_data_collection.hpp"
#include "duckdb/function/replacement_scan.hpp"
#include "duckdb/function/table_function.hpp"
#include "duckdb/main/extension/extension_loader.hpp"
#include "duckdb/parser/expression/constant_expression.hpp"
#include "duckdb/parser/expression/function_expression.hpp"
#include "duckdb/parser/parser.hpp"
#include "duckdb/parser/statement/select_statement.hpp"
#include "duckdb/parser/tableref/subqueryref.hpp"
#include "duckdb/parser/tableref/table_function_ref.hpp"
#include "given_value.hh"

namespace cap::database {
namespace {

using duckdb::idx_t;

constexpr const char* kFunction = "registered_rows";

duckdb::unique_ptr<duckdb::TableRef> replace(duckdb::ClientContext&, duckdb::ReplacementScanInput&,
                                             duckdb::optional_ptr<duckdb::ReplacementScanData>);

/// What is registered in one database, by its name in small letters.
struct Registry final : duckdb::ReplacementScanData {
  std::unordered_map<std::string, KeptRef> rows;
};

Registry& registry_of(duckdb::ClientContext& context) {
  for (const duckdb::ReplacementScan& scan : duckdb::DBConfig::GetConfig(context).replacement_scans)
    if (scan.function == replace) return static_cast<Registry&>(*scan.data);
  throw duckdb::InternalException("the database was opened without the component");
}

KeptRef find(duckdb::ClientContext& context, const std::string& name) {
  const auto& rows = registry_of(context).rows;
  const auto found = rows.find(duckdb::StringUtil::Lower(name));
  return found == rows.end() ? nullptr : found->second;
}

struct Bound final : duckdb::TableFunctionData {
  explicit Bound(KeptRef rows) : kept(std::move(rows)) {}
  KeptRef kept;
};

struct Scan final : duckdb::GlobalTableFunctionState {
  duckdb::ColumnDataScanState state;
  duckdb::DataChunk chunk;
  /// Where a column of the output is in the chunk; none of a virtual column, which counts the rows.
  duckdb::vector<duckdb::optional_idx> places;
  std::int64_t row = 0;
};

duckdb::unique_ptr<duckdb::FunctionData> bind(duckdb::ClientContext& context,
                                              duckdb::TableFunctionBindInput& input,
                                              duckdb::vector<duckdb::LogicalType>& types,
                                              duckdb::vector<duckdb::string>& names) {
  const std::string name = input.inputs[0].ToString();
  auto kept = find(context, name);
  if (!kept) throw duckdb::BinderException("nothing is registered as \"%s\"", name);
  types = kept->rows().Types();
  names = kept->names();
  return duckdb::make_uniq<Bound>(std::move(kept));
}

duckdb::unique_ptr<duckdb::GlobalTableFunctionState> start(duckdb::ClientContext&,
                                                           duckdb::TableFunctionInitInput& input) {
  const duckdb::ColumnDataCollection& rows = input.bind_data->Cast<Bound>().kept->rows();
  auto scan = duckdb::make_uniq<Scan>();
  duckdb::vector<duckdb::column_t> wanted;
  for (const duckdb::column_t column : input.column_ids) {
    const bool real = column < rows.ColumnCount();
    scan->places.push_back(real ? duckdb::optional_idx(wanted.size()) : duckdb::optional_idx());
    if (real) wanted.push_back(column);
  }
  if (wanted.empty() && rows.ColumnCount() > 0) wanted.push_back(0);
  rows.InitializeScan(scan->state, std::move(wanted));
  rows.InitializeScanChunk(scan->state, scan->chunk);
  return scan;
}

void proceed(duckdb::ClientContext&, duckdb::TableFunctionInput& input, duckdb::DataChunk& output) {
  auto& scan = input.global_state->Cast<Scan>();
  if (!input.bind_data->Cast<Bound>().kept->rows().Scan(scan.state, scan.chunk)) return;
  for (idx_t i = 0; i < scan.places.size(); ++i) {
    if (scan.places[i].IsValid())
      output.data[i].Reference(scan.chunk.data[scan.places[i].GetIndex()]);
    else
      output.data[i].Sequence(scan.row, 1, scan.chunk.size());
  }
  scan.row += static_cast<std::int64_t>(scan.chunk.size());
  output.SetCardinality(scan.chunk.size());
}

duckdb::unique_ptr<duckdb::NodeStatistics> cardinality(duckdb::ClientContext&,
                                                       const duckdb::FunctionData* bound) {
  const idx_t count = bound->Cast<Bound>().kept->rows().Count();
  return duckdb::make_uniq<duckdb::NodeStatistics>(count, count);
}

bool setting(duckdb::ClientContext& context, const char* name) {
  duckdb::Value value;
  return context.TryGetCurrentSetting(name, value) && value.GetValue<bool>();
}

duckdb::unique_ptr<duckdb::TableRef> registered_rows(const std::string& name) {
  auto out = duckdb::make_uniq<duckdb::TableFunctionRef>();
  duckdb::vector<duckdb::unique_ptr<duckdb::ParsedExpression>> arguments;
  arguments.push_back(duckdb::make_uniq<duckdb::ConstantExpression>(duckdb::Value(name)));
  out->function = duckdb::make_uniq<duckdb::FunctionExpression>(kFunction, std::move(arguments));
  out->alias = name;
  return out;
}

// A query that the consumer has for a name.
duckdb::unique_ptr<duckdb::TableRef> subquery(const std::string& name, const std::string& sql,
                                              duckdb::ClientContext& context) {
  duckdb::Parser parser(context.GetParserOptions());
  parser.ParseQuery(sql);
  if (parser.statements.size() != 1 ||
      parser.statements[0]->type != duckdb::StatementType::SELECT_STATEMENT)
    throw duckdb::BinderException("what stands for \"%s\" is no query: %s", name, sql);
  return duckdb::make_uniq<duckdb::SubqueryRef>(
      duckdb::unique_ptr_cast<duckdb::SQLStatement, duckdb::SelectStatement>(
          std::move(parser.statements[0])),
      name);
}

// A name that no table or view has: what is registered, or what the consumer has for it.
duckdb::unique_ptr<duckdb::TableRef> replace(duckdb::ClientContext& context,
                                             duckdb::ReplacementScanInput& input,
                                             duckdb::optional_ptr<duckdb::ReplacementScanData>) {
  if (!input.schema_name.empty() || !input.catalog_name.empty()) return nullptr;
  const std::string& name = input.table_name;
  if (find(context, name)) return registered_rows(name);
  if (!session_of(context) || !setting(context, "python_enable_replacements")) return nullptr;
  auto sql = callbacks::find_table(name, setting(context, "python_scan_all_frames"));
  if (!sql) consumer_raised();
  return *sql ? subquery(name, **sql, context) : nullptr;
}

// Values of one column, cast to one type.
struct GivenColumn {
  std::string name;
  duckdb::LogicalType type;
  duckdb::vector<duckdb::Value> values;
};

GivenColumn given_column(duckdb::ClientContext& context, GivenValues& from, std::string_view name,
                         std::string_view type) {
  GivenColumn out{std::string(name), duckdb::LogicalType::SQLNULL, {}};
  const std::uint64_t count = from.array();
  out.values.reserve(count);
  for (std::uint64_t i = 0; i < count; ++i) out.values.push_back(from.value());
  if (!type.empty()) {
    out.type = type_of(&context, type);
  } else {
    for (const duckdb::Value& value : out.values)
      if (value.type() != out.type)
        out.type = duckdb::LogicalType::ForceMaxLogicalType(out.type, value.type());
    if (out.type.id() == duckdb::LogicalTypeId::SQLNULL) out.type = duckdb::LogicalType::INTEGER;
  }
  for (duckdb::Value& value : out.values)
    if (value.type() != out.type) value = value.CastAs(context, out.type);
  return out;
}

duckdb::unique_ptr<duckdb::ColumnDataCollection> collected(duckdb::ClientContext& context,
                                                           const std::vector<GivenColumn>& columns,
                                                           idx_t count) {
  duckdb::vector<duckdb::LogicalType> types;
  for (const GivenColumn& column : columns) types.push_back(column.type);
  auto out = duckdb::make_uniq<duckdb::ColumnDataCollection>(context, types);
  duckdb::DataChunk chunk;
  chunk.Initialize(duckdb::Allocator::Get(context), types);
  for (idx_t done = 0; done < count; done += chunk.size()) {
    chunk.Reset();
    chunk.SetCardinality(std::min<idx_t>(count - done, STANDARD_VECTOR_SIZE));
    for (std::size_t i = 0; i < columns.size(); ++i)
      for (idx_t row = 0; row < chunk.size(); ++row)
        chunk.data[i].SetValue(row, columns[i].values[done + row]);
    out->Append(chunk);
  }
  return out;
}

}  // namespace

void add_replacements(duckdb::DBConfig& config) {
  config.replacement_scans.emplace_back(replace, duckdb::make_uniq<Registry>());
}

void add_registered_rows(duckdb::DatabaseInstance& database) {
  duckdb::TableFunction function(kFunction, {duckdb::LogicalType::VARCHAR}, proceed, bind, start);
  function.projection_pushdown = true;
  function.cardinality = cardinality;
  duckdb::ExtensionLoader(database, "component").RegisterFunction(std::move(function));
}

KeptRef kept_columns(duckdb::ClientContext& context,
                     std::span<const std::tuple<std::string_view, std::string_view>> columns,
                     std::span<const std::uint8_t> values) {
  GivenValues from(&context, values);
  from.array(columns.size());
  std::vector<GivenColumn> given;
  duckdb::vector<duckdb::string> names;
  for (const auto& [name, type] : columns) {
    given.push_back(given_column(context, from, name, type));
    names.push_back(given.back().name);
    if (given.back().values.size() != given.front().values.size())
      throw duckdb::InvalidInputException("column \"%s\" has %llu values, \"%s\" has %llu",
                                          given.back().name, given.back().values.size(),
                                          given.front().name, given.front().values.size());
  }
  from.end();
  if (given.empty()) throw duckdb::InvalidInputException("a table needs a column");
  return duckdb::make_shared_ptr<Kept>(std::move(names),
                                       collected(context, given, given.front().values.size()));
}

void keep(Session& session, std::string_view name, KeptRef rows) {
  registry_of(session.context()).rows[duckdb::StringUtil::Lower(std::string(name))] =
      std::move(rows);
}

void forget(Session& session, std::string_view name) {
  registry_of(session.context()).rows.erase(duckdb::StringUtil::Lower(std::string(name)));
}

}  // namespace cap::database
