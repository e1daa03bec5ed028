/* What a catalogue is made of. */
#include "interface/rule.h"

static void list_free(GPtrArray *list)
{
	if (list)
		g_ptr_array_unref(list);
}

void rule_free(rule *r)
{
	if (!r)
		return;
	g_free(r->id);
	list_free(r->base_has);
	list_free(r->base_lacks);
	list_free(r->paths);
	list_free(r->not_paths);
	list_free(r->names);
	list_free(r->body.has);
	list_free(r->body.lacks);
	list_free(r->gains);
	list_free(r->loses);
	list_free(r->other.has);
	list_free(r->other.lacks);
	list_free(r->uses);
	list_free(r->via);
	list_free(r->beside);
	g_free(r->kind);
	g_free(r->note);
	g_free(r);
}

void point_spec_free(point_spec *s)
{
	if (!s)
		return;
	point_free(s->point);
	g_free(s->slot);
	list_free(s->rules);
	g_free(s);
}

void fit_test_free(fit_test *t)
{
	if (!t)
		return;
	g_free(t->path);
	g_free(t);
}
