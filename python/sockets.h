// What the files about sockets and names share.
#pragma once

#include <stdbool.h>

/// True if data of `fd` was looked at and not yet taken: recv() has it then.
bool pylon_is_peeked(int fd);

/// Notes that the host refused what concerns `host`, at `port` if that is not 0: the message of the
/// error then names the flag that would allow it.
void pylon_note_refusal(const char* host, int port);

/// Ends that.
void pylon_forget_refusal(void);
