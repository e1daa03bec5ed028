/* number.collision: two series take the same number of one family (system calls, ioctls, slots) for
 * different names. */
#include "conflict/check.h"

#include <string.h>

#include "conflict/number_table.h"

/* Two macros of one prefix and one value are a family of numbers most of the time; flags that mean
 * different things in different words are the exception. */
#define FAMILY_CONFIDENCE 0.8

/* The value that an enumerator's line gives it: "NAME = VALUE,". NULL when it just counts on. The
 * caller's. */
static char *enumerator_value(conflict_context *c, const touch *t)
{
	g_autofree char *line = context_lines(c, &t->tip.blob, t->tip.line, t->tip.line, NULL);
	const char *at = line ? strstr(line, t->name) : NULL;
	if (!at)
		return NULL;
	at += strlen(t->name);
	at += strspn(at, " \t");
	if (*at != '=')
		return NULL;
	at++;
	at += strspn(at, " \t");
	size_t len = strcspn(at, ",}/\n");
	while (len && g_ascii_isspace(at[len - 1]))
		len--;
	return len ? g_strndup(at, len) : NULL;
}

/* The number that a new macro or enumerator takes, as written; NULL for everything else. The
 * caller's. */
static char *new_number(conflict_context *c, const touch *t)
{
	if (t->is_use || t->change != TOUCH_ADDED || !t->tip.path)
		return NULL;
	g_autofree char *value = NULL;
	if (t->entity == ENTITY_MACRO && !(t->flags & (ENTITY_FUNCTION_LIKE | ENTITY_UNDEF)))
		value = g_strdup(t->detail);
	else if (t->entity == ENTITY_ENUMERATOR)
		value = enumerator_value(c, t);
	return value && strpbrk(value, "0123456789") ? g_steal_pointer(&value) : NULL;
}

/* "__NR_vmsplice" -> "__NR_"; NULL when the name has no prefix. */
static char *family(const char *name)
{
	size_t skip = strspn(name, "_");
	const char *end = strchr(name + skip, '_');
	return end && end[1] ? g_strndup(name, (gsize)(end - name + 1)) : NULL;
}

/* The value without blanks and parentheses, so that (318) and 318 are one; an ioctl's number is its
 * first two arguments. */
static char *plain_value(const char *value)
{
	GString *plain = g_string_new(NULL);
	bool ioctl = g_str_has_prefix(value, "_IO");
	unsigned commas = 0;
	for (const char *p = value; *p; p++) {
		if (ioctl && *p == ',' && ++commas == 2)
			break;
		if (!g_ascii_isspace(*p) && (ioctl || (*p != '(' && *p != ')')))
			g_string_append_c(plain, *p);
	}
	if (ioctl) { /* _IOR and _IOW of one number clash as well */
		const char *open = strchr(plain->str, '(');
		g_string_erase(plain, 0, open ? open - plain->str : 0);
	}
	return g_string_free(plain, FALSE);
}

static bool is_number(const char *plain)
{
	if (*plain == '(')
		return true;
	char *end;
	g_ascii_strtoull(plain, &end, 0);
	if (end != plain && !end[strspn(end, "uUlL")])
		return true;
	return strchr(plain, '+') != NULL; /* base + n */
}

/* "path family value": what a number is taken in. NULL when the touch takes none. */
static char *slot_key(conflict_context *c, const touch *t)
{
	g_autofree char *number = new_number(c, t);
	if (!number)
		return NULL;
	g_autofree char *prefix = family(t->name);
	g_autofree char *plain = plain_value(number);
	if (!prefix || !is_number(plain))
		return NULL;
	return g_strdup_printf("%s %s %s", t->origin ? t->origin : t->tip.path, prefix, plain);
}

static void report(conflict_context *c, series_pair p, const touch *a, const touch *b)
{
	g_autofree char *prefix = family(a->name);
	g_autofree char *number_a = new_number(c, a);
	g_autofree char *number_b = new_number(c, b);
	const char *keys[] = {a->name, b->name, NULL};
	finding *f = context_add_pair(c, "number.collision", SEVERITY_ERROR, p, keys);
	f->confidence = FAMILY_CONFIDENCE;
	const char *name_a = context_series(c, p.a)->name, *name_b = context_series(c, p.b)->name;
	finding_set_title(f, "%s and %s: both take %s", a->name, b->name, number_a);
	f->explanation = g_strdup_printf("%s defines %s as %s (%s:%u), %s defines %s as %s "
					 "(%s:%u). Numbers of the family %s* name "
					 "one thing each, and programs are built with them.",
		name_a, a->name, number_a, a->tip.path, a->tip.line, name_b, b->name, number_b,
		b->tip.path, b->tip.line, prefix);
	f->suggestion =
		g_strdup("Give the later one the next free number, here and in its tables, before "
			 "either is released.");
	finding_add_touch(f, p.a, a);
	finding_add_touch(f, p.b, b);
}

static bool pair(conflict_context *c, series_pair p, GError **err)
{
	const touch_set *a = context_reading(c, p.a)->touches,
			*b = context_reading(c, p.b)->touches;
	if (!a || !b)
		return number_tables(c, p, err);
	g_autoptr(GHashTable) taken = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	for (guint i = 0; i < a->touches->len; i++) {
		touch *t = &g_array_index(a->touches, touch, i);
		char *key = slot_key(c, t);
		if (key && !g_hash_table_contains(taken, key))
			g_hash_table_insert(taken, key, t);
		else
			g_free(key);
	}
	for (guint i = 0; i < b->touches->len; i++) {
		const touch *t = &g_array_index(b->touches, touch, i);
		g_autofree char *key = slot_key(c, t);
		const touch *other = key ? g_hash_table_lookup(taken, key) : NULL;
		if (other && strcmp(other->name, t->name) &&
			!strcmp(other->condition, t->condition))
			report(c, p, other, t);
	}
	return number_tables(c, p, err);
}

const conflict_check check_number = {.name = "number.collision", .pair = pair};
