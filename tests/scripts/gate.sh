# truce gate: ten breaches each fail at the right place; what keeps to the interface passes; a
# baseline keeps known findings silent, with a reason each, while lines move.
. "$SRC/tests/lib.sh"
RULES=$SRC/examples/gate/machine-ops.yaml
example
cp -R "$SRC/examples/gate/tree/." .
git add -A
GIT_AUTHOR_NAME=x GIT_AUTHOR_EMAIL=x@example.org GIT_COMMITTER_NAME=x \
	GIT_COMMITTER_EMAIL=x@example.org git commit -qm 'an interface'
git tag start

# change [BASE]: commits the work tree as a series on it.
commit() {
	git add -A
	git -c user.name=x -c user.email=x@example.org commit -qm "$1"
}
gate() {
	"$TRUCE" gate start..HEAD --base start --rules "$RULES" "$@"
}
# breach NAME KIND PATH TEXT: the gate says no, at the line of PATH that holds TEXT.
breach() {
	commit "$1"
	line=$(grep -nF -- "$4" "$3" | tail -n 1 | cut -d: -f1)
	status 1 gate
	grep -qE "^$3:$line: (warning|error): .*\[$2 [0-9a-f]{12}\]" ../out || {
		cat ../out >&2
		fail "$1: no $2 at $3:$line"
	}
	[ "$(grep -cE '\[[a-z.]+ [0-9a-f]{12}\]$' ../out)" = 1 ] || {
		cat ../out >&2
		fail "$1: more than one finding"
	}
	git reset -q --hard start
}
driver=drivers/char/clock.c
backend=arch/i386/acme/acme.c

printf '\nvoid clock_quiet(void)\n{\n\tasm volatile("cli");\n}\n' >>$driver
breach 'a bare cli in a driver' point.bypass $driver '"cli"'
printf '\nvoid sched_tune(unsigned int msr)\n{\n\tasm volatile("wrmsr" : : "c" (msr));\n}\n' >>kernel/sched.c
breach 'a wrmsr in common code' point.bypass kernel/sched.c '"wrmsr"'
printf '\nextern void native_irq_disable(void);\nvoid fork_quiet(void)\n{\n\tnative_irq_disable();\n}\n' \
	>>kernel/fork.c
breach 'a native function by name' point.bypass kernel/fork.c '	native_irq_disable();'
printf '\n#define ACME_HALT 3\nextern long ACME_CALL(int, unsigned long);\nvoid nap(void)\n{\n\tACME_CALL(ACME_HALT, 0);\n}\n' \
	>>mm/memory.c
breach "a vendor's call in common code" point.bypass mm/memory.c 'ACME_CALL(ACME_HALT'
printf '\n\t.globl quiet\nquiet:\n\tcli\n\tret\n' >>arch/i386/kernel/entry.S
breach 'a bare cli in assembly' point.bypass arch/i386/kernel/entry.S "$(printf '\tcli')"
sed -i '/\.irq_disable = acme/d' $backend
commit 'an operation left out'
line=$(git show start:$backend | grep -nF '.irq_disable' | cut -d: -f1)
status 1 gate
grep -qE "^$backend:$line: error: irq.irq_disable: .*\[point.incomplete" ../out ||
	fail "an operation left out: $(cat ../out)"
