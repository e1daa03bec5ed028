/* Verdicts told in KTAP. Part of the image, and of the program that watches it. */
#include "suite/verdict.h"

#include "core/string.h"

struct operation {
	const char *group, *name;
};
#define PV_OP(group, name, ...) {#group, #name},
static const struct operation operations[] = {
#include "pv/ops/all.h"
};
#undef PV_OP

enum { OPERATIONS = sizeof(operations) / sizeof(operations[0]) };

static const char *const stage_names[SUITE_STAGES] = {"indirect calls", "patched sites"};

static void say(suite_write *write, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void say(suite_write *write, const char *format, ...)
{
	char line[SUITE_LINE_MOST];
	va_list list;
	size_t length;

	va_start(list, format);
	length = text_format_list(line, sizeof(line) - 1, format, list);
	va_end(list);
	line[length] = '\n';
	write(line, length + 1);
}

bool suite_wanted(unsigned id, const char *only)
{
	char name[SUITE_LINE_MOST];

	if (!only)
		return true;
	text_format(name, sizeof(name), "%s.%s", operations[id].group, operations[id].name);
	return text_starts(name, only);
}

/* Worse is what a report must show: failed before skipped before ok. */
static enum suite_verdict worst(const struct suite_result *result)
{
	enum suite_verdict found = SUITE_OK;

	for (unsigned stage = 0; stage < SUITE_STAGES; stage++) {
		if (result->verdict[stage] == SUITE_FAIL)
			return SUITE_FAIL;
		if (result->verdict[stage] == SUITE_SKIP)
			found = SUITE_SKIP;
	}
	return found;
}

void suite_note(struct suite_result *result, unsigned stage, enum suite_verdict verdict, const char *reason)
{
	result->verdict[stage] = verdict;
	if (verdict != SUITE_OK && verdict == worst(result))
		text_format(result->reason, sizeof(result->reason), "%s%s", reason,
			verdict == SUITE_FAIL && stage ? " (patched)" : "");
}

void suite_name(char *out, size_t size, const struct suite_test *test, unsigned stage)
{
	text_format(out, size, "%s.%s: %s (%s)", operations[test->id].group, operations[test->id].name,
		test->says, stage_names[stage]);
}

void suite_tell_plan(suite_write *write, const char *only)
{
	unsigned planned = 0;

	for (unsigned id = 0; id < OPERATIONS; id++)
		planned += suite_wanted(id, only);
	say(write, "KTAP version 1");
	say(write, "1..%u", planned);
}

static void tell_test(suite_write *write, const struct suite_test *test, const struct suite_result *result,
	unsigned number)
{
	enum suite_verdict verdict = worst(result);

	if (verdict == SUITE_FAIL)
		say(write, "    # %s", result->reason);
	say(write, "    %s %u %s%s%s", verdict == SUITE_FAIL ? "not ok" : "ok", number, test->says,
		verdict == SUITE_SKIP ? " # SKIP " : "",
		verdict == SUITE_SKIP ? result->reason : "");
}

/* One operation: skipped only where all of its tests are. */
static void tell_operation(suite_write *write, const struct suite_test *tests, size_t count,
	const struct suite_result *results, unsigned id, unsigned number, struct suite_tally *tally)
{
	const char *group = operations[id].group, *name = operations[id].name;
	struct suite_tally own = {0};
	unsigned n = 0;

	for (size_t at = 0; at < count; at++)
		n += tests[at].id == id;
	say(write, "    KTAP version 1");
	say(write, "    # Subtest: %s.%s", group, name);
	say(write, "    1..%u", n);
	n = 0;
	for (size_t at = 0; at < count; at++) {
		enum suite_verdict verdict;

		if (tests[at].id != id)
			continue;
		tell_test(write, &tests[at], &results[at], ++n);
		verdict = worst(&results[at]);
		own.ok += verdict == SUITE_OK;
		own.failed += verdict == SUITE_FAIL;
		own.skipped += verdict == SUITE_SKIP;
	}
	if (own.failed || !n) {
		say(write, "not ok %u %s.%s", number, group, name);
		tally->failed++;
	} else if (!own.ok) {
		say(write, "ok %u %s.%s # SKIP not to be seen here", number, group, name);
		tally->skipped++;
	} else {
		say(write, "ok %u %s.%s", number, group, name);
		tally->ok++;
		tally->whole += !own.skipped;
	}
}

struct suite_tally suite_tell(suite_write *write, const struct suite_test *tests, size_t count,
	const struct suite_result *results, const char *only)
{
	struct suite_tally tally = {0};
	unsigned number = 0;

	for (unsigned id = 0; id < OPERATIONS; id++) {
		if (suite_wanted(id, only))
			tell_operation(write, tests, count, results, id, ++number, &tally);
	}
	say(write, "# Totals: pass:%u fail:%u xfail:0 xpass:0 skip:%u error:0", tally.ok, tally.failed,
		tally.skipped);
	return tally;
}

void suite_tell_verdict(suite_write *write, const struct suite_tally *tally)
{
	say(write, "# verdict: %s: operations: %u ok (%u with no test skipped), %u failed, %u skipped",
		tally->failed ? "fail" : "pass", tally->ok, tally->whole, tally->failed, tally->skipped);
}
