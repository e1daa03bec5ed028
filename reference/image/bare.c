/* The bare machine: multiboot's information, the serial line, power off, the view from ring 0. */
#include "image/platform.h"

#include "core/string.h"

enum {
	SERIAL = 0x3f8,
	SERIAL_STATUS = SERIAL + 5,
	/* QEMU's q35 and pc: the power management register of ACPI, and the value that means S5 */
	POWER = 0x604,
	POWER_OFF = 0x2000,
	APIC = 0xfee00000,
};

/* Multiboot 0.6.96, section 3.3. */
struct multiboot {
	uint32_t flags; /* 2: command line, 3: modules, 6: memory map */
	uint32_t lower, upper, device, command_line, modules, module_list, symbols[4];
	uint32_t map_length, map;
};
struct multiboot_module {
	uint32_t start, end, text, reserved;
};
struct multiboot_memory {
	uint32_t size; /* of what follows */
	uint64_t start, length;
	uint32_t type; /* 1: usable */
} __attribute__((packed));

static inline void out8(uint16_t port, uint8_t value)
{
	__asm__ volatile("outb %0,%1" : : "a"(value), "Nd"(port));
}

static inline uint8_t in8(uint16_t port)
{
	uint8_t value;

	__asm__ volatile("inb %1,%0" : "=a"(value) : "Nd"(port));
	return value;
}

static void serial_write(const char *text, size_t length)
{
	for (size_t i = 0; i < length; i++) {
		while (!(in8(SERIAL_STATUS) & 0x20))
			;
		out8(SERIAL, (uint8_t)text[i]);
	}
}

static void power_off(bool ok)
{
	(void)ok;
	__asm__ volatile("outw %0,%1" : : "a"((uint16_t)POWER_OFF), "d"((uint16_t)POWER));
	for (;;)
		__asm__ volatile("cli; hlt");
}

/* Below 1 MiB and under the image, memory is not offered: the loader's and the image's own. */
static void add_memory(struct pv_boot *boot, uint64_t start, uint64_t end)
{
	const uint64_t low = (uint64_t)(uintptr_t)image_start;

	if (start < low)
		start = low;
	start = (start + PV_PAGE_SIZE - 1) & ~(uint64_t)(PV_PAGE_SIZE - 1);
	end &= ~(uint64_t)(PV_PAGE_SIZE - 1);
	if (start < end && boot->memory_ranges < 8)
		boot->memory[boot->memory_ranges++] = (struct pv_range){start, end};
}

static void read_multiboot(struct pv_boot *boot, void *info)
{
	const struct multiboot *found = info;

	boot->entry = PV_ENTRY_BARE;
	boot->apic = (volatile uint32_t *)(uintptr_t)APIC;
	boot->rom[0] = (struct pv_range){0xc0000, 0xe0000};
	if (found->flags & 1 << 2)
		boot->command_line = (const char *)(uintptr_t)found->command_line;
	if (found->flags & 1 << 3 && found->modules) {
		const struct multiboot_module *module =
			(const struct multiboot_module *)(uintptr_t)found->module_list;

		boot->rom[1] = (struct pv_range){module->start, module->end};
	}
	if (found->flags & 1 << 6) {
		uint32_t at = found->map, end = found->map + found->map_length;

		while (at < end) {
			const struct multiboot_memory *part =
				(const struct multiboot_memory *)(uintptr_t)at;

			if (part->type == 1)
				add_memory(boot, part->start, part->start + part->length);
			at += part->size + 4;
		}
	}
}

static bool interrupts_on(void)
{
	uint64_t flags;

	__asm__ volatile("pushfq; popq %0" : "=r"(flags));
	return flags & PV_IF;
}

static unsigned privilege(void)
{
	uint64_t flags;

	__asm__ volatile("pushfq; popq %0" : "=r"(flags));
	return flags >> 12 & 3;
}

static uint64_t stack_of_ring0(void)
{
	struct pv_table table;
	const uint64_t *entry;
	uint64_t base, sp0;

	raw_gdt(&table);
	entry = (const uint64_t *)(uintptr_t)(table.base + raw_tr());
	base = (entry[0] >> 16 & 0xffffff) | (entry[0] >> 56) << 24 | entry[1] << 32;
	memcpy(&sp0, (const char *)(uintptr_t)base + 4, sizeof(sp0));
	return sp0;
}

/* An interrupt command to oneself: fixed, edge, shorthand self (SDM 3A figure 10-12). */
static void raise(unsigned vector)
{
	volatile uint32_t *apic = (volatile uint32_t *)(uintptr_t)APIC;

	apic[0x300 / 4] = 0x44000 | vector;
}

static const struct suite_view *bare_view(void)
{
	static struct suite_view view SUITE_OWN = {
		.name = "bare machine",
		.bare = true,
		.instructions = true,
		.interrupts_on = interrupts_on,
		.cr = raw_cr,
		.cr8 = raw_cr8,
		.debug = raw_debug,
		.msr = raw_msr,
		.gdt = raw_gdt,
		.idt = raw_idt,
		.tr = raw_tr,
		.sp0 = stack_of_ring0,
		.iopl = privilege,
		.raise = raise,
	};

	if (monitor_present()) {
		view.name = "simulated machine";
		view.count = monitor_count;
	}
	return &view;
}

const struct platform platform_bare = {
	"bare", serial_write, power_off, read_multiboot, bare_view};
