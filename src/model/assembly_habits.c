/* The habits, a line each. */
#include "model/assembly_habits.h"

#include <glib.h>
#include <string.h>

#include "base/text.h"

/* Macros in capitals with the symbol as their first argument, as globs. */
static const char *const begin[] = {
	"*ENTRY*",  /* include/linux/linkage.h: ENTRY; x86's KPROBE_ENTRY, ia64's GLOBAL_ENTRY */
	"*_START*", /* include/linux/linkage.h since v5.5: SYM_FUNC_START, SYM_CODE_START_LOCAL */
	"_GLOBAL*", /* powerpc: ppc_asm.h */
	"GLOBAL",   /* x86: asm/linkage.h */
	"LEAF*",    /* mips: asm/asm.h */
	"NESTED*",  /* the same */
	"FEXPORT",  /* the same */
};
static const char *const end[] = {
	"*END*", /* END, ENDPROC, KPROBE_END, SYM_FUNC_END */
};

/* GNU as, its manual's chapters on each machine. */
static const struct comment_habit {
	const char *paths, *characters;
} comments[] = {
	{"arch/{arm,arm26}/**", "@"},
	{"arch/{sparc,sparc64,sh,sh64}/**", "!"},
	{"arch/{m68k,m68knommu}/**", "|"},
	{"arch/{h8300,parisc,cris}/**", ";"},
};

/* Bytes of a macro's name that are compared. */
#define NAME_BYTES 64u

static bool is_one_of(const char *const *globs, size_t count, const char *name, size_t len)
{
	char text[NAME_BYTES];
	if (len >= sizeof(text))
		return false;
	memcpy(text, name, len);
	text[len] = '\0';
	for (size_t i = 0; i < count; i++)
		if (text_glob_match(globs[i], text))
			return true;
	return false;
}

bool assembly_begins_symbol(const char *name, size_t len)
{
	return is_one_of(begin, G_N_ELEMENTS(begin), name, len);
}

bool assembly_ends_symbol(const char *name, size_t len)
{
	return is_one_of(end, G_N_ELEMENTS(end), name, len);
}

const char *assembly_comment_characters(const char *path)
{
	for (size_t i = 0; i < G_N_ELEMENTS(comments); i++)
		if (text_glob_match(comments[i].paths, path))
			return comments[i].characters;
	return "";
}

bool assembly_is_code(const char *path)
{
	return (g_str_has_suffix(path, ".S") || g_str_has_suffix(path, ".s")) &&
	       !g_str_has_suffix(path, ".lds.S");
}
