// SQLite's benchmark as a cap.
#include "speedtest_cap.hh"

extern "C" int speedtest1_main(int count, char** words);

namespace cap::program {

std::int32_t run(std::span<const std::string_view> arguments) {
  std::vector<std::string> kept{"speedtest1"};
  for (std::string_view argument : arguments) kept.emplace_back(argument);
  std::vector<char*> words;
  for (std::string& word : kept) words.push_back(word.data());
  words.push_back(nullptr);
  return speedtest1_main(static_cast<int>(kept.size()), words.data());
}

}  // namespace cap::program
