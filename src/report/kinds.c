/* The kinds of finding in one line each. */
#include "report/kinds.h"

#include <string.h>

static const struct {
	const char *kind, *summary;
} summaries[] = {
	{"series.unapplied", "a hunk of a series has no place on the base"},
	{"text.conflict", "git cannot merge a file of the two"},
	{"text.adjacent", "changes within three lines of each other"},
	{"patch.equivalent", "the same patch, or the same lines, in two series"},
	{"code.same-entity", "one function, macro, type or variable changed by both"},
	{"code.signature", "one changes a signature that the other relies on"},
	{"code.layout", "both add fields to one struct"},
	{"code.duplicate-definition", "both define the same name"},
	{"code.removed-in-use", "one removes what the other starts to use"},
	{"code.renamed-in-use", "one renames what the other starts to use"},
	{"code.macro-value", "both define a macro, with different values"},
	{"code.semantics", "the merge is clean, the meaning is not"},
	{"config.symbol", "both define or change a configuration symbol"},
	{"config.exclusive", "a choice in Kconfig lets only one of them be built"},
	{"build.object", "both change the rule of one object"},
	{"number.collision", "both take the same number for different things"},
	{"merge.breaks", "the clean merge no longer parses"},
	{"point.contested", "two series each bring their own of one operation"},
	{"point.contract", "they mean different things by one operation"},
	{"point.bypass", "a privileged operation goes around the interface"},
	{"point.incomplete", "a backend lacks an operation that it must have"},
	{"interface.drift", "the interface in the tree is not the one in the catalogue"},
};

const char *kind_summary(const char *kind)
{
	for (size_t i = 0; i < G_N_ELEMENTS(summaries); i++) {
		if (!strcmp(summaries[i].kind, kind))
			return summaries[i].summary;
	}
	return "";
}
