# What of the reference interface is not bound to 64 bits: for i386 the lists make the same table, the core picks a backend,
# and operations are called through it. Compiled for i386, and run there in user space.
cc -m32 -c -x c -o probe.o - </dev/null 2>/dev/null || { echo "no compiler for i386: skipped"; exit 77; }
flags="-m32 -std=c17 -Wall -Wextra -Wconversion -Werror -O2 -ffreestanding -fno-pic -fno-stack-protector -mgeneral-regs-only -ffunction-sections"
compile() {
	# shellcheck disable=SC2086 # words on purpose
	cc -c $flags -I"$SRC/reference/include" -I"$SRC/reference" "$@"
}
for file in core/choose core/fixmap core/backends core/string native/calendar suite/verdict suite/test_apic suite/test_entry \
	suite/test_init suite/test_lazy suite/test_lock suite/test_mmu suite/test_time; do
	compile "$SRC/reference/$file.c"
done
cat >main.c <<'C'
#include "pv/backend.h"
_Static_assert(sizeof(struct pv_ops) == PV_ID_COUNT * 4, "one slot each, of 32 bits");
static uint64_t told;
static void native_write(uint32_t msr, uint64_t value)
{
	told = value + msr;
}
static void acme_write(uint32_t msr, uint64_t value)
{
	told = value - msr;
}
static uint64_t native_clock(void)
{
	return UINT64_C(0x123456789abcdef);
}
static bool yes(const struct pv_boot *boot)
{
	return boot->entry == PV_ENTRY_BARE;
}
static bool is_xen(const struct pv_boot *boot)
{
	return boot->entry == PV_ENTRY_XEN;
}
static const struct pv_ops native = {.cpu = {.write_msr = native_write}, .time = {.sched_clock = native_clock}};
static const struct pv_ops acme = {.cpu = {.write_msr = acme_write}};
const struct pv_backend native_backend = {"native", yes, &native};
static const struct pv_backend acme_backend = {"acme", is_xen, &acme};
const struct pv_backend *const pv_backends[] = {&acme_backend, &native_backend, NULL};
static int test(void)
{
	struct pv_boot boot = {.command_line = ""};

	if (pv_choose(&boot) != &native_backend)
		return 1;
	pv_write_msr(1, UINT64_C(0x100000000));
	if (told != UINT64_C(0x100000001) || pv_sched_clock() != UINT64_C(0x123456789abcdef))
		return 2;
	boot.entry = PV_ENTRY_XEN;
	if (pv_choose(&boot) != &acme_backend)
		return 3;
	pv_write_msr(1, UINT64_C(0x100000000)); /* its own; the clock is native's */
	return told == UINT64_C(0xffffffff) && pv_sched_clock() == UINT64_C(0x123456789abcdef) ? 0 : 4;
}
void start(void);
void start(void)
{
	__asm__ volatile("int $0x80" : : "a"(1), "b"(test()));
	for (;;)
		;
}
C
compile main.c
ld -m elf_i386 -static --gc-sections -e start -o main main.o choose.o string.o
got=0
./main || got=$?
case $got in
0) ;;
126 | 127 | 139 | 159) echo "compiled; this kernel runs no i386 programs" ;;
*) echo "test $got fails"; exit 1 ;;
esac
