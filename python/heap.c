// The heap at the moment of the snapshot.
#include <malloc.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "pylon.h"

#define LARGEST_HOLE (1024 * 1024)
#define GRANULE 16  // malloc's alignment, and the step between its size classes

extern char __heap_end;

// Clears what memory that was given back has left behind the heap's present end: all of it, and the
// header that stands for it here. The pages that hold nothing stay untouched.
static void clear_unused(char* end) {
  if (end > &__heap_end - 2 * LARGEST_HOLE) return;
  char* rest = malloc((size_t)(&__heap_end - end) - LARGEST_HOLE);
  if (!rest) return;
  char* behind = rest + malloc_usable_size(rest);
  for (uint64_t* word = (uint64_t*)rest; (char*)(word + 1) <= &__heap_end - LARGEST_HOLE; word++)
    if (*word) *word = 0;
  free(rest);
  memset(behind - GRANULE, 0, 3 * GRANULE);
}

// Importing leaves thousands of small holes all over the heap. A run that allocated from them would
// touch a page of the image for each; taking them out of circulation makes its memory one compact
// range after everything in the image. The holes are a few per cent of the heap, and cost no
// memory: nothing ever touches them. What was in them is cleared: zeros take no room in a file.
void pylon_retire_holes(void) {
  char* beyond = malloc(LARGEST_HOLE);  // larger than any hole, so it lies behind them all
  if (!beyond) return;
  free(beyond);
  clear_unused(beyond);
  for (size_t size = LARGEST_HOLE / 2; size >= GRANULE; size -= size > 4096 ? size / 16 : GRANULE) {
    for (;;) {
      char* hole = malloc(size);
      if (hole >= beyond || !hole) {
        free(hole);
        break;
      }
      memset(hole, 0, malloc_usable_size(hole));
    }
  }
}
