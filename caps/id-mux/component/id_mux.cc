// Identifiers behind their contract: each scheme makes a number of fixed width and writes it in its
// own alphabet.
#include <tomcrypt.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <ctime>

#include "id_mux_cap.hh"

namespace cap::ids {

namespace {

using Bytes = std::vector<std::uint8_t>;
constexpr std::string_view kCrockford = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
constexpr std::string_view kBase32Hex = "0123456789abcdefghijklmnopqrstuv";
constexpr std::string_view kBase62 =
    "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
constexpr std::string_view kBase36 = "0123456789abcdefghijklmnopqrstuvwxyz";
constexpr std::string_view kHex = "0123456789abcdef";
constexpr std::string_view kNanoAlphabet =
    "useandom-26T198340PX75pxJACKVERYMINDBUSHWOLF_GQZbfghjklqvwyzrict";
constexpr std::uint64_t kKsuidEpoch = 1'400'000'000, kTsidEpoch = 1'577'836'800'000,
                        kSnowflakeEpoch = 1'288'834'974'657;
constexpr std::uint32_t kMaxLength = 4096, kMaxCount = 1'000'000, kNodes = 1024;

Bytes random(std::size_t count) {
  Bytes out(count);
  for (std::size_t done = 0; done < count; done += 256)
    getentropy(out.data() + done, std::min<std::size_t>(256, count - done));
  return out;
}

std::uint64_t random_number(std::size_t width) {
  std::uint64_t number = 0;
  for (std::uint8_t byte : random(width)) number = number << 8 | byte;
  return number;
}

std::uint64_t now() {
  timespec time{};
  clock_gettime(CLOCK_REALTIME, &time);
  return static_cast<std::uint64_t>(time.tv_sec) * 1000 + time.tv_nsec / 1'000'000;
}

void append(Bytes& out, std::uint64_t number, int width) {
  for (int shift = 8 * (width - 1); shift >= 0; shift -= 8)
    out.push_back(static_cast<std::uint8_t>(number >> shift));
}

std::uint64_t number_of(std::span<const std::uint8_t> bytes) {
  std::uint64_t number = 0;
  for (std::uint8_t byte : bytes) number = number << 8 | byte;
  return number;
}

/// A big number in another base, with leading zeros up to `width` digits.
std::string write(Bytes number, std::string_view alphabet, std::size_t width) {
  std::string text(width, alphabet[0]);
  for (std::size_t place = width; place-- > 0;) {
    std::uint32_t rest = 0;
    for (auto& byte : number) {
      const std::uint32_t value = rest << 8 | byte;
      byte = static_cast<std::uint8_t>(value / alphabet.size());
      rest = value % alphabet.size();
    }
    text[place] = alphabet[rest];
  }
  return text;
}

/// The reverse; nothing if a character is not in the alphabet or the number does not fit.
std::optional<Bytes> read(std::string_view text, std::string_view alphabet, std::size_t width) {
  Bytes number(width);
  for (char character : text) {
    const std::size_t digit = alphabet.find(character);
    if (digit == alphabet.npos) return std::nullopt;
    std::uint32_t carry = digit;
    for (std::size_t place = width; place-- > 0; carry >>= 8) {
      carry += number[place] * alphabet.size();
      number[place] = static_cast<std::uint8_t>(carry);
    }
    if (carry) return std::nullopt;
  }
  return number;
}

/// XID's text: five bits a character from the left, the last one filled up with zeros.
std::string write_xid(const Bytes& id) {
  std::string text;
  std::uint32_t waiting = 0;
  int bits = 0;
  for (std::uint8_t byte : id) {
    waiting = waiting << 8 | byte;
    for (bits += 8; bits >= 5; bits -= 5) text += kBase32Hex[waiting >> (bits - 5) & 31];
  }
  return text + kBase32Hex[waiting << (5 - bits) & 31];
}

/// Time and random bytes; within a millisecond the random part counts up, so that identifiers stay
/// ordered.
Bytes ordered(Bytes& last, std::uint64_t time, int time_width, int random_width) {
  Bytes made;
  append(made, time, time_width);
  if (last.size() > made.size() && std::equal(made.begin(), made.end(), last.begin())) {
    made = last;
    for (std::size_t place = made.size(); place-- > static_cast<std::size_t>(time_width);)
      if (++made[place] != 0) break;
  } else {
    const Bytes tail = random(random_width);
    made.insert(made.end(), tail.begin(), tail.end());
  }
  return last = made;
}

/// A millisecond and a count of 12 bits that no other call got. More than 4,096 calls in one
/// millisecond, or a clock that steps back a little, borrow from the next ones.
std::pair<std::uint64_t, std::uint64_t> tick(std::uint64_t time) {
  static std::uint64_t last = 0, count = 0;
  constexpr std::uint64_t kCounts = 4096, kStep = 1000;
  if (time > last || time + kStep < last) {
    last = time;
    count = 0;
  } else if (++count == kCounts) {
    ++last;
    count = 0;
  }
  return {last, count};
}

std::string ulid(std::uint64_t time) {
  static Bytes last;
  return write(ordered(last, time, 6, 10), kCrockford, 26);
}

std::string uuid7(std::uint64_t time) {
  static Bytes last;
  Bytes id = ordered(last, time, 6, 9);
  // 72 of the 74 free bits: 12 beside the version, 60 beside the variant.
  const std::uint64_t high = std::uint64_t{id[6]} << 4 | id[7] >> 4;
  Bytes out(id.begin(), id.begin() + 6);
  append(out, 0x7000 | high, 2);
  append(out,
         std::uint64_t{2} << 62 | (std::uint64_t{id[7]} & 15) << 56 |
             number_of(std::span(id).subspan(8)),
         8);
  std::string text = write(out, kHex, 32);
  for (int place : {20, 16, 12, 8}) text.insert(place, "-");
  return text;
}

std::string ksuid(std::uint64_t time) {
  Bytes id;
  append(id, time / 1000 - kKsuidEpoch, 4);
  const Bytes tail = random(16);
  id.insert(id.end(), tail.begin(), tail.end());
  return write(id, kBase62, 27);
}

std::string tsid(std::uint64_t time, std::uint32_t node) {
  const auto [moment, count] = tick(time);
  Bytes id;
  append(id, (moment - kTsidEpoch) << 22 | std::uint64_t{node} << 12 | count, 8);
  return write(id, kCrockford, 13);
}

std::string snowflake(std::uint64_t time, std::uint32_t node) {
  const auto [moment, count] = tick(time);
  return std::to_string((moment - kSnowflakeEpoch) << 22 | std::uint64_t{node} << 12 | count);
}

std::string xid(std::uint64_t time) {
  static const std::uint64_t machine = random_number(5);
  static std::uint64_t counter = random_number(3);
  Bytes id;
  append(id, time / 1000, 4);
  append(id, machine, 5);
  append(id, ++counter, 3);
  return write_xid(id);
}

std::string nanoid(std::string_view alphabet, std::uint32_t length) {
  const std::uint32_t limit = 256 - 256 % alphabet.size();
  std::string text;
  while (text.size() < length)
    for (std::uint8_t byte : random(length - text.size() + 8))
      if (byte < limit && text.size() < length) text += alphabet[byte % alphabet.size()];
  return text;
}

std::string cuid2(std::uint64_t time, std::uint32_t length) {
  static const Bytes fingerprint = random(32);
  static std::uint64_t counter = random_number(4) % 476'782'367;
  Bytes message = random(length);
  append(message, time, 8);
  append(message, counter++, 8);
  message.insert(message.end(), fingerprint.begin(), fingerprint.end());
  hash_state state;
  sha3_512_init(&state);
  sha3_process(&state, message.data(), message.size());
  Bytes digest(64);
  sha3_done(&state, digest.data());
  std::string text = write(digest, kBase36, 99);
  text = text.substr(text.size() - 90, length);
  text[0] = kBase36[10 + random(1)[0] % 26];
  return text;
}

std::string make(scheme which, std::uint64_t time, const options& how) {
  const std::uint32_t node = how.node.value_or(0);
  switch (which) {
    case scheme::ulid:
      return ulid(time);
    case scheme::nanoid:
      return nanoid(how.alphabet ? std::string_view(*how.alphabet) : kNanoAlphabet,
                    how.length.value_or(21));
    case scheme::ksuid:
      return ksuid(time);
    case scheme::uuid7:
      return uuid7(time);
    case scheme::tsid:
      return tsid(time, node);
    case scheme::xid:
      return xid(time);
    case scheme::snowflake:
      return snowflake(time, node);
    case scheme::cuid2:
      return cuid2(time, how.length.value_or(24));
  }
  __builtin_unreachable();
}

/// The first and last millisecond that a scheme can say.
std::pair<std::uint64_t, std::uint64_t> times_of(scheme which) {
  constexpr std::uint64_t k48Bits = (std::uint64_t{1} << 48) - 1,
                          k42Bits = (std::uint64_t{1} << 42) - 1, k41Bits = k42Bits >> 1,
                          k32Bits = UINT32_MAX;
  if (which == scheme::ksuid) return {kKsuidEpoch * 1000, (kKsuidEpoch + k32Bits) * 1000};
  if (which == scheme::tsid) return {kTsidEpoch, kTsidEpoch + k42Bits};
  if (which == scheme::snowflake) return {kSnowflakeEpoch, kSnowflakeEpoch + k41Bits};
  return {0, which == scheme::xid ? k32Bits * 1000 : k48Bits};
}

bool is_valid(scheme which, std::uint64_t time, const options& how) {
  const auto [first, last] = times_of(which);
  if (time < first || time > last || how.node.value_or(0) >= kNodes) return false;
  if (how.alphabet && (how.alphabet->size() < 2 || how.alphabet->size() > 256 ||
                       std::ranges::any_of(*how.alphabet, [](char c) { return c & 0x80; })))
    return false;
  const std::uint32_t length = how.length.value_or(21);
  return which == scheme::cuid2 ? length >= 2 && length <= 32 : length >= 1 && length <= kMaxLength;
}

/// The binary form, where the scheme has one and the text is an identifier of it.
std::optional<Bytes> binary(scheme which, std::string_view text) {
  const auto upper = [](std::string_view from) {
    std::string to(from);
    std::ranges::transform(to, to.begin(), [](char c) {
      return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c;
    });
    return to;
  };
  if (which == scheme::ulid && text.size() == 26) return read(upper(text), kCrockford, 16);
  if (which == scheme::tsid && text.size() == 13) return read(upper(text), kCrockford, 8);
  if (which == scheme::ksuid && text.size() == 27) return read(text, kBase62, 20);
  if (which == scheme::snowflake && !text.empty() && text.size() <= 19)
    return read(text, kHex.substr(0, 10), 8);
  if (which == scheme::xid && text.size() == 20) {
    auto wide = read(text, kBase32Hex, 13);
    if (!wide || ((*wide)[12] & 15) != 0) return std::nullopt;
    // 100 bits were read, of which the first 96 count.
    Bytes id(12);
    for (int i = 0; i < 12; ++i)
      id[i] = static_cast<std::uint8_t>((*wide)[i] << 4 | (*wide)[i + 1] >> 4);
    return id;
  }
  if (which == scheme::uuid7 && text.size() == 36) {
    std::string digits;
    for (std::size_t i = 0; i < text.size(); ++i) {
      const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
      if (dash != (text[i] == '-')) return std::nullopt;
      if (!dash)
        digits += static_cast<char>(text[i] >= 'A' && text[i] <= 'F' ? text[i] + 32 : text[i]);
    }
    auto id = read(digits, kHex, 16);
    if (id && (*id)[6] >> 4 == 7 && (*id)[8] >> 6 == 2) return id;
  }
  return std::nullopt;
}

/// Schemes whose identifiers are text and nothing else.
bool is_plain_text(scheme which, std::string_view text) {
  if (which == scheme::nanoid) return !text.empty();
  return which == scheme::cuid2 && text.size() >= 2 && text.size() <= 32 && text[0] >= 'a' &&
         text[0] <= 'z' && text.find_first_not_of(kBase36) == text.npos;
}

}  // namespace

result<std::vector<std::string>, error> generate(scheme which, std::uint32_t count,
                                                 const options& how) {
  std::vector<std::string> out;
  if (count > kMaxCount) return err(error::setting);
  for (std::uint32_t i = 0; i < count; ++i) {
    const std::uint64_t time = how.time.value_or(now());
    if (!is_valid(which, time, how)) return err(error::setting);
    out.push_back(make(which, time, how));
  }
  return out;
}

result<std::optional<std::uint64_t>, error> timestamp(scheme which, std::string_view id) {
  if (is_plain_text(which, id)) return std::optional<std::uint64_t>();
  const auto bytes = binary(which, id);
  if (!bytes) return err(error::text);
  const auto first = [&](std::size_t width) { return number_of(std::span(*bytes).first(width)); };
  switch (which) {
    case scheme::ksuid:
      return std::optional((first(4) + kKsuidEpoch) * 1000);
    case scheme::xid:
      return std::optional(first(4) * 1000);
    case scheme::tsid:
      return std::optional((first(8) >> 22) + kTsidEpoch);
    case scheme::snowflake:
      return std::optional((first(8) >> 22) + kSnowflakeEpoch);
    default:
      return std::optional(first(6));
  }
}

result<bytes, error> to_bytes(scheme which, std::string_view id) {
  if (is_plain_text(which, id))
    return bytes(std::span(reinterpret_cast<const std::uint8_t*>(id.data()), id.size()));
  const auto found = binary(which, id);
  if (!found) return err(error::text);
  return bytes(std::span(*found));
}

}  // namespace cap::ids
