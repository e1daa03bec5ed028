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
