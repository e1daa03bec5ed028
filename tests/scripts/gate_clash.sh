# point.contract between series: one vendor's clock counts cycles, the other's nanoseconds; one queues
# an operation, the other does not; two that mean the same are told nothing.
. "$SRC/tests/lib.sh"
RULES=$SRC/tests/gate/machine-ops.yaml
example
cp -R "$SRC/tests/gate/tree/." .
git add -A
git -c user.name=x -c user.email=x@example.org commit -qm 'an interface'
git tag start

# backend NAME: a backend whose clock and page directory come from standard input, as an overlay.
backend() {
	mkdir -p "../$1/arch/i386/$1"
	{
		echo '#include <asm/machine_ops.h>'
		cat
		printf 'static struct machine_ops %s_ops = {\n\t.sched_clock = %s_clock,\n' "$1" "$1"
		printf '\t.write_cr3 = %s_write_cr3,\n};\n' "$1"
	} >"../$1/arch/i386/$1/$1.c"
}
backend globex <<'END'
extern unsigned long long globex_cycles_available(void);
static unsigned long long globex_read_cycles(void)
{
	return globex_cycles_available();
}
static unsigned long long globex_clock(void)
{
	return globex_read_cycles();
}
static void globex_write_cr3(unsigned long pfn)
{
	globex_call(pfn);
}
END
backend initech <<'END'
static unsigned long long initech_clock(void)
{
	return initech_base + nsec_since_start();
}
static void initech_write_cr3(unsigned long pfn)
{
	initech_queue_call(1, pfn);
}
END
backend hooli <<'END'
static unsigned long long hooli_clock(void)
{
	return cycles_2_ns(hooli_tsc());
}
static void hooli_write_cr3(unsigned long pfn)
{
	hooli_batch_add(2, pfn);
}
END
compare() {
	"$TRUCE" mediate --base start --rules "$RULES" --series "$1=overlay:../$1" \
		--series "$2=overlay:../$2" --report ../report.json >/dev/null 2>../err || {
		cat ../err
		exit 1
	}
	"$TRUCE" findings --kind point.contract --oneline >../out
}
compare globex initech
grep -q 'time.sched_clock: globex means cycles, initech means ns' ../out || fail "$(cat ../out)"
grep -q 'mmu.write_cr3: initech may batch it, nothing says so of globex' ../out || fail "$(cat ../out)"
[ "$(wc -l <../out)" = 2 ] || fail "more than two: $(cat ../out)"
id=$(grep cycles ../out | cut -f1)
"$TRUCE" show "$id" >../out
for proof in globex_read_cycles globex_cycles_available nsec_since_start arch/i386/initech/initech.c; do
	grep -q "$proof" ../out || fail "the finding does not show $proof: $(cat ../out)"
done
compare initech hooli
[ ! -s ../out ] || fail "told although they agree: $(cat ../out)"
