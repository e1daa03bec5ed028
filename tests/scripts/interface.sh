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
mkdir ../rules
sed 's/# \(required: when SMP\)$/\1/' ../stop.yaml >../rules/stop.yaml
! grep -q '^ *required' ../stop.yaml || fail 'a draft requires nothing by itself'
export TRUCE_RULES="$PWD/../rules"
"$TRUCE" interface list | grep -q '^stop .* yes ' || fail "list: $("$TRUCE" interface list)"
"$TRUCE" interface list stop | grep -q 'stop.stop_others' || fail "list stop"
"$TRUCE" interface show stop_others >out || fail "show"
grep -q 'signature *int (unsigned int cpus)' out || fail "show: $(cat out)"
grep -q 'required *when SMP' out || fail "show: $(cat out)"
"$TRUCE" interface show stop_othres 2>err && fail "show of nothing"
grep -q "did you mean 'stop_others'" err || fail "show: $(cat err)"

for what in "list --tree nowhere" "check stop --tree nowhere"; do
	rc=0
	"$TRUCE" interface $what >out 2>err || rc=$?
	[ $rc = 2 ] && grep -q "'nowhere' is not a commit" err || fail "$what: exit $rc, $(cat err)"
done

# A second struct of that name elsewhere: the catalogue's own files say which is meant.
mkdir -p include/other
printf 'struct stop_ops {\n\tint (*spin)(void);\n};\n' >include/other/ops.h
git add . && git commit -q -m 'a namesake'
"$TRUCE" interface check stop --tree one >../check.one || fail "check: $(cat ../check.one)"
rc=0
"$TRUCE" interface check stop >out 2>err || rc=$?
[ $rc = 1 ] && ! grep -q spin out || fail "check beside a namesake: exit $rc, $(cat out err)"
sed '/^files/d' ../stop.yaml >../fileless.yaml
rc=0
"$TRUCE" interface check ../fileless.yaml >out 2>err || rc=$?
[ $rc = 2 ] && grep -q 'list the one that is meant under "files" of the catalogue: include/asm/ops.h, include/other/ops.h' err ||
	fail "check without files: exit $rc, $(cat err)"
git reset -q --hard HEAD^

# valid COMMAND...: its JSON keeps to the schema, and is kept in out.
valid() {
	rc=0
	"$@" >out || rc=$?
	/usr/bin/python3 - "$SRC/docs/truce-interface-1.schema.json" out <<'PY' || fail "$*: its schema"
import json, sys, jsonschema
schema = json.load(open(sys.argv[1]))
jsonschema.Draft202012Validator.check_schema(schema)
value = json.load(open(sys.argv[2]))
kind = {"extract": "table", "check": "drift"}.get(value["command"],
	"packs" if "packs" in value else "points")
schema["$ref"] = "#/$defs/" + kind
del schema["oneOf"]
errors = list(jsonschema.Draft202012Validator(schema).iter_errors(value))
for e in errors:
	print(e.json_path, e.message[:300])
# A key that is not in the schema, and one that is missing, are told.
first = next(k for k in value if k not in ("schema", "command"))
worse = dict(value, extra=1)
assert list(jsonschema.Draft202012Validator(schema).iter_errors(worse))
del worse["extra"], worse[first]
assert list(jsonschema.Draft202012Validator(schema).iter_errors(worse))
sys.exit(1 if errors else 0)
PY
}
# holds EXPRESSION: true of the JSON in out.
holds() {
	/usr/bin/python3 -c "import json; j = json.load(open('out')); assert $1" || fail "$1: $(cat out)"
}
valid "$TRUCE" interface list --json --tree one
holds '[p["points"] for p in j["packs"] if p["fits"]] == [2] and len(j["packs"]) > 1'
valid "$TRUCE" interface list stop --json
holds '[p["id"] for p in j["points"]] == ["stop.halt", "stop.stop_others"]'
valid "$TRUCE" interface show stop_others halt --json
holds '[p["member"] for p in j["points"]] == ["stop_others", "halt"]'
holds 'j["points"][0]["required"] == {"is": "when", "symbol": "SMP"}'
holds 'j["points"][0]["signature"] == "int (unsigned int cpus)" and j["points"][0]["sides"] is None'
valid "$TRUCE" interface extract stop_ops --tree one --json 2>err
holds '[(o["name"], o["condition"]) for o in j["operations"]] == [("halt", None), ("stop_others", "defined(CONFIG_SMP)")]'
valid "$TRUCE" interface check --tree one --json
holds 'j["differences"] == [] and j["compared"] == 2'
[ $rc = 0 ] || fail "check --json: exit $rc"
valid "$TRUCE" interface check stop --tree two --json
holds '[d["kind"] for d in j["differences"]] == ["signature", "removed", "added"]'
[ $rc = 1 ] || fail "check --json: exit $rc"

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
grep -q 'why: nothing that the file adds, changes or removes has the name' err ||
	fail "why there is nothing: $(cat err)"
"$TRUCE" interface test solt two:arch/vendor.c 2>err && fail "test of no rule"
grep -q "did you mean 'slot'" err || fail "test: $(cat err)"
"$TRUCE" interface test something_else two:arch/vendor.c 2>err && fail "test of no rule"
grep -q '^hint: there are .*slot' err || fail "the rules that there are: $(cat err)"

