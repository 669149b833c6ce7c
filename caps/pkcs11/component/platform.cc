#include "platform.hh"

#include <cstdarg>
#include <cstdio>
#include <utility>

#include "Configuration.h"
#include "SimpleConfigLoader.h"
#include "log.h"
#include "osmutex.h"
#include "token_store.hh"

namespace {

std::string message;

}  // namespace

std::string take_message() {
  return std::exchange(message, {});
}

void softHSMLog(const int level, const char*, const char*, const int, const char* format, ...) {
  if (level > LOG_ERR) return;
  char text[256];
  va_list arguments;
  va_start(arguments, format);
  std::vsnprintf(text, sizeof text, format, arguments);
  va_end(arguments);
  message = text;
}

bool setLogLevel(const std::string&) {
  return true;
}

std::unique_ptr<SimpleConfigLoader> SimpleConfigLoader::instance;

SimpleConfigLoader::SimpleConfigLoader() = default;

SimpleConfigLoader* SimpleConfigLoader::i() {
  if (!instance) instance.reset(new SimpleConfigLoader);
  return instance.get();
}

bool SimpleConfigLoader::loadConfiguration() {
  Configuration::i()->setString("directories.tokendir", token_store::root());
  return true;
}

// There is one thread.

CK_RV OSCreateMutex(CK_VOID_PTR_PTR mutex) {
  *mutex = nullptr;
  return CKR_OK;
}

CK_RV OSDestroyMutex(CK_VOID_PTR) {
  return CKR_OK;
}

CK_RV OSLockMutex(CK_VOID_PTR) {
  return CKR_OK;
}

CK_RV OSUnlockMutex(CK_VOID_PTR) {
  return CKR_OK;
}
