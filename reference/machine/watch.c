/* Watching the suite judge an object that nobody trusts. Object and suite share one memory and one ring, so the machine
 * itself keeps them apart:
 *
 *  - A verdict is what the suite says by calling suite_told: the machine takes the arguments out of the registers when one
 *    of the calls that were linked into the image gets there. Lines on a serial port count for nothing, nor does what
 *    memory says afterwards.
 *  - While the object acts (from the moment the suite calls it until it returns to just there, helpers of the interface and
 *    page tables of its own making included) it may not write to the suite's code, tables and views, and may enter the
 *    image only where the interface offers a function.
 *  - A return address of the suite's that has changed ends the run.
 *
 * All addresses are physical, which on the bare machine are the ones that the image was linked at. */
#include "machine.h"

#include <stdlib.h>
#include <string.h>

#include "suite/suite.h"

enum {
	EXPORTS_MOST = 1024,
	CALLERS_MOST = 64,
	FRAMES_MOST = 256,	/* of the suite's own calls: deeper ones are not watched */
	ACTORS_MOST = 64,
	SAYS_MOST = 160,
	ENTRIES = 256 * 32,	/* bytes of pv_entries */
	POPPED_MOST = 64,	/* what adjust_exception_frame may take from the stack */
};

struct range {
	uint64_t start, end;
};

/* Who acts, and where that ends. They stand in a stack: the suite calls the object, which calls a function of the
 * interface, which calls the object's operations; an interrupt comes in, and the suite acts again. */
struct actor {
	bool object;
	bool interrupt;		/* the suite, since an interrupt at `back` with the stack at `stack` */
	bool helps;		/* the object is in the image, where the interface offers a function */
	uint64_t stack, back;	/* of the object: the stack where it came in, and where it returns to */
	uint64_t frame_stack;	/* the stack that an iret would leave there */
	uint64_t helper_back;	/* where the function that helps returns to */
};

struct frame {
	uint64_t stack, back;
};

struct watch {
	struct watched what;
	struct range code, own, fixes; /* the suite's: code and constants, what else is its own; image's fixes */
	uint64_t told, entries;
	uint64_t callers[CALLERS_MOST]; /* where calls of suite_told return to */
	size_t caller_count;
	uint64_t exports[EXPORTS_MOST];
	size_t export_count;

	struct actor actors[ACTORS_MOST]; /* the first is the suite */
	size_t depth;			  /* of the one who acts */
	bool returned;			  /* the last instruction was an iret */
	struct frame frames[FRAMES_MOST];
	size_t frame_count;

	struct suite_test *tests;
	struct suite_result *results;
	size_t test_count;
	bool passed_over, running, ended, died;
	size_t test;
	unsigned stage;
	uint64_t direct, inlined;
	char death[SUITE_REASON_MOST];
};

static bool in(const struct range *range, uint64_t address)
{
	return address >= range->start && address < range->end;
}

static uint64_t word_at(const struct machine *m, uint64_t address)
{
	uint64_t value = 0;

	if (address <= RAM_SIZE - sizeof(value))
		memcpy(&value, m->ram + address, sizeof(value));
	return value;
}

/* Text in the guest's memory, one printable line. */
static void text_at(const struct machine *m, uint64_t address, char *out, size_t size)
{
	size_t n = 0;

	while (n + 1 < size && address + n < RAM_SIZE && m->ram[address + n]) {
		char c = (char)m->ram[address + n];

		out[n++] = c < ' ' || c > '~' ? '?' : c;
	}
	out[n] = 0;
}

/* ---- start ---- */

/* Calls of suite_told as they were linked: e8 and the distance. */
static void find_callers(const struct machine *m, struct watch *w)
{
	for (uint64_t at = w->code.start; at + 5 <= w->code.end; at++) {
		int32_t distance;

		memcpy(&distance, m->ram + at + 1, sizeof(distance));
		if (m->ram[at] == 0xe8 && at + 5 + (uint64_t)(int64_t)distance == w->told &&
			w->caller_count < CALLERS_MOST)
			w->callers[w->caller_count++] = at + 5;
	}
}

/* The image's table of tests, with all of them not reached yet. */
static bool read_tests(const struct machine *m, struct watch *w)
{
	uint64_t start = load_symbol("__start_pv_tests"), end = load_symbol("__stop_pv_tests");

	if (!start || end < start || end > RAM_SIZE)
		return false;
	w->test_count = (size_t)(end - start) / sizeof(*w->tests);
	w->tests = calloc(w->test_count + 1, sizeof(*w->tests));
	w->results = calloc(w->test_count + 1, sizeof(*w->results));
	if (!w->tests || !w->results)
		return false;
	for (size_t n = 0; n < w->test_count; n++) {
		char *says = calloc(1, SAYS_MOST);

		memcpy(&w->tests[n], m->ram + start + n * sizeof(*w->tests), sizeof(*w->tests));
		if (says)
			text_at(m, (uint64_t)(uintptr_t)w->tests[n].says, says, SAYS_MOST);
		w->tests[n].says = says;
		if (!says || w->tests[n].id >= PV_ID_COUNT)
			return false;
		for (unsigned stage = 0; stage < SUITE_STAGES; stage++)
			suite_note(&w->results[n], stage, SUITE_SKIP, "not reached");
	}
	return w->test_count != 0;
}

