// A guest of a few lines that has all that a snapshot needs: an image header, a control block,
// initialize().
#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <string>

#include "base/file.hh"
#include "support/scratch_directory.hh"

namespace pylon::snapshot {

/// What differs between guests.
struct GuestText {
  std::string memory = "2";                  ///< pages
  std::string globals;                       ///< more of them
  std::string initialize = "(i32.const 0)";  ///< leaves initialize()'s result
  std::string more;                          ///< of the core module
};

/// The component as text. Memory: the header at 65536, the control block at 65600, the list
/// {address, size} at 65700, two bytes of state at 65800 ("c!" while cold).
inline std::string guest_text(const GuestText& guest) {
  return R"((component
  (core module $m
    (memory (export "memory") )" +
         guest.memory + R"()
    (global (mut i32) (i32.const 65536))
    )" + guest.globals +
         guest.more + R"(
    (data (i32.const 65536) "pylon image v1\n")
    (data (i32.const 65600) "PCYL\01\00\00\00\40\00\01\00\00\00\00\00\00\00\01\00\00\00\00\00")
    (data (i32.const 65700) "\40\00\01\00\40\00\00\00")
    (data (i32.const 65800) "c!")
    (func (export "initialize") (result i32)
      (i32.store (i32.const 65620) (i32.const 1))
      (i32.store8 (i32.const 65800) (i32.const 0x77))
      )" +
         guest.initialize + R"()
    (func (export "state") (result i32) (i32.load16_u (i32.const 65800)))
    (func (export "control") (result i32)
      (i32.store (i32.const 65612) (i32.shl (memory.size) (i32.const 16)))
      (i32.const 65700)))
  (core instance $i (instantiate $m))
  (func (export "initialize") (result u32) (canon lift (core func $i "initialize")))
  (func (export "state") (result u32) (canon lift (core func $i "state")))
  (func (export "control") (result (list u8)) (canon lift (core func $i "control") (memory (core memory $i "memory"))))))";
}

/// Assembles text into `path`.
inline void assemble(const testing::ScratchDirectory& scratch, const std::string& text,
                     const std::string& path) {
  std::string source = scratch.file("source.wat", text);
  std::string command = "'" PYLON_WASM_TOOLS "' parse '" + source + "' -o '" + path + "'";
  ASSERT_EQ(std::system(command.c_str()), 0) << text;
}

}  // namespace pylon::snapshot
