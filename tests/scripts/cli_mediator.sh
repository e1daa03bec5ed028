# What leads a mediator from a summary to a branch: what is next, rulings by id and by point, what a
# branch leaves out, what is out of date; and that wrong names change nothing.
. "$SRC/tests/lib.sh"
example
has() {
	grep -qF -- "$1" ../out || { cat ../out; fail "no '$1' in the output"; }
}

# What the readers left out is said once, in the summary or beside another report; the summary names
# the first finding to rule on.
status 0 mediate --format json
grep -q '^truce: acme: cover letter .* left out' ../err || fail "nothing about the cover letter"
status 0 mediate
grep -q '^  acme: cover letter .* left out' ../out || fail "no cover letter in the summary"
! grep -q 'cover letter' ../err || fail "the cover letter twice"
first=$(sed -n 's/^ *truce show //p' ../out)
"$TRUCE" plan | grep -q "truce show $first" || fail "the plan does not wait for '$first'"
[ "$first" = "$(sed -n 's/^ *[0-9]* hunks\{0,1\} waits\{0,1\} for \([0-9a-f]*\) .*/\1/p' ../out | head -n 1)" ] ||
	fail "the summary names another one first"
has "truce decide $first --take NAME|--both|--interface|--dismiss"
waiting=$(sed -n 's/.*rulings on \([0-9]*\) findings.*/\1/p' ../out)
[ "$waiting" = "$("$TRUCE" plan | sed '/left out  /,$d' | sed -n 's/^ *truce show //p' | tr ' ' '\n' | sort -u | wc -l)" ] ||
	fail "$waiting are not those in the plan"
# A report on standard output stays alone there.
mediate --format json >../json 2>../err || fail "mediate --format json"
/usr/bin/python3 -c 'import json; json.load(open("../json"))' || fail "more than JSON"

# By id, by the beginning of one, and by the point that a finding is at.
status 0 "$TRUCE" decide "$first" --dismiss
has "$first dismiss: "
has "waits for $((waiting - 1)), next: truce show "
status 0 "$TRUCE" decide irq.halt --interface
has 'irq.halt: acme and globex each bring their own'
[ "$("$TRUCE" findings --decided --oneline | wc -l)" = 2 ] || fail "not two rulings"
refused "$TRUCE" decide mmu.set_pte --both
says 'no finding is at mmu.set_pte'
refused "$TRUCE" decide irq.hlat --both
says "did you mean 'irq.halt'?"
refused "$TRUCE" decide "$first" --take acem
says "no series 'acem'"
says "did you mean 'acme'?"
digit=$("$TRUCE" findings --oneline | cut -c1 | sort | uniq -d | head -n 1)
refused "$TRUCE" decide "$digit" --both
says 'give more digits'
[ "$(grep -c '^hint: [0-9a-f]\{8\} ' ../err)" -ge 2 ] || fail "it does not list those that it could be"
# All of them, or none.
refused "$TRUCE" decide irq.halt "$first" nothing --undo
[ "$("$TRUCE" findings --decided --oneline | wc -l)" = 2 ] || fail "a failed undo took rulings back"
status 0 "$TRUCE" decide irq.halt "$first" --undo
[ -z "$("$TRUCE" findings --decided --oneline)" ] || fail "--undo leaves rulings"

# A branch says what it leaves out.
status 0 "$TRUCE" plan --apply merged
says "rulings on $waiting findings"
refused "$TRUCE" plan --apply HEAD
refused "$TRUCE" plan --apply other --json
! git rev-parse -q --verify other >/dev/null || fail "a branch by the way"

# Filters know what there is.
refused "$TRUCE" findings --point irq.hlat
says "did you mean 'irq.halt'?"
refused "$TRUCE" findings --kind poitn
says "did you mean 'point'?"
refused "$TRUCE" findings --kind number.none
says 'number.collision'
[ "$("$TRUCE" findings --oneline --path ./arch/i386/Kconfig)" = \
	"$("$TRUCE" findings --oneline --path arch/i386/Kconfig)" ] || fail "./ in a path"