git reset -q --hard start
sed -i 's/acme_write_cr3(unsigned long pfn)/acme_write_cr3(unsigned long pfn, int flush)/; s/\.write_cr3 = /.write_cr3 = (void *)/' $backend
breach 'a changed signature' point.contract $backend 'static void acme_write_cr3'
sed -i 's/unsigned long (\*read_cr3)(void);/&\n\tvoid (*acme_tick)(int ticks);/' include/asm-i386/machine_ops.h
breach 'a slot for one vendor alone' interface.drift include/asm-i386/machine_ops.h acme_tick
sed -i 's/void (\*write_cr3)(unsigned long pfn)/void (*write_cr3)(void *table)/' include/asm-i386/machine_ops.h
breach 'a slot of another type' interface.drift include/asm-i386/machine_ops.h '*table'
# A name for a number is no other type.
sed -i 's/void (\*write_cr3)(unsigned long pfn)/void (*write_cr3)(frame_t pfn)/' include/asm-i386/machine_ops.h
grep -q 'frame_t pfn' include/asm-i386/machine_ops.h || fail 'no slot has a typedef'
commit 'a typedef in the table'
status 0 gate
git reset -q --hard start
# Nor is a typedef of a struct, by the kernel's way to name it; a typedef of another name is.
sed -i 's/(\*set_pte)(pte_slot_t \*ptep/(*set_pte)(struct pte_slot *ptep/' include/asm-i386/machine_ops.h
grep -q 'struct pte_slot \*ptep' include/asm-i386/machine_ops.h || fail 'no slot has the struct'
commit 'the struct in the table'
status 0 gate
sed -i 's/struct pte_slot \*ptep/struct pmd_slot *ptep/' include/asm-i386/machine_ops.h
commit 'another struct in the table'
status 1 gate
grep -q 'machine_ops.set_pte: has another type' ../out || fail "$(cat ../out)"
git reset -q --hard start
# A member in both branches of an #if that becomes one is neither dropped nor added; a branch of another
# type is another type.
ops=include/asm-i386/machine_ops.h
sed -i 's|^\tvoid (\*write_cr3)(unsigned long pfn);|#ifdef CONFIG_X86_PAE\n\tvoid (*write_cr3)(unsigned long long pfn);\n#else\n&\n#endif|' $ops
commit 'two branches'
git tag -f branches >/dev/null
status 1 gate
grep -qE "^$ops:16: warning: machine_ops.write_cr3: has another type" ../out || fail "$(cat ../out)"
[ "$(grep -c 'interface.drift' ../out)" = 1 ] || fail "$(cat ../out)"
sed -i '/^#ifdef CONFIG_X86_PAE/{N;s/.*write_cr3.*/\tvoid (*write_cr3)(frame_t pfn);/}' $ops
sed -i '/frame_t pfn/{n;N;N;d}' $ops
[ "$(grep -c write_cr3.*pfn $ops)" = 2 ] || fail "not one branch: $(cat $ops)"
commit 'and one again'
status 0 "$TRUCE" gate branches..HEAD --base branches --rules "$RULES"
sed -i 's/write_cr3)(frame_t pfn)/write_cr3)(unsigned long pfn)/' $ops
commit 'of one of the types'
status 1 "$TRUCE" gate branches..HEAD --base branches --rules "$RULES"
grep -qE "^$ops:15: warning: machine_ops.write_cr3: has another type" ../out || fail "$(cat ../out)"
[ "$(grep -c 'interface.drift' ../out)" = 1 ] || fail "$(cat ../out)"
git reset -q --hard start
mkdir arch/i386/globex
sed 's/acme/globex/g; s/ACME/GLOBEX/g; /\.set_pte = /d; /^static void globex_set_pte/,/^}/d' $backend >arch/i386/globex/globex.c
sed 's/acme/globex/g; s/ACME/GLOBEX/g' arch/i386/acme/Makefile >arch/i386/globex/Makefile
sed 's/ACME/GLOBEX/g' arch/i386/acme/Kconfig >arch/i386/globex/Kconfig
commit 'a backend without an operation'
status 1 gate
grep -qE "^arch/i386/globex/globex.c:[0-9]+: error: mmu.set_pte: .*\[point.incomplete" ../out ||
	fail "a backend without an operation: $(cat ../out)"
grep -q set_pte_atomic ../out && fail 'told although Kconfig rules PAE out'
git reset -q --hard start

# The same backend whole passes; where it can be built with PAE, the operation for PAE is needed.
mkdir arch/i386/globex
sed 's/acme/globex/g; s/ACME/GLOBEX/g' $backend >arch/i386/globex/globex.c
sed 's/acme/globex/g; s/ACME/GLOBEX/g' arch/i386/acme/Makefile >arch/i386/globex/Makefile
sed 's/ACME/GLOBEX/g' arch/i386/acme/Kconfig >arch/i386/globex/Kconfig
commit 'a whole backend'
status 0 gate
grep -q '^gate: yes' ../out || fail "$(cat ../out)"
sed -i 's/ && !X86_PAE//' arch/i386/globex/Kconfig
commit 'with PAE'
status 1 gate
grep -q 'error: mmu.set_pte_atomic' ../out || fail "PAE: $(cat ../out)"
git reset -q --hard start

# Slots that share a line: each is judged by its own function.
sed -i 'N;s/,\n\t\.set_pte/, .set_pte/;P;D' $backend
grep -q '\.write_cr3 = acme_write_cr3, \.set_pte = acme_set_pte' $backend || fail 'no line is shared'
commit 'slots share a line'
status 0 gate
git reset -q --soft start # both at once, so that the lines are new as well
sed -i 's/acme_write_cr3(unsigned long pfn)/acme_write_cr3(unsigned long pfn, int flush)/' $backend
commit 'and one has another type'
status 1 gate
grep -qE "error: mmu.write_cr3: acme_write_cr3 has another type" ../out || fail "$(cat ../out)"
[ "$(grep -cE '\[[a-z.]+ [0-9a-f]{12}\]$' ../out)" = 1 ] || fail "its neighbour as well: $(cat ../out)"
git reset -q --hard start

# A parameter's own const is no part of the type.
sed -i 's/acme_write_cr3(unsigned long pfn)/acme_write_cr3(const unsigned long pfn)/' $backend
grep -q 'const unsigned long pfn' $backend || fail 'no parameter has a const'
commit 'a const of its own'
status 0 gate
git reset -q --hard start

# A typedef may stand for the number that the operation says, but neither for a pointer nor for nothing.
sed -i 's/acme_write_cr3(unsigned long pfn)/acme_write_cr3(frame_t pfn)/' $backend
grep -q 'frame_t pfn' $backend || fail 'no parameter is a typedef'
commit 'a typedef'
status 0 gate
sed -i 's/^static void acme_write_cr3/static frame_t acme_write_cr3/' $backend
commit 'a typedef for nothing'
status 1 gate
grep -q 'mmu.write_cr3: acme_write_cr3 has another type' ../out || fail "$(cat ../out)"
git reset -q --hard start

