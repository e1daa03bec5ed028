/* The Xen PV backend: a guest kernel without ring 0. This file: hypercalls, boot, the table of operations. */
#include "xen/xen.h"

#include "core/string.h"

/* Two pages that are not what the linker puts there: Xen writes code into the first, and maps the shared page
 * over the second. */
__asm__(".pushsection .text\n\t.balign 4096\n\t.globl xen_hypercall_page\n"
	"xen_hypercall_page:\n\t.skip 4096\n\t.popsection\n\t"
	".pushsection .bss\n\t.balign 4096\n\t.globl xen_shared\nxen_shared:\n\t.skip 4096\n\t"
	".popsection");
_Static_assert(sizeof(struct xen_shared) <= PV_PAGE_SIZE, "it fits");

const struct xen_start *xen_start;

/* Xen changes %rax, and may change the registers of the arguments. */
int64_t xen_call(enum xen_call number, uint64_t a, uint64_t b, uint64_t c, uint64_t d, uint64_t e)
{
	register uint64_t fourth __asm__("r10") = d;
	register uint64_t fifth __asm__("r8") = e;
	int64_t result;

	__asm__ volatile("call *%[entry]"
			 : "=a"(result), "+D"(a), "+S"(b), "+d"(c), "+r"(fourth), "+r"(fifth),
			 "+r"(pv_stack)
			 : [entry] "0"(xen_hypercall_page + (unsigned)number * 32)
			 : "rcx", "r9", "r11", "memory", "cc");
	return result;
}

void xen_must(const char *what, int64_t result)
{
	char line[120];
	size_t length;
	uint32_t reason = XEN_CRASH;

	if (result >= 0)
		return;
	length = text_format(line, sizeof(line), "Bail out! Xen refused: %s (%lu)\n", what,
		(uint64_t)-result);
	xen_call(XEN_CONSOLE, XEN_CONSOLE_WRITE, length, xen_pointer(line), 0, 0);
	for (;;)
		xen_call(XEN_SCHEDULE, XEN_SHUTDOWN, xen_pointer(&reason), 0, 0, 0);
}

static bool detect(const struct pv_boot *boot)
{
	return boot->entry == PV_ENTRY_XEN &&
	       text_starts(((const struct xen_start *)boot->info)->magic, "xen-");
}

const char *xen_banner(void)
{
	return "Xen, paravirtual guest";
}

/* Events come in at pv_entry_event; a second address is for failed returns, a third for system calls. */
bool xen_arch_setup(const struct pv_boot *boot)
{
	uint64_t entry = xen_pointer((const void *)(uintptr_t)pv_entry_event);

	if (xen_start) {
		xen_vcpu()->mask = 1;
		return true;
	}
	xen_start = boot->info;
	xen_mmu_start();
	xen_vcpu()->mask = 1;
	if (xen_call(XEN_SET_CALLBACKS, entry, entry, 0, 0, 0) < 0)
		return false;
	xen_irq_start();
	xen_time_start();
	xen_set_iopl_mask(0);
	return true;
}

unsigned xen_memory_setup(struct pv_range *out, unsigned room)
{
	if (!room)
		return 0;
	out[0] = (struct pv_range){0, xen_start->pages << PV_PAGE_SHIFT};
	return 1;
}

