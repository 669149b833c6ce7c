// What a program may read without any flag.
#pragma once

#include <string>

#include "base/error.hh"
#include "runtime/environment_grants.hh"
#include "runtime/file_grants.hh"

namespace pylon::runtime {

/// The program of a run, as the command line names it.
struct Program {
  enum class Kind {
    kScript,       ///< a file, or a directory or zip file with a __main__
    kCommand,      ///< -c
    kModule,       ///< -m
    kInput,        ///< standard input
    kInteractive,  ///< a REPL
    kNone,         ///< only an option such as -V
  } kind = Kind::kNone;
  std::string text;  ///< path, code or module name
};

/// Checks that a script can be used: it exists, is a readable file, or a directory with a
/// __main__.py or __main__.pyc. Else kInput.
Result<void> check_script(const std::string& path);

/// Grants reading of: the script's directory (as written and the real one, and the directory that a
/// symbolic link to the script leads to), or the working directory for a program without a file;
/// and, because the user named them, each entry of PYTHONPATH that exists, and for a REPL the file
/// PYTHONSTARTUP.
Result<void> grant_defaults(FileGrants& files, const Program& program, const std::string& directory,
                            const Environment& environment);

}  // namespace pylon::runtime
