// A module with an entry in every section, for tests.
#pragma once

#include "wasm/module.hh"
#include "wasm/writer.hh"

namespace pylon::wasm {

inline Bytes sample_module() {
  auto id = [](SectionId s) { return static_cast<std::uint8_t>(s); };
  Writer out;
  out.module_header();
  out.custom_section("dylink.0",
                     Writer().u8(1).sized(Writer().u32(40).u32(4).u32(3).u32(0).data()).data());
  // 0: () -> (), 1: (i32, i64) -> i32
  out.section(id(SectionId::kType), Writer()
                                        .u32(2)
                                        .u8(kFunctionType)
                                        .u32(0)
                                        .u32(0)
                                        .u8(kFunctionType)
                                        .u32(2)
                                        .u8(kI32)
                                        .u8(kI64)
                                        .u32(1)
                                        .u8(kI32)
                                        .data());
  out.section(id(SectionId::kImport), Writer()
                                          .u32(3)
                                          .name("env")
                                          .name("f")
                                          .u8(0)
                                          .u32(1)
                                          .name("env")
                                          .name("memory")
                                          .u8(2)
                                          .u8(0)
                                          .u32(1)
                                          .name("env")
                                          .name("__memory_base")
                                          .u8(3)
                                          .u8(kI32)
                                          .u8(0)
                                          .data());
  out.section(id(SectionId::kFunction), Writer().u32(2).u32(0).u32(1).data());
  out.section(id(SectionId::kTable), Writer().u32(1).u8(kFuncref).u8(1).u32(3).u32(3).data());
  out.section(id(SectionId::kTag), Writer().u32(1).u8(0).u32(0).data());
  out.section(id(SectionId::kGlobal), Writer()
                                          .u32(1)
                                          .u8(kI32)
                                          .u8(0)
                                          .u8(kI32Const)
                                          .s32(-5)
                                          .u8(kGlobalGet)
                                          .u32(0)
                                          .u8(kI32Add)
                                          .u8(kEnd)
                                          .data());
  out.section(id(SectionId::kExport),
              Writer().u32(2).name("run").u8(0).u32(1).name("where").u8(3).u32(1).data());
  out.section(id(SectionId::kStart), Writer().u32(1).data());
  out.section(id(SectionId::kElement), Writer()
                                           .u32(2)
                                           .u32(0)
                                           .i32_expression(1)
                                           .u32(2)
                                           .u32(0)
                                           .u32(2)
                                           .u32(5)
                                           .u8(kFuncref)
                                           .u32(2)
                                           .u8(kRefFunc)
                                           .u32(1)
                                           .u8(kEnd)
                                           .u8(kRefNull)
                                           .u8(kFuncref)
                                           .u8(kEnd)
                                           .data());
  out.section(id(SectionId::kDataCount), Writer().u32(2).data());
  Bytes empty = Writer().u32(0).u8(kEnd).take();
  Bytes seven = Writer().u32(0).u8(kI32Const).s32(7).u8(kEnd).take();
  out.section(id(SectionId::kCode), Writer().u32(2).sized(empty).sized(seven).data());
  out.section(id(SectionId::kData),
              Writer().u32(2).u32(0).i32_expression(16).name("data").u32(1).name("passive").data());
  out.custom_section(
      "name",
      Writer().u8(1).sized(Writer().u32(2).u32(0).name("f").u32(2).name("seven").data()).data());
  return out.take();
}

}  // namespace pylon::wasm
