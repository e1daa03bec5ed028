/* What the files of the engine share. */
#pragma once

#include "engine/engine.h"

struct engine {
	repo *repo;
	store *store;
	char *db_path;
	char *cache_dir;
	unsigned jobs;
	bool progress;
	bool read_only;
};

/* Ends what store_begin began: commits when `ok`, else rolls back. False when it did not commit. */
bool engine_end(engine *e, bool ok, GError **err);
