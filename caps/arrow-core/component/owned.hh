// nanoarrow's structures, released when they go out of scope.
#pragma once

#include "nanoarrow/nanoarrow.h"
#include "nanoarrow/nanoarrow_ipc.h"

namespace arrow {

template <typename T>
void leave_zero(T*) {}

/// A structure that is all zero until a function of nanoarrow initialises it (or `kInit`, at once),
/// and that another releases.
template <typename T, void (*kRelease)(T*), void (*kInit)(T*) = leave_zero<T>>
class Owned {
 public:
  Owned() { kInit(&value_); }
  Owned(const Owned&) = delete;
  Owned& operator=(const Owned&) = delete;
  ~Owned() { kRelease(&value_); }

  T* get() { return &value_; }
  T* operator->() { return &value_; }
  T& operator*() { return value_; }

 private:
  T value_{};
};

inline void release_schema(ArrowSchema* schema) {
  if (schema->release) schema->release(schema);
}
inline void release_array(ArrowArray* array) {
  if (array->release) array->release(array);
}
inline void release_decoder(ArrowIpcDecoder* decoder) {
  if (decoder->private_data) ArrowIpcDecoderReset(decoder);
}
inline void release_encoder(ArrowIpcEncoder* encoder) {
  if (encoder->private_data) ArrowIpcEncoderReset(encoder);
}

inline void init_view(ArrowArrayView* view) {
  ArrowArrayViewInitFromType(view, NANOARROW_TYPE_UNINITIALIZED);
}

using Schema = Owned<ArrowSchema, release_schema>;
using Array = Owned<ArrowArray, release_array>;
using ArrayView = Owned<ArrowArrayView, ArrowArrayViewReset, init_view>;
using Buffer = Owned<ArrowBuffer, ArrowBufferReset, ArrowBufferInit>;
using Decoder = Owned<ArrowIpcDecoder, release_decoder>;
using Encoder = Owned<ArrowIpcEncoder, release_encoder>;
using Encodings = Owned<ArrowIpcDictionaryEncodings, ArrowIpcDictionaryEncodingsReset,
                        ArrowIpcDictionaryEncodingsInit>;

}  // namespace arrow
