/* The pipeline: which stage runs when, on what changed. The commands talk to the engine alone. */
#pragma once

#include <glib.h>
#include <stdbool.h>

#include "base/progress.h"
#include "db/store.h"
#include "git/repo.h"
#include "model/mediation.h"

typedef struct engine engine;

typedef struct engine_options {
	const char *repo_path;	 /* NULL: current directory */
	const char *db_path;	 /* NULL: truce/truce.db in the common git directory */
	unsigned jobs;		 /* 0: as many as cores */
	progress_style progress; /* on stderr */
	bool read_only;		 /* only look at what is stored */
} engine_options;

/* Opens repository and database. */
bool engine_open(engine **out, const engine_options *options, GError **err);
void engine_free(engine *e);
repo *engine_repo(engine *e);	/* borrowed */
store *engine_store(engine *e); /* borrowed */

/* What an engine read until now: a file counts once for each reader and each tree that it was read
 * in. */
typedef struct engine_work {
	guint parsed; /* the answer was not there yet */
	guint cached;
} engine_work;
engine_work engine_work_done(const engine *e);

/* The base of this mediation: kept in the database. engine_set_base resolves and keeps it;
 * engine_base gives the commit and the revision as given (the caller's; NULL when unset). */
bool engine_set_base(engine *e, const char *rev, GError **err);
bool engine_base(engine *e, oid *base, char **rev, GError **err);
/* A .config ("ARCH=FILE", or FILE when it says of which architecture it is) that the files are read
 * in instead of the defconfig, and a compile_commands.json whose flags they are read with. Kept
 * whole; "auto" forgets. */
bool engine_give_config(engine *e, const char *spec, GError **err);
bool engine_give_commands(engine *e, const char *path, GError **err);
/* The catalogue by name or path; NULL: the one that fits the base. */
bool engine_set_rules(engine *e, const char *rules, GError **err);

/* Reads, applies and stores a series of these SPECs (char *), replacing one of that name. When no
 * base is set, finds it from the patches and keeps it; *how (may be NULL) says so, NULL if not.
 * `strict`: a hunk that finds no place is an error and nothing is stored. When nothing applies: an
 * error, nothing stored. */
bool engine_series_add(engine *e, const char *name, GPtrArray *specs, bool append, bool strict,
	char **how, GError **err);
/* One series as the user gives it. */
typedef struct engine_source {
	const char *name;
	GPtrArray *specs; /* char * */
} engine_source;

/* Makes exactly these the series under mediation, in this order (names are unique). `base` NULL:
 * the one of before, else found from the patches. `rules` as for engine_set_rules. When one of them
 * fails, everything is as before. */
bool engine_series_set(engine *e, const char *base, const char *rules, const engine_source *sources,
	size_t n, bool strict, char **how, GError **err);
/* Reads a series again when its sources changed; *changed says whether. */
bool engine_series_update(engine *e, const char *name, bool strict, bool *changed, GError **err);
bool engine_series_remove(engine *e, const char *name, GError **err);

/* Facts, touches, points, findings, plan: only what changed since. *out is the caller's. */
bool engine_analyze(engine *e, mediation **out, GError **err);
/* What is stored, without analysing; NOT_FOUND with a hint when there is nothing yet. */
bool engine_load(engine *e, mediation **out, GError **err);
/* Rules findings (ids or fingerprint prefixes, char *) alike and makes the plan anew, once: all or
 * none. DECISION_INTERFACE is refused for findings without code (finding_has_code). */
bool engine_decide(engine *e, const GPtrArray *ids, decision_take take, const char *party,
	const char *note, GError **err);
/* Takes rulings back. */
bool engine_undecide(engine *e, const GPtrArray *ids, GError **err);
/* `truce plan --apply REF`. */
bool engine_plan_apply(engine *e, const char *ref, bool force, GError **err);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(engine, engine_free)
