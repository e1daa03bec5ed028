# truce's own gate on its own interface: the four backends pass, ten breaches are found.
git init -q tree
cp -r "$SRC/reference" tree/reference
cd tree
mkdir away
mv reference/xen reference/lguest reference/rom away/
git add reference
git commit -qm base
mv away/* reference/
git add reference
git commit -qm backends
"$TRUCE" gate HEAD~1..HEAD --base HEAD~1 --rules reference >../out 2>&1 || {
	cat ../out
	echo "the backends do not pass"
	exit 1
}

mkdir reference/acme
{
	echo '#include "pv/types.h"'
	n=0
	while read -r code; do
		n=$((n + 1))
		printf 'void acme_%u(void *p);\nvoid acme_%u(void *p)\n{\n\t__asm__ volatile("%s" : : "r"(p));\n}\n' $n $n "$code"
	done <<'CODE'
cli
sti
clts
wbinvd
lgdt (%0)
lidt (%0)
invlpg (%0)
movq %0,%%cr3
CODE
} >reference/acme/driver.c
cat >reference/acme/backend.c <<'C'
#include "pv/backend.h"
static uint32_t acme_sched_clock(void)
{
	return 0;
}
static void acme_restore_fl(void)
{
}
static const struct pv_ops ops = {
	.time = {
		.sched_clock = acme_sched_clock,
	},
	.irq = {
		.restore_fl = acme_restore_fl,
	},
};
const struct pv_backend acme_backend = {"acme", 0, &ops};
C
git add reference
git commit -qm acme
got=0
"$TRUCE" gate HEAD~1..HEAD --base HEAD~1 --rules reference >../out 2>&1 || got=$?
[ "$got" = 1 ] || { cat ../out; echo "exit $got"; exit 1; }
for point in irq.irq_disable irq.irq_enable cpu.clts cpu.wbinvd cpu.load_gdt cpu.load_idt mmu.flush_tlb_single \
	mmu.write_cr3 time.sched_clock irq.restore_fl; do
	grep -q "^reference/acme/.*: $point: " ../out || { cat ../out; echo "not found: $point"; exit 1; }
done
