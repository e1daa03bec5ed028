# point.contract between series: one vendor's clock counts cycles, the other's nanoseconds; one queues
# an operation, the other does not; frames of the guest and of the machine; interrupts off and leave to
# sleep; arguments in registers and on the stack. Two that mean the same are told nothing.
. "$SRC/tests/lib.sh"
RULES=$SRC/examples/gate/machine-ops.yaml
example
cp -R "$SRC/examples/gate/tree/." .
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
	return cycles_2_ns(hooli_timer.get_cycle_counter(HOOLI_CYCLES_AVAILABLE));
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

# ops NAME: the table of a backend whose functions come from standard input.
ops() {
	mkdir -p "../$1/arch/i386/$1"
	{
		echo '#include <asm/machine_ops.h>'
		cat
		printf 'static struct machine_ops %s_ops = {\n\t.write_cr3 = %s_write_cr3,\n' "$1" "$1"
		printf '\t.write_msr = %s_write_msr,\n};\n' "$1"
	} >"../$1/arch/i386/$1/$1.c"
}
ops umbra <<'END'
static void umbra_write_cr3(unsigned long mfn)
{
	BUG_ON(!irqs_disabled());
	umbra_call(mfn);
}
static fastcall int umbra_write_msr(unsigned int msr, unsigned long long value)
{
	return umbra_msr_call(msr, value);
}
END
ops piper <<'END'
static void piper_write_cr3(unsigned long where)
{
	mutex_lock(&piper_lock);
	piper_call(pfn_to_page(where));
	mutex_unlock(&piper_lock);
}
extern int piper_write_msr(unsigned int msr, unsigned long long value);
END
cat >../piper/arch/i386/piper/entry.S <<'END'
	.globl piper_write_msr
piper_write_msr:
	movl 4(%esp), %ecx
	movl 8(%esp), %eax
	call piper_hypercall
	ret
END
compare umbra piper
for told in 'mmu.write_cr3: parameter 1 is in machine-frames for umbra, in guest-frames for piper' \
	'mmu.write_cr3: umbra expects interrupts-off, piper may-sleep' \
	'mmu.write_cr3: piper expects may-sleep, which the contract does not promise' \
	'cpu.write_msr: umbra and piper are called in different ways'; do
	grep -qF "$told" ../out || fail "not told: $told: $(cat ../out)"
done
[ "$(wc -l <../out)" = 4 ] || fail "more than four: $(cat ../out)"
"$TRUCE" show "$(grep 'may-sleep$' ../out | cut -f1)" >../shown
for proof in 'BUG_ON(!irqs_disabled())' 'arch/i386/umbra/umbra.c:4' 'mutex_lock(&piper_lock)' \
	'arch/i386/piper/piper.c:4'; do
	grep -qF "$proof" ../shown || fail "the finding does not show $proof: $(cat ../shown)"
done
# The same in the same way: arguments in registers here and there, the same frames.
ops hooli <<'END'
static void hooli_write_cr3(unsigned long mfn)
{
	hooli_call(mfn);
}
static fastcall int hooli_write_msr(unsigned int msr, unsigned long long value)
{
	return hooli_msr_call(msr, value);
}
END
compare umbra hooli
[ ! -s ../out ] || fail "told although they agree: $(cat ../out)"
