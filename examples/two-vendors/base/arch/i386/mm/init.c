/* Setting up memory. */
#include <linux/kernel.h>
#include <asm/page.h>
#include <asm/pgtable.h>
#include <asm/processor.h>
#include <asm/system.h>
#include <asm/tlbflush.h>

pgd_t swapper_pg_dir[1024];

static void pagetable_init(void)
{
	write_cr4(read_cr4() | 0x10);
}

void paging_init(void)
{
	pagetable_init();
	load_cr3(swapper_pg_dir);
	__flush_tlb();
}
