// Composes components: one that contains them all, wired to each other.
#pragma once

#include "link/graph.hh"

namespace pylon::link {

/// The graph as one component: it imports, each interface once, what its parts import and no wire
/// satisfies, contains every part that the root needs unchanged and instantiates it once, and
/// exports what the root exports. The same graph gives the same bytes. What cannot be composed is
/// kInput; the types of what wires join are not compared here: any engine does that.
Result<Bytes> compose(const Graph& graph);

}  // namespace pylon::link
