# The suite finds defects: each operation's native implementation is broken in turn, on the simulated machine. All
# must be found, by the operation's own tests or by the whole suite.
bin=$(dirname "$TRUCE")/reference
machine=$bin/pv-machine
image=$bin/pv-image
[ -x "$machine" ] && [ -f "$image" ] || { echo "the reference interface is not built: skipped"; exit 77; }

# What is empty on bare metal cannot be left out: it is made to do harm. So is wait, which may return without a reason.
EMPTY="wait adjust_exception_frame free_ldt activate_mm exit_mmap pgd_free alloc_pte alloc_pmd alloc_pud
	release_pte release_pmd release_pud lazy_enter lazy_leave lazy_flush kick alloc_ldt"
# What returns a value may return a wrong one: its lowest bit. (Not clocks: a nanosecond is no defect.)
RESULT="patch arch_setup memory_setup steal_clock get_wallclock set_wallclock
	read_msr read_msr_safe write_msr_safe read_pmc get_debugreg read_cr0 read_cr4 read_cr8
	store_tr alloc_ldt apic_read read_cr2 pgd_alloc ptep_modify_prot_start pte_val make_pte pmd_val
	make_pmd pud_val make_pud pgd_val make_pgd spin_trylock spin_is_locked spin_is_contended"
total=0
found=0
try() {
	total=$((total + 1))
	if "$machine" --break "native_$2:$3" "$image" "only=$1.$2" >out 2>&1 &&
		"$machine" --break "native_$2:$3" "$image" >out 2>&1; then
		echo "not found: $1.$2 $3"
	else
		[ $? != 2 ] || { cat out; exit 1; }
		found=$((found + 1))
	fi
}
has() {
	case " $(echo $2) " in
	*" $1 "*) return 0 ;;
	esac
	return 1
}
"$machine" "$image" >all || { cat all; echo "the suite fails without a defect"; exit 1; }
sed -n 's/^ok [0-9]* \([a-z]*\)\.\([A-Za-z0-9_]*\).*/\1 \2/p' all >operations
while read -r group name; do
	if has "$name" "$EMPTY"; then
		try "$group" "$name" harm
	else
		try "$group" "$name" skip
	fi
	! has "$name" "$RESULT" || try "$group" "$name" result
done <operations
echo "mutants: $found of $total found"
[ "$total" -ge 100 ] && [ "$found" = "$total" ]
