# truce interface conform: a vendor's object, compiled outside of the tree by docs/interface.md alone, is held against the
# suite: a good one conforms, one with a defect has a finding at that operation, a hostile one gets nowhere.
. "$SRC/tests/lib.sh"
build=$(dirname "$TRUCE")
[ -x "$build/reference/pv-machine" ] && command -v cc >/dev/null || { echo "not built, or no compiler: skipped"; exit 77; }
mkdir work
cd work
python=/usr/bin/python3

# The command that the manual gives, with this tree's headers.
flags=$(sed -n 's/^cc -c \(.*\) -I.*acme\.c$/\1/p' "$SRC/docs/interface.md" | head -n 1)
[ -n "$flags" ] || fail "docs/interface.md has no command to compile with"
# compile NAME [DEFINE...]: NAME.c to NAME.o, or to the first define's name
compile() {
	name=$1
	shift
	# shellcheck disable=SC2086 # words on purpose
	cc -c $flags -I"$SRC/reference/include" "$@" "$name.c"
}
conform() {
	"$TRUCE" interface conform "$@"
}

# The manual's own example.
sed -n '/^```c acme/,/^```$/p' "$SRC/docs/interface.md" | sed '1d;$d' >acme.c
compile acme -o acme.o
status 0 conform acme.o
grep -q '^backend: acme, which fills [1-9]' ../out || fail "the backend is not named: $(cat ../out)"
grep -q '^conform: yes: operations: 103 ok, 0 failed, 0 skipped$' ../out || fail "$(cat ../out)"
status 0 conform acme.o --point irq
grep -q "operations: $(grep -c '^  - id: irq\.' "$SRC/rules/reference.yaml") ok" ../out || fail "a group alone: $(cat ../out)"

# All of native code, as somebody else's object.
cc -c $flags -I"$SRC/reference/include" -I"$SRC/reference" -Dnative_backend=vendor_backend -o native1.o \
	"$SRC/reference/native/native.c"
cc -c $flags -I"$SRC/reference/include" -I"$SRC/reference" -o native2.o "$SRC/reference/native/calendar.c"
ld -r -o native.o native1.o native2.o
status 0 conform native.o
grep -q 'fills 103 of 103' ../out || fail "$(cat ../out)"

# Defects, each found at its operation and nowhere else.
cat >defect.c <<'C'
#include "pv/backend.h"
static bool detect(const struct pv_boot *boot)
{
	return boot->entry == PV_ENTRY_BARE;
}
#if DEFECT == 1 /* cycles, three a nanosecond, where nanoseconds are promised */
static uint64_t sched_clock(void)
{
	uint32_t low, high;
	__asm__ volatile("rdtsc" : "=a"(low), "=d"(high));
	return ((uint64_t)high << 32 | low) * 3;
}
#define SLOT .time = {.sched_clock = sched_clock}
#elif DEFECT == 2 /* a convention that saves nothing */
static void set_pte(pte_t *slot, pte_t entry)
{
	*slot = entry;
	__asm__ volatile("xorl %%ecx,%%ecx" : : : "rcx");
}
#define SLOT .mmu = {.set_pte = set_pte}
#elif DEFECT == 3 /* forgets global pages */
static void flush_tlb_kernel(void)
{
	uint64_t table;
	__asm__ volatile("movq %%cr3,%0; movq %0,%%cr3" : "=r"(table) : : "memory");
}
#define SLOT .mmu = {.flush_tlb_kernel = flush_tlb_kernel}
#elif DEFECT == 4 /* an exception */
static void wbinvd(void)
{
	__asm__ volatile("ud2");
}
#define SLOT .cpu = {.wbinvd = wbinvd}
#elif DEFECT == 5 /* no end */
static void io_delay(void)
{
	for (;;)
		__asm__ volatile("pause");
}
#define SLOT .cpu = {.io_delay = io_delay}
#endif
static const struct pv_ops ops = {SLOT};
const struct pv_backend vendor_backend = {"defect", detect, &ops};
C
number=0
for point in time.sched_clock mmu.set_pte mmu.flush_tlb_kernel cpu.wbinvd cpu.io_delay; do
	number=$((number + 1))
	compile defect -DDEFECT=$number -o defect.o
	status 1 conform defect.o
	grep -q "^defect.o: error: $point: breaks its contract: .*\[point.contract [0-9a-f]\{12\}\]$" ../out ||
		fail "no finding at $point: $(cat ../out)"
	[ "$(grep -c 'error: ' ../out)" = 1 ] || fail "more than $point: $(cat ../out)"
	[ $number -lt 4 ] || grep -q 'not reached$' ../out || fail "what was not reached is not told: $(cat ../out)"
