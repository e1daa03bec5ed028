/* The schema as text, embedded at build time from db/schema/ (cmake/EmbedSchema.cmake). */
#pragma once

/* schema_migrations[v - 1] brings a database of version v - 1 to version v; version 0 is empty. */
extern const char *const schema_migrations[];
extern const unsigned schema_version; /* the number of migrations */
/* The views, made anew after a migration and when they differ from those in the database. */
extern const char *const schema_views;
