/* The interface: struct pv_ops, one slot an operation, and pv_NAME() to call each.
 *
 * The operations and their contracts stand in pv/ops/GROUP.h, one entry each:
 *   PV_OP(group, name, convention, type, parameters, arguments, like, native, manual)
 * `like` is the member of Linux' pv_ops with this task, `native` the instruction that does it on bare
 * metal (the least part of it), `manual` where that is described. The convention says what a call changes:
 *   C     what the System V ABI lets a function change
 *   KEEP  %rax and the flags only, so that a call costs its caller no register
 *   JUMP  not for C: part of the way in and out of handlers
 * and C_VOID, KEEP_VOID are the same where nothing is returned. No operation changes the interrupt flag unless
 * its contract says so.
 * rules/reference.yaml is checked against these files by a test.
 *
 * On x86-64 pv_NAME() is a call site of 6 bytes: `call *slot(%rip)` until pv_patch_sites() (pv/patch.h) has made it a
 * direct call or the backend's own code (pv/patch.h). Arguments go in %rdi, %rsi, %rdx, %rcx. */
#ifndef PV_OPS_H
#define PV_OPS_H

#include "pv/types.h"

/* struct pv_irq_ops and so on: one a group, as pv_ops has had since v2.6.24. */
struct pv_init_ops {
#define PV_OP(group, name, conv, type, params, ...) type(*name) params;
#include "ops/init.h"
#undef PV_OP
};
struct pv_time_ops {
#define PV_OP(group, name, conv, type, params, ...) type(*name) params;
#include "ops/time.h"
#undef PV_OP
};
struct pv_cpu_ops {
#define PV_OP(group, name, conv, type, params, ...) type(*name) params;
#include "ops/cpu.h"
#undef PV_OP
};
struct pv_irq_ops {
#define PV_OP(group, name, conv, type, params, ...) type(*name) params;
#include "ops/irq.h"
#undef PV_OP
};
struct pv_apic_ops {
#define PV_OP(group, name, conv, type, params, ...) type(*name) params;
#include "ops/apic.h"
#undef PV_OP
};
struct pv_mmu_ops {
#define PV_OP(group, name, conv, type, params, ...) type(*name) params;
#include "ops/mmu.h"
#undef PV_OP
};
struct pv_lock_ops {
#define PV_OP(group, name, conv, type, params, ...) type(*name) params;
#include "ops/lock.h"
#undef PV_OP
};

struct pv_ops {
	struct pv_init_ops init;
	struct pv_time_ops time;
	struct pv_cpu_ops cpu;
	struct pv_irq_ops irq;
	struct pv_apic_ops apic;
	struct pv_mmu_ops mmu;
	struct pv_lock_ops lock;
};

/* PV_ID_save_fl and so on: an operation's number, which is its slot in struct pv_ops. */
enum pv_id {
#define PV_OP(group, name, ...) PV_ID_##name,
#include "ops/all.h"
#undef PV_OP
	PV_ID_COUNT
};
_Static_assert(sizeof(struct pv_ops) == PV_ID_COUNT * sizeof(void (*)(void)), "one slot each");

/* The table in force. Written by pv_choose() at boot, then by nobody. */
extern struct pv_ops pv_ops;

#ifndef __x86_64__

/* i386: the same table, called through; no sites to patch, and no KEEP calls. */
#define PV_PLAIN_C(group, name, type, params, args) \
	static inline type pv_##name params \
	{ \
		return pv_ops.group.name args; \
	}
#define PV_PLAIN_KEEP PV_PLAIN_C
#define PV_PLAIN_C_VOID(group, name, type, params, args) \
	static inline void pv_##name params \
	{ \
		pv_ops.group.name args; \
	}
#define PV_PLAIN_KEEP_VOID PV_PLAIN_C_VOID
#define PV_PLAIN_JUMP(group, name, type, params, args)
#define PV_OP(group, name, conv, type, params, args, ...) PV_PLAIN_##conv(group, name, type, params, args)
#include "ops/all.h"
#undef PV_OP

#else

/* What a call site leaves for pv_patch_sites(). */
struct pv_site {
	uint8_t *address;
	uint16_t id;
	uint8_t length;
	uint8_t original[5]; /* its first bytes before patching: kept to undo it */
};

/* A call inside an asm statement moves the stack: the compiler must have set up the frame. */
register uint64_t pv_stack __asm__("rsp");

#define PV_STRING_(x) #x
#define PV_STRING(x) PV_STRING_(x)
#define PV_SITE \
	"771:\n\tcall *pv_ops+%c[slot](%%rip)\n772:\n\t" \
	".pushsection pv_sites,\"aw\"\n\t.balign 8\n\t.quad 771b\n\t.short %c[id]\n\t.byte 772b-771b\n\t" \
	".balign 8\n\t.popsection"
#define PV_WHICH(number) [slot] "i"((number)*8), [id] "i"(number)

