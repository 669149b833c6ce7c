// SoftHSM's Directory over the store of the tokens.
#include "Directory.h"
#include "token_store.hh"

Directory::Directory(std::string path) : path(path), dirMutex(nullptr) {
  refresh();
}

Directory::~Directory() = default;

bool Directory::isValid() {
  return valid;
}

std::vector<std::string> Directory::getFiles() {
  return files;
}

std::vector<std::string> Directory::getSubDirs() {
  return subDirs;
}

bool Directory::refresh() {
  files.clear();
  subDirs.clear();
  valid = token_store::list(path, files, subDirs);
  return valid;
}

bool Directory::mkdir(std::string name) {
  return token_store::make_directory(path + "/" + name) && refresh();
}

bool Directory::rmdir(std::string name, bool do_refresh) {
  return token_store::remove_directory(name.empty() ? path : path + "/" + name) &&
         (!do_refresh || refresh());
}

bool Directory::remove(std::string name) {
  return token_store::remove(path + "/" + name) && refresh();
}
