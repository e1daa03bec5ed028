/* truce interface conform. */
#include "engine/conform.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "base/install.h"
#include "conform/machine.h"
#include "engine/interface.h"

void conform_report_free(conform_report *r)
{
	if (!r)
		return;
	mediation_free(r->m);
	conform_result_free(r->result);
	g_free(r);
}

/* What the names of the wanted operations begin with: "mmu." or "mmu.set_pte". The caller's. */
static bool find_wanted(char **only, const interface_pack *pack, const char *name, GError **err)
{
	for (guint i = 0; i < pack->points->len; i++) {
		const point *p = g_ptr_array_index(pack->points, i);
		bool group = !strcmp(p->group, name);
		if (!group && strcmp(p->id, name) != 0 && strcmp(p->member, name) != 0)
			continue;
		*only = group ? g_strconcat(name, ".", NULL) : g_strdup(p->id);
		return true;
	}
	return error_set(err, TRUCE_ERROR_NOT_FOUND,
		"`truce interface list " CONFORM_CATALOGUE "` shows them",
		"the interface has no operation '%s'", name);
}

bool engine_conform(conform_report **out, const char *object, const char *operation, GError **err)
{
	g_autoptr(interface_pack) pack = NULL;
	g_autofree char *only = NULL;
	if (!interface_pack_open(&pack, CONFORM_CATALOGUE, NULL, NULL, err) ||
		(operation && !find_wanted(&only, pack, operation, err)))
		return false;
	if (access(object, R_OK))
		return error_set(err, TRUCE_ERROR_NOT_FOUND,
			"check the path; docs/interface.md says how a backend is compiled",
			"%s: %s", object, g_strerror(errno));
	g_autofree char *folder = install_program_dir();
	const machine_run what = {folder, object, only};
	GString *text = NULL;
	if (!conform_machine_run(&text, &what, err))
		return false;
	g_autoptr(conform_report) r = g_new0(conform_report, 1);
	bool ok = conform_ktap_read(&r->result, text->str, text->len, err);
	g_string_free(text, TRUE);
	if (!ok)
		return false;
	r->m = mediation_new();
	r->m->catalogue = g_steal_pointer(&pack->info);
	conform_find(r->m, r->result, object, pack->points);
	*out = g_steal_pointer(&r);
	return true;
}
