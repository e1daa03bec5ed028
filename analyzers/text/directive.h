/* Preprocessor directives among the tokens of a file: conditions, macros, includes. */
#pragma once

#include "base/text.h"
#include "model/fact.h"
#include "analyzers/text/condition.h"
#include "analyzers/text/token.h"

/* A file under reading, as directives need it. */
typedef struct source {
	const char *text;
	size_t len;
	line_index lines;
	GArray *tokens; /* token */
	condition_stack *conditions;
	fact_set *out;
} source;

typedef enum directive_kind {
	DIRECTIVE_OTHER,
	DIRECTIVE_IF,
	DIRECTIVE_IFDEF,
	DIRECTIVE_IFNDEF,
	DIRECTIVE_ELIF,
	DIRECTIVE_ELSE,
	DIRECTIVE_ENDIF,
	DIRECTIVE_DEFINE,
	DIRECTIVE_UNDEF,
	DIRECTIVE_INCLUDE,
} directive_kind;

typedef struct directive {
	directive_kind kind;
	size_t hash;	   /* token index of the '#' */
	size_t first, end; /* tokens after the directive's word: [first, end) */
	bool guard;	   /* the #ifndef of an include guard */
} directive;

/* A macro's definition in tokens. */
typedef struct macro_text {
	size_t name;
	size_t parameters,
		parameters_end; /* within the parentheses: [parameters, parameters_end) */
	size_t body, body_end;	/* [body, body_end) */
	bool function_like;
} macro_text;

void source_init(source *s, fact_set *out, const char *text, size_t len);
void source_clear(source *s);
static inline const token *source_token(const source *s, size_t i)
{
	return &g_array_index(s->tokens, token, i);
}
/* Column of a byte of the text in its line, from 1. */
unsigned source_column(const source *s, const token *t);

/* Reads the directive whose '#' is token `hash`. */
void directive_read(directive *out, const source *s, size_t hash);
/* #if..#endif: moves the condition stack and emits USE_CONFIG. */
void directive_condition(source *s, const directive *d);
/* #include: emits it. */
void directive_include(source *s, const directive *d);
/* #define: emits the macro and says where its parts are; false when it has no name. */
bool directive_define(source *s, const directive *d, macro_text *out);
/* #undef: emits it. */
void directive_undef(source *s, const directive *d);
/* "CONFIG_" names among tokens [first, end) as USE_CONFIG. */
void source_config_uses(source *s, size_t first, size_t end, const char *in);
