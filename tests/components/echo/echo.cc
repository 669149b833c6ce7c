// The provider of tests: gives back what it is given, fails when asked to, keeps objects.
#include CAP_HEADER

#include <algorithm>

namespace cap::values {

bool echo_bool(bool v) {
  return v;
}
std::uint8_t echo_u8(std::uint8_t v) {
  return v;
}
std::uint16_t echo_u16(std::uint16_t v) {
  return v;
}
std::uint32_t echo_u32(std::uint32_t v) {
  return v;
}
std::uint64_t echo_u64(std::uint64_t v) {
  return v;
}
std::int8_t echo_s8(std::int8_t v) {
  return v;
}
std::int16_t echo_s16(std::int16_t v) {
  return v;
}
std::int32_t echo_s32(std::int32_t v) {
  return v;
}
std::int64_t echo_s64(std::int64_t v) {
  return v;
}
float echo_f32(float v) {
  return v;
}
double echo_f64(double v) {
  return v;
}
char32_t echo_char(char32_t v) {
  return v;
}
std::string echo_string(std::string_view v) {
  return std::string(v);
}
cap::bytes echo_bytes(std::span<const std::uint8_t> v) {
  return cap::bytes(v);
}

std::vector<bool> echo_list_bool(const std::vector<bool>& v) {
  return v;
}

template <typename T>
std::vector<T> copy(std::span<const T> v) {
  return std::vector<T>(v.begin(), v.end());
}
std::vector<std::int8_t> echo_list_s8(std::span<const std::int8_t> v) {
  return copy(v);
}
std::vector<std::uint16_t> echo_list_u16(std::span<const std::uint16_t> v) {
  return copy(v);
}
std::vector<std::int16_t> echo_list_s16(std::span<const std::int16_t> v) {
  return copy(v);
}
std::vector<std::uint32_t> echo_list_u32(std::span<const std::uint32_t> v) {
  return copy(v);
}
std::vector<std::int32_t> echo_list_s32(std::span<const std::int32_t> v) {
  return copy(v);
}
std::vector<std::uint64_t> echo_list_u64(std::span<const std::uint64_t> v) {
  return copy(v);
}
std::vector<std::int64_t> echo_list_s64(std::span<const std::int64_t> v) {
  return copy(v);
}
std::vector<float> echo_list_f32(std::span<const float> v) {
  return copy(v);
}
std::vector<double> echo_list_f64(std::span<const double> v) {
  return copy(v);
}
std::vector<char32_t> echo_list_char(std::span<const char32_t> v) {
  return copy(v);
}
std::vector<colour> echo_list_color(std::span<const colour> v) {
  return copy(v);
}
std::vector<point> echo_path(std::span<const point> v) {
  return copy(v);
}
std::vector<std::vector<std::uint16_t>> echo_list_list(
    std::span<const std::vector<std::uint16_t>> v) {
  return copy(v);
}
std::vector<std::string> echo_list_string(std::span<const std::string_view> v) {
  return std::vector<std::string>(v.begin(), v.end());
}
std::vector<cap::bytes> echo_list_bytes(std::span<const std::span<const std::uint8_t>> v) {
  std::vector<cap::bytes> out;
  for (auto one : v) out.emplace_back(one);
  return out;
}

std::optional<std::int32_t> echo_option(std::optional<std::int32_t> v) {
  return v;
}
std::optional<std::string> echo_option_string(std::optional<std::string_view> v) {
  if (!v) return {};
  return std::string(*v);
}
std::optional<cap::bytes> echo_option_bytes(std::optional<std::span<const std::uint8_t>> v) {
  if (!v) return {};
  return cap::bytes(*v);
}
std::optional<std::vector<std::uint32_t>> echo_option_list(
    std::optional<std::vector<std::uint32_t>> v) {
  return v;
}
std::optional<std::optional<std::uint8_t>> echo_nested_option(
    std::optional<std::optional<std::uint8_t>> v) {
  return v;
}
std::optional<std::optional<std::optional<std::string>>> echo_deep_option(
    std::optional<std::optional<std::optional<std::string_view>>> v) {
  std::optional<std::optional<std::optional<std::string>>> out;
  if (!v) return out;
  out.emplace();
  if (!*v) return out;
  out->emplace();
  if (**v) (*out)->emplace(***v);
  return out;
}

std::tuple<std::uint8_t, std::string, cap::bytes> echo_tuple(
    std::tuple<std::uint8_t, std::string_view, std::span<const std::uint8_t>> v) {
  auto [small, text, data] = v;
  return {small, std::string(text), cap::bytes(data)};
}
point echo_point(const point& v) {
  return v;
}
colour echo_color(colour v) {
  return v;
}
permissions echo_permissions(permissions v) {
  return v;
}
shape echo_shape(const shape& v) {
  return v;
}
everything echo_everything(const everything& v) {
  return v;
}
std::vector<cap::result<std::uint8_t, std::string>> echo_results(
    std::span<const cap::result<std::uint8_t, std::string>> v) {
  return copy(v);
}
std::vector<cap::result<void, void>> echo_bare_results(std::span<const cap::result<void, void>> v) {
  return copy(v);
}
std::tuple<std::uint8_t, std::string, cap::bytes, float, std::int64_t, std::optional<double>, point,
           shape, bool>
echo_many(std::uint8_t a, std::string_view b, std::span<const std::uint8_t> c, float d,
          std::int64_t e, std::optional<double> f, const point& g, const shape& h, bool i) {
  return {a, std::string(b), cap::bytes(c), d, e, f, g, h, i};
}

void nothing() {}
cap::bytes mix(std::span<const std::uint8_t> chunk, std::uint8_t level, bool more) {
  cap::bytes out(chunk);
  for (std::uint8_t& byte : out) byte ^= level;
  if (more) out.append(chunk);
  return out;
}
cap::bytes fill(std::uint32_t size) {
  cap::bytes out(size);
  if (size) std::memset(out.data(), 0xa5, size);
  return out;
}

}  // namespace cap::values

