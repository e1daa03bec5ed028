/* What the files of the engine share. */
#pragma once

#include "engine/engine.h"
#include "model/unit.h"

/* Commits of a series stand under this and its name. */
#define SERIES_REF "refs/truce/series/"

struct engine {
	repo *repo;
	store *store;
	char *db_path;
	char *cache_dir;
	unsigned jobs;
	unsigned parse_seconds; /* of processor time, a parse */
	progress_show progress;
	engine_work work;
	bool read_only;
	bool made;		     /* the database did not exist before */
	struct reader_pool *readers; /* see batch.h; NULL: none yet */
	GHashTable *failed; /* what no reader survived in this run, see batch.c; NULL: none */
	/* Told of each unit that goes to a compiler's reader, with the tree that it is of; NULL:
	 * nobody is. For measuring. */
	void (*watch)(const analysis_unit *unit, const oid *tree, void *data);
	void *watch_data;
};

/* Reads SPECs (char *) and applies them to `base`; changes are filled, nothing is stored. */
bool engine_read_series(series **out, engine *e, const char *name, GPtrArray *specs,
	const oid *base, bool strict, GError **err);
/* The base that the patches of the SPECs were made for; *rev is what it is called, a tag or its id,
 * *how says why. Nothing is stored. */
bool engine_find_base(engine *e, GPtrArray *specs, oid *base, char **rev, char **how, GError **err);
/* Ends what store_begin began: commits when `ok`, else rolls back. False when it did not commit. */
bool engine_end(engine *e, bool ok, GError **err);
