/* Operations of paging. A table is a page, mapped where its (pseudo-)physical address says. Entries are
 * written by these operations alone once alloc_* has been told of the table. In lazy mode, a write may
 * wait for lazy_flush, lazy_leave or flush_tlb_*: nobody reads entries that were written in it before. */

/* returns: the address of the last page fault, or what write_cr2 set since. context: exception. */
PV_OP(mmu, read_cr2, KEEP, uint64_t, (void), (), "mmu.read_cr2", "mov %cr2,%rax", "SDM 3A 2.5")

/* Sets what read_cr2 returns. */
PV_OP(mmu, write_cr2, C_VOID, void, (uint64_t address), (address), "mmu.write_cr2", "mov %rdi,%cr2",
	"SDM 3A 2.5")

/* returns: (pseudo-)physical address of the top table in use, low 12 bits free. */
PV_OP(mmu, read_cr3, C, uint64_t, (void), (), "mmu.read_cr3", "mov %cr3,%rax", "SDM 3A 4.5")

/* Changes to the address space of the top table at this address, which maps the running code. Ends what
 * the TLB kept of pages not marked global. Lazy writes have happened before. */
PV_OP(mmu, write_cr3, C_VOID, void, (uint64_t pgd), (pgd), "mmu.write_cr3", "mov %rdi,%cr3", "SDM 3A 4.10.4")

/* The tables under `pgd` are about to be used: a hypervisor may check and pin them whole. */
PV_OP(mmu, activate_mm, C_VOID, void, (pgd_t *pgd), (pgd), "mmu.activate_mm", "", "")

/* The tables under `pgd`, not in use, are about to be taken apart: undoes activate_mm. Their entries stay. */
PV_OP(mmu, exit_mmap, C_VOID, void, (pgd_t *pgd), (pgd), "mmu.exit_mmap", "", "")

/* Ends what this CPU's TLB kept of all pages not marked global. Lazy writes have happened before. */
PV_OP(mmu, flush_tlb_user, C_VOID, void, (void), (), "mmu.flush_tlb_user", "mov %rax,%cr3", "SDM 3A 4.10.4")

/* The same, global pages too. */
PV_OP(mmu, flush_tlb_kernel, C_VOID, void, (void), (), "mmu.flush_tlb_kernel", "mov %rax,%cr4",
	"SDM 3A 4.10.4")

/* The same for the page of one address. */
PV_OP(mmu, flush_tlb_single, C_VOID, void, (uint64_t address), (address), "mmu.flush_tlb_single",
	"invlpg (%rdi)", "SDM 2A INVLPG")

/* `pgd`, a page, will be a top table: becomes one that maps what the running kernel needs (a copy of
 * the table in use) and may be changed by set_pgd. returns: false where the platform refuses. */
PV_OP(mmu, pgd_alloc, C, bool, (pgd_t *pgd), (pgd), "mmu.pgd_alloc", "", "")

/* Undoes pgd_alloc: the page is plain memory again. Not in use, exit_mmap done. */
PV_OP(mmu, pgd_free, C_VOID, void, (pgd_t *pgd), (pgd), "mmu.pgd_free", "", "")

/* The page at physical frame `frame`, whose entries are valid (zero, say), will be a table of
 * the lowest level. A hypervisor may make it read-only. Said before an entry points to it. */
PV_OP(mmu, alloc_pte, C_VOID, void, (uint64_t frame), (frame), "mmu.alloc_pte", "", "")

/* The same, of the second level. */
PV_OP(mmu, alloc_pmd, C_VOID, void, (uint64_t frame), (frame), "mmu.alloc_pmd", "", "")

/* The same, of the third level. */
PV_OP(mmu, alloc_pud, C_VOID, void, (uint64_t frame), (frame), "mmu.alloc_pud", "", "")

/* Undoes alloc_pte: no entry points to it any more, and it is plain memory again. */
PV_OP(mmu, release_pte, C_VOID, void, (uint64_t frame), (frame), "mmu.release_pte", "", "")

/* Undoes alloc_pmd. */
PV_OP(mmu, release_pmd, C_VOID, void, (uint64_t frame), (frame), "mmu.release_pmd", "", "")

/* Undoes alloc_pud. */
PV_OP(mmu, release_pud, C_VOID, void, (uint64_t frame), (frame), "mmu.release_pud", "", "")

/* *slot = entry, all 64 bits at once. The TLB is the caller's. */
PV_OP(mmu, set_pte, KEEP_VOID, void, (pte_t *slot, pte_t entry), (slot, entry), "mmu.set_pte",
	"mov %rsi,(%rdi)", "SDM 3A 4.5")

/* The same, where the caller knows that the entry maps `address` in the address space in use. */
PV_OP(mmu, set_pte_at, C_VOID, void, (uint64_t address, pte_t *slot, pte_t entry), (address, slot, entry),
	"mmu.set_pte_at", "mov %rdx,(%rsi)", "SDM 3A 4.5")

