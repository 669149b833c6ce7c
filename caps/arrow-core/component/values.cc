// Arrays to values and back.
#include <cstring>
#include <type_traits>

#include "column_view.hh"
#include "problem.hh"

namespace cap::values {

namespace {

using arrow::ArrayView;
using arrow::invalid;

constexpr std::int64_t kNoPlace = INT64_MIN;

template <typename T>
using List = std::vector<std::optional<T>>;

/// Reads each value that is not null by `get(view, i)`; only for the storage types that `fits`
/// names.
template <typename T>
result<List<T>, error> read(const column& array, bool (*fits)(enum ArrowType),
                            T (*get)(const ArrowArrayView*, std::int64_t)) {
  ArrayView view;
  if (auto wrong = arrow::view_of(array, *view)) return err(std::move(*wrong));
  if (!fits(view->storage_type))
    return invalid("values of the format " + array.format + " are not of this kind");
  List<T> out;
  out.reserve(static_cast<std::size_t>(view->length));
  for (std::int64_t i = 0; i < view->length; ++i) {
    if (ArrowArrayViewIsNull(view.get(), i))
      out.emplace_back();
    else
      out.emplace_back(get(view.get(), i));
  }
  return out;
}

bool is_bool(enum ArrowType type) {
  return type == NANOARROW_TYPE_BOOL;
}

bool is_unsigned(enum ArrowType type) {
  return type == NANOARROW_TYPE_UINT8 || type == NANOARROW_TYPE_UINT16 ||
         type == NANOARROW_TYPE_UINT32 || type == NANOARROW_TYPE_UINT64;
}

bool is_signed(enum ArrowType type) {
  return type == NANOARROW_TYPE_INT8 || type == NANOARROW_TYPE_INT16 ||
         type == NANOARROW_TYPE_INT32 || type == NANOARROW_TYPE_INT64;
}

bool is_float(enum ArrowType type) {
  return type == NANOARROW_TYPE_HALF_FLOAT || type == NANOARROW_TYPE_FLOAT ||
         type == NANOARROW_TYPE_DOUBLE;
}

bool is_text(enum ArrowType type) {
  return type == NANOARROW_TYPE_STRING || type == NANOARROW_TYPE_LARGE_STRING;
}

bool is_binary(enum ArrowType type) {
  return is_text(type) || type == NANOARROW_TYPE_BINARY || type == NANOARROW_TYPE_LARGE_BINARY ||
         type == NANOARROW_TYPE_FIXED_SIZE_BINARY;
}

bool is_decimal(enum ArrowType type) {
  return type == NANOARROW_TYPE_DECIMAL32 || type == NANOARROW_TYPE_DECIMAL64 ||
         type == NANOARROW_TYPE_DECIMAL128 || type == NANOARROW_TYPE_DECIMAL256;
}

void init_decimal(const ArrowArrayView& view, ArrowSchemaView& type, ArrowDecimal& decimal) {
  ArrowDecimalInit(&decimal, static_cast<std::int32_t>(view.layout.element_size_bits[1]),
                   type.decimal_precision, type.decimal_scale);
}

/// An array under construction.
class Maker {
 public:
  std::optional<error> start(std::string_view format) {
    if (auto wrong = arrow::schema_of(format, *schema_)) return wrong;
    ArrowError said{};
    int code = ArrowSchemaViewInit(&type_, schema_.get(), &said);
    if (code == NANOARROW_OK) code = ArrowArrayInitFromSchema(array_.get(), schema_.get(), &said);
    if (code == NANOARROW_OK) code = ArrowArrayStartAppending(array_.get());
    if (code != NANOARROW_OK) return arrow::problem(code, said, "making an array").value;
    return {};
  }

  ArrowArray* array() { return array_.get(); }
  const ArrowSchemaView& type() const { return type_; }
  enum ArrowType storage() const { return type_.storage_type; }

  result<made, error> finish() {
    ArrowError said{};
    if (int code = ArrowArrayFinishBuildingDefault(array_.get(), &said))
      return arrow::problem(code, said, "making an array");
    made out;
    out.null_count = array_->null_count;
    for (std::int64_t i = 0; i < array_->n_buffers; ++i) {
      const ArrowBuffer* buffer = ArrowArrayBuffer(array_.get(), i);
      out.buffers.emplace_back(
          std::span(buffer->data, static_cast<std::size_t>(buffer->size_bytes)));
    }
    return out;
  }