# Code that goes to another file as it was still fills its slots.
printf '\nvoid acme_late(void)\n{\n\tmachine_ops.irq_disable = acme_irq_disable;\n}\n' >>$backend
commit 'filled twice'
git tag -f late >/dev/null
sed -i '/^void acme_late/,/^}/d; /\.irq_disable = acme/d' $backend
printf '#include <asm/machine_ops.h>\n\nvoid acme_late(void)\n{\n\tmachine_ops.irq_disable = acme_irq_disable;\n}\n' >arch/i386/acme/late.c
commit 'moved'
status 0 "$TRUCE" gate late..HEAD --base late --rules "$RULES"
git rm -q arch/i386/acme/late.c
commit 'and lost'
status 1 "$TRUCE" gate late..HEAD --base late --rules "$RULES"
grep -q 'irq.irq_disable: .*fills it no more' ../out || fail "$(cat ../out)"
git reset -q --hard start

# A slot that the tree's own table has no more, the catalogue cannot ask for.
sed -i '/(\*irq_disable)/d' include/asm-i386/machine_ops.h
commit 'the interface loses it'
git tag -f less >/dev/null
sed -i '/\.irq_disable = acme/d' $backend
commit 'and then the backend'
status 0 "$TRUCE" gate less..HEAD --base less --rules "$RULES"
git reset -q --hard start

# Through the interface, in comments and strings, and taken back again: nothing.
printf '\n#include <asm/machine_ops.h>\n/* no cli here */\nint clock_msr(void)\n{\n\treturn machine_write_msr(1, 2);\n}\n' >>$driver
commit 'through the interface'
printf 'void x(void) { asm volatile("cli"); }\n' >>kernel/fork.c
commit 'a breach'
sed -i '/void x(void)/d' kernel/fork.c
commit 'taken back'
status 0 gate
git reset -q --hard start

# What is under mediation stays.
mediate --base start >/dev/null 2>&1
"$TRUCE" series list >../series-before
printf '\nvoid clock_quiet(void)\n{\n\tasm volatile("cli");\n}\n' >>$driver
commit 'a bare cli'
status 1 gate
"$TRUCE" series list >../series-after
cmp ../series-before ../series-after || fail 'the gate changed what is under mediation'

# The baseline: a line without a reason is refused, with one it passes, also when lines move.
status 1 gate --format baseline
cp ../out ../baseline
grep -qE '^[0-9a-f]{12} point.bypass $' ../baseline || fail "$(cat ../baseline)"
status 2 gate --baseline ../baseline
grep -q 'baseline:2: .* has no reason' ../err || fail "$(cat ../err)"
sed -i 's/ point.bypass $/&only ever runs on the bare machine/' ../baseline
status 0 gate --baseline ../baseline
grep -q '1 known' ../out || fail "$(cat ../out)"
sed -i '1i\/* a line more */' $driver
commit 'lines move'
status 0 gate --baseline ../baseline
echo '0123456789ab point.bypass a debt long paid' >>../baseline
status 0 gate --baseline ../baseline
grep -q 'baseline:3: .*no finding has it any more' ../err || fail "$(cat ../err)"
status 2 gate --baseline ../no-such-baseline
hints
echo 'nonsense point.bypass x' >>../baseline
status 2 gate --baseline ../baseline
grep -q 'baseline:4:' ../err || fail "$(cat ../err)"

# The other formats.
status 1 gate --format github
grep -qE "^::warning file=$driver,line=[0-9]+,endLine=[0-9]+,title=point.bypass::irq.irq_disable" ../out ||
	fail "$(cat ../out)"
[ "$(wc -l <../out)" = 1 ] || fail 'an annotation is one line'
status 1 gate --format json
if /usr/bin/python3 -c 'import jsonschema' 2>/dev/null; then
	/usr/bin/python3 -c 'import json, sys, jsonschema
jsonschema.validate(json.load(open(sys.argv[1])), json.load(open(sys.argv[2])))' \
		../out "$SRC/docs/truce-report-1.schema.json" || fail 'the report breaks its schema'
fi
grep -q '"kind": "point.bypass"' ../out || fail 'the JSON lacks it'
# A file that cannot be written is known before the work; a link (/dev/stdout is one) is written through,
# not replaced.
for place in .. ../nowhere/out ''; do
	status 2 gate --output "$place"
	hints
	grep -q 'incoming: ' ../err && fail "'$place' is known only after the work"
done
status 1 gate --format github --output -
grep -q '^::warning file=' ../out || fail 'nothing on standard output'
ln -s linked ../link
status 1 gate --format github --output ../link
[ -L ../link ] && grep -q '^::warning file=' ../linked || fail 'a link is replaced by a file'
status 0 gate --threshold error
grep -qE '^gate: yes: nothing new against .*, but [1-9][0-9]* below the threshold' ../out ||
	fail "what is below the threshold is not counted: $(tail -n 1 ../out)"
status 2 gate --rules nowhere
status 2 "$TRUCE" gate
status 2 "$TRUCE" gate nowhere..HEAD --base start
