/* Runs the image on a simulated machine: pv-machine [--on bare|xen|lguest] [--rom FILE] IMAGE [WORDS].
 * --break FUNCTION:KIND puts a defect into the image, for the check that the suite finds it.
 * What the image writes goes to stdout. Exit: 0 it powered off after "verdict: pass", 1 otherwise, 2 wrong use.
 * --break FUNCTION:KIND puts a defect into the image, for the check that the suite finds it.
 * --object FILE runs a vendor's backend, a relocatable object, in a process that is locked down; what goes to stdout then
 * is what the machine saw the suite find out (watch.c). Exit: 0 it conforms, 1 it does not, 2 it could not be run. */
#include "machine.h"

#include <getopt.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

enum {
	LIMIT = 200000000,	 /* instructions: the suite takes 3 million */
	LIMIT_OBJECT = 30000000, /* a second; the suite takes 3 million */
	LIMIT_BROKEN = 6000000,  /* a defect may well never end */
	LINE_MOST = 1024,
};

void machine_stop(struct machine *m, const char *format, ...)
{
	static char text[200];
	va_list list;

	va_start(list, format);
	vsnprintf(text, sizeof(text), format, list);
	va_end(list);
	m->stopped = true;
	m->why = text;
	longjmp(m->fault, 2);
}

void cpu_fault(struct machine *m, unsigned vector, int64_t error)
{
	m->fault_vector = vector;
	m->fault_error = error;
	longjmp(m->fault, 1);
}

/* Sleeps until something may wake it: time goes on to the next timer. */
static void sleep_on(struct machine *m)
{
	if (!m->tick.on)
		machine_stop(m, "the CPU sleeps and nothing will wake it");
	if (m->mode == MODE_BARE && !(m->rflags & IF))
		machine_stop(m, "the CPU sleeps with interrupts off");
	if (m->cycles < m->tick.next)
		m->cycles = m->tick.next;
	m->instructions += 100; /* a sleep that nothing ends has an end */
}

static void interrupts(struct machine *m)
{
	bool shadow = m->interrupt_shadow;

	m->interrupt_shadow = false;
	if (m->mode == MODE_XEN) {
		xen_events(m);
	} else if (m->mode == MODE_LGUEST) {
		lguest_events(m);
	} else if (m->rflags & IF && !shadow && device_interrupt_waits(m)) {
		m->halted = false;
		system_deliver(m, (unsigned)device_interrupt(m), NO_ERROR);
	}
}

/* The defect acts where the function starts, or where it has returned. */
static void break_function(struct machine *m)
{
	uint64_t page;

	if (m->rip == m->defect.back && m->reg[RSP] == m->defect.stack) {
		m->defect.back = 0;
		m->reg[RAX] ^= 1;
	}
	if (m->rip != m->defect.at)
		return;
	m->defect.back = 0;
	switch (m->defect.kind) {
	case 's':
		m->rip = memory_read(m, m->reg[RSP], 8);
		m->reg[RSP] += 8;
		break;
	case 'r':
		m->defect.back = memory_read(m, m->reg[RSP], 8);
		m->defect.stack = m->reg[RSP] + 8;
		break;
	default: /* what %rdi names, as a frame or as an address; else the flag and a register */
		page = m->reg[RDI] < RAM_FRAMES ? m->reg[RDI] << PAGE_SHIFT : m->reg[RDI] & FRAME_BITS;
		if (page >= 0x100000 && page < RAM_SIZE)
			physical_write(m, page, 0);
		m->rflags ^= IF;
		m->reg[RCX] ^= 1;
		break;
	}
}

static void step(struct machine *m)
{
	if (m->watch)
		watch_step(m);
	cpu_step(m);
}

void machine_run(struct machine *m)
{
	/* every exception comes back here: 1 goes to the image, 2 ends the run */
	int what = setjmp(m->fault);

	if (what == 1) {
		if (m->delivering) {
			m->stopped = true;
			m->why = "an exception while another was being delivered";
		} else {
			m->delivering = true;
			m->rip = m->fault_rip;
			system_deliver(m, m->fault_vector, m->fault_error);
		}
	}
	m->delivering = false;
	while (!m->powered_off && !m->stopped) {
		if (m->instructions >= m->limit)
			machine_stop(m, "still running after %lu instructions", m->instructions);
		device_tick(m);
		m->fault_rip = m->rip;
		interrupts(m);
		if (m->halted)
			sleep_on(m);
		else
			step(m);
		if (m->defect.at)
			break_function(m);
	}
}

/* Collects what is written, to find the verdict. */
struct output {
	char *text;
	size_t size;
};

static bool passed(const char *text)
{
	return text && strstr(text, "\n# verdict: pass") != NULL;
}

static int usage(void)
{
	fprintf(stderr, "usage: pv-machine [--on bare|xen|lguest] [--rom FILE] [--break FUNCTION:skip|result|harm] "
			"IMAGE [WORDS]\n       pv-machine --object FILE IMAGE [WORDS]\n");
	return 2;
}

/* FUNCTION:KIND */
static bool plan_defect(struct machine *m, const char *what)
{
	char name[80];
	const char *colon = strchr(what, ':');

	if (!colon || (size_t)(colon - what) >= sizeof(name))
		return false;
	memcpy(name, what, (size_t)(colon - what));
	name[colon - what] = 0;
	m->defect.at = load_symbol(name);
	m->defect.kind = colon[1];
	return m->defect.at != 0;
}

