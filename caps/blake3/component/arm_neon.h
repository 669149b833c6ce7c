// BLAKE3 takes its vector code for WebAssembly from here.
#pragma once
#define SIMDE_ENABLE_NATIVE_ALIASES
#define SIMDE_FLOAT16_API SIMDE_FLOAT16_API_PORTABLE  // clang has no _Float16 arithmetic here
#include <simde/arm/neon.h>
