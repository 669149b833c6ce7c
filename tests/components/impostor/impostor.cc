// A provider whose digest is not that of its schema.
#include "impostor_cap.hh"

std::string cap::greeting::greet(std::string_view name) {
  return "I am not " + std::string(name);
}
