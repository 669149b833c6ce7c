// SessionOptions in the shim's form. Not for use outside this directory.
#pragma once

#include <memory>
#include <vector>

#include "engine/engine.hh"
#include "engine/shim/shim.h"

namespace pylon::engine {

class BorrowedProviders;

/// A view of options that stay where they are, and unchanged, as long as this.
class BorrowedOptions {
 public:
  explicit BorrowedOptions(SessionOptions& options);
  BorrowedOptions(const BorrowedOptions&) = delete;
  BorrowedOptions& operator=(const BorrowedOptions&) = delete;
  ~BorrowedOptions();

  const pylon_options* get() const { return &view_; }

 private:
  void add_preopens(const std::vector<Preopen>& preopens);
  void add_streams(SessionOptions& options);

  std::vector<pylon_text> arguments_;
  std::vector<pylon_variable> environment_;
  std::vector<std::vector<pylon_file_grant>> files_;
  std::vector<pylon_preopen> preopens_;
  pylon_stream streams_[3] = {};
  const pylon_stream* standard_[3] = {};
  std::unique_ptr<BorrowedProviders> providers_;
  pylon_native native_{};
  pylon_options view_{};
};

}  // namespace pylon::engine
