/* The links between menu entries, as menu_finalize of scripts/kconfig makes them. */
#include "kernel/kconfig_reader.h"

static bool requires_symbol(const kexpr *e, const kconfig_symbol *s, const kconfig *k)
{
	if (!e)
		return false;
	switch (e->kind) {
	case KEXPR_AND:
		return requires_symbol(e->left, s, k) || requires_symbol(e->right, s, k);
	case KEXPR_SYMBOL:
		return e->a == s;
	case KEXPR_EQUAL:
		return (e->a == s && (e->b == k->yes || e->b == k->mod)) ||
		       (e->b == s && (e->a == k->yes || e->a == k->mod));
	case KEXPR_UNEQUAL:
		return (e->a == s && e->b == k->no) || (e->b == s && e->a == k->no);
	default:
		return false;
	}
}

/* Dependencies flow down the blocks; every property's visibility takes them in. */
static void link_entry(kconfig *k, kconfig_entry *parent, const kexpr *around)
{
	for (kconfig_entry *e = parent->children; e; e = e->next) {
		const kexpr *own = e->own;
		e->depends = kexpr_and(k, around, own);
		const kexpr *inside = e->depends;
		if (e->symbol) {
			kconfig_symbol *s = e->symbol;
			/* Defined without any dependency: always there. */
			s->depends = e->depends ? kexpr_or(k, s->depends, e->depends)
						: kexpr_or(k, s->depends, kexpr_symbol(k, k->yes));
			if (s->choice)
				inside = kexpr_and(k, e->depends, kexpr_symbol(k, s));
		}
		if (e->kind == KCONFIG_ENTRY_MENU && e->prompt)
			inside = kexpr_and(k, inside, e->prompt->condition);
		if (e->children)
			link_entry(k, e, inside);
	}
}

static void link_properties(kconfig *k)
{
	for (guint i = 0; i < k->properties->len; i++) {
		kconfig_property *p = g_ptr_array_index(k->properties, i);
		p->visible = kexpr_and(k, p->entry->depends, p->visible);
		if (p->kind != KCONFIG_SELECT && p->kind != KCONFIG_IMPLY)
			continue;
		kconfig_symbol *target = (kconfig_symbol *)p->value->a;
		const kexpr *by = kexpr_and(k, kexpr_symbol(k, p->entry->symbol), p->visible);
		if (p->kind == KCONFIG_SELECT)
			target->selected = kexpr_or(k, target->selected, by);
		else
			target->implied = kexpr_or(k, target->implied, by);
	}
}

/* Adds the values of a choice; an entry that depends on the value before it is a sub-entry of
 * that one, not a value (as menu_finalize makes submenus). */
static void link_members(kconfig *k, kconfig_symbol *choice, const kconfig_entry *block,
	const kconfig_symbol **before)
{
	for (kconfig_entry *e = block->children; e; e = e->next) {
		if (e->kind == KCONFIG_ENTRY_IF) {
			link_members(k, choice, e, before);
			continue;
		}
		if (!e->symbol || e->symbol->choice)
			continue;
		if (*before && requires_symbol(e->depends, *before, k))
			continue;
		kconfig_symbol *s = e->symbol;
		if (choice->type == KCONFIG_UNKNOWN)
			choice->type = s->type;
		if (s->type == KCONFIG_UNKNOWN)
			s->type = choice->type;
		s->chooser = choice;
		g_ptr_array_add(choice->members, s);
		*before = s;
	}
}

static void link_choices(kconfig *k, kconfig_entry *block)
{
	for (kconfig_entry *e = block->children; e; e = e->next) {
		if (e->kind == KCONFIG_ENTRY_CHOICE) {
			kconfig_symbol *s = e->symbol;
			const kconfig_symbol *before = NULL;
			if (!s->members)
				s->members = g_ptr_array_new();
			link_members(k, s, e, &before);
			if (s->type == KCONFIG_UNKNOWN)
				s->type = KCONFIG_BOOL;
			/* A choice that must be made is at least m where its prompt shows. */
			if (!s->optional && e->prompt)
				s->selected = kexpr_or(k, s->selected,
					kexpr_and(k, e->prompt->visible, kexpr_symbol(k, k->mod)));
		}
		if (e->children)
			link_choices(k, e);
	}
}

void kconfig_link(kconfig *k)
{
	link_entry(k, k->root, NULL);
	link_properties(k);
	link_choices(k, k->root);
}
