// The headers of messages, and a file's footer.
#include <cstring>

#include "nanoarrow/ipc/flatcc_generated.h"
#include "problem.hh"
#include "schema_tree.hh"

#define FB(name) org_apache_arrow_flatbuf_##name

namespace cap::metadata {

namespace {

using arrow::Decoder;
using arrow::Encoder;
using arrow::invalid;
using arrow::problem;

constexpr std::size_t kPrefix = 8;  // FFFFFFFF and the length
constexpr std::int64_t kAlignment = 8;

ArrowBufferView view_of(std::span<const std::uint8_t> data) {
  ArrowBufferView view;
  view.data.as_uint8 = data.data();
  view.size_bytes = static_cast<std::int64_t>(data.size());
  return view;
}

// A message of the format before 1.0 has 4 bytes less in front; and flatbuffers want to be aligned.
bytes with_prefix(std::span<const std::uint8_t> header) {
  static constexpr std::uint8_t kMark[] = {0xff, 0xff, 0xff, 0xff};
  bytes out;
  out.reserve(header.size() + sizeof kMark);
  if (header.size() >= sizeof kMark && std::memcmp(header.data(), kMark, sizeof kMark) != 0)
    out.append(kMark);
  out.append(header);
  return out;
}

// Whether the length that a message says to have is there. Its reader adds to it before it looks.
bool is_whole(std::span<const std::uint8_t> message) {
  std::int32_t length;
  if (message.size() < kPrefix) return false;
  std::memcpy(&length, message.data() + kPrefix - sizeof length, sizeof length);
  return length >= 0 && static_cast<std::size_t>(length) <= message.size() - kPrefix;
}

result<schema, error> schema_of(const ArrowSchema& from,
                                const ArrowIpcDictionaryEncodings& encodings, bool big_endian) {
  auto fields = arrow::fields_of(from, encodings);
  if (!fields) return err(fields.error());
  return schema{std::move(*fields), big_endian};
}

result<message, error> decode_schema(Decoder& decoder, ArrowBufferView view) {
  ArrowError error{};
  arrow::Schema read;
  arrow::Encodings encodings;
  if (int code = ArrowIpcDecoderDecodeHeader(decoder.get(), view, &error))
    return problem(code, error, "reading a schema");
  if (int code = ArrowIpcDecoderDecodeSchemaWithDictionaries(decoder.get(), read.get(),
                                                             encodings.get(), &error))
    return problem(code, error, "reading a schema");
  auto out = schema_of(*read, *encodings, decoder->endianness == NANOARROW_IPC_ENDIANNESS_BIG);
  if (!out) return err(out.error());
  return message{message::schema{std::move(*out)}};
}

// What is wrong with fields that nanoarrow, which takes for granted that they have what their type
// says, would not see.
const char* wrong_in(FB(Field_vec_t) fields, int depth) {
  if (depth > arrow::kDeepest) return "a schema whose types are nested too deeply";
  for (std::size_t i = 0, n = FB(Field_vec_len)(fields); i < n; ++i) {
    FB(Field_table_t) field = FB(Field_vec_at)(fields, i);
    FB(DictionaryEncoding_table_t) dictionary = FB(Field_dictionary)(field);
    if (!FB(Field_type)(field)) return "a schema with a field that has no type";
    if (dictionary && !FB(DictionaryEncoding_indexType)(dictionary))
      return "a schema with a dictionary that does not say the type of its indices";
    if (const char* wrong = wrong_in(FB(Field_children)(field), depth + 1)) return wrong;
  }
  return nullptr;
}

const char* wrong_in(FB(Schema_table_t) schema) {
  return schema ? wrong_in(FB(Schema_fields)(schema), 0) : "a schema without content";
}

result<codec, error> codec_of(FB(RecordBatch_table_t) from) {
  if (!FB(RecordBatch_compression_is_present)(from)) return codec::none;
  FB(BodyCompression_table_t) compression = FB(RecordBatch_compression)(from);
  if (FB(BodyCompression_method)(compression) != FB(BodyCompressionMethod_BUFFER))
    return arrow::unsupported("a batch is compressed by an unknown method");
  switch (FB(BodyCompression_codec)(compression)) {
    case FB(CompressionType_LZ4_FRAME):
      return codec::lz4_frame;
    case FB(CompressionType_ZSTD):
      return codec::zstd;
  }
  return arrow::unsupported("a batch is compressed by an unknown codec");
}

// Where a buffer lies must be in the body; what the types ask of the lengths is for those who know
// them.
result<message, error> decode_batch(FB(RecordBatch_table_t) from, std::int64_t body_length,
                                    std::optional<delta> dictionary) {
  if (!from) return invalid("a batch without content");
  if (body_length < 0) return invalid("a batch whose body has a negative length");
  auto compression = codec_of(from);
  if (!compression) return err(compression.error());
  batch out;
  out.length = FB(RecordBatch_length)(from);
  if (out.length < 0) return invalid("a batch with a negative length");
  out.codec = *compression;
  out.body_length = body_length;
  out.dictionary = dictionary;
  FB(FieldNode_vec_t) nodes = FB(RecordBatch_nodes)(from);
  for (std::size_t i = 0, n = FB(FieldNode_vec_len)(nodes); i < n; ++i) {
    FB(FieldNode_struct_t) node = FB(FieldNode_vec_at)(nodes, i);
    out.nodes.insert(out.nodes.end(), {FB(FieldNode_length)(node), FB(FieldNode_null_count)(node)});
    if (out.nodes.back() < -1 || out.nodes.end()[-2] < 0)
      return invalid("a batch in which a field has a negative length");
  }
  FB(Buffer_vec_t) buffers = FB(RecordBatch_buffers)(from);
  for (std::size_t i = 0, n = FB(Buffer_vec_len)(buffers); i < n; ++i) {
    FB(Buffer_struct_t) one = FB(Buffer_vec_at)(buffers, i);
    const std::int64_t offset = FB(Buffer_offset)(one), length = FB(Buffer_length)(one);
    if (offset < 0 || length < 0 || offset > body_length || length > body_length - offset)
      return invalid("a batch with a buffer outside of its body: offset " + std::to_string(offset) +
                     ", length " + std::to_string(length) + ", body " +
                     std::to_string(body_length));
    out.buffers.insert(out.buffers.end(), {offset, length});
  }
  return message{message::batch{std::move(out)}};
}

result<message, error> decode_dictionary(FB(DictionaryBatch_table_t) from,
                                         std::int64_t body_length) {
  if (!from) return invalid("a dictionary without content");
  return decode_batch(FB(DictionaryBatch_data)(from), body_length,
                      delta{FB(DictionaryBatch_id)(from), FB(DictionaryBatch_isDelta)(from) != 0});
}

bytes taken(ArrowBuffer& from) {
  return bytes(std::span(from.data, static_cast<std::size_t>(from.size_bytes)));
}

/// A flatbuffer under construction, encapsulated as a message.
class MessageBuilder {
 public:
  MessageBuilder() { flatcc_builder_init(&builder_); }
  MessageBuilder(const MessageBuilder&) = delete;
  MessageBuilder& operator=(const MessageBuilder&) = delete;
  ~MessageBuilder() { flatcc_builder_clear(&builder_); }

