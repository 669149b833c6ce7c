#include "problem.hh"

#include <openssl/err.h>

#include "printable.hh"

namespace cap {
namespace {

std::string text_of(const char* text) {
  return printable(text ? text : "");
}

}  // namespace

error::problem last_problem() {
  std::vector<error::entry> queue;
  const char* detail = nullptr;
  int flags = 0;
  while (const unsigned long code = ERR_get_error_all(nullptr, nullptr, nullptr, &detail, &flags))
    queue.push_back({static_cast<std::uint32_t>(code), text_of(ERR_lib_error_string(code)),
                     text_of(ERR_reason_error_string(code)),
                     text_of(flags & ERR_TXT_STRING ? detail : nullptr)});
  if (queue.empty()) return own_problem("unknown error");
  error::entry last = std::move(queue.back());
  queue.pop_back();
  return {last.code, std::move(last.library), std::move(last.reason), std::move(last.detail),
          std::move(queue)};
}

error::problem own_problem(std::string_view reason) {
  return {0, "", std::string(reason), "", {}};
}

error::problem no_memory() {
  return own_problem("out of memory");
}

}  // namespace cap
