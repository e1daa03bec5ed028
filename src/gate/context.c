/* What the code demands of its callers: interrupts off or on, no preemption, leave to sleep. Read
 * from what it asserts and what it calls, itself, not deeper: a call may stand behind a condition.
 */
#include "gate/meaning.h"

#include <string.h>

const char *demand_name(demand d)
{
	static const char *const names[DEMANDS] = {
		[DEMAND_OFF] = "interrupts-off",
		[DEMAND_ON] = "interrupts-on",
		[DEMAND_NO_PREEMPT] = "preemption-off",
		[DEMAND_SLEEP] = "may-sleep",
		[DEMAND_BOOT] = "boot",
	};
	return names[d];
}

static void note(meaning *x, demand d, unsigned line, const char *name, const char *detail)
{
	if (x->demands & 1u << d)
		return;
	x->demands |= 1u << d;
	x->demand_line[d] = line;
	x->demand_proof[d] = g_strconcat(name, detail, NULL);
}

static bool is_one_of(const char *name, const char *const *words)
{
	return g_strv_contains(words, name);
}

/* BUG_ON(CONDITION): the condition must not hold. */
static void read_assertion(meaning *x, const use *u)
{
	static const char *const assertions[] = {
		"BUG_ON", "WARN_ON", "WARN_ON_ONCE", "VM_BUG_ON", NULL};
	static const struct condition {
		const char *text;
		demand plain,
			negated; /* what BUG_ON(text), BUG_ON(!text) demand; DEMANDS: nothing */
	} conditions[] = {
		{"irqs_disabled()", DEMAND_ON, DEMAND_OFF},
		{"preemptible()", DEMAND_NO_PREEMPT, DEMANDS},
	};
	if (!is_one_of(u->name, assertions))
		return;
	for (size_t i = 0; i < G_N_ELEMENTS(conditions); i++) {
		const char *at = strstr(u->detail, conditions[i].text);
		if (!at)
			continue;
		/* alone in the brackets, so that no other condition decides with it */
		bool negated = at > u->detail && at[-1] == '!';
		bool alone = at == u->detail + 1 + negated &&
			     !strcmp(at + strlen(conditions[i].text), ")");
		demand d = negated ? conditions[i].negated : conditions[i].plain;
		if (alone && d != DEMANDS)
			note(x, d, u->line, u->name, u->detail);
	}
}

static void read_call(meaning *x, const use *u)
{
	/* they turn interrupts on at the end, whatever they were */
	static const char *const turn_on[] = {"spin_unlock_irq", "read_unlock_irq",
		"write_unlock_irq", "write_sequnlock_irq", NULL};
	static const char *const sleep[] = {"might_sleep", "mutex_lock", "down", "down_read",
		"down_write", "schedule", "msleep", "wait_for_completion", "kmap", "GFP_KERNEL",
		"cond_resched", NULL};
	static const char *const off[] = {"lockdep_assert_irqs_disabled", NULL};
	static const char *const on[] = {"lockdep_assert_irqs_enabled", NULL};
	if (is_one_of(u->name, turn_on) || is_one_of(u->name, on))
		note(x, DEMAND_ON, u->line, u->name, u->detail);
	if (is_one_of(u->name, off))
		note(x, DEMAND_OFF, u->line, u->name, u->detail);
	if (is_one_of(u->name, sleep))
		note(x, DEMAND_SLEEP, u->line, u->name, u->detail);
}

/* __init: the function goes when the machine is up. */
static void read_section(meaning *x)
{
	const char *at = strstr(x->function->value, "__init");
	char after = at ? at[strlen("__init")] : '\0';
	if (at && after != '_' && !g_ascii_isalnum(after))
		note(x, DEMAND_BOOT, x->function->line, "__init", "");
}

void demands_read(meaning *x)
{
	guint cursor = 0;
	if (!x->function || x->function->kind != ENTITY_FUNCTION)
		return;
	read_section(x);
	for (const use *u; (u = fact_set_use_within(x->in, x->function, &cursor));) {
		if (u->kind != USE_CALL && u->kind != USE_MACRO && u->kind != USE_REFERENCE)
			continue;
		read_assertion(x, u);
		read_call(x, u);
	}
	/* both at once: some condition decides, which is not read */
	if ((x->demands & 1u << DEMAND_OFF) && (x->demands & 1u << DEMAND_ON))
		x->demands &= ~(1u << DEMAND_OFF | 1u << DEMAND_ON);
}
