// Why a read or a write failed. WASI's streams answer with an error that says what the host met,
// and libc makes EIO of each; here the error is asked before libc lets go of it.
#include <errno.h>

#include "pylon.h"

__attribute__((import_module("wasi:filesystem/types@0.2.0"),
               import_name("filesystem-error-code"))) void
wasi_filesystem_error_code(int32_t error, uint8_t out[2]);

void __real_io_error_error_drop_own(int32_t error);

static int latest = EIO;

// In the order of wasi:filesystem/types.error-code.
static const uint8_t kErrno[] = {
    EACCES,  EAGAIN,    EALREADY,        EBADF,   EBUSY,  EDEADLK, EDQUOT,    EEXIST,
    EFBIG,   EILSEQ,    EINPROGRESS,     EINTR,   EINVAL, EIO,     EISDIR,    ELOOP,
    EMLINK,  EMSGSIZE,  ENAMETOOLONG,    ENODEV,  ENOENT, ENOLCK,  ENOMEM,    ENOSPC,
    ENOTDIR, ENOTEMPTY, ENOTRECOVERABLE, ENOTSUP, ENOTTY, ENXIO,   EOVERFLOW, EPERM,
    EPIPE,   EROFS,     ESPIPE,          ETXTBSY, EXDEV,
};

PYLON_EXPORT("__wrap_io_error_error_drop_own")
void __wrap_io_error_error_drop_own(int32_t error) {
  uint8_t code[2];  // whether there is one, and which
  wasi_filesystem_error_code(error, code);
  latest = code[0] && code[1] < sizeof kErrno ? kErrno[code[1]] : EIO;
  __real_io_error_error_drop_own(error);
}

int pylon_take_stream_errno(void) {
  int taken = latest;
  latest = EIO;
  return taken;
}
