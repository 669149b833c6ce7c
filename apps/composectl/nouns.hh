// The tables of all nouns; each is defined in <noun>_commands.cc.
#pragma once

#include "composectl/command.hh"

namespace pylon::composectl {

extern const Noun kPlanNoun;
extern const Noun kBlobNoun;
extern const Noun kTrustNoun;
extern const Noun kKeyNoun;
extern const Noun kAuditNoun;
extern const Noun kInvokeNoun;
extern const Noun kGraphNoun;
extern const Noun kComposeNoun;
extern const Noun kCapNoun;
extern const Noun kManifestNoun;
extern const Noun kSbomNoun;
extern const Noun kCompletionNoun;

}  // namespace pylon::composectl
