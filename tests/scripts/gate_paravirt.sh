# truce gate with the shipped catalogue of paravirt-i386: what is native code by its name is at home,
# the same instruction under another name is not.
. "$SRC/tests/lib.sh"
mkdir -p repo/include/asm-x86 repo/arch/x86/kernel
cd repo
git init -q -b base .
commit() {
	git add -A
	git -c user.name=x -c user.email=x@example.org commit -qm "$1"
}
gate() {
	"$TRUCE" gate base..HEAD --base base --rules paravirt-i386
}
cat >include/asm-x86/paravirt.h <<'END_H'
struct pv_cpu_ops {
	unsigned long long (*read_tsc)(void);
	void (*wbinvd)(void);
};
extern struct pv_cpu_ops pv_cpu_ops;
static inline int paravirt_enabled(void)
{
	return 0;
}
END_H
printf 'int clock_ready;\n' >arch/x86/kernel/clock.c
printf 'static inline void native_wbinvd(void)\n{\n\tasm volatile("wbinvd");\n}\n' >include/asm-x86/msr.h
commit start

git checkout -q -b series
for name in __native_read_tsc native_read_tsc raw_native_tsc; do
	printf 'static inline void %s(void)\n{\n\tasm volatile("rdtsc");\n}\n' $name >>include/asm-x86/msr.h
done
printf 'static inline void __native_flush(void)\n{\n\tnative_wbinvd();\n}\n' >>include/asm-x86/msr.h
commit 'native code'
status 0 gate
printf 'void clock_tick(void)\n{\n\tasm volatile("rdtsc");\n\tnative_wbinvd();\n}\n' >>arch/x86/kernel/clock.c
commit 'around the interface'
status 1 gate
grep -q '^arch/x86/kernel/clock.c:4: warning: cpu.read_tsc: clock_tick goes around' ../out || fail "$(cat ../out)"
grep -q '^arch/x86/kernel/clock.c:5: warning: cpu.wbinvd: clock_tick goes around' ../out || fail "$(cat ../out)"
[ "$(grep -c 'goes around' ../out)" = 2 ] || fail "$(cat ../out)"

# What the series takes out of the table is no operation of the interface: it cannot be gone around.
sed -i '/wbinvd/d' include/asm-x86/paravirt.h
commit 'one operation less'
status 1 gate
grep -q 'pv_cpu_ops.wbinvd: dropped from the interface' ../out || fail "$(cat ../out)"
grep -q '^arch/x86/kernel/clock.c:4: warning: cpu.read_tsc: clock_tick goes around' ../out || fail "$(cat ../out)"
[ "$(grep -c 'goes around' ../out)" = 1 ] || fail "$(cat ../out)"

# What a native function is split into is native code; what others call too is not.
git reset -q --hard base
cat >>arch/x86/kernel/clock.c <<'END_C'
static inline void stop_clock(void)
{
	native_wbinvd();
}
static void stop_all(void)
{
	stop_clock();
}
void native_stop(void)
{
	stop_all();
}
END_C
commit 'helpers of a native function'
status 0 gate
printf 'void clock_stop(void)\n{\n\tstop_all();\n}\n' >>arch/x86/kernel/clock.c
commit 'called by another'
status 1 gate
grep -q '^arch/x86/kernel/clock.c:4: warning: cpu.wbinvd: stop_clock goes around' ../out || fail "$(cat ../out)"

# What was read is there for the next run, though nothing is under mediation.
status 1 gate
grep -q 'truce: parsed 0 files, [1-9][0-9]* more from the cache' ../err || fail "$(cat ../err)"
status 2 "$TRUCE" findings
hints
grep -q 'no series are under mediation' ../err || fail "$(cat ../err)"

# The interface's own header passes on what native code gives.
git reset -q --hard base
printf 'static inline void flush(void)\n{\n\tnative_wbinvd();\n}\n' >>include/asm-x86/paravirt.h
commit 'in the header of the interface'
status 0 gate

# A macro that names the slot first: the function of that name is the interface's, not what fills it.
git reset -q --hard base
printf 'static inline unsigned long long read_tsc(int how)\n{\n\treturn how;\n}\n' >>include/asm-x86/paravirt.h
cat >arch/x86/kernel/vmi_32.c <<'END_C'
void activate(void)
{
	para_fill(pv_cpu_ops.read_tsc, ReadTSC);
}
END_C
commit 'a slot filled by its name'
status 0 gate
cat >arch/x86/kernel/vmi_32.c <<'END_C'
static unsigned long long vmi_read_tsc(int how, int why)
{
	return how + why;
}
void activate(void)
{
	para_wrap(pv_cpu_ops.read_tsc, vmi_read_tsc, read_tsc, ReadTSC);
}
END_C
commit 'with a function of another type'
status 1 gate
grep -q '^arch/x86/kernel/vmi_32.c:1: error: cpu.read_tsc: vmi_read_tsc has another type' ../out || fail "$(cat ../out)"
[ "$(grep -c 'error:' ../out)" = 1 ] || fail "$(cat ../out)"

# A slot that holds its function in a struct tells no type of it: the catalogue's counts.
git reset -q --hard base
sed -i 's/unsigned long long (\*read_tsc)(void);/struct paravirt_callee_save read_tsc;/' include/asm-x86/paravirt.h
grep -q 'callee_save read_tsc' include/asm-x86/paravirt.h || fail 'no slot is a struct'
commit 'a struct in the table'
git tag -f wrapped >/dev/null
cat >arch/x86/kernel/vmi_32.c <<'END_C'
static unsigned long long vmi_read_tsc(void)
{
	return 0;
}
static struct pv_cpu_ops vmi_cpu_ops = {
	.read_tsc = PV_CALLEE_SAVE(vmi_read_tsc),
};
END_C
commit 'filled with a function of the right type'
status 0 "$TRUCE" gate wrapped..HEAD --base wrapped --rules paravirt-i386
status 1 gate # the table itself drifts
[ "$(grep -cE '\[[a-z.]+ [0-9a-f]{12}\]$' ../out)" = 1 ] || fail "$(cat ../out)"
grep -q 'pv_cpu_ops.read_tsc: has another type' ../out || fail "$(cat ../out)"
sed -i 's/vmi_read_tsc(void)/vmi_read_tsc(int how)/' arch/x86/kernel/vmi_32.c
commit 'of another type'
status 1 "$TRUCE" gate wrapped..HEAD --base wrapped --rules paravirt-i386
grep -q 'error: cpu.read_tsc: vmi_read_tsc has another type' ../out || fail "$(cat ../out)"
