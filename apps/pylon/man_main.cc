// Prints the manual page pylon(1) for the build.
#include "pylon/help.hh"
#include "pylon/report.hh"

int main() {
  pylon::launcher::write_text(1, pylon::launcher::manual_page());
  return 0;
}
