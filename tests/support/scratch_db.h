/* A directory for one test's database, and the store opened in it. */
#pragma once

#include <glib.h>
#include <glib/gstdio.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "db/internal.h"

typedef struct scratch {
	char *directory;
	char *path; /* of the database */
	store *db;  /* open, or NULL */
} scratch;

/* For cmocka: *state is a scratch with an open store. */
int scratch_setup(void **state);
int scratch_teardown(void **state);
/* Closes and opens again. */
void scratch_reopen(scratch *s);
/* Fails the test with the error's message when `ok` is false. */
void must(bool ok, GError **err);
#define MUST(call)                                                                                 \
	do {                                                                                       \
		GError *error_ = NULL, **err = &error_;                                            \
		must((call), err);                                                                 \
	} while (0)
/* One number from the database as it is, past the store. */
gint64 number_of(sql *db, const char *query);
/* Removes a directory and what is in it. */
void remove_directory(const char *path);