namespace cap::errors {

cap::result<std::string, std::string> text(bool fails) {
  if (fails) return cap::err("as you asked");
  return "fine";
}
cap::result<std::uint32_t, code> code_of(std::optional<code> which) {
  if (which) return cap::err(*which);
  return 7u;
}
cap::result<cap::bytes, io_error> io(std::optional<io_error> which) {
  if (which) return cap::err(*which);
  return values::fill(3);
}
cap::result<point, problem> problem_at(std::optional<problem> which) {
  if (which) return cap::err(*which);
  return point{1, -1};
}
cap::result<void, void> nothing(bool fails) {
  if (fails) return cap::err();
  return {};
}
cap::result<void, std::string> only_error(bool fails) {
  if (fails) return cap::err("only this");
  return {};
}
cap::result<std::uint8_t, void> only_ok(bool fails) {
  if (fails) return cap::err();
  return std::uint8_t{9};
}
cap::result<cap::bytes, cap::bytes> bytes(bool fails) {
  cap::bytes out(4);
  std::memset(out.data(), fails ? 1 : 2, 4);
  if (fails) return cap::err(std::move(out));
  return out;
}

}  // namespace cap::errors

namespace cap::things {
namespace {

std::uint32_t living = 0;

struct Counting {
  Counting() { ++living; }
  ~Counting() { --living; }
};

class Counter final : public counter, Counting {
 public:
  explicit Counter(std::int64_t start) : total_(start) {}
  std::int64_t add(std::int64_t n) override {
    return total_ = static_cast<std::int64_t>(static_cast<std::uint64_t>(total_) +
                                              static_cast<std::uint64_t>(n));
  }
  std::int64_t value() override { return total_; }
  std::int64_t add_other(counter& other) override { return add(other.value()); }
  std::int64_t merge(std::unique_ptr<counter> other) override { return add(other->value()); }
  std::unique_ptr<counter> clone() override { return std::make_unique<Counter>(total_); }

 private:
  std::int64_t total_;
};

class Buffer final : public buffer, Counting {
 public:
  explicit Buffer(std::span<const std::uint8_t> content) : content_(content) {}
  std::uint32_t append(std::span<const std::uint8_t> chunk, std::uint8_t times) override {
    for (; times > 0; --times) content_.append(chunk);
    return static_cast<std::uint32_t>(content_.size());
  }
  cap::bytes read() override { return content_; }

 private:
  cap::bytes content_;
};

}  // namespace

std::unique_ptr<counter> make_counter(std::int64_t start) {
  return std::make_unique<Counter>(start);
}
cap::result<std::unique_ptr<counter>, std::string> counter_checked(std::int64_t start) {
  if (start < 0) return cap::err("below zero");
  return make_counter(start);
}
std::unique_ptr<buffer> make_buffer(std::span<const std::uint8_t> content) {
  return std::make_unique<Buffer>(content);
}

std::uint32_t alive() {
  return living;
}
std::int64_t sum(std::span<counter* const> all) {
  Counter total(0);
  for (counter* one : all) total.add_other(*one);
  return total.value();
}
std::int64_t sum_owned(std::vector<std::unique_ptr<counter>> all) {
  Counter total(0);
  for (auto& one : all) total.add_other(*one);
  return total.value();
}
std::vector<std::unique_ptr<counter>> split(counter& from, std::uint32_t parts) {
  std::vector<std::unique_ptr<counter>> out;
  for (std::uint32_t i = 0; i < std::min(parts, 1000u); ++i)
    out.push_back(make_counter(from.value() / parts));
  return out;
}
std::optional<std::unique_ptr<counter>> maybe(std::optional<std::unique_ptr<counter>> c) {
  return c;
}

}  // namespace cap::things