done

# As any other finding.
compile defect -DDEFECT=1 -o defect.o
status 1 conform defect.o --json
cp ../out report.json
status 1 conform defect.o --format json
cmp report.json ../out || fail "--json and --format json differ"
status 1 conform defect.o --sarif -o report.sarif
[ ! -s ../out ] || fail "a report in a file, and on the terminal"
status 1 conform defect.o --format github
grep -q '^::error ' ../out || fail "no annotation: $(cat ../out)"
status 1 conform defect.o --format ktap
grep -q '^not ok [0-9]* time.sched_clock$' ../out || fail "no KTAP"
if "$python" -c 'import jsonschema' 2>/dev/null; then
	"$python" "$SRC/tests/sarif-check.py" report.sarif 1
	"$python" - "$SRC/docs/truce-report-1.schema.json" report.json <<'PY'
import json, jsonschema, sys
schema, report = (json.load(open(name)) for name in sys.argv[1:])
jsonschema.Draft202012Validator(schema).validate(report)
assert [f["points"] for f in report["findings"]] == [["time.sched_clock"]]
assert report["findings"][0]["locations"][0]["path"] == "defect.o"
PY
fi

# What cannot be run: exit 2, the reason, what to do.
cannot() {
	status 2 conform "$1"
	hints
	says "$2"
	[ ! -s ../out ] || fail "a result beside an error"
}
head -c 5000 acme.o | tr '\0' '\377' >noise.o
head -c 700 acme.o >short.o
: >empty.o
echo 'int main(void) { return 0; }' >other.c
sed 's/return boot->entry == PV_ENTRY_BARE/return false/' defect.c >away.c
compile away -DDEFECT=1 -o away.o
sed 's/vendor_backend/acme_backend/' defect.c >nameless.c
compile nameless -DDEFECT=1 -o nameless.o
cp defect.c foreign.c
printf 'extern void suite_told(int, long, long, const char *);\nvoid lie(void);\nvoid lie(void)\n{\n\tsuite_told(2, 0, 0, 0);\n}\n' \
	>>foreign.c
compile foreign -DDEFECT=1 -o foreign.o
printf '%s\nstatic char huge[1 << 29];\nchar *use(void);\nchar *use(void)\n{\n\treturn huge;\n}\n' "$(cat defect.c)" >huge.c
compile huge -DDEFECT=1 -o huge.o
truncate -s 20M large.o
cc -c $flags -fno-pic -shared -o shared.o other.c
cc -o linked.o other.c
cc -c -m32 -ffreestanding -o narrow.o other.c
mkfifo pipe.o
cannot noise.o 'not for x86-64'
cannot short.o 'damaged'
cannot empty.o 'no object file'
cannot nowhere.o 'nowhere.o: No such file or directory'
cannot . 'is no file'
cannot /dev/zero 'is no file'
cannot pipe.o 'is no file'
cannot large.o 'too large'
cannot huge.o "larger than the machine's memory"
cannot linked.o 'linked already'
cannot narrow.o 'not for x86-64'
cannot nameless.o 'defines no vendor_backend'
cannot away.o 'detect() does not take a bare machine'
cannot foreign.o 'needs suite_told, which the interface does not have'
status 2 conform acme.o --point nothing
status 2 conform acme.o --json --sarif
status 2 conform

