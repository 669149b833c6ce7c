#include "parameters.hh"

#include <algorithm>
#include <limits>

namespace cap {
namespace {

// Of an empty octet string: a null pointer would mean that only its size is asked for.
std::uint8_t kNothing = 0;

}  // namespace

Parameters::Parameters(std::span<const parameters::parameter> from) {
  numbers_.reserve(from.size());
  integers_.reserve(from.size());
  params_.reserve(from.size() + 1);
  for (const auto& [name, value] : from) {
    // OpenSSL takes what it only reads as not const.
    if (const auto* text = std::get_if<parameters::value::text>(&value.value))
      params_.push_back(OSSL_PARAM_construct_utf8_string(
          name.c_str(), const_cast<char*>(text->value.c_str()), text->value.size()));
    if (const auto* octets = std::get_if<parameters::value::octets>(&value.value))
      params_.push_back(OSSL_PARAM_construct_octet_string(
          name.c_str(),
          octets->value.empty() ? &kNothing : const_cast<std::uint8_t*>(octets->value.data()),
          octets->value.size()));
    // Some places take only what has a sign.
    if (const auto* number = std::get_if<parameters::value::number>(&value.value))
      params_.push_back(OSSL_PARAM_construct_int64(
          name.c_str(), &numbers_.emplace_back(static_cast<std::int64_t>(std::min<std::uint64_t>(
                            number->value, std::numeric_limits<std::int64_t>::max())))));
    if (const auto* integer = std::get_if<parameters::value::integer>(&value.value)) {
      // OpenSSL's are in the order of the machine.
      bytes& native = integers_.emplace_back(integer->value);
      std::ranges::reverse(native);
      params_.push_back(OSSL_PARAM_construct_BN(name.c_str(), native.data(), native.size()));
    }
  }
  params_.push_back(OSSL_PARAM_construct_end());
}

}  // namespace cap
