/* Bytes from the file system: whole files, gzip and xz read through, sizes capped. */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>

/* Reads the regular file at `path` (a symlink is followed; devices, pipes and directories are
 * refused) and unpacks it when it starts with the magic bytes of gzip or xz, up to `limit` bytes.
 * NOT_FOUND when there is no such file, LIMIT when it is larger, INPUT when it is cut off or
 * broken, IO otherwise. */
bool input_read(GBytes **out, const char *path, size_t limit, GError **err);

/* The first bytes of the file, unpacked, at most `limit` of them; for telling what it is. Data that
 * is cut off or broken gives what there is. */
bool input_read_head(GBytes **out, const char *path, size_t limit, GError **err);

/* The same in two steps: the bytes as they are, which a digest is made of, and what they unpack to.
 */
bool input_read_raw(GBytes **out, const char *path, size_t limit, GError **err);
bool input_unpack(GBytes **out, GBytes *raw, const char *path, size_t limit, GError **err);

/* The file's name without directories and without .gz or .xz. The caller's. */
char *input_base_name(const char *path);

/* The names in the directory `path`, dot files left out, in natural order. The caller's; free
 * function set. */
bool input_list(GPtrArray **names, const char *path, GError **err);

/* True when `name`, taken below `dir`, stays there once symlinks are followed. */
bool input_is_inside(const char *dir, const char *name);

/* A copy with "\r\n" made "\n"; what mail transport and editors of other systems add. */
GBytes *input_without_cr(GBytes *text);