/* *slot = entry in a table of the second level. */
PV_OP(mmu, set_pmd, KEEP_VOID, void, (pmd_t *slot, pmd_t entry), (slot, entry), "mmu.set_pmd",
	"mov %rsi,(%rdi)", "SDM 3A 4.5")

/* *slot = entry in a table of the third level. */
PV_OP(mmu, set_pud, KEEP_VOID, void, (pud_t *slot, pud_t entry), (slot, entry), "mmu.set_pud",
	"mov %rsi,(%rdi)", "SDM 3A 4.5")

/* *slot = entry in a top table. */
PV_OP(mmu, set_pgd, KEEP_VOID, void, (pgd_t *slot, pgd_t entry), (slot, entry), "mmu.set_pgd",
	"mov %rsi,(%rdi)", "SDM 3A 4.5")

/* *slot = 0: nothing is mapped there. */
PV_OP(mmu, pte_clear, C_VOID, void, (pte_t *slot), (slot), "mmu.pte_clear", "movq $0,(%rdi)", "SDM 3A 4.5")

/* The same, second level. */
PV_OP(mmu, pmd_clear, C_VOID, void, (pmd_t *slot), (slot), "mmu.pmd_clear", "movq $0,(%rdi)", "SDM 3A 4.5")

/* Begins a change of protection: returns the entry; until the commit, accessed and dirty bits that the
 * walker sets are not lost. Immediate, in lazy mode too. */
PV_OP(mmu, ptep_modify_prot_start, C, pte_t, (uint64_t address, pte_t *slot), (address, slot),
	"mmu.ptep_modify_prot_start", "xchg", "SDM 2C XCHG")

/* Ends it: *slot = entry, made from what start returned; accessed and dirty bits set in between stay. */
PV_OP(mmu, ptep_modify_prot_commit, C_VOID, void, (uint64_t address, pte_t *slot, pte_t entry),
	(address, slot, entry), "mmu.ptep_modify_prot_commit", "mov", "SDM 3A 4.5")

/* returns: the entry's value with the (pseudo-)physical frame. Entries not present pass unchanged. */
PV_OP(mmu, pte_val, KEEP, uint64_t, (pte_t entry), (entry), "mmu.pte_val", "mov %rdi,%rax", "")

/* returns: the entry for a value with the (pseudo-)physical frame; pte_val's inverse. */
PV_OP(mmu, make_pte, KEEP, pte_t, (uint64_t value), (value), "mmu.make_pte", "mov %rdi,%rax", "")

/* As pte_val and make_pte, for the other levels. */
PV_OP(mmu, pmd_val, KEEP, uint64_t, (pmd_t entry), (entry), "mmu.pmd_val", "mov %rdi,%rax", "")

/* See make_pte. */
PV_OP(mmu, make_pmd, KEEP, pmd_t, (uint64_t value), (value), "mmu.make_pmd", "mov %rdi,%rax", "")

/* See pte_val. */
PV_OP(mmu, pud_val, KEEP, uint64_t, (pud_t entry), (entry), "mmu.pud_val", "mov %rdi,%rax", "")

/* See make_pte. */
PV_OP(mmu, make_pud, KEEP, pud_t, (uint64_t value), (value), "mmu.make_pud", "mov %rdi,%rax", "")

/* See pte_val. */
PV_OP(mmu, pgd_val, KEEP, uint64_t, (pgd_t entry), (entry), "mmu.pgd_val", "mov %rdi,%rax", "")

/* See make_pte. */
PV_OP(mmu, make_pgd, KEEP, pgd_t, (uint64_t value), (value), "mmu.make_pgd", "mov %rdi,%rax", "")

/* Maps physical frame `frame` at the fixed address of slot 0..15 (pv_fixmap), with `bits` of an entry;
 * no bits: unmaps it. In force at once, TLB included, in lazy mode too. */
PV_OP(mmu, set_fixmap, C_VOID, void, (unsigned slot, uint64_t frame, uint64_t bits), (slot, frame, bits),
	"mmu.set_fixmap", "mov; invlpg", "SDM 2A INVLPG")

/* Begins lazy mode on this CPU: writes to entries may wait. Does not nest.  context: interrupts on
 * or off; an interrupt handler that reads entries flushes first. */
PV_OP(mmu, lazy_enter, C_VOID, void, (void), (), "mmu.lazy_mode.enter", "", "")

/* Ends it: all that waited has happened, in order. */
PV_OP(mmu, lazy_leave, C_VOID, void, (void), (), "mmu.lazy_mode.leave", "", "")

/* All that waited has happened, in order; lazy mode goes on. Outside of it: nothing. */
PV_OP(mmu, lazy_flush, C_VOID, void, (void), (), "mmu.lazy_mode.flush", "", "")