bool watch_start(struct machine *m, const struct watched *what, const char **error)
{
	struct watch *w = m->watch = calloc(1, sizeof(*w));

	*error = "cannot be watched: the image is not of this machine's build";
	if (!w)
		return false;
	w->what = *what;
	w->code = (struct range){load_symbol("image_start"), load_symbol("image_data")};
	w->own = (struct range){load_symbol("__start_tester"), load_symbol("__stop_tester")};
	w->fixes = (struct range){load_symbol("__start_pv_fixes"), load_symbol("__stop_pv_fixes")};
	w->told = load_symbol("suite_told");
	w->entries = load_symbol("pv_entries");
	w->export_count = load_exports(w->exports, EXPORTS_MOST);
	if (!w->code.start || w->code.end > RAM_SIZE || !w->own.start || !w->told || !w->entries)
		return false;
	find_callers(m, w);
	if (!read_tests(m, w))
		return false;
	*error = NULL;
	return true;
}

void watch_free(struct machine *m)
{
	struct watch *w = m->watch;

	if (!w)
		return;
	for (size_t n = 0; w->tests && n < w->test_count; n++)
		free((char *)w->tests[n].says);
	free(w->tests);
	free(w->results);
	free(w);
	m->watch = NULL;
}

/* ---- what the suite says ---- */

static void take_word(struct machine *m, struct watch *w)
{
	uint64_t a = m->reg[RSI], b = m->reg[RDX];
	char text[SUITE_REASON_MOST];

	text_at(m, m->reg[RCX], text, sizeof(text));
	switch ((enum suite_told)m->reg[RDI]) {
	case SUITE_TOLD_BACKEND:
		w->passed_over = b != w->what.backend;
		if (w->passed_over)
			machine_stop(m, "another backend was chosen");
		break;
	case SUITE_TOLD_TEST:
		if (a >= w->test_count || b >= SUITE_STAGES)
			machine_stop(m, "the suite begins a test that it does not have");
		w->test = (size_t)a;
		w->stage = (unsigned)b;
		w->running = true;
		break;
	case SUITE_TOLD_VERDICT:
		if (!w->running || a > SUITE_SKIP)
			machine_stop(m, "the suite judges what it has not begun");
		suite_note(&w->results[w->test], w->stage, (enum suite_verdict)a, text);
		w->running = false;
		break;
	case SUITE_TOLD_PATCHED:
		w->direct = a;
		w->inlined = b;
		break;
	case SUITE_TOLD_DEATH:
		w->died = true;
		memcpy(w->death, text, sizeof(w->death));
		break;
	case SUITE_TOLD_END:
		w->ended = true;
		break;
	}
}

static bool is_caller(const struct watch *w, uint64_t back)
{
	for (size_t n = 0; n < w->caller_count; n++) {
		if (w->callers[n] == back)
			return true;
	}
	return false;
}

/* ---- who acts ---- */

static bool is_export(const struct watch *w, uint64_t address)
{
	if (address >= w->entries && address < w->entries + ENTRIES)
		return true;
	for (size_t n = 0; n < w->export_count; n++) {
		if (w->exports[n] == address)
			return true;
	}
	return false;
}

/* An exception at `from` may go on at `to`: there itself, at the image's fix, or within the object. */
static bool may_go_on(const struct machine *m, const struct watch *w, uint64_t from, uint64_t to)
{
	if (from == to || (!in(&w->code, from) && !in(&w->code, to)))
		return true;
	for (uint64_t at = w->fixes.start; at < w->fixes.end; at += 16) {
		if (word_at(m, at) == from && word_at(m, at + 8) == to)
			return true;
	}
	return false;
}

static struct actor *push(struct machine *m, struct watch *w)
{
	struct actor *actor;

	if (w->depth + 1 == ACTORS_MOST)
		machine_stop(m, "calls within calls of the object, %u deep", ACTORS_MOST);
	actor = &w->actors[++w->depth];
	memset(actor, 0, sizeof(*actor));
	actor->stack = m->reg[RSP];
	return actor;
}

void watch_interrupt(struct machine *m)
{
	struct watch *w = m->watch;
	struct actor *actor;

	if (!w)
		return;
	/* those whose stack has been left are over */
	while (w->actors[w->depth].interrupt && w->actors[w->depth].stack < m->reg[RSP])
		w->depth--;
	actor = push(m, w);
	actor->interrupt = true;
	actor->back = m->rip;
}

/* An iret: back to what was interrupted, and to who acted then. */
static void take_up(struct machine *m, struct watch *w)
{
	for (size_t n = w->depth; n; n--) {
		const struct actor *at = &w->actors[n];

		if (at->interrupt && at->stack == m->reg[RSP] && may_go_on(m, w, at->back, m->rip)) {
			w->depth = n - 1;
			return;
		}
	}
}

