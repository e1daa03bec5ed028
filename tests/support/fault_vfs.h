/* A file system for SQLite that goes wrong at the n-th change of a file: for crash and error tests.
 *
 * Calls that change something are counted: write, truncate, sync, delete, shared memory. */
#pragma once

#include <stdbool.h>

typedef enum fault_kind {
	FAULT_NONE,
	FAULT_KILL,  /* the process is gone, as by kill -9: half of a write may be done */
	FAULT_ERROR, /* SQLITE_IOERR, once */
	FAULT_FULL,  /* no space left, from then on */
} fault_kind;

/* Makes it the default for every connection opened from now on. `shared_memory` false: a file
 * system on which WAL cannot be. */
void fault_vfs_install(bool shared_memory);
void fault_vfs_remove(void);
/* From now on the `at`-th change, from 1, goes wrong. Starts counting anew. */
void fault_vfs_arm(fault_kind kind, unsigned at);
unsigned fault_vfs_count(void); /* changes since the last arm */
