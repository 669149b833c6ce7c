// Columns as messages of Arrow's IPC format, for caps that have nanoarrow among their sources
// (docs/arrow.md). What goes in and comes out are the structures of the Arrow C data interface.
#pragma once

#include <cerrno>
#include <string>

#include "cap.hh"
#include "nanoarrow/nanoarrow.h"
#include "nanoarrow/nanoarrow_ipc.h"

namespace cap::arrow {

namespace detail {

/// Calls `release` at the end of its life.
template <typename Release>
struct at_end {
  Release release;
  ~at_end() { release(); }
};
template <typename Release>
at_end(Release) -> at_end<Release>;

inline failure<std::string> said(ArrowErrorCode code, const ArrowError& error) {
  return err(error.message[0] ? std::string(error.message)
                              : "Arrow: error " + std::to_string(code));
}

inline void append(bytes& to, const ArrowBuffer& from) {
  to.append(std::span(from.data, static_cast<std::size_t>(from.size_bytes)));
}

}  // namespace detail

/// The message of a schema, which is a struct whose children are the columns.
inline result<bytes, std::string> schema_message(const ArrowSchema& schema) {
  ArrowError error{};
  ArrowIpcEncoder encoder;
  if (int code = ArrowIpcEncoderInit(&encoder)) return detail::said(code, error);
  detail::at_end reset{[&] { ArrowIpcEncoderReset(&encoder); }};
  ArrowBuffer message;
  ArrowBufferInit(&message);
  detail::at_end release{[&] { ArrowBufferReset(&message); }};
  if (int code = ArrowIpcEncoderEncodeSchema(&encoder, &schema, &error))
    return detail::said(code, error);
  if (int code = ArrowIpcEncoderFinalizeBuffer(&encoder, 1, &message))
    return detail::said(code, error);
  bytes out;
  detail::append(out, message);
  return out;
}

/// The message of a batch: a struct array without nulls and offsets. Dictionaries are not written:
/// give their values.
inline result<bytes, std::string> batch_message(const ArrowSchema& schema,
                                                const ArrowArray& array) {
  ArrowError error{};
  ArrowArrayView view;
  ArrowArrayViewInitFromType(&view, NANOARROW_TYPE_UNINITIALIZED);
  detail::at_end reset_view{[&] { ArrowArrayViewReset(&view); }};
  if (int code = ArrowArrayViewInitFromSchema(&view, &schema, &error))
    return detail::said(code, error);
  if (int code = ArrowArrayViewSetArray(&view, &array, &error)) return detail::said(code, error);
  ArrowIpcEncoder encoder;
  if (int code = ArrowIpcEncoderInit(&encoder)) return detail::said(code, error);
  detail::at_end reset{[&] { ArrowIpcEncoderReset(&encoder); }};
  ArrowBuffer header, body;
  ArrowBufferInit(&header);
  ArrowBufferInit(&body);
  detail::at_end release{[&] {
    ArrowBufferReset(&header);
    ArrowBufferReset(&body);
  }};
  if (int code = ArrowIpcEncoderEncodeSimpleRecordBatch(&encoder, &view, &body, &error))
    return detail::said(code, error);
  if (int code = ArrowIpcEncoderFinalizeBuffer(&encoder, 1, &header))
    return detail::said(code, error);
  bytes out;
  if (!out.try_resize(static_cast<std::size_t>(header.size_bytes + body.size_bytes)))
    return err(std::string("out of memory"));
  out.resize(0);
  detail::append(out, header);
  detail::append(out, body);
  return out;
}

/// A stream of arrays over IPC messages: the schema, then batches. The messages are copied;
/// everything in them is checked before it is handed out but that texts are UTF-8. What it says of
/// an error is read by out->get_last_error.
inline result<void, std::string> read_stream(std::span<const std::uint8_t> messages,
                                             ArrowArrayStream* out) {
  ArrowBuffer copy;
  ArrowBufferInit(&copy);
  if (ArrowBufferAppend(&copy, messages.data(), static_cast<std::int64_t>(messages.size())) !=
      NANOARROW_OK)
    return err(std::string("out of memory"));
  ArrowIpcInputStream input;
  if (int code = ArrowIpcInputStreamInitBuffer(&input, &copy)) {
    ArrowBufferReset(&copy);
    return detail::said(code, {});
  }
  ArrowIpcArrayStreamReaderOptions options{-1, 1};
  if (int code = ArrowIpcArrayStreamReaderInit(out, &input, &options)) {
    input.release(&input);
    return detail::said(code, {});
  }
  return {};
}

}  // namespace cap::arrow