/* The next instruction is the object's. */
static void in_object(struct machine *m, struct watch *w)
{
	struct actor *actor = &w->actors[w->depth];

	if (actor->object && (!actor->helps || m->rip == actor->helper_back)) {
		actor->helps = false;
		return;
	}
	actor = push(m, w);
	actor->object = true;
	actor->back = memory_read(m, m->reg[RSP], 8);
	actor->frame_stack = memory_read(m, m->reg[RSP] + 24, 8);
}

/* The next instruction is the image's, and the object acted so far. */
static void in_image(struct machine *m, struct watch *w, bool by_iret)
{
	struct actor *actor = &w->actors[w->depth];
	uint64_t stack = m->reg[RSP];

	if (m->rip == actor->back && ((stack > actor->stack && stack <= actor->stack + POPPED_MOST) ||
					     (by_iret && stack == actor->frame_stack))) {
		w->depth--;
	} else if (!actor->helps) {
		if (!is_export(w, m->rip))
			machine_stop(m, "the object enters the image at 0x%lx, where nothing is offered", m->rip);
		actor->helps = true;
		actor->helper_back = memory_read(m, stack, 8);
	}
}

void watch_step(struct machine *m)
{
	struct watch *w = m->watch;
	bool by_iret = w->returned;
	uint64_t physical;

	memory_fetch(m, m->rip);
	physical = (uint64_t)(m->code - m->ram) + (m->rip & (PAGE - 1));
	w->returned = false;
	if (by_iret)
		take_up(m, w);
	if (!in(&w->code, physical))
		in_object(m, w);
	else if (w->actors[w->depth].object)
		in_image(m, w, by_iret);
	if (physical == w->told && !w->actors[w->depth].object &&
		is_caller(w, memory_read(m, m->reg[RSP], 8)))
		take_word(m, w);
}

void watch_call(struct machine *m, uint64_t back)
{
	struct watch *w = m->watch;

	if (!w || w->actors[w->depth].object)
		return;
	while (w->frame_count && w->frames[w->frame_count - 1].stack <= m->reg[RSP])
		w->frame_count--;
	if (w->frame_count < FRAMES_MOST)
		w->frames[w->frame_count++] = (struct frame){m->reg[RSP], back};
}

void watch_return(struct machine *m, uint64_t to)
{
	struct watch *w = m->watch;
	uint64_t stack = m->reg[RSP] - 8; /* where it was */

	if (!w || w->actors[w->depth].object)
		return;
	while (w->frame_count && w->frames[w->frame_count - 1].stack < stack)
		w->frame_count--;
	if (!w->frame_count || w->frames[w->frame_count - 1].stack != stack)
		return;
	if (w->frames[--w->frame_count].back != to)
		machine_stop(m, "the object changed where the suite returns to");
}

void watch_iret(struct machine *m)
{
	if (m->watch)
		m->watch->returned = true;
}

void watch_write(struct machine *m, uint64_t physical, unsigned size)
{
	const struct watch *w = m->watch;

	if (!w->actors[w->depth].object)
		return;
	if (in(&w->code, physical) || in(&w->code, physical + size - 1) || in(&w->own, physical) ||
		in(&w->own, physical + size - 1))
		machine_stop(m, "the object writes to the suite's memory at 0x%lx", physical);
}

/* ---- what comes of it ---- */

static void to_stdout(const char *text, size_t length)
{
	fwrite(text, 1, length, stdout);
}

static unsigned filled(const struct machine *m, const struct watch *w)
{
	uint64_t table = word_at(m, w->what.backend + offsetof(struct pv_backend, ops));
	unsigned n = 0;

	for (unsigned id = 0; id < PV_ID_COUNT; id++)
		n += table && word_at(m, table + id * 8) != 0;
	return n;
}

/* The test under way fails when nothing comes after it; without one there is no operation to blame. */
static const char *judge_end(struct machine *m, struct watch *w)
{
	const char *why = m->stopped ? m->why : w->died ? w->death : "the machine was switched off";

	if (w->running)
		suite_note(&w->results[w->test], w->stage, SUITE_FAIL, why);
	return why;
}

int watch_tell(struct machine *m, const char *only, const char **error)
{
	struct watch *w = m->watch;
	const char *why = w->ended ? NULL : judge_end(m, w);
	struct suite_tally tally;
	char name[40];

	*error = w->passed_over ? "was not run: its detect() does not take a bare machine" : NULL;
	if (*error)
		return 2;
	text_at(m, word_at(m, w->what.backend), name, sizeof(name));
	printf("# backend: %s, which fills %u of %u operations\n", name, filled(m, w), PV_ID_COUNT);
	suite_tell_plan(to_stdout, only);
	printf("# call sites: %lu made direct, %lu replaced by code\n", w->direct, w->inlined);
	tally = suite_tell(to_stdout, w->tests, w->test_count, w->results, only);
	if (why) {
		printf("Bail out! %s%s\n", why, w->running ? "" : ", outside of any test");
		tally.failed += !tally.failed;
	}
	suite_tell_verdict(to_stdout, &tally);
	return tally.failed ? 1 : 0;
}
