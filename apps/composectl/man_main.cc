// composectl-man: prints the manual page.
#include "cli/report.hh"
#include "composectl/help.hh"

int main() {
  pylon::cli::write_text(1, pylon::composectl::manual_page());
  return 0;
}
