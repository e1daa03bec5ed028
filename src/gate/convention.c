/* How an implementation is entered: what its declaration says, or, of assembly, what its code reads
 * first. A function without a word about it is as the compiler is told for all. */
#include "gate/meaning.h"

#include <string.h>

/* Instructions of a label that are looked at: arguments are read at its beginning. */
#define LABEL_INSTRUCTIONS 40u

const char *convention_name(convention c)
{
	static const char *const names[CONVENTIONS] = {
		[CONVENTION_UNSAID] = "",
		[CONVENTION_REGISTERS] = "fastcall",
		[CONVENTION_STACK] = "stack",
		[CONVENTION_CALLEE_SAVE] = "callee-save",
		[CONVENTION_JUMP] = "jump",
	};
	return names[c];
}

static bool is_word(char c)
{
	return g_ascii_isalnum(c) || c == '_';
}

static bool has_word(const char *text, const char *word)
{
	size_t len = strlen(word);
	for (const char *at = strstr(text, word); at; at = strstr(at + 1, word))
		if ((at == text || !is_word(at[-1])) && !is_word(at[len]))
			return true;
	return false;
}

static void say(meaning *x, convention c, const char *proof)
{
	if (x->convention != CONVENTION_UNSAID)
		return;
	x->convention = c;
	x->convention_proof = g_strdup(proof);
}

static void read_declaration(meaning *x)
{
	static const struct word {
		const char *text;
		convention convention;
	} words[] = {
		{"fastcall", CONVENTION_REGISTERS},
		{"FASTCALL", CONVENTION_REGISTERS},
		{"regparm(3)", CONVENTION_REGISTERS},
		{"asmlinkage", CONVENTION_STACK},
		{"regparm(0)", CONVENTION_STACK},
		{"__cdecl", CONVENTION_STACK},
	};
	for (size_t i = 0; i < G_N_ELEMENTS(words); i++)
		if (strstr(words[i].text, "(") ? strstr(x->function->value, words[i].text) != NULL
					       : has_word(x->function->value, words[i].text))
			say(x, words[i].convention, words[i].text);
}

/* ---- assembly ---- */

/* "8(%esp)": an argument on the stack, before anything was pushed. 0(%esp) is where to return. */
static bool reads_stack(const char *operands)
{
	const char *at = strstr(operands, "(%esp)");
	at = at ? at : strstr(operands, "(%rsp)");
	if (!at)
		return false;
	const char *start = at;
	while (start > operands && g_ascii_isalnum(start[-1]))
		start--;
	return start < at && g_ascii_strtoull(start, NULL, 0) >= 4 &&
	       (start == operands || start[-1] != '-');
}

/* A general register that carries an argument, in any width: %eax, %ax, %ah, %al. */
static const char *argument_register(const char *operands)
{
	for (const char *p = strchr(operands, '%'); p; p = strchr(p + 1, '%')) {
		const char *name = p + 1;
		name += *name == '%';
		name += *name == 'e' || *name == 'r';
		if (*name && strchr("acd", *name) && name[1] && strchr("xhl", name[1]) &&
			!is_word(name[2]))
			return p;
	}
	return NULL;
}

/* Does the instruction read its argument register, or only write it? In AT&T's order what is
 * written comes last. */
static bool reads_register(const use *u)
{
	static const char *const writers[] = {"mov", "lea", "set", "pop", "xor", "sub", NULL};
	const char *at = argument_register(u->detail);
	bool writes = false;
	for (const char *const *w = writers; *w && !writes; w++)
		writes = g_str_has_prefix(u->name, *w);
	if (!at)
		return false;
	return !writes || strchr(at, ',') != NULL;
}

/* Does it leave for good: not to the caller, but to where the frame says? */
static bool leaves(const use *u)
{
	return g_str_has_prefix(u->name, "iret") || g_str_has_prefix(u->name, "sysexit") ||
	       g_str_has_prefix(u->name, "sysret") ||
	       (!strcmp(u->name, "jmp") && strstr(u->detail, "iret"));
}

static void read_label(meaning *x)
{
	unsigned count = 0;
	bool told = false, pushed = false; /* told: of registers or the stack */
	for (guint i = 0; i < x->in->uses->len && count < LABEL_INSTRUCTIONS; i++) {
		const use *u = &g_array_index(x->in->uses, use, i);
		if (u->kind != USE_INSTRUCTION || u->line < x->function->line || *u->name == '.')
			continue;
		count++;
		if (leaves(u)) {
			g_free(g_steal_pointer(&x->convention_proof));
			x->convention = CONVENTION_UNSAID;
			say(x, CONVENTION_JUMP, u->name);
			return;
		}
		if (g_str_has_prefix(u->name, "ret"))
			return;
		if (!told && !pushed && reads_stack(u->detail)) {
			say(x, CONVENTION_STACK, u->detail);
			told = true;
		} else if (!told && argument_register(u->detail)) {
			if (reads_register(u))
				say(x, CONVENTION_REGISTERS, u->detail);
			told = true;
		}
		pushed |= g_str_has_prefix(u->name, "push");
	}
}

/* What is put into the slot: a thunk that keeps the registers. */
static void read_filling(meaning *x, const char *text)
{
	if (strstr(text, "CALLEE_SAVE("))
		say(x, CONVENTION_CALLEE_SAVE, text);
}

void convention_read(meaning *x)
{
	x->convention = CONVENTION_UNSAID;
	if (x->filling)
		read_filling(x, x->filling);
	if (!x->function)
		return;
	if (x->function->kind == ENTITY_FUNCTION)
		read_declaration(x);
	else if (x->function->kind == ENTITY_ASM_LABEL)
		read_label(x);
}
