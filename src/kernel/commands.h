/* compile_commands.json: how a build that the user made compiled each file.
 *
 * Nothing in it is run. Of a command the flags are taken that decide what the compiler reads and
 * how the language is, and of those that name files only the ones within the tree, or within the
 * folder that the build wrote to (what it generated, truce makes). */
#pragma once

#include <glib.h>
#include <stdbool.h>

typedef struct kernel_commands kernel_commands;

/* Reads the JSON array of {directory, file, command | arguments}. *out is the caller's. INPUT when
 * it is no such array. */
bool kernel_commands_read(kernel_commands **out, const char *text, size_t len, GError **err);
void kernel_commands_free(kernel_commands *c);

/* Whether `path` is a file of the tree. */
typedef bool (*kernel_commands_has)(const char *path, void *data);
/* The words of the command that compiled the file (char *, without the compiler, the file and the
 * output), each path of -I, -include and their like as a path of the tree; those outside are left
 * out with their option. NULL when the file is not listed. Borrowed. `has` is asked at the first
 * call, to learn where the tree lay. */
const GPtrArray *kernel_commands_of(
	kernel_commands *c, const char *path, kernel_commands_has has, void *data);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(kernel_commands, kernel_commands_free)
