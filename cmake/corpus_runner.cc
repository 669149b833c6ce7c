// Runs a fuzz target without libFuzzer: every file of the corpus folders as it is, cut short, and
// with bytes changed by a fixed pseudo-random sequence. A crash, a sanitizer report or a non-zero
// result is the failure.
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

using Input = std::vector<std::uint8_t>;

constexpr std::size_t kMutationsPerFile = 3000;

std::vector<Input> read_corpus(int count, char** folders) {
  std::vector<Input> corpus{Input{}};
  for (int i = 0; i < count; ++i) {
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folders[i])) {
      if (!entry.is_regular_file()) continue;
      std::ifstream stream(entry.path(), std::ios::binary);
      corpus.emplace_back(std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>());
    }
  }
  return corpus;
}

// Changes one to four places: a bit, a byte, a cut, or bytes put in.
Input mutate(const Input& original, std::mt19937& random) {
  Input input = original;
  for (std::uint32_t round = random() % 4 + 1; round > 0 && !input.empty(); --round) {
    const std::size_t at = random() % input.size();
    const auto place = input.begin() + static_cast<std::ptrdiff_t>(at);
    switch (random() % 4) {
      case 0:
        *place ^= static_cast<std::uint8_t>(1u << (random() % 8));
        break;
      case 1:
        *place = static_cast<std::uint8_t>(random());
        break;
      case 2:
        input.resize(at);
        break;
      default:
        input.insert(place, random() % 8 + 1, static_cast<std::uint8_t>(random()));
    }
  }
  return input;
}

void run(const Input& input) {
  if (LLVMFuzzerTestOneInput(input.data(), input.size()) != 0) std::abort();
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) {
    std::fputs("usage: TARGET CORPUS_FOLDER...\n", stderr);
    return 2;
  }
  const std::vector<Input> corpus = read_corpus(argc - 1, argv + 1);
  if (corpus.size() == 1) {
    std::fputs("error: the corpus is empty\n", stderr);
    return 2;
  }
  std::mt19937 random(1);
  std::size_t runs = 0;
  for (const Input& input : corpus) {
    run(input);
    for (std::size_t i = 0; i < kMutationsPerFile; ++i) run(mutate(input, random));
    runs += 1 + kMutationsPerFile;
  }
  std::printf("%zu inputs of %zu files\n", runs, corpus.size() - 1);
  return 0;
}
