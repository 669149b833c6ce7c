// The provider's codec (src/bindgen/guest), compiled for the host.
#include "bindgen/guest/wire.cc"

#include <gtest/gtest.h>

#include <limits>

namespace cap::glue {
namespace {

using Bytes = std::vector<std::uint8_t>;

template <typename T>
Bytes written(const T& value) {
  bytes out = encode(value);
  return Bytes(out.begin(), out.end());
}

template <typename T>
bool reads(const Bytes& data, T& value) {
  reader in(data);
  return wire<T>::read(in, value) && in.at_end();
}

template <typename T>
void expect_form(const T& value, const Bytes& form) {
  EXPECT_EQ(written(value), form);
  T back{};
  EXPECT_TRUE(reads(form, back));
  EXPECT_EQ(back, value);
  for (std::size_t size = 0; size < form.size(); ++size)
    EXPECT_FALSE(
        reads(Bytes(form.begin(), form.begin() + static_cast<std::ptrdiff_t>(size)), back));
  Bytes more = form;
  more.push_back(0);
  EXPECT_FALSE(reads(more, back));
}

TEST(Wire, HasOneFormForAValue) {
  expect_form(true, {0xf5});
  expect_form(std::uint8_t{23}, {0x17});
  expect_form(std::uint8_t{24}, {0x18, 0x18});
  expect_form(std::uint64_t{0x100000000}, {0x1b, 0, 0, 0, 1, 0, 0, 0, 0});
  expect_form(std::int8_t{-128}, {0x38, 0x7f});
  expect_form(std::numeric_limits<std::int64_t>::min(),
              {0x3b, 0x7f, 255, 255, 255, 255, 255, 255, 255});
  expect_form(1.5f, {0xfa, 0x3f, 0xc0, 0, 0});
  expect_form(-0.0, {0xfb, 0x80, 0, 0, 0, 0, 0, 0, 0});
  expect_form(char32_t{0x1f600}, {0x1a, 0, 1, 0xf6, 0});
  expect_form(std::string("\xc3\xa9"), {0x62, 0xc3, 0xa9});
  expect_form(std::vector<std::uint16_t>{1, 0x0203}, {0xd8, 69, 0x44, 1, 0, 3, 2});
  expect_form(std::vector<std::string>{"a", ""}, {0x82, 0x61, 'a', 0x60});
  expect_form(std::vector<bool>{true, false}, {0x82, 0xf5, 0xf4});
  expect_form(std::optional<std::uint8_t>(), {0xf6});
  expect_form(std::optional<std::optional<std::uint8_t>>(std::in_place), {0x81, 0xf6});
  expect_form(std::tuple<std::uint8_t, std::string>(1, "x"), {0x82, 1, 0x61, 'x'});
}

TEST(Wire, RefusesOtherForms) {
  std::uint8_t small;
  EXPECT_FALSE(reads({0x18, 0x17}, small));  // longer than needed
  EXPECT_FALSE(reads({0x19, 1, 0}, small));  // out of range
  EXPECT_FALSE(reads({0x20}, small));        // negative
  char32_t letter;
  EXPECT_FALSE(reads({0x19, 0xd8, 0}, letter));
  std::string text;
  EXPECT_FALSE(reads({0x62, 0xc0, 0x80}, text));
  EXPECT_FALSE(reads({0x63, 0xed, 0xa0, 0x80}, text));
  double number;
  EXPECT_FALSE(reads({0xfa, 0, 0, 0, 0}, number));
  EXPECT_FALSE(reads({0xfb, 0x7f, 0xf0, 0, 0, 0, 0, 0, 1}, number));  // another NaN
  std::vector<std::uint16_t> numbers;
  EXPECT_FALSE(reads({0xd8, 69, 0x43, 1, 0, 3}, numbers));
  EXPECT_FALSE(reads({0xd8, 70, 0x44, 1, 0, 3, 2}, numbers));
}

TEST(Wire, AllocatesNoMoreThanIsThere) {
  std::vector<std::string> many;
  EXPECT_FALSE(reads({0x9b, 0, 0, 0, 1, 0, 0, 0, 0}, many));
  EXPECT_EQ(many.capacity(), 0u);
  std::vector<double> numbers;
  EXPECT_FALSE(reads({0xd8, 86, 0x5b, 0x7f, 255, 255, 255, 255, 255, 255, 0xf8}, numbers));
  EXPECT_EQ(numbers.capacity(), 0u);
}

TEST(Wire, ByteStringsLieWhereThePayloadIs) {
  Bytes payload = {0x82, 0x43, 1, 2, 3, 7};
  reader in(payload);
  std::tuple<std::span<const std::uint8_t>, std::uint8_t> parameters;
  ASSERT_TRUE(read_parameters(in, parameters));
  EXPECT_EQ(std::get<0>(parameters).data(), payload.data() + 2);
  std::tuple<std::span<const std::uint8_t>> raw;
  reader whole(payload);
  ASSERT_TRUE(read_parameters(whole, raw));
  EXPECT_EQ(std::get<0>(raw).size(), payload.size());
}

TEST(Bytes, GrowAndMove) {
  bytes out;
  for (int i = 0; i < 1000; ++i) {
    std::uint8_t byte = static_cast<std::uint8_t>(i);
    out.append(std::span(&byte, 1));
  }
  ASSERT_EQ(out.size(), 1000u);
  EXPECT_EQ(out[999], 999 % 256);
  bytes copy = out, moved = std::move(out);
  EXPECT_EQ(copy, moved);
  EXPECT_TRUE(out.empty());
  copy.append(std::span<const std::uint8_t>(copy.data(), 0));
  EXPECT_EQ(copy.size(), 1000u);
}

struct Thing {
  static inline int alive = 0;
  Thing() { ++alive; }
  ~Thing() { --alive; }
};

}  // namespace

template <>
inline constexpr bool is_resource<Thing> = true;

namespace {

TEST(Handles, AreCheckedAndReused) {
  std::uint32_t first = handles<Thing>::add(std::make_unique<Thing>());
  std::uint32_t second = handles<Thing>::add(std::make_unique<Thing>());
  EXPECT_NE(first, second);
  Bytes none;
  {
    reader in(none);
    EXPECT_NE(handles<Thing>::lend(in, first), nullptr);
    EXPECT_EQ(handles<Thing>::take(first), nullptr);  // lent
    for (int i = 0; i < 10; ++i) EXPECT_NE(handles<Thing>::lend(in, second), nullptr);
  }
  EXPECT_NE(handles<Thing>::take(first), nullptr);
  EXPECT_EQ(Thing::alive, 1);
  EXPECT_EQ(handles<Thing>::take(first), nullptr);
  reader in(none);
  EXPECT_EQ(handles<Thing>::lend(in, 0), nullptr);
  EXPECT_EQ(handles<Thing>::lend(in, 77), nullptr);
  EXPECT_EQ(handles<Thing>::add(std::make_unique<Thing>()), first);
}

}  // namespace
}  // namespace cap::glue