/* What the options ask for. */
struct wishes {
	const char *rom, *defect, *object, *image;
	char words[LINE_MOST]; /* the image's command line */
};

static bool start_image(struct machine *m, const struct wishes *wishes, uint64_t end, const char **error)
{
	*error = "has no such function to break";
	if (wishes->defect && !plan_defect(m, wishes->defect))
		return false;
	if (m->mode == MODE_BARE)
		return load_bare(m, end, wishes->words, wishes->rom, error);
	*error = "has no entry for this machine";
	if (m->mode == MODE_XEN) {
		uint64_t entry = load_symbol("start_xen"), page = load_symbol("xen_hypercall_page");

		if (!entry || !page)
			return false;
		xen_boot(m, end, entry, page, wishes->words);
	} else {
		m->rip = load_symbol("start64");
		if (!m->rip)
			return false;
		lguest_boot(m, wishes->words);
	}
	*error = NULL;
	return true;
}

static int refuse(const char *what, const char *why)
{
	fprintf(stderr, "pv-machine: %s %s\n", what, why);
	return 2;
}

/* The image alone, which is ours: what it writes to its line is believed. */
static int run_image(struct machine *m, const struct wishes *wishes)
{
	struct output output = {NULL, 0};
	const char *error;
	uint64_t end;
	int status;

	m->limit = wishes->defect ? LIMIT_BROKEN : LIMIT;
	m->out = open_memstream(&output.text, &output.size);
	if (!m->out)
		return 2;
	if (!load_image(m, wishes->image, &end, &error) || !start_image(m, wishes, end, &error)) {
		fclose(m->out);
		free(output.text);
		return refuse(wishes->image, error);
	}
	machine_run(m);
	fclose(m->out);
	fwrite(output.text, 1, output.size, stdout);
	if (m->stopped)
		printf("Bail out! machine stopped: %s\n", m->why);
	status = passed(output.text) && !m->stopped ? 0 : 1;
	free(output.text);
	return status;
}

/* What "only=" in the command line asks for; NULL without. */
static const char *only(const char *words)
{
	const char *found = strstr(words, "only=");

	return found ? found + strlen("only=") : NULL;
}

/* An object with it, which nobody trusts. From the reading of its bytes on, the process is locked down. */
static int run_object(struct machine *m, const struct wishes *wishes)
{
	static char buffer[1 << 16];
	struct object *object;
	const char *error;
	uint64_t end;
	int status = 2;

	m->limit = LIMIT_OBJECT;
	setvbuf(stdout, buffer, _IOFBF, sizeof(buffer)); /* else the library asks what stdout is, once it may not */
	if (!load_image(m, wishes->image, &end, &error))
		return refuse(wishes->image, error);
	object = object_read(wishes->object, &error);
	if (!object) {
		refuse(wishes->object, error);
	} else if (!machine_lock_down()) {
		refuse(wishes->object, "was not run: this process cannot be locked down");
	} else if (!object_bind(m, object, &end, &error) || !start_image(m, wishes, end, &error)) {
		refuse(wishes->object, error);
	} else {
		machine_run(m);
		status = watch_tell(m, only(wishes->words), &error);
		if (error)
			refuse(wishes->object, error);
	}
	object_free(object);
	watch_free(m);
	return status;
}

static bool read_options(struct machine *m, struct wishes *wishes, int argc, char **argv)
{
	static const struct option options[] = {
		{"on", required_argument, NULL, 'o'}, {"rom", required_argument, NULL, 'r'},
		{"break", required_argument, NULL, 'b'}, {"object", required_argument, NULL, 'j'}, {0}};
	int option;

	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (option == 'r')
			wishes->rom = optarg;
		else if (option == 'j')
			wishes->object = optarg;
		else if (option == 'b')
			wishes->defect = optarg;
		else if (option == 'o' && strcmp(optarg, "xen") == 0)
			m->mode = MODE_XEN;
		else if (option == 'o' && strcmp(optarg, "lguest") == 0)
			m->mode = MODE_LGUEST;
		else if (option != 'o' || strcmp(optarg, "bare") != 0)
			return false;
	}
	if (optind >= argc || (wishes->object && (m->mode != MODE_BARE || wishes->rom || wishes->defect)))
		return false;
	wishes->image = argv[optind];
	for (int n = optind + 1; n < argc; n++) {
		size_t length = strlen(wishes->words);

		snprintf(wishes->words + length, sizeof(wishes->words) - length, "%s%s",
			n > optind + 1 ? " " : "", argv[n]);
	}
	return true;
}

int main(int argc, char **argv)
{
	struct machine *m = calloc(1, sizeof(*m));
	struct wishes wishes = {0};
	int status;

	if (!m)
		return 2;
	m->ram = calloc(1, RAM_SIZE);
	if (!m->ram || !read_options(m, &wishes, argc, argv))
		status = m->ram ? usage() : 2;
	else
		status = wishes.object ? run_object(m, &wishes) : run_image(m, &wishes);
	xen_free(m);
	lguest_free(m);
	load_free();
	free(m->ram);
	free(m);
	return status;
}