/* Any value of at most 8 bytes as the register that carries it, and back. */
#define PV_REGISTER(x) \
	(((union { \
		__typeof__(x) value; \
		uint64_t word; \
	}){.value = (x)}) \
			.word)
#define PV_VALUE(type, x) \
	(((union { \
		uint64_t word; \
		type value; \
	}){.word = (x)}) \
			.value)

/* C: each argument register is changed by the call, and set before it if it carries an argument: "+", "=". */
#define PV_CALL_C(number, first, second, third, fourth, ...) \
	({ \
		uint64_t pv_ret_, pv_a_, pv_b_, pv_c_, pv_d_; \
		__VA_ARGS__; \
		__asm__ volatile(PV_SITE \
				 : "=a"(pv_ret_), first "D"(pv_a_), second "S"(pv_b_), \
				 third "d"(pv_c_), fourth "c"(pv_d_), "+r"(pv_stack) \
				 : PV_WHICH(number) \
				 : "memory", "cc", "r8", "r9", "r10", "r11"); \
		pv_ret_; \
	})
#define PV_CALL_C_0(number) PV_CALL_C(number, "=", "=", "=", "=", )
#define PV_CALL_C_1(number, a) PV_CALL_C(number, "+", "=", "=", "=", pv_a_ = PV_REGISTER(a))
#define PV_CALL_C_2(number, a, b) \
	PV_CALL_C(number, "+", "+", "=", "=", pv_a_ = PV_REGISTER(a), pv_b_ = PV_REGISTER(b))
#define PV_CALL_C_3(number, a, b, c) \
	PV_CALL_C(number, "+", "+", "+", "=", pv_a_ = PV_REGISTER(a), pv_b_ = PV_REGISTER(b), \
		pv_c_ = PV_REGISTER(c))
#define PV_CALL_C_4(number, a, b, c, d) \
	PV_CALL_C(number, "+", "+", "+", "+", pv_a_ = PV_REGISTER(a), pv_b_ = PV_REGISTER(b), \
		pv_c_ = PV_REGISTER(c), pv_d_ = PV_REGISTER(d))

/* KEEP: at most two arguments, and their registers are as before. */
#define PV_CALL_KEEP(number, ...) \
	({ \
		uint64_t pv_ret_; \
		__asm__ volatile(PV_SITE \
				 : "=a"(pv_ret_), "+r"(pv_stack) \
				 : __VA_ARGS__ PV_WHICH(number) \
				 : "memory", "cc"); \
		pv_ret_; \
	})
#define PV_CALL_KEEP_0(number) PV_CALL_KEEP(number, )
#define PV_CALL_KEEP_1(number, a) PV_CALL_KEEP(number, "D"(PV_REGISTER(a)), )
#define PV_CALL_KEEP_2(number, a, b) \
	PV_CALL_KEEP(number, "D"(PV_REGISTER(a)), "S"(PV_REGISTER(b)), )

/* PV_CALL(conv, number, (a, b)) is PV_CALL_conv_2(number, a, b). */
#define PV_COUNT(...) PV_COUNT_(__VA_OPT__(__VA_ARGS__, ) 4, 3, 2, 1, 0, 0)
#define PV_COUNT_(a, b, c, d, n, ...) n
#define PV_CALL(conv, number, args) PV_CALL_2(conv, PV_COUNT args, number, args)
#define PV_CALL_2(conv, count, number, args) PV_CALL_3(conv, count, number, args)
#define PV_CALL_3(conv, count, number, args) PV_CALL_4(PV_CALL_##conv##_##count, number PV_AFTER args)
#define PV_CALL_4(macro, ...) macro(__VA_ARGS__)
#define PV_AFTER(...) __VA_OPT__(, ) __VA_ARGS__

/* pv_NAME(): the call sites. */
#define PV_DEFINE_VALUE(name, conv, type, params, args) \
	static inline type pv_##name params \
	{ \
		return PV_VALUE(type, PV_CALL(conv, PV_ID_##name, args)); \
	}
#define PV_DEFINE_VOID(name, conv, params, args) \
	static inline void pv_##name params \
	{ \
		(void)PV_CALL(conv, PV_ID_##name, args); \
	}
#define PV_DEFINE_C(name, type, params, args) PV_DEFINE_VALUE(name, C, type, params, args)
#define PV_DEFINE_KEEP(name, type, params, args) PV_DEFINE_VALUE(name, KEEP, type, params, args)
#define PV_DEFINE_C_VOID(name, type, params, args) PV_DEFINE_VOID(name, C, params, args)
#define PV_DEFINE_KEEP_VOID(name, type, params, args) PV_DEFINE_VOID(name, KEEP, params, args)
#define PV_DEFINE_JUMP(name, type, params, args)
#define PV_OP(group, name, conv, type, params, args, ...) PV_DEFINE_##conv(name, type, params, args)
#include "ops/all.h"
#undef PV_OP

#endif /* __x86_64__ */

#endif
