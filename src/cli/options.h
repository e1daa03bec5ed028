/* Options of a command: one table drives parsing, --help, the documentation and completion. */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>

typedef enum option_kind {
	OPTION_FLAG,   /* bool */
	OPTION_TEXT,   /* const char *, borrowed from argv; the last one given counts */
	OPTION_TEXTS,  /* GPtrArray * of const char *, NULL when never given */
	OPTION_CHOICE, /* const char *, one of `choices` */
	OPTION_NUMBER, /* unsigned, from 1 */
} option_kind;

typedef struct option {
	char letter;	  /* of the short form; 0: none */
	const char *name; /* of the long form */
	option_kind kind;
	const char *argument;	    /* how help names the value: "REV"; NULL for flags */
	const char *help;	    /* one sentence, lower case, without full stop */
	size_t at;		    /* where the value goes: offset into the command's struct */
	const char *const *choices; /* OPTION_CHOICE: NULL-terminated */
} option;

/* A table (ends with name NULL) and the struct that it fills. */
typedef struct option_set {
	const option *options;
	void *into;
} option_set;

/* Parses argv (without the program's and the command's name). What is no option is appended to
 * `rest` (borrowed). Options may stand anywhere before "--"; long names may be shortened while they
 * are unique. With `stop_early`, parsing ends at the first argument that is no option and *used
 * says how many were read. TRUCE_ERROR_USAGE with a hint when something is wrong. */
bool options_parse(const option_set *sets, size_t n, char *const *argv, bool stop_early,
	GPtrArray *rest, size_t *used, GError **err);
/* Frees the lists of OPTION_TEXTS. */
void options_clear(const option_set *set);
/* "-o, --output FILE": how help and documentation name it. The caller's. */
char *option_title(const option *o);