  flatcc_builder_t* get() { return &builder_; }

  result<bytes, error> finish() {
    const std::size_t size = flatcc_builder_get_buffer_size(&builder_),
                      padded = (size + kAlignment - 1) / kAlignment * kAlignment;
    bytes out(kPrefix + padded);
    const std::uint32_t prefix[] = {0xffffffff, static_cast<std::uint32_t>(padded)};
    std::memcpy(out.data(), prefix, sizeof prefix);
    std::memset(out.data() + kPrefix + size, 0, padded - size);
    if (!flatcc_builder_copy_buffer(&builder_, out.data() + kPrefix, size))
      return invalid("a batch's metadata could not be written");
    return out;
  }

 private:
  flatcc_builder_t builder_;
};

bool add_compression(flatcc_builder_t* to, codec chosen) {
  if (chosen == codec::none) return true;
  const auto kind =
      chosen == codec::zstd ? FB(CompressionType_ZSTD) : FB(CompressionType_LZ4_FRAME);
  return FB(RecordBatch_compression_create)(to, static_cast<FB(CompressionType_enum_t)>(kind),
                                            FB(BodyCompressionMethod_BUFFER)) == 0;
}

bool add_content(flatcc_builder_t* to, const batch& from) {
  std::vector<FB(FieldNode_t)> nodes;
  for (std::size_t i = 0; i + 1 < from.nodes.size(); i += 2)
    nodes.push_back({from.nodes[i], from.nodes[i + 1]});
  std::vector<FB(Buffer_t)> buffers;
  for (std::size_t i = 0; i + 1 < from.buffers.size(); i += 2)
    buffers.push_back({from.buffers[i], from.buffers[i + 1]});
  return FB(RecordBatch_length_add)(to, from.length) == 0 &&
         FB(RecordBatch_nodes_create)(to, nodes.data(), nodes.size()) == 0 &&
         FB(RecordBatch_buffers_create)(to, buffers.data(), buffers.size()) == 0 &&
         add_compression(to, from.codec);
}

bool add_dictionary(flatcc_builder_t* to, const batch& from) {
  return FB(Message_header_DictionaryBatch_start)(to) == 0 &&
         FB(DictionaryBatch_id_add)(to, from.dictionary->id) == 0 &&
         FB(DictionaryBatch_isDelta_add)(to, from.dictionary->is_delta) == 0 &&
         FB(DictionaryBatch_data_start)(to) == 0 && add_content(to, from) &&
         FB(DictionaryBatch_data_end)(to) == 0 && FB(Message_header_DictionaryBatch_end)(to) == 0;
}

bool add_records(flatcc_builder_t* to, const batch& from) {
  return FB(Message_header_RecordBatch_start)(to) == 0 && add_content(to, from) &&
         FB(Message_header_RecordBatch_end)(to) == 0;
}

void append_blocks(FB(Block_vec_t) from, std::vector<block>& to) {
  for (std::size_t i = 0, n = FB(Block_vec_len)(from); i < n; ++i) {
    FB(Block_struct_t) one = FB(Block_vec_at)(from, i);
    to.push_back({FB(Block_offset)(one), FB(Block_metaDataLength)(one), FB(Block_bodyLength)(one)});
  }
}

bool set_blocks(std::span<const block> from, ArrowBuffer& to) {
  for (const block& one : from) {
    ArrowIpcFileBlock made{one.offset, one.metadata_length, one.body_length};
    if (ArrowBufferAppend(&to, &made, sizeof made) != NANOARROW_OK) return false;
  }
  return true;
}

using Footer = arrow::Owned<ArrowIpcFooter, ArrowIpcFooterReset, ArrowIpcFooterInit>;

}  // namespace

result<message, error> decode(std::span<const std::uint8_t> header) {
  const bytes aligned = with_prefix(header);
  if (!is_whole({aligned.data(), aligned.size()}))
    return invalid("a message's metadata are not as long as they say");
  const ArrowBufferView view = view_of({aligned.data(), aligned.size()});
  ArrowError error{};
  Decoder decoder;
  if (int code = ArrowIpcDecoderInit(decoder.get()))
    return problem(code, error, "reading a message");
  if (int code = ArrowIpcDecoderVerifyHeader(decoder.get(), view, &error))
    return problem(code, error, "reading a message");
  FB(Message_table_t) from = FB(Message_as_root)(aligned.data() + kPrefix);
  if (FB(Message_version)(from) < FB(MetadataVersion_V4))
    return arrow::unsupported("the metadata is of a version before 4");
  const auto* content = FB(Message_header)(from);
  switch (FB(Message_header_type)(from)) {
    case FB(MessageHeader_Schema):
      if (auto wrong = wrong_in(static_cast<FB(Schema_table_t)>(content))) return invalid(wrong);
      return decode_schema(decoder, view);
    case FB(MessageHeader_RecordBatch):
      return decode_batch(static_cast<FB(RecordBatch_table_t)>(content),
                          FB(Message_bodyLength)(from), {});
    case FB(MessageHeader_DictionaryBatch):
      return decode_dictionary(static_cast<FB(DictionaryBatch_table_t)>(content),
                               FB(Message_bodyLength)(from));
    default:
      return arrow::unsupported("a message is neither a schema nor a batch: tensors are not read");
  }
}

result<bytes, error> encode_schema(const schema& from) {
  arrow::Schema tree;
  if (auto wrong = arrow::tree_of(from.fields, *tree)) return err(std::move(*wrong));
  ArrowError error{};
  Encoder encoder;
  arrow::Buffer out;
  if (int code = ArrowIpcEncoderInit(encoder.get()))
    return problem(code, error, "writing a schema");
  if (int code = ArrowIpcEncoderEncodeSchema(encoder.get(), tree.get(), &error))
    return problem(code, error, "writing a schema");
  if (int code = ArrowIpcEncoderFinalizeBuffer(encoder.get(), 1, out.get()))
    return problem(code, error, "writing a schema");
  return taken(*out);
}

result<bytes, error> encode_batch(const batch& from) {
  if (from.nodes.size() % 2 || from.buffers.size() % 2)
    return invalid("nodes and buffers are pairs of numbers");
  MessageBuilder builder;
  flatcc_builder_t* to = builder.get();
  if (FB(Message_start_as_root)(to) != 0 ||
      FB(Message_version_add)(to, FB(MetadataVersion_V5)) != 0 ||
      !(from.dictionary ? add_dictionary : add_records)(to, from) ||
      FB(Message_bodyLength_add)(to, from.body_length) != 0 || !FB(Message_end_as_root)(to))
    return invalid("a batch's metadata could not be written");
  return builder.finish();
}

result<footer, error> decode_footer(std::span<const std::uint8_t> data) {
  const bytes aligned(data);
  if (FB(Footer_verify_as_root)(aligned.data(), aligned.size()) != 0)
    return invalid("the file's footer is damaged");
  FB(Footer_table_t) from = FB(Footer_as_root)(aligned.data());
  if (const char* wrong = wrong_in(FB(Footer_schema)(from))) return invalid(wrong);
  ArrowError error{};
  Decoder decoder;
  if (int code = ArrowIpcDecoderInit(decoder.get()))
    return problem(code, error, "reading a footer");
  bytes tail(aligned);
  const auto size = static_cast<std::uint32_t>(aligned.size());
  tail.append(std::span(reinterpret_cast<const std::uint8_t*>(&size), sizeof size));
  tail.append(std::span(reinterpret_cast<const std::uint8_t*>("ARROW1"), 6));
  const ArrowBufferView view = view_of({tail.data(), tail.size()});
  if (int code = ArrowIpcDecoderVerifyFooter(decoder.get(), view, &error))
    return problem(code, error, "reading a footer");
  if (int code = ArrowIpcDecoderDecodeFooter(decoder.get(), view, &error))
    return problem(code, error, "reading a footer");
  auto described = schema_of(decoder->footer->schema, decoder->footer->dictionaries,
                             decoder->endianness == NANOARROW_IPC_ENDIANNESS_BIG);
  if (!described) return err(described.error());
  footer out{std::move(*described), {}, {}};
  append_blocks(FB(Footer_dictionaries)(from), out.dictionaries);
  append_blocks(FB(Footer_recordBatches)(from), out.batches);
  return out;
}

result<bytes, error> encode_footer(const footer& from) {
  ArrowError error{};
  Footer made;
  if (auto wrong = arrow::tree_of(from.schema.fields, made->schema)) return err(std::move(*wrong));
  Encoder encoder;
  arrow::Buffer out;
  if (int code = ArrowIpcDictionaryEncodingsAppendSchema(&made->dictionaries, &made->schema))
    return problem(code, error, "writing a footer");
  if (!set_blocks(from.batches, made->record_batch_blocks) ||
      !set_blocks(from.dictionaries, made->dictionary_blocks))
    return invalid("out of memory");
  if (int code = ArrowIpcEncoderInit(encoder.get()))
    return problem(code, error, "writing a footer");
  if (int code = ArrowIpcEncoderEncodeFooter(encoder.get(), made.get(), &error))
    return problem(code, error, "writing a footer");
  if (int code = ArrowIpcEncoderFinalizeBuffer(encoder.get(), 0, out.get()))
    return problem(code, error, "writing a footer");
  return taken(*out);
}

}  // namespace cap::metadata