status 0 "$TRUCE" show --json irq.halt cpu.clts
/usr/bin/python3 -c 'import json; assert len(json.load(open("../out"))) == 2' || fail "not one array"

# Names first, deeds later.
refused "$TRUCE" series remove acme nobody
refused "$TRUCE" series remove acme acme
refused "$TRUCE" series update acme nobody
refused "$TRUCE" --db . findings
refused "$TRUCE" --db '' findings

# A series in a new version: what is new, what is gone.
status 0 mediate
! grep -q '^Changed' ../out || fail "changed without a change"
all=$("$TRUCE" findings --oneline | wc -l)
"$TRUCE" findings --oneline >../before
[ "$("$TRUCE" findings --new --oneline | wc -l)" = "$all" ] || fail "--new after the first analysis"
cp "$SRC/examples/two-vendors/acme.mbox" ../acme.mbox
sed -i 's/hypervisor_present/acme_present/' ../acme.mbox
ACME=acme=mbox:$PWD/../acme.mbox
status 0 mediate
"$TRUCE" findings --oneline >../after
new=$("$TRUCE" findings --new --oneline | cut -f1 | sort)
[ "$new" = "$(cut -f1 ../before ../before ../after | sort | uniq -u)" ] || fail "--new: $new"
gone=$(cut -f1 ../after ../after ../before | sort | uniq -u | wc -l)
[ "$gone" -gt 0 ] || fail "the new version changed nothing"
has ", $gone gone since the analysis before"
ACME=acme=mbox:$SRC/examples/two-vendors/acme.mbox
status 0 mediate

# Between a change of the series and the next analysis, everything that shows the old one says so.
status 0 "$TRUCE" findings
[ ! -s ../err ] || fail "said without a reason: $(cat ../err)"
status 0 "$TRUCE" series add third "mbox:$SRC/examples/two-vendors/acme.mbox"
for command in points findings plan report 'show irq.halt'; do
	status 0 "$TRUCE" $command
	says '`truce analyze`'
done
status 0 "$TRUCE" analyze
# What comes next is what most lines wait for, wherever it is said.
next=$(sed -n 's/^Next .*; the first:$/next/p; s/^ *truce show \([0-9a-f]*\)$/\1/p' ../out | tr '\n' ' ')
first=$("$TRUCE" report | sed -n 's/.* hunks* waits* for \([0-9a-f]*\) .*/\1/p' | head -n 1)
[ -n "$first" ] && [ "$next" = "next $first " ] || fail "next is '$next', first is '$first'"
status 0 "$TRUCE" points
[ ! -s ../err ] || fail "said after the analysis: $(cat ../err)"
status 0 "$TRUCE" series remove acme globex third
refused "$TRUCE" series update
refused "$TRUCE" points

# The gate keeps no series: it names no command that would show one.
status 1 "$TRUCE" gate "quilt:$SRC/examples/two-vendors/globex" --base v2.6.16-example
says '; 1 found no place'
! grep -q 'truce series' ../out ../err || fail "the gate sends its reader to a series: $(cat ../out ../err)"

# A base that was found is named, with the reason; one that moves says which series have to follow.
status 0 "$TRUCE" series add acme "mbox:$SRC/examples/two-vendors/acme.mbox" --base v2.6.16-example
git commit -q --allow-empty -m 'a later base'
status 0 "$TRUCE" series add globex "quilt:$SRC/examples/two-vendors/globex" --base HEAD
says 'acme: applied to another base; `truce series update`'
refused "$TRUCE" analyze
says 'another base'
status 0 "$TRUCE" series update
status 0 "$TRUCE" analyze
git branch later
git checkout -q --detach v2.6.16-example
git format-patch -q --base=v2.6.16-example --stdout v2.6.16-example..merged >../merged.mbox
status 0 "$TRUCE" --db ../other.db series add one mbox:../merged.mbox
says "the base is $(git rev-parse --short=12 v2.6.16-example): "