# Slots that a macro fills, with the member as its first argument: NULL fills nothing.
"$TRUCE" interface extract stop_ops --tree one --name filled --filler FILL >../rules/filled.yaml 2>err
[ "$(grep -c '^  - id: slot' ../rules/filled.yaml)" = 1 ] || fail 'two rules for one slot'
grep -q "nothing in one is called 'FILL'" err || fail "a filler that the tree lacks: $(cat err)"
for filler in '' 'FILL(x' 'a b' 1st; do
	"$TRUCE" interface extract stop_ops --tree one --filler "$filler" >out 2>err && fail "the filler '$filler'"
	[ ! -s out ] && grep -q 'is no name of a macro' err || fail "the filler '$filler': $(cat err)"
done
"$TRUCE" interface extract stop_ops --tree one --name '' >out 2>err && fail 'a catalogue without a name'
"$TRUCE" interface extract stop_ops --tree one --name "it's: [odd" >../odd.yaml 2>err
"$TRUCE" interface list ../odd.yaml >out || fail 'a draft that cannot be read'
grep -q "it's: \[odd" out || fail "$(cat out)"
printf '%s\n' 'static struct fill fills[] = {' '	FILL(halt, mine_halt),' '	FILL(stop_others, NULL),' \
	'	FILL(stop_others, (void *)0),' '	FILL(stop_others, 0),' '};' >arch/fills.c
"$TRUCE" interface test slot arch/fills.c --base one --rules filled >out 2>err || fail "filler: $(cat err)"
cat >wanted <<'END'
arch/fills.c:2: stop.halt: override, ops-table, 90 %, in fills: fills the slot of the ops table
    FILL(halt, mine_halt),
END
diff wanted out || fail 'slots that a macro fills'

# A slot that the catalogue does not have is told, once, where it is named.
git checkout -q --detach one
sed -i '/NULL\|void \*\|, 0/d; s/.*};.*/	FILL(no_such, mine_halt),\n&/' arch/fills.c
sed -i '1i\
static void mine_halt(void)\
{\
}\
' arch/fills.c
git add arch/fills.c && git commit -qm fills
rc=0
"$TRUCE" gate one..HEAD --base one --rules filled >out 2>err || rc=$?
[ $rc = 1 ] || fail "gate of an unknown slot: exit $rc: $(cat out err)"
grep -qE '^arch/fills.c:[0-9]+: warning: no_such: FILL fills a slot .*\[interface.drift' out || fail "$(cat out)"
[ "$(grep -cE '\[[a-z.]+ [0-9a-f]{12}\]$' out)" = 1 ] || fail "more than one finding: $(cat out)"
if git status --porcelain | grep -v '^??'; then fail "the work tree changed"; fi
[ -z "$(git for-each-ref refs/truce)" ] || fail "refs were written"

# Where no point is always required, those that a configuration requires decide what is a backend.
git checkout -q --detach one
cat >arch/backend.c <<'C'
static int backend_stop(unsigned cpus)
{
	return 0;
}
static int backend_start(unsigned cpu)
{
	return 0;
}
struct stop_ops backend = {
	.stop_others = backend_stop,
	.start = backend_start,
};
C
cat >../rules/some.yaml <<'Y'
catalogue: some
version: "1"
title: Some operations that only SMP needs
structs: [stop_ops]
groups: [stop]
rules:
  - id: slot
    find: use
    use: [{kind: slot, name: '(?:stop_ops|backend)\.{slot}'}]
    gives: {weight: override, kind: ops-table, confidence: 0.9}
points:
  - {id: stop.halt, title: Halt}
  - {id: stop.stop_others, title: Stop the others, required: when SMP}
  - {id: stop.start, title: Start one, required: when SMP}
  - {id: stop.kick, title: Wake one, required: when CONFIG_SMP}
Y
git add arch/backend.c && git commit -qm backend
rc=0
"$TRUCE" gate one..HEAD --base one --rules some >out 2>err || rc=$?
[ $rc = 1 ] || fail "gate of what SMP needs: exit $rc: $(cat out err)"
grep -qE '^arch/backend.c:[0-9]+: error: stop.kick: .*\[point.incomplete' out || fail "$(cat out)"
[ "$(grep -c point.incomplete out)" = 1 ] || fail "more than one is lacking: $(cat out)"

# Why a rule finds nothing: which key the nearest does not pass, or which list no point has.
"$TRUCE" interface test slot HEAD:arch/backend.c --rules some --point kick >out 2>err && fail "kick"
grep -q 'why: nothing that the file adds, changes or removes has the name' err || fail "$(cat err)"
sed "s/kind: slot, name/kind: slot, detail: '^mine', name/" ../rules/some.yaml >../rules/mine.yaml
"$TRUCE" interface test slot HEAD:arch/backend.c --rules mine >out 2>err && fail "detail"
grep -qE 'why: 2 have the name; the nearest does not pass "detail": arch/backend.c:10: slot' err ||
	fail "$(cat err)"
sed "s/kind: slot, name/kind: call, name/" ../rules/some.yaml >../rules/mine.yaml
"$TRUCE" interface test slot HEAD:arch/backend.c --rules mine >out 2>err && fail "kind"
grep -q 'does not pass "kind": arch/backend.c:10: slot' err || fail "$(cat err)"
"$TRUCE" interface test slot HEAD:arch/backend.c --base HEAD --rules some >out 2>err && fail "same"
grep -q 'why: the base has the file as it is' err || fail "$(cat err)"
sed "s/use: \[.*/use: hooks/" ../rules/some.yaml >../rules/mine.yaml
"$TRUCE" interface test slot HEAD:arch/backend.c --rules mine >out 2>err && fail "no list"
grep -q "the rule 'slot' does nothing: no point has .*\"use\" asks" err || fail "$(cat err)"