static const struct pv_ops ops = {
	.init = {.banner = xen_banner,
		.arch_setup = xen_arch_setup,
		.memory_setup = xen_memory_setup},
	.time = {.time_init = xen_time_init,
		.sched_clock = xen_sched_clock,
		.steal_clock = xen_steal_clock,
		.get_tsc_khz = xen_get_tsc_khz,
		.get_wallclock = xen_get_wallclock,
		.set_wallclock = xen_set_wallclock},
	.cpu = {.cpuid = xen_cpuid,
		.write_msr = xen_write_msr,
		.write_msr_safe = xen_write_msr_safe,
		.get_debugreg = xen_get_debugreg,
		.set_debugreg = xen_set_debugreg,
		.clts = xen_clts,
		.write_cr0 = xen_write_cr0,
		.read_cr8 = xen_read_cr8,
		.write_cr8 = xen_write_cr8,
		.load_tr_desc = xen_load_tr_desc,
		.store_tr = xen_store_tr,
		.load_gdt = xen_load_gdt,
		.store_gdt = xen_store_gdt,
		.load_idt = xen_load_idt,
		.store_idt = xen_store_idt,
		.set_ldt = xen_set_ldt,
		.alloc_ldt = xen_alloc_ldt,
		.free_ldt = xen_free_ldt,
		.load_tls = xen_load_tls,
		.load_gs_index = xen_load_gs_index,
		.write_ldt_entry = xen_write_ldt_entry,
		.write_gdt_entry = xen_write_gdt_entry,
		.write_idt_entry = xen_write_idt_entry,
		.load_sp0 = xen_load_sp0,
		.set_iopl_mask = xen_set_iopl_mask,
		.wbinvd = xen_wbinvd,
		.io_delay = xen_io_delay,
		.swapgs = xen_swapgs,
		.iret = xen_iret},
	.irq = {.init_IRQ = xen_init_IRQ,
		.save_fl = xen_save_fl,
		.restore_fl = xen_restore_fl,
		.irq_disable = xen_irq_disable,
		.irq_enable = xen_irq_enable,
		.safe_halt = xen_safe_halt,
		.halt = xen_halt,
		.adjust_exception_frame = xen_adjust_exception_frame},
	.apic = {.apic_read = xen_apic_read,
		.apic_write = xen_apic_write,
		.apic_eoi = xen_apic_eoi,
		.setup_boot_clock = xen_setup_boot_clock},
	.mmu = {
		.read_cr2 = xen_read_cr2,
		.write_cr2 = xen_write_cr2,
		.read_cr3 = xen_read_cr3,
		.write_cr3 = xen_write_cr3,
		.activate_mm = xen_activate_mm,
		.exit_mmap = xen_exit_mmap,
		.flush_tlb_user = xen_flush_tlb_user,
		.flush_tlb_kernel = xen_flush_tlb_user, /* a guest's pages are never global */
		.flush_tlb_single = xen_flush_tlb_single,
		.pgd_alloc = xen_pgd_alloc,
		.pgd_free = xen_pgd_free,
		.alloc_pte = xen_alloc_pte,
		.alloc_pmd = xen_alloc_pte,
		.alloc_pud = xen_alloc_pte,
		.release_pte = xen_release_pte,
		.release_pmd = xen_release_pte,
		.release_pud = xen_release_pte,
		.set_pte = xen_set_pte,
		.set_pte_at = xen_set_pte_at,
		.set_pmd = xen_set_pmd,
		.set_pud = xen_set_pud,
		.set_pgd = xen_set_pgd,
		.pte_clear = xen_pte_clear,
		.pmd_clear = xen_pmd_clear,
		.ptep_modify_prot_start = xen_ptep_modify_prot_start,
		.ptep_modify_prot_commit = xen_ptep_modify_prot_commit,
		.pte_val = xen_pte_val,
		.make_pte = xen_make_pte,
		.pmd_val = xen_pmd_val,
		.make_pmd = xen_make_pmd,
		.pud_val = xen_pud_val,
		.make_pud = xen_make_pud,
		.pgd_val = xen_pgd_val,
		.make_pgd = xen_make_pgd,
		.set_fixmap = xen_set_fixmap,
		.lazy_enter = xen_lazy_enter,
		.lazy_leave = xen_lazy_leave,
		.lazy_flush = xen_lazy_flush},
	.lock = {.wait = xen_wait,
		.kick = xen_kick},
};

const struct pv_backend xen_backend = {"xen", detect, &ops};
