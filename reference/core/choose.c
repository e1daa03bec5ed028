/* The choice of a backend at boot, and filling the table from it. */
#include "pv/backend.h"

#include "core/string.h"

struct pv_ops pv_ops;

void *pv_slot(const struct pv_ops *ops, unsigned id)
{
	void *target;

	memcpy(&target, (const char *)ops + id * sizeof(target), sizeof(target));
	return target;
}

void pv_use(const struct pv_backend *backend)
{
	for (unsigned id = 0; id < PV_ID_COUNT; id++) {
		void *target = pv_slot(backend->ops, id);

		if (!target)
			target = pv_slot(native_backend.ops, id);
		memcpy((char *)&pv_ops + id * sizeof(target), &target, sizeof(target));
	}
}

/* Where the value of backend= starts in the command line; NULL without one. */
static const char *wanted(const char *line)
{
	for (; *line; line++) {
		if (text_starts(line, "backend="))
			return line + strlen("backend=");
	}
	return NULL;
}

/* `name` is the word that `text` starts with. */
static bool is_word(const char *text, const char *name)
{
	char next;

	if (!text_starts(text, name))
		return false;
	next = text[strlen(name)];
	return next == 0 || next == ' ';
}

const struct pv_backend *pv_choose(const struct pv_boot *boot)
{
	const char *name = wanted(boot->command_line);

	for (unsigned i = 0; pv_backends[i]; i++) {
		const struct pv_backend *backend = pv_backends[i];

		if ((name && !is_word(name, backend->name)) || !backend->detect(boot))
			continue;
		pv_use(backend);
		return backend;
	}
	return NULL;
}
