#include "arrow_batches.hh"

#include "duckdb/common/arrow/arrow_appender.hpp"
#include "duckdb/common/arrow/arrow_converter.hpp"
#include "duckdb/common/type_visitor.hpp"
#include "duckdb/function/table/arrow.hpp"
#include "duckdb/function/table/arrow/arrow_duck_schema.hpp"
// After the engine's: both declare the structures of the C data interface.
#include "arrow_ipc.hh"

namespace cap::database {
namespace {

using duckdb::idx_t;
using duckdb::LogicalType;

// What the messages do not have: dictionaries.
LogicalType plain(const LogicalType& type) {
  return duckdb::TypeVisitor::VisitReplace(type, [](const LogicalType& part) {
    return part.id() == duckdb::LogicalTypeId::ENUM ? LogicalType(LogicalType::VARCHAR) : part;
  });
}

bytes message(cap::result<bytes, std::string> made) {
  if (!made) throw duckdb::InvalidInputException(made.error());
  return std::move(*made);
}

// Arrow's structures end with a call of their own.
template <typename Structure>
struct Owned : Structure {
  Owned() { this->release = nullptr; }
  Owned(const Owned&) = delete;
  Owned& operator=(const Owned&) = delete;
  ~Owned() {
    if (this->release) this->release(this);
  }
};

}  // namespace

struct ArrowBatches::State {
  duckdb::vector<LogicalType> types;
  duckdb::ClientProperties properties;
  duckdb::unordered_map<idx_t, const duckdb::shared_ptr<duckdb::ArrowTypeExtensionData>> extensions;
  Owned<ArrowSchema> schema;
  bool casts = false;
};

ArrowBatches::ArrowBatches(duckdb::ClientContext& context,
                           const duckdb::vector<duckdb::string>& names,
                           const duckdb::vector<LogicalType>& types,
                           const duckdb::ClientProperties& properties)
    : state_(new State{{}, properties, {}, {}, false}) {
  for (const LogicalType& type : types) state_->types.push_back(plain(type));
  state_->casts = state_->types != types;
  state_->extensions = duckdb::ArrowTypeExtensionData::GetExtensionTypes(context, state_->types);
  duckdb::ArrowConverter::ToArrowSchema(&state_->schema, state_->types, names, state_->properties);
}

ArrowBatches::~ArrowBatches() = default;

bytes ArrowBatches::schema() {
  return message(arrow::schema_message(state_->schema));
}

void ArrowBatches::begin() {
  appender_ = std::make_unique<duckdb::ArrowAppender>(
      state_->types, std::max<idx_t>(expected_, STANDARD_VECTOR_SIZE), state_->properties,
      state_->extensions);
  size_ = 0;
}

void ArrowBatches::add(duckdb::DataChunk& chunk, idx_t from, idx_t to) {
  duckdb::DataChunk cast;
  if (state_->casts) {
    cast.Initialize(duckdb::Allocator::DefaultAllocator(), state_->types, chunk.size());
    for (idx_t i = 0; i < chunk.ColumnCount(); ++i)
      duckdb::VectorOperations::DefaultCast(chunk.data[i], cast.data[i], chunk.size());
    cast.SetCardinality(chunk.size());
  }
  duckdb::DataChunk& rows = state_->casts ? cast : chunk;
  appender_->Append(rows, from, to, rows.size());
  size_ += rows.GetAllocationSize() / std::max<idx_t>(rows.size(), 1) * (to - from);
}

idx_t ArrowBatches::rows() const {
  return appender_->RowCount();
}

bytes ArrowBatches::finish() {
  if (rows() == 0) return {};
  expected_ = rows();
  Owned<ArrowArray> array;
  static_cast<ArrowArray&>(array) = appender_->Finalize();
  return message(arrow::batch_message(state_->schema, array));
}

namespace {

// How the engine's arrow_scan gets at a stream that it does not own.
duckdb::unique_ptr<duckdb::ArrowArrayStreamWrapper> produce(uintptr_t stream,
                                                            duckdb::ArrowStreamParameters&) {
  auto out = duckdb::make_uniq<duckdb::ArrowArrayStreamWrapper>();
  out->arrow_array_stream = *reinterpret_cast<ArrowArrayStream*>(stream);
  out->arrow_array_stream.release = [](ArrowArrayStream* borrowed) { borrowed->release = nullptr; };
  return out;
}

void read_schema(ArrowArrayStream* stream, ArrowSchema& schema) {
  if (stream->get_schema(stream, &schema) != 0)
    throw duckdb::InvalidInputException("the stream has no schema");
}

}  // namespace

ArrowRows arrow_rows(duckdb::DuckDB& database, std::span<const std::uint8_t> stream) {
  Owned<ArrowArrayStream> arrays;
  if (const auto read = arrow::read_stream(stream, &arrays); !read)
    throw duckdb::InvalidInputException(read.error());
  duckdb::Connection connection(database);
  const auto address = [](auto* what) {
    return duckdb::Value::POINTER(reinterpret_cast<uintptr_t>(what));
  };
  const auto scan = connection.TableFunction(
      "arrow_scan",
      {address(static_cast<ArrowArrayStream*>(&arrays)), address(&produce), address(&read_schema)});
  auto done = scan->Execute();
  if (done->HasError()) done->ThrowError();
  ArrowRows out{done->names, done->Cast<duckdb::MaterializedQueryResult>().TakeCollection()};
  return out;
}

}  // namespace cap::database
