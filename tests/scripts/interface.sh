# truce interface: draft, list, show, check, test, on a small tree of two versions.
fail() {
	echo "$*"
	exit 1
}
git init -q -b main tree
cd tree
mkdir -p include/asm arch
cat >include/asm/ops.h <<'C'
struct stop_ops {
	void (*halt)(void);
#ifdef CONFIG_SMP
	int (*stop_others)(unsigned cpus);
#endif
};
extern struct stop_ops stop_ops;
C
cat >arch/native.c <<'C'
struct stop_ops stop_ops = {
	.halt = native_halt,
};
C
git add . && git commit -q -m one && git tag one
cat >arch/vendor.c <<'C'
static void vendor_halt(void)
{
	hypercall(1);
}

void vendor_init(void)
{
	stop_ops.halt = vendor_halt;
}
C
sed -i 's/void (\*halt)(void);/void (*halt)(int why);\n\tvoid (*resume)(void);/
/CONFIG_SMP/,/#endif/d' include/asm/ops.h
git add . && git commit -q -m two && git tag two

"$TRUCE" interface extract stop_ops --tree one --name stop >../stop.yaml 2>err
grep -q 'struct stop_ops: 2 operations' err || fail "extract: $(cat err)"
"$TRUCE" interface extract nothing --tree one >out 2>err && fail "extract of nothing"
grep -q "no struct or union 'nothing'" err || fail "extract: $(cat err)"
mkdir ../rules && mv ../stop.yaml ../rules
export TRUCE_RULES="$PWD/../rules"
"$TRUCE" interface list | grep -q '^stop .* yes ' || fail "list: $("$TRUCE" interface list)"
"$TRUCE" interface list stop | grep -q 'stop.stop_others' || fail "list stop"
"$TRUCE" interface show stop_others >out || fail "show"
grep -q 'signature *int (unsigned int cpus)' out || fail "show: $(cat out)"
grep -q 'required *when SMP' out || fail "show: $(cat out)"
"$TRUCE" interface show stop_othres 2>err && fail "show of nothing"
grep -q "did you mean 'stop_others'" err || fail "show: $(cat err)"

"$TRUCE" interface check --tree one >out || fail "check one: $(cat out)"
grep -q 'no difference in 2 operations' out || fail "check one: $(cat out)"
rc=0
"$TRUCE" interface check stop --tree two >out || rc=$?
[ $rc = 1 ] || fail "check two: exit $rc"
cat >wanted <<'END'
signature stop.halt  include/asm/ops.h:2
          - void (void)
          + void (int why)
removed   stop.stop_others  include/asm/ops.h
          - int (unsigned int cpus)
added     stop.resume  include/asm/ops.h:3
          + void (void)
stop against two: 3 differences
END
diff wanted out || fail "check two"

"$TRUCE" interface test slot two:arch/vendor.c >out 2>err || fail "test: $(cat err)"
cat >wanted <<'END'
arch/vendor.c:8: stop.halt: override, ops-table, 90 %, in vendor_init: fills the slot of the ops table
    stop_ops.halt = vendor_halt;
END
diff wanted out || fail "test of REV:PATH"
cp arch/vendor.c ../mine.c
"$TRUCE" interface test slot ../mine.c --as arch/mine.c --base one >out || fail "test on disk"
sed 's/vendor\.c/mine.c/' wanted | diff - out || fail "test of a file on disk"
rc=0
"$TRUCE" interface test slot one:include/asm/ops.h --rules stop >out 2>err || rc=$?
[ $rc = 1 ] && [ ! -s out ] || fail "test without evidence: exit $rc"
"$TRUCE" interface test solt two:arch/vendor.c 2>err && fail "test of no rule"
grep -q "did you mean 'slot'" err || fail "test: $(cat err)"
if git status --porcelain | grep -v '^??'; then fail "the work tree changed"; fi
[ -z "$(git for-each-ref refs/truce)" ] || fail "refs were written"
