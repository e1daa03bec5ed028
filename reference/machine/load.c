/* Loads the image: an ELF file of 64 bits, its segments, its symbols; and makes what a loader leaves behind. */
#include "machine.h"

#include <elf.h>
#include <stdlib.h>
#include <string.h>

enum { FILE_MOST = 64 << 20, MULTIBOOT_BOOTED = 0x2badb002 };

static uint8_t *file;
static size_t file_size;

/* The whole file, capped; NULL with *error. */
static uint8_t *read_file(const char *path, size_t *size, const char **error)
{
	FILE *in = fopen(path, "rb");
	uint8_t *bytes = malloc(FILE_MOST);
	size_t n = 0;

	*error = "cannot be opened";
	if (in && bytes) {
		n = fread(bytes, 1, FILE_MOST, in);
		*error = n == FILE_MOST ? "is too large" : NULL;
	}
	if (in)
		fclose(in);
	if (*error) {
		free(bytes);
		return NULL;
	}
	*size = n;
	return bytes;
}

static bool within(uint64_t offset, uint64_t length)
{
	return offset <= file_size && length <= file_size - offset;
}

static bool load_segments(struct machine *m, const Elf64_Ehdr *header, uint64_t *end)
{
	bool any = false;

	for (unsigned n = 0; n < header->e_phnum; n++) {
		Elf64_Phdr segment;

		if (!within(header->e_phoff + n * sizeof(segment), sizeof(segment)))
			return false;
		memcpy(&segment, file + header->e_phoff + n * sizeof(segment), sizeof(segment));
		if (segment.p_type != PT_LOAD)
			continue;
		if (!within(segment.p_offset, segment.p_filesz) || segment.p_filesz > segment.p_memsz ||
			segment.p_paddr > RAM_SIZE || segment.p_memsz > RAM_SIZE - segment.p_paddr)
			return false;
		memcpy(m->ram + segment.p_paddr, file + segment.p_offset, segment.p_filesz);
		if (segment.p_paddr + segment.p_memsz > *end)
			*end = segment.p_paddr + segment.p_memsz;
		any = true;
	}
	*end = (*end + PAGE - 1) & ~(uint64_t)(PAGE - 1);
	return any;
}

bool load_image(struct machine *m, const char *path, uint64_t *end, const char **error)
{
	Elf64_Ehdr header;

	file = read_file(path, &file_size, error);
	if (!file)
		return false;
	*error = "is no image of this machine (a 64-bit ELF file for x86-64 that fits into 16 MiB)";
	if (!within(0, sizeof(header)))
		return false;
	memcpy(&header, file, sizeof(header));
	*end = 0;
	if (memcmp(header.e_ident, ELFMAG, SELFMAG) != 0 || header.e_ident[EI_CLASS] != ELFCLASS64 ||
		header.e_machine != EM_X86_64 || header.e_phentsize != sizeof(Elf64_Phdr) ||
		!load_segments(m, &header, end))
		return false;
	*error = NULL;
	return true;
}

static bool section(unsigned n, Elf64_Shdr *out)
{
	Elf64_Ehdr header;

	memcpy(&header, file, sizeof(header));
	if (n >= header.e_shnum || header.e_shentsize != sizeof(*out) ||
		!within(header.e_shoff + n * sizeof(*out), sizeof(*out)))
		return false;
	memcpy(out, file + header.e_shoff + n * sizeof(*out), sizeof(*out));
	return true;
}

/* Calls `each` with the image's symbols until it says so. */
typedef bool symbol_fn(const char *name, const Elf64_Sym *symbol, void *data);

static void each_symbol(symbol_fn *each, void *data)
{
	Elf64_Shdr symbols, names;

	for (unsigned n = 0; section(n, &symbols); n++) {
		if (symbols.sh_type != SHT_SYMTAB || !section(symbols.sh_link, &names) ||
			!within(symbols.sh_offset, symbols.sh_size) ||
			!within(names.sh_offset, names.sh_size) || !names.sh_size ||
			file[names.sh_offset + names.sh_size - 1])
			continue;
		for (uint64_t at = 0; at + sizeof(Elf64_Sym) <= symbols.sh_size; at += sizeof(Elf64_Sym)) {
			Elf64_Sym symbol;

			memcpy(&symbol, file + symbols.sh_offset + at, sizeof(symbol));
			if (symbol.st_name < names.sh_size &&
				each((const char *)file + names.sh_offset + symbol.st_name, &symbol, data))
				return;
		}
	}
}

