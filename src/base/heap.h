/* The heap of a process that works much. */
#pragma once

#include <stddef.h>

/* Lets malloc have `bytes` in a row, in large pages where the system has them, and keep what is
 * freed: a compiler's tables and trees lie all over its memory, and finding each small page takes
 * an eighth of its time. For the thread that malloc serves from the main heap, and those with it.
 * Memory is taken only when it is written. Without glibc nothing happens. */
void heap_prefer_large_pages(size_t bytes);
