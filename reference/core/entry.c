/* Entries from exceptions and interrupts: 256 stubs that make a struct pv_frame and call a handler. They
 * go in and out through the interface (adjust_exception_frame, iret), so that one set serves all. */
#include "pv/backend.h"

enum { ENTRY_SIZE = 32, EXCEPTIONS = 32, EVENT = 256 };

extern const char pv_entries[];
extern const struct pv_fix __start_pv_fixes[], __stop_pv_fixes[];

/* A second list of fixes, of a backend that was loaded after the image was linked; empty: NULL, NULL. */
const struct pv_fix *volatile pv_fixes_more[2];

static pv_handler *handlers[256];
pv_handler *pv_unhandled;
pv_handler *pv_event_handler;

void pv_dispatch(struct pv_frame *frame);

/* Never called: a place for assembly that needs numbers from C.
 *
 * On entry the stack holds what the CPU pushed: [error], rip, cs, rflags, rsp, ss. The exceptions that
 * push an error word are 8, 10 to 14, 17, 21, 29 and 30 (SDM 3A table 6-1); the others get a zero. */
__attribute__((used)) static void entries(void)
{
	__asm__ volatile(".pushsection .text\n\t"
			 ".balign 32\n"
			 "pv_entries:\n\t"
			 "vector = 0\n\t"
			 ".rept 256\n\t"
			 ".balign 32\n\t"
			 "771:\tcall *pv_ops+%c[adjust](%%rip)\n"
			 "772:\t.pushsection pv_sites,\"aw\"\n\t.balign 8\n\t.quad 771b\n\t"
			 ".short %c[id]\n\t.byte 772b-771b\n\t.balign 8\n\t.popsection\n\t"
			 ".if vector > 31 || !((0x60227d00 >> (vector & 31)) & 1)\n\t"
			 "pushq $0\n\t"
			 ".endif\n\t"
			 "pushq $vector\n\t"
			 "jmp pv_common\n\t"
			 "vector = vector + 1\n\t"
			 ".endr\n\t"
			 ".balign 32\n\t"
			 ".globl pv_entry_event\n"
			 "pv_entry_event:\n\t"
			 "call *pv_ops+%c[adjust](%%rip)\n\t"
			 "pushq $0\n\t"
			 "pushq $%c[event]\n"
			 "pv_common:\n\t"
			 "pushq %%rdi\n\tpushq %%rsi\n\tpushq %%rdx\n\tpushq %%rcx\n\tpushq %%rax\n\t"
			 "pushq %%r8\n\tpushq %%r9\n\tpushq %%r10\n\tpushq %%r11\n\t"
			 "movq %%rsp,%%rdi\n\t"
			 "pushq %%rbp\n\t"
			 "movq %%rsp,%%rbp\n\t"
			 "andq $-16,%%rsp\n\t"
			 "cld\n\t"
			 "call pv_dispatch\n\t"
			 "movq %%rbp,%%rsp\n\t"
			 "popq %%rbp\n\t"
			 "popq %%r11\n\tpopq %%r10\n\tpopq %%r9\n\tpopq %%r8\n\t"
			 "popq %%rax\n\tpopq %%rcx\n\tpopq %%rdx\n\tpopq %%rsi\n\tpopq %%rdi\n\t"
			 "addq $16,%%rsp\n\t"
			 "jmp *pv_ops+%c[iret](%%rip)\n\t"
			 ".popsection"
			 :
			 : [adjust] "i"(PV_ID_adjust_exception_frame * 8),
			 [id] "i"(PV_ID_adjust_exception_frame), [iret] "i"(PV_ID_iret * 8),
			 [event] "i"(EVENT));
}

uint64_t pv_entry(unsigned vector)
{
	return (uint64_t)(uintptr_t)pv_entries + (uint64_t)vector * ENTRY_SIZE;
}

pv_handler *pv_handle(unsigned vector, pv_handler *handler)
{
	pv_handler *before = handlers[vector];

	handlers[vector] = handler;
	return before;
}

static bool fix_from(struct pv_frame *frame, const struct pv_fix *from, const struct pv_fix *to)
{
	for (const struct pv_fix *fix = from; fix < to; fix++) {
		if (fix->fault == frame->rip) {
			frame->rip = fix->fix;
			return true;
		}
	}
	return false;
}

/* An exception at an instruction that may fault goes on at its fix. */
bool pv_fixed(struct pv_frame *frame)
{
	return frame->vector < EXCEPTIONS && (fix_from(frame, __start_pv_fixes, __stop_pv_fixes) ||
						     fix_from(frame, pv_fixes_more[0], pv_fixes_more[1]));
}

void pv_dispatch(struct pv_frame *frame)
{
	if (frame->vector == EVENT)
		pv_event_handler(frame);
	else if (handlers[frame->vector])
		handlers[frame->vector](frame);
	else if (!pv_fixed(frame))
		pv_unhandled(frame);
}
