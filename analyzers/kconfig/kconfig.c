/* Kconfig files as facts: one file by itself, what it sources left out.
 *
 * An entity is a config, menuconfig or named choice: its type as signature, its defaults as value,
 * its dependencies (those of the blocks around it in this file included) as condition. A use is a
 * symbol that is referred to; `detail` says how (depends, select, imply, default, if, range). */
#include "analyzers/kconfig/kconfig.h"

#include <string.h>

#include "base/error.h"
#include "base/digest.h"
#include "kernel/kconfig.h"

typedef struct writing {
	fact_set *facts;
	const char *in; /* the symbol whose entry is read */
	const char *condition;
} writing;

static bool claims(const char *path)
{
	const char *slash = strrchr(path, '/');
	const char *name = slash ? slash + 1 : path;
	return g_str_has_prefix(name, "Kconfig") && !g_str_has_suffix(name, ".c") &&
	       !g_str_has_suffix(name, ".h") && !g_str_has_suffix(name, ".rst");
}

typedef struct only_file {
	const char *path;
	GBytes *text;
} only_file;

static GBytes *read_only(const char *path, void *data)
{
	only_file *f = data;
	return strcmp(path, f->path) ? NULL : g_bytes_ref(f->text);
}

static void use_symbol(writing *w, const kconfig_symbol *s, unsigned line, const char *how)
{
	/* Numbers and texts that stand for themselves are no symbols. */
	if (s->constant || !s->name || g_ascii_isdigit(*s->name))
		return;
	fact_set_add_use(w->facts, &(use){.kind = USE_CONFIG,
					   .reader = READER_TEXT,
					   .line = line,
					   .name = s->name,
					   .detail = how,
					   .in = w->in,
					   .condition = w->condition});
}

/* Chains lean to the left: go down that side without recursion. */
static void use_expr(writing *w, const kexpr *e, unsigned line, const char *how)
{
	while (e) {
		if (e->kind == KEXPR_AND || e->kind == KEXPR_OR) {
			use_expr(w, e->right, line, how);
		} else if (e->kind != KEXPR_NOT) {
			use_symbol(w, e->a, line, how);
			if (e->b)
				use_symbol(w, e->b, line, how);
			return;
		}
		e = e->left;
	}
}

static void use_property(writing *w, const kconfig_property *p)
{
	static const char *const how[] = {"prompt", "default", "select", "imply", "range"};
	if (p->value)
		use_expr(w, p->value, p->line, how[p->kind]);
	if (p->low)
		use_symbol(w, p->low, p->line, "range");
	if (p->high)
		use_symbol(w, p->high, p->line, "range");
	use_expr(w, p->condition, p->line, "if");
}

/* Defaults as they stand, one after the other: "y if A, n". */
static char *defaults_text(const kconfig_entry *e)
{
	GString *out = g_string_new(NULL);
	const GPtrArray *properties = e->symbol->properties;
	for (guint i = 0; properties && i < properties->len; i++) {
		const kconfig_property *p = g_ptr_array_index(properties, i);
		if (p->kind != KCONFIG_DEFAULT || p->entry != e)
			continue;
		g_autofree char *value = kexpr_text(p->value);
		g_autofree char *condition = kexpr_text(p->condition);
		g_string_append_printf(out, "%s%s%s%s", out->len ? ", " : "", value,
			*condition ? " if " : "", condition);
	}
	return g_string_free(out, FALSE);
}

static void digest_property(digest *d, const kconfig_property *p)
{
	g_autofree char *value = kexpr_text(p->value);
	g_autofree char *condition = kexpr_text(p->condition);
	digest_add_number(d, p->kind);
	digest_add_text(d, p->text);
	digest_add_text(d, value);
	digest_add_text(d, condition);
	digest_add_text(d, p->low ? p->low->name : NULL);
	digest_add_text(d, p->high ? p->high->name : NULL);
}

/* What the entry says, its help text and its name left out. */
static unsigned body_of(const kconfig_entry *e, guint64 body[2])
{
	g_auto(digest) d = {0};
	digest_init(&d);
	g_autofree char *own = kexpr_text(e->own);
	unsigned parts = 1;
	digest_add_number(&d, e->kind);
	digest_add_number(&d, e->type);
	digest_add_text(&d, own);
	const GPtrArray *properties = e->symbol->properties;
	for (guint i = 0; properties && i < properties->len; i++) {
		const kconfig_property *p = g_ptr_array_index(properties, i);
		if (p->entry != e)
			continue;
		digest_property(&d, p);
		parts++;
	}
	g_autofree char *hex = digest_hex(&d);
	g_autofree char *first = g_strndup(hex, 16), *second = g_strndup(hex + 16, 16);
	body[0] = g_ascii_strtoull(first, NULL, 16);
	body[1] = g_ascii_strtoull(second, NULL, 16);
	return parts;
}

static void write_entry(writing *w, const kconfig_entry *e)
{
	g_autofree char *condition = kexpr_text(e->depends);
	w->condition = condition;
	w->in = e->symbol && e->symbol->name ? e->symbol->name : "";
	if (*w->in) {
		g_autofree char *value = defaults_text(e);
		entity fact = {.kind = ENTITY_CONFIG_SYMBOL,
			.reader = READER_TEXT,
			.flags = ENTITY_DEFINITION,
			.line = e->line,
			.end_line = e->end_line,
			.name = w->in,
			.signature = kconfig_type_name(e->type),
			.value = value,
			.condition = condition};
		fact.tokens = body_of(e, fact.body);
		fact_set_add_entity(w->facts, &fact);
	}
	use_expr(w, e->own, e->line, e->kind == KCONFIG_ENTRY_IF ? "if" : "depends");
	const GPtrArray *properties = e->symbol ? e->symbol->properties : NULL;
	for (guint i = 0; properties && i < properties->len; i++) {
		const kconfig_property *p = g_ptr_array_index(properties, i);
		if (p->entry == e)
			use_property(w, p);
	}
	if (!e->symbol && e->prompt)
		use_expr(w, e->prompt->condition, e->prompt->line, "if");
	w->condition = NULL;
}

static void write_block(writing *w, const kconfig_entry *block)
{
	for (const kconfig_entry *e = block->children; e; e = e->next) {
		write_entry(w, e);
		write_block(w, e);
	}
}

static bool run(const analysis_unit *u, fact_sink *sink, GError **err)
{
	only_file file = {u->path, u->text};
	kconfig_source source = {read_only, NULL, &file};
	g_autoptr(kconfig) k = NULL;
	if (!kconfig_read(&k, u->path, &source, NULL, err))
		return false;
	writing w = {.facts = fact_sink_file(sink, u->path, &u->blob)};
	write_block(&w, kconfig_root(k));
	return true;
}

const analyzer analyzer_kconfig = {
	.name = "kconfig",
	.version = 1,
	.claims = claims,
	.run = run,
};
