# After native patching no call is left where an instruction is enough: the sites are disassembled.
cost=$(dirname "$TRUCE")/reference/pv-cost
[ -x "$cost" ] && command -v objdump >/dev/null || { echo "not built, or no objdump: skipped"; exit 77; }
"$cost" sites || { [ $? = 2 ] && { echo "code cannot be patched here: skipped"; exit 77; }; exit 1; }
objdump -D -b binary -m i386:x86-64 sites >listing
# mnemonic and operands alone
sed -n 's/^ *[0-9a-f]*:\t[0-9a-f ]*\t//p' listing | sed 's/  */ /g; s/ *$//' >code
if grep -n '^call' code; then
	echo "a call is left at a patched site"
	exit 1
fi
for wanted in pushf popf cli sti hlt clts wbinvd swapgs 'mov %cr0,%rax' 'mov %cr2,%rax' 'mov %cr3,%rax' 'mov %cr4,%rax' \
	'mov %cr8,%rax' 'mov %rdi,%cr0' 'mov %rdi,%cr2' 'mov %rdi,%cr3' 'mov %rdi,%cr4' 'mov %rdi,%cr8' 'lgdt (%rdi)' 'lidt (%rdi)' \
	'ltr %di' 'str %eax' 'invlpg (%rdi)' 'out %al,$0x80' 'mov %rsi,(%rdi)' 'mov %rdx,(%rsi)' 'mov %rdi,%rax' 'incw (%rdi)' pause; do
	grep -qxF -- "$wanted" code || {
		echo "no '$wanted' at any site"
		cat code
		exit 1
	}
done