# What wants to be believed: the run ends, or nothing comes of it.
cat >liar.c <<'C'
#include "pv/backend.h"
static bool detect(const struct pv_boot *boot)
{
	return boot->entry == PV_ENTRY_BARE;
}
static const char promise[] =
	"KTAP version 1\n1..1\nok 1 time.sched_clock\n# Totals: pass:103 fail:0\n# verdict: pass\n";
static void out8(uint16_t port, uint8_t value)
{
	__asm__ volatile("outb %0,%1" : : "a"(value), "d"(port));
}
static uint64_t lie(void)
{
#if LIE == 1 /* speaks for the suite, and fails */
	for (const char *c = promise; *c; c++)
		out8(0x3f8, (uint8_t)*c);
#elif LIE == 2 /* speaks, and switches the machine off before anybody can contradict */
	for (const char *c = promise; *c; c++)
		out8(0x3f8, (uint8_t)*c);
	__asm__ volatile("outw %0,%1" : : "a"((uint16_t)0x2000), "d"((uint16_t)0x604));
#elif LIE == 3 /* writes over the suite's code */
	*(volatile uint8_t *)(uintptr_t)WHERE = 0xc3;
#elif LIE == 4 /* goes where it likes */
	((void (*)(int, long, long, const char *))(uintptr_t)WHERE)(2, 0, 0, promise);
#elif LIE == 5 /* through a function of the interface */
	extern void *memset(void *, int, size_t);
	memset((void *)(uintptr_t)WHERE, 0x90, 16);
#elif LIE == 6 /* what the suite calls comes back elsewhere */
	uint64_t *stack = __builtin_frame_address(0);
	for (int i = 2; i < 40; i++) {
		if (stack[i] > 0x100000 && stack[i] < 0x120000)
			stack[i] = WHERE;
	}
#elif LIE == 7 /* by a page of its own over the suite's */
	pte_t *table = (pte_t *)(uintptr_t)0x3000;
	table[0].v = 0x87;
	table[8].v = 0x87;
	__asm__ volatile("movq %%cr3,%%rax; movq %%rax,%%cr3" : : : "rax", "memory");
	*(volatile uint8_t *)((uintptr_t)(8 << 21) + WHERE) = 0xc3;
#elif LIE == 8 /* asks the system that runs the machine */
	__asm__ volatile("movl $57,%%eax; syscall" : : : "rax", "rcx", "r11", "memory");
#endif
	return 7;
}
static const struct pv_ops ops = {.time = {.sched_clock = lie}};
const struct pv_backend vendor_backend = {"liar\nok 1 all of it", detect, &ops};
C
told=0x$(nm "$build/reference/pv-image" | sed -n 's/^0*\([0-9a-f]*\) T suite_told$/\1/p')
for lie in 1 2 3 4 5 6 7 8; do
	compile liar -DLIE=$lie -DWHERE="$told" -o liar.o
	status 1 conform liar.o
	cp ../out said$lie
	grep -q '^conform: no: ' ../out || fail "lie $lie is believed: $(cat ../out)"
	[ $lie = 1 ] || grep -q '^the run ended early: ' ../out || fail "lie $lie does not end the run: $(cat ../out)"
	case $lie in
	1) grep -q 'error: time.sched_clock: ' ../out || fail "lie 1: $(cat ../out)" ;;
	2) says_why='switched off' ;;
	3 | 5 | 7) says_why="writes to the suite's memory" ;;
	4) says_why='enters the image' ;;
	6) says_why='changed where the suite returns to' ;;
	8) says_why='syscall' ;;
	esac
	[ $lie = 1 ] || grep -q "^the run ended early: .*$says_why" ../out || fail "lie $lie: $(cat ../out)"
done
