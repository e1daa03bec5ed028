# A function that a series copies from the base is told against its origin, in C and in assembly: what
# it keeps is no touch, what it changes is one, also where the point is done by an instruction.
. "$SRC/tests/lib.sh"
git init -q -b main tree
cd tree
commit() {
	git add -A
	GIT_AUTHOR_NAME=x GIT_AUTHOR_EMAIL=x@example.org GIT_COMMITTER_NAME=x \
		GIT_COMMITTER_EMAIL=x@example.org git commit -qm "$1"
}
mkdir -p arch/i386/kernel drivers/v
# body NAME STOP: the function, with what it stops interrupts with.
body() {
	printf 'ENTRY(%s)\n\tpushl %%ebp\n\tmovl window_base, %%esi\n' "$1"
	printf '\tmovl window_end, %%edi\n\t%s\nnext_page:\n\tmovl page_of(,%%esi,4), %%eax\n' "$2"
	printf '\tmovl %%eax, shadow_of(,%%esi,4)\t# keep\n\tmovl %%eax, %%cr3\n\tincl %%esi\n'
	printf '\tcmpl %%esi, %%edi\n\tjne next_page\n\tsti\n\tpopl %%ebp\n\tret\nEND(%s)\n' "$1"
}
{
	echo '#include <linux/linkage.h>'
	printf 'ENTRY(first)\n\tmovl $first_table, %%eax\n\tret\nEND(first)\n\n'
	body walk_window cli
} >arch/i386/kernel/entry.S
printf '#include <linux/linkage.h>\nENTRY(glue)\n\tmovl $glue_table, %%eax\n\tret\nEND(glue)\n' >drivers/v/glue.S
commit base
git tag base
{
	cat drivers/v/glue.S
	echo
	body v_window 'call v_stop'
} >new && mv new drivers/v/glue.S
commit 'copy a function of assembly'
cat >../ops.yaml <<'Y'
catalogue: ops
version: "1"
title: Interrupts and page tables
groups: [irq, mmu]
rules:
  - id: done-away
    find: use
    use: instructions
    change: removed
    gives: {weight: override, confidence: 0.9}
  - id: around
    find: use
    use: instructions
    change: added
    gives: {weight: bypass, confidence: 0.9}
points:
  - {id: irq.disable, title: Disable interrupts, instructions: [cli]}
  - {id: irq.enable, title: Enable interrupts, instructions: [sti]}
  - {id: mmu.write_cr3, title: Load a page table, instructions: ['movl .*%cr3']}
Y
"$TRUCE" mediate --base base --rules ../ops.yaml --series v=base..main >/dev/null 2>../err ||
	fail "mediate: $(cat ../err)"
# point ID STATE
point() {
	got=$("$TRUCE" sql "SELECT state FROM points WHERE id = '$1' AND series = 'v'" | tail -n 1)
	[ "$got" = "$2" ] || fail "$1 is '$got' and not '$2'"
}
point irq.disable hooked
point irq.enable untouched
point mmu.write_cr3 untouched
