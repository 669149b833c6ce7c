#include "compose/minisign.hh"

#include <gtest/gtest.h>
#include <sys/wait.h>

#include <cstdlib>
#include <fstream>

#include "base/file.hh"
#include "support/scratch_directory.hh"

namespace pylon::compose {
namespace {

// Files made by minisign 0.11 (tests/unit/compose/golden); protected.key's password is "pylon".
std::string golden(const std::string& name) {
  const auto bytes =
      read_file(std::string(PYLON_SOURCE_DIR) + "/tests/unit/compose/golden/" + name);
  EXPECT_TRUE(bytes) << name;
  return bytes ? std::string(bytes->begin(), bytes->end()) : std::string();
}

std::span<const std::uint8_t> view(const std::string& text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

constexpr PasswordCost kCheap{32768, 1 << 24};

TEST(Minisign, ReadsItsPublicKeys) {
  const std::string text = golden("plain.pub");
  const auto key = PublicKey::parse(text);
  ASSERT_TRUE(key) << key.error().text();
  EXPECT_EQ(key->id().text(), "D4CD23D179F49CD1");
  EXPECT_EQ(key->file_text(), text);
  EXPECT_EQ(*PublicKey::parse(key->base64()), *key);
  EXPECT_EQ(*KeyId::parse("D4CD23D179F49CD1"), key->id());
  for (const char* bad : {"", "D4CD", "D4CD23D179F49CD1 ", "XXCD23D179F49CD1", "D4:CD:23:D1:79:F4"})
    EXPECT_FALSE(KeyId::parse(bad)) << bad;
}

TEST(Minisign, ReadsItsSecretKeys) {
  const auto plain = SecretKey::parse(golden("plain.key"));
  ASSERT_TRUE(plain) << plain.error().text();
  EXPECT_EQ(plain->public_key(), *PublicKey::parse(golden("plain.pub")));
  EXPECT_EQ(plain->file_text(), golden("plain.key"));
  const std::string locked = golden("protected.key");
  EXPECT_EQ(SecretKey::parse(locked).error().kind(), ErrorKind::kRefused);
  const auto key = SecretKey::parse(locked, "protected.key", "pylon");
  ASSERT_TRUE(key) << key.error().text();
  EXPECT_EQ(key->public_key(), *PublicKey::parse(golden("protected.pub")));
}

TEST(Minisign, ChecksItsSignatures) {
  for (auto [signature, key] : {std::pair{"hashed.minisig", "plain.pub"},
                                {"legacy.minisig", "plain.pub"},
                                {"protected.minisig", "protected.pub"}}) {
    const auto parsed = Signature::parse(golden(signature));
    ASSERT_TRUE(parsed) << parsed.error().text();
    const auto verified =
        parsed->verify(*PublicKey::parse(golden(key)), view(golden("message.txt")));
    EXPECT_TRUE(verified) << verified.error().text();
  }
  EXPECT_EQ(Signature::parse(golden("hashed.minisig"))->trusted_comment(),
            "timestamp:1 file:message.txt hashed");
}

TEST(Minisign, RefusesWhatWasChanged) {
  const auto key = PublicKey::parse(golden("plain.pub"));
  const std::string message = golden("message.txt"), good = golden("hashed.minisig");
  const auto signature = Signature::parse(good);
  EXPECT_EQ(signature->verify(*key, view(message + " ")).error().kind(), ErrorKind::kCorrupt);
  EXPECT_EQ(
      signature->verify(*PublicKey::parse(golden("protected.pub")), view(message)).error().kind(),
      ErrorKind::kRefused);
  std::string comment = good;
  comment.replace(comment.find("timestamp:1"), 11, "timestamp:2");
  EXPECT_EQ(Signature::parse(comment)->verify(*key, view(message)).error().message(),
            "the trusted comment of the signature was changed");
  for (std::size_t at = 0; at < good.size(); ++at) {
    std::string changed = good;
    changed[at] = changed[at] == 'A' ? 'B' : 'A';
    const auto parsed = Signature::parse(changed);
    const bool untrusted_text = at >= 19 && at < good.find('\n');
    EXPECT_EQ(parsed && parsed->verify(*key, view(message)), untrusted_text) << at;
  }
}

TEST(Minisign, SignsAndProtects) {
  const SecretKey key = SecretKey::generate();
  const std::string message = "some text";
  const auto signature = Signature::parse(key.sign(view(message), "a comment"));
  ASSERT_TRUE(signature);
  EXPECT_TRUE(signature->verify(key.public_key(), view(message)));
  const auto text = key.file_text("secret", kCheap);
  ASSERT_TRUE(text) << text.error().text();
  EXPECT_EQ(SecretKey::parse(*text, "k", "secret")->file_text(), key.file_text());
  EXPECT_EQ(SecretKey::parse(*text, "k", "Secret").error().message(), "wrong password for k");
}

TEST(Minisign, RefusesADamagedSecretKey) {
  std::string text = golden("plain.key");
  text[text.size() - 30] = 'Q';  // within the checksum, which an unprotected key does not use
  EXPECT_TRUE(SecretKey::parse(text));
  text[text.find('\n') + 100] ^= 1;
  EXPECT_EQ(SecretKey::parse(text).error().kind(), ErrorKind::kCorrupt);
}

TEST(Minisign, MinisignAcceptsWhatWeSign) {
  if (std::system("command -v minisign >/dev/null 2>&1") != 0)
    GTEST_SKIP() << "minisign is not installed";
  pylon::testing::ScratchDirectory scratch;
  const SecretKey key = SecretKey::generate();
  scratch.file("key.pub", key.public_key().file_text());
  scratch.file("key.sec", key.file_text());
  scratch.file("locked.sec", *key.file_text("pylon", kCheap));
  const std::string message = golden("message.txt");
  scratch.file("message", message);
  scratch.file("message.minisig", key.sign(view(message), "timestamp:5 file:message"));
  auto run = [&](const std::string& words) {
    return std::system(
        ("cd " + scratch.path() + " && minisign " + words + " >/dev/null 2>&1 </dev/null").c_str());
  };
  EXPECT_EQ(run("-V -H -p key.pub -m message"), 0);
  EXPECT_EQ(run("-S -W -s key.sec -m message -x other"), 0);
  EXPECT_EQ(run("-V -p key.pub -m message -x other"), 0);
  EXPECT_EQ(run("-R -s key.sec -p again.pub"), 0);
  std::ofstream(scratch.path("message")) << "changed";
  EXPECT_NE(run("-V -p key.pub -m message"), 0);
}

}  // namespace
}  // namespace pylon::compose