struct search {
	const char *name;
	uint64_t found;
};

static bool has_name(const char *name, const Elf64_Sym *symbol, void *data)
{
	struct search *search = data;

	if (strcmp(name, search->name) != 0)
		return false;
	search->found = symbol->st_value;
	return true;
}

uint64_t load_symbol(const char *name)
{
	struct search search = {name, 0};

	each_symbol(has_name, &search);
	return search.found;
}

static bool is_exported(const char *name)
{
	static const char *const called[] = {"memcpy", "memset", "memcmp", "strlen"};

	for (size_t n = 0; n < sizeof(called) / sizeof(called[0]); n++) {
		if (strcmp(name, called[n]) == 0)
			return true;
	}
	return strncmp(name, "pv_", 3) == 0 || strncmp(name, "native_", 7) == 0;
}

static bool has_exported_name(const char *name, const Elf64_Sym *symbol, void *data)
{
	return ELF64_ST_BIND(symbol->st_info) == STB_GLOBAL && has_name(name, symbol, data);
}

uint64_t load_exported(const char *name)
{
	struct search search = {name, 0};

	if (is_exported(name))
		each_symbol(has_exported_name, &search);
	return search.found;
}

struct addresses {
	uint64_t *out;
	size_t count, most;
};

static bool add_export(const char *name, const Elf64_Sym *symbol, void *data)
{
	struct addresses *list = data;

	if (ELF64_ST_BIND(symbol->st_info) == STB_GLOBAL && is_exported(name) && list->count < list->most)
		list->out[list->count++] = symbol->st_value;
	return false;
}

size_t load_exports(uint64_t *out, size_t most)
{
	struct addresses list = {out, 0, most};

	each_symbol(add_export, &list);
	return list.count;
}

void load_free(void)
{
	free(file);
	file = NULL;
}

static void put32(struct machine *m, uint64_t address, uint32_t value)
{
	memcpy(m->ram + address, &value, sizeof(value));
}

/* Low memory: tables from 0x1000 (one to one, 4 GiB, pages of 2 MiB), multiboot's information at 0x8000, a ROM
 * at 0xd0000. */
bool load_bare(struct machine *m, uint64_t end, const char *command_line, const char *rom,
	const char **error)
{
	enum { TOP = 0x1000, INFO = 0x8000, MAP = 0x8100, LINE = 0x8200, GDT = 0x8800, ROM = 0xd0000 };

	(void)end;
	physical_write(m, TOP, 0x2000 | 7);
	for (uint64_t n = 0; n < 4; n++)
		physical_write(m, 0x2000 + n * 8, (0x3000 + n * PAGE) | 7);
	for (uint64_t n = 0; n < 2048; n++)
		physical_write(m, 0x3000 + n * 8, n << 21 | 0x87);
	put32(m, INFO, 1 << 2 | 1 << 6);
	put32(m, INFO + 16, LINE);
	put32(m, INFO + 44, 24);
	put32(m, INFO + 48, MAP);
	put32(m, MAP, 20);
	physical_write(m, MAP + 4, 0x100000);
	physical_write(m, MAP + 12, RAM_SIZE - 0x100000);
	put32(m, MAP + 20, 1);
	snprintf((char *)m->ram + LINE, 0x400, "%s", command_line);
	physical_write(m, GDT + 8, UINT64_C(0x00af9a000000ffff));
	physical_write(m, GDT + 16, UINT64_C(0x00cf92000000ffff));
	if (rom) {
		size_t size;
		uint8_t *bytes = read_file(rom, &size, error);

		if (!bytes)
			return false;
		memcpy(m->ram + ROM, bytes, size < 0x10000 ? size : 0x10000);
		free(bytes);
	}
	m->gdt = (struct table_register){23, GDT};
	m->cs = 8;
	m->cr0 = BIT(0) | BIT(1) | BIT(4) | BIT(16) | BIT(31);
	m->cr3 = TOP;
	m->cr4 = BIT(5) | BIT(7);
	m->efer = 0xd00;
	m->dr[6] = 0xffff0ff0;
	m->dr[7] = 0x400;
	m->rflags = 2;
	m->rip = load_symbol("start64");
	m->reg[RDI] = MULTIBOOT_BOOTED;
	m->reg[RSI] = INFO;
	*error = m->rip ? NULL : "has no entry start64";
	return m->rip != 0;
}
