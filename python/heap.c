// The heap at the moment of the snapshot.
#include <stdint.h>
#include <stdlib.h>

#include "pylon.h"

#define LARGEST_HOLE (1024 * 1024)
#define GRANULE 16  // malloc's alignment, and the step between its size classes

// Importing leaves thousands of small holes all over the heap. A run that allocated from them would
// touch a page of the image for each; taking them out of circulation makes its memory one compact
// range after everything in the image. The holes are a few per cent of the heap, and cost no
// memory: nothing ever touches them.
void pylon_retire_holes(void) {
  char* beyond = malloc(LARGEST_HOLE);  // larger than any hole, so it lies behind them all
  if (!beyond) return;
  free(beyond);
  for (size_t size = LARGEST_HOLE / 2; size >= GRANULE; size -= size > 4096 ? size / 16 : GRANULE) {
    for (;;) {
      char* hole = malloc(size);
      if (hole >= beyond || !hole) {
        free(hole);
        break;
      }
    }
  }
}