 private:
  arrow::Schema schema_;
  arrow::Array array_;
  ArrowSchemaView type_{};
};

template <typename T, typename Append>
result<made, error> write(std::string_view format, bool (*fits)(enum ArrowType),
                          std::span<const std::optional<T>> values, Append append) {
  Maker maker;
  if (auto wrong = maker.start(format)) return err(std::move(*wrong));
  if (!fits(maker.storage()))
    return invalid("an array of the format " + std::string(format) +
                   " is not made of values of this kind");
  for (std::size_t i = 0; i < values.size(); ++i) {
    const int code = values[i] ? append(maker, *values[i]) : ArrowArrayAppendNull(maker.array(), 1);
    if (code == ENOMEM) return invalid("out of memory");
    if (code != NANOARROW_OK)
      return invalid("value " + std::to_string(i) + " does not fit the type " +
                     std::string(format));
  }
  return maker.finish();
}

ArrowBufferView view_of(std::span<const std::uint8_t> data) {
  ArrowBufferView view;
  view.data.as_uint8 = data.data();
  view.size_bytes = static_cast<std::int64_t>(data.size());
  return view;
}

// The number without its point: exactly as many digits after it as the type's scale.
std::optional<std::string> digits_of(std::string_view text, std::int32_t scale) {
  const std::size_t point = text.find('.');
  std::string out(text.substr(0, point));
  const std::string_view after = point == text.npos ? std::string_view() : text.substr(point + 1);
  if (scale < 0 || after.size() > static_cast<std::size_t>(scale)) return {};
  out.append(after);
  return out.append(static_cast<std::size_t>(scale) - after.size(), '0');
}

int append_decimal(Maker& maker, std::string_view text) {
  const std::optional<std::string> digits = digits_of(text, maker.type().decimal_scale);
  if (!digits) return EINVAL;
  const std::size_t sign = !digits->empty() && (*digits)[0] == '-' ? 1 : 0;
  if (digits->size() - sign > static_cast<std::size_t>(maker.type().decimal_precision) &&
      digits->find_first_not_of('0', sign) <
          digits->size() - static_cast<std::size_t>(maker.type().decimal_precision))
    return EINVAL;
  ArrowDecimal decimal;
  ArrowDecimalInit(&decimal, maker.type().decimal_bitwidth, maker.type().decimal_precision,
                   maker.type().decimal_scale);
  if (int code = ArrowDecimalSetDigits(&decimal,
                                       {digits->data(), static_cast<std::int64_t>(digits->size())}))
    return code;
  return ArrowArrayAppendDecimal(maker.array(), &decimal);
}

int append_one(Maker& maker, const ArrowArrayView* from, std::int64_t i) {
  if (ArrowArrayViewIsNull(from, i)) return ArrowArrayAppendNull(maker.array(), 1);
  const enum ArrowType type = from->storage_type;
  if (is_signed(type) || is_bool(type))
    return ArrowArrayAppendInt(maker.array(), ArrowArrayViewGetIntUnsafe(from, i));
  if (is_unsigned(type))
    return ArrowArrayAppendUInt(maker.array(), ArrowArrayViewGetUIntUnsafe(from, i));
  if (is_float(type))
    return ArrowArrayAppendDouble(maker.array(), ArrowArrayViewGetDoubleUnsafe(from, i));
  if (is_binary(type))
    return ArrowArrayAppendBytes(maker.array(), ArrowArrayViewGetBytesUnsafe(from, i));
  if (is_decimal(type)) {
    ArrowDecimal decimal;
    ArrowDecimalInit(&decimal, maker.type().decimal_bitwidth, maker.type().decimal_precision,
                     maker.type().decimal_scale);
    ArrowArrayViewGetDecimalUnsafe(from, i, &decimal);
    return ArrowArrayAppendDecimal(maker.array(), &decimal);
  }
  ArrowInterval interval;
  ArrowIntervalInit(&interval, type);
  ArrowArrayViewGetIntervalUnsafe(from, i, &interval);
  return ArrowArrayAppendInterval(maker.array(), &interval);
}

// Values of a fixed width, none of them null.
result<made, error> take_fixed(const ArrowArrayView& from, std::size_t width,
                               std::span<const std::int64_t> places) {
  bytes values;
  if (places.size() > SIZE_MAX / width || !values.try_resize(places.size() * width))
    return invalid("out of memory");
  const std::uint8_t* data =
      from.buffer_views[1].data.as_uint8 + static_cast<std::size_t>(from.offset) * width;
  const auto copy = [&](auto constant) {
    for (std::size_t i = 0; i < places.size(); ++i)
      std::memcpy(values.data() + i * constant,
                  data + static_cast<std::size_t>(places[i]) * constant, constant);
  };
  // A width that the compiler knows is a load and a store.
  if (width == 8)
    copy(std::integral_constant<std::size_t, 8>());
  else if (width == 4)
    copy(std::integral_constant<std::size_t, 4>());
  else
    copy(width);
  made out;
  out.buffers.emplace_back();
  out.buffers.push_back(std::move(values));
  return out;
}

template <typename T>
result<bytes, error> rebase(std::span<const std::uint8_t> offsets) {
  const std::size_t count = offsets.size() / sizeof(T);
  bytes out(count * sizeof(T));
  T first = 0, before = 0;
  bool in_order = true;
  for (std::size_t i = 0; i < count; ++i) {
    T at;
    std::memcpy(&at, offsets.data() + i * sizeof at, sizeof at);
    if (i == 0) first = before = at;
    in_order &= at >= before;
    before = at;
    const T made = static_cast<T>(static_cast<std::make_unsigned_t<T>>(at) -
                                  static_cast<std::make_unsigned_t<T>>(first));
    std::memcpy(out.data() + i * sizeof made, &made, sizeof made);
  }
  if (!in_order || first < 0) return invalid("offsets are not in order");
  return out;
}

bool bits_are_there(std::span<const std::uint8_t> bits, std::int64_t offset, std::int64_t length) {
  const auto have = static_cast<std::int64_t>(bits.size()) * 8;
  return offset >= 0 && length >= 0 && offset <= have && length <= have - offset;
}

}  // namespace

result<List<bool>, error> to_booleans(const column& array) {
  return read<bool>(array, is_bool,
                    [](auto* view, auto i) { return ArrowArrayViewGetIntUnsafe(view, i) != 0; });
}

result<List<std::int64_t>, error> to_integers(const column& array) {
  return read<std::int64_t>(array, is_signed,
                            [](auto* view, auto i) { return ArrowArrayViewGetIntUnsafe(view, i); });
}

result<List<std::uint64_t>, error> to_naturals(const column& array) {
  return read<std::uint64_t>(
      array, is_unsigned, [](auto* view, auto i) { return ArrowArrayViewGetUIntUnsafe(view, i); });
}

result<List<double>, error> to_floats(const column& array) {
  return read<double>(array, is_float,
                      [](auto* view, auto i) { return ArrowArrayViewGetDoubleUnsafe(view, i); });
}

result<List<std::string>, error> to_texts(const column& array) {
  return read<std::string>(array, is_text, [](auto* view, auto i) {
    const ArrowStringView text = ArrowArrayViewGetStringUnsafe(view, i);
    return std::string(text.data, static_cast<std::size_t>(text.size_bytes));
  });
}

result<List<bytes>, error> to_binaries(const column& array) {
  return read<bytes>(array, is_binary, [](auto* view, auto i) {
    const ArrowBufferView data = ArrowArrayViewGetBytesUnsafe(view, i);
    return bytes(std::span(data.data.as_uint8, static_cast<std::size_t>(data.size_bytes)));
  });
}

result<List<std::string>, error> to_decimals(const column& array) {
  arrow::Schema schema;
  ArrayView view;
  ArrowSchemaView type;
  if (auto wrong = arrow::view_of(array, *view)) return err(std::move(*wrong));
  if (auto wrong = arrow::schema_of(array.format, *schema)) return err(std::move(*wrong));
  if (!is_decimal(view->storage_type) ||
      ArrowSchemaViewInit(&type, schema.get(), nullptr) != NANOARROW_OK)
    return invalid("values of the format " + array.format + " are not decimals");
  ArrowDecimal decimal;
  init_decimal(*view, type, decimal);
  List<std::string> out;
  arrow::Buffer text;
  for (std::int64_t i = 0; i < view->length; ++i) {
    if (ArrowArrayViewIsNull(view.get(), i)) {
      out.emplace_back();
      continue;
    }
    ArrowArrayViewGetDecimalUnsafe(view.get(), i, &decimal);
    if (ArrowBufferResize(text.get(), 0, 0) != NANOARROW_OK ||
        ArrowDecimalAppendStringToBuffer(&decimal, text.get()) != NANOARROW_OK)
      return invalid("value " + std::to_string(i) + " could not be written as a number");
    out.emplace_back(std::in_place, reinterpret_cast<const char*>(text->data),
                     static_cast<std::size_t>(text->size_bytes));
  }
  return out;
}

result<made, error> from_booleans(std::string_view format,
                                  std::span<const std::optional<bool>> values) {
  return write(format, is_bool, values,
               [](Maker& to, bool value) { return ArrowArrayAppendInt(to.array(), value); });
}

result<made, error> from_integers(std::string_view format,
                                  std::span<const std::optional<std::int64_t>> values) {
  return write(format, is_signed, values, [](Maker& to, std::int64_t value) {
    return ArrowArrayAppendInt(to.array(), value);
  });
}

result<made, error> from_naturals(std::string_view format,
                                  std::span<const std::optional<std::uint64_t>> values) {
  return write(format, is_unsigned, values, [](Maker& to, std::uint64_t value) {
    return ArrowArrayAppendUInt(to.array(), value);
  });
}

result<made, error> from_floats(std::string_view format,
                                std::span<const std::optional<double>> values) {
  return write(format, is_float, values,
               [](Maker& to, double value) { return ArrowArrayAppendDouble(to.array(), value); });
}

result<made, error> from_texts(std::string_view format,
                               std::span<const std::optional<std::string_view>> values) {
  return write(format, is_text, values, [](Maker& to, std::string_view value) {
    return ArrowArrayAppendString(to.array(),
                                  {value.data(), static_cast<std::int64_t>(value.size())});
  });
}

result<made, error> from_binaries(
    std::string_view format, std::span<const std::optional<std::span<const std::uint8_t>>> values) {
  return write(format, is_binary, values, [](Maker& to, std::span<const std::uint8_t> value) {
    if (to.storage() == NANOARROW_TYPE_FIXED_SIZE_BINARY &&
        value.size() != static_cast<std::size_t>(to.type().fixed_size))
      return EINVAL;
    return ArrowArrayAppendBytes(to.array(), view_of(value));
  });
}

result<made, error> from_decimals(std::string_view format,
                                  std::span<const std::optional<std::string_view>> values) {
  return write(format, is_decimal, values, append_decimal);
}

result<made, error> take(const column& array, std::span<const std::int64_t> places) {
  ArrayView view;
  Maker maker;
  if (auto wrong = arrow::view_of(array, *view)) return err(std::move(*wrong));
  bool has_nulls = view->null_count != 0;
  for (const std::int64_t place : places) {
    if ((place < 0 && place != kNoPlace) || place >= view->length)
      return invalid("place " + std::to_string(place) + " of an array of " +
                     std::to_string(view->length) + " values");
    has_nulls |= place == kNoPlace;
  }
  const std::size_t width = static_cast<std::size_t>(view->layout.element_size_bits[1]) / 8;
  if (!has_nulls && width > 0 && view->layout.buffer_type[1] == NANOARROW_BUFFER_TYPE_DATA)
    return take_fixed(*view, width, places);
  if (auto wrong = maker.start(array.format)) return err(std::move(*wrong));
  for (const std::int64_t place : places)
    if (int code = place == kNoPlace ? ArrowArrayAppendNull(maker.array(), 1)
                                     : append_one(maker, view.get(), place))
      return invalid("a value could not be taken over (" + std::to_string(code) + ")");
  return maker.finish();
}

result<made, error> concat(std::span<const column> arrays) {
  if (arrays.empty()) return invalid("no arrays to put together");
  Maker maker;
  if (auto wrong = maker.start(arrays[0].format)) return err(std::move(*wrong));
  for (const column& array : arrays) {
    if (array.format != arrays[0].format)
      return invalid("arrays of different types: " + arrays[0].format + " and " + array.format);
    ArrayView view;
    if (auto wrong = arrow::view_of(array, *view)) return err(std::move(*wrong));
    for (std::int64_t i = 0; i < view->length; ++i)
      if (int code = append_one(maker, view.get(), i))
        return invalid("a value could not be taken over (" + std::to_string(code) + ")");
  }
  return maker.finish();
}

result<void, error> check(const column& array) {
  ArrayView view;
  if (auto wrong = arrow::view_of(array, *view)) return err(std::move(*wrong));
  return {};
}

result<bytes, error> unpack_bits(std::span<const std::uint8_t> bits, std::int64_t offset,
                                 std::int64_t length) {
  if (!bits_are_there(bits, offset, length)) return invalid("more bits than the buffer has");
  bytes out(static_cast<std::size_t>(length));
  ArrowBitsUnpackInt8(bits.data(), offset, length, reinterpret_cast<std::int8_t*>(out.data()));
  return out;
}

bytes pack_bits(std::span<const std::uint8_t> from) {
  bytes out((from.size() + 7) / 8);
  std::fill(out.begin(), out.end(), 0);
  for (std::size_t i = 0; i < from.size(); ++i)
    out[i / 8] = static_cast<std::uint8_t>(out[i / 8] | (from[i] != 0) << (i % 8));
  return out;
}

result<bytes, error> rebase_offsets(std::span<const std::uint8_t> offsets, bool wide) {
  return wide ? rebase<std::int64_t>(offsets) : rebase<std::int32_t>(offsets);
}

result<std::int64_t, error> count_ones(std::span<const std::uint8_t> bits, std::int64_t offset,
                                       std::int64_t length) {
  if (!bits_are_there(bits, offset, length)) return invalid("more bits than the buffer has");
  return ArrowBitCountSet(bits.data(), offset, length);
}

}  // namespace cap::values
