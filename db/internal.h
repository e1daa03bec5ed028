/* What the files of db/ share; for db/ and its tests only. */
#pragma once

#include <glib.h>
#include <stdbool.h>

#include "db/sql.h"
#include "db/store.h"

struct store {
	sql *db;
	GHashTable *used; /* keys of fact sets that were asked for or put since it was opened */
};

/* Brings the database to schema_version: DB error for one of a newer truce, or of another program.
 */
bool migrate_open(sql *db, GError **err);
/* Whether it was written by an older truce. */
bool migrate_is_due(sql *db, bool *due, GError **err);
/* For tests: brings it to `version` only. */
bool migrate_to(sql *db, unsigned version, GError **err);

/* Puts *s as a version of its series and gives its row. A version that is stored already is used
 * again. `changes` too when it has them. */
bool series_version_put(sql *db, gint64 *id, const series *s, GError **err);
/* Removes the versions that are neither in force nor part of the analysis. */
bool series_versions_prune(sql *db, GError **err);
/* The series of row `id`; `with_changes` fills changes when they are stored. */
bool series_version_get(sql *db, series **out, gint64 id, bool with_changes, GError **err);

/* Puts s->changes of a version unless they are the same: `stored` is the digest of those there. */
bool changes_put(sql *db, gint64 id, const char *stored, const series *s, GError **err);
bool changes_get(sql *db, series *s, gint64 id, GError **err);

/* Names of the series of a mediation, for rows that outlive it: index -1 is the base, NULL. False
 * with INTERNAL when there is no such series. */
bool series_name_at(const mediation *m, const char **name, int index, GError **err);
/* The index of the series named in the next column, for a loader. */
unsigned stmt_get_series(stmt *q, const mediation *m);

bool findings_put(sql *db, const mediation *m, gint64 run, GError **err);
bool findings_get(sql *db, mediation *m, GError **err);
bool decisions_get(sql *db, GHashTable **out, GError **err);
bool points_put(sql *db, const mediation *m, GError **err);
bool points_get(sql *db, mediation *m, GError **err);
bool plan_put(sql *db, const mediation *m, GError **err);
bool plan_get(sql *db, mediation *m, GError **err);
bool readings_put(sql *db, GPtrArray *readings, GError **err);

/* Defines get_TYPE(stmt): the next column as the value of that name, refused when there is none. */
#define DEFINE_GET_ENUM(type, name_of, last)                                                       \
	static type get_##type(stmt *q)                                                            \
	{                                                                                          \
		const char *text = stmt_peek_text(q);                                              \
		for (int i_ = 0; text && i_ <= (int)(last); i_++) {                                \
			if (!g_strcmp0(text, name_of((type)i_)))                                   \
				return (type)i_;                                                   \
		}                                                                                  \
		stmt_refuse(q, "an unknown word");                                                 \
		return (type)0;                                                                    \
	}
