/* A vendor's backend as a relocatable object: laid behind the image, bound to the image's symbols, put first into its list
 * of backends. The object is hostile until it is loaded: every offset is checked; its code is only ever interpreted. */
#include "machine.h"

#include <elf.h>
#include <stdlib.h>
#include <string.h>

enum { OBJECT_MOST = 8 << 20, SECTIONS_MOST = 512 };

struct object {
	uint8_t *bytes;
	size_t size;
	Elf64_Ehdr header;
	uint64_t address[SECTIONS_MOST]; /* of what is in memory; 0: not there */
	const char *missing;
};

static bool within(const struct object *o, uint64_t offset, uint64_t length)
{
	return offset <= o->size && length <= o->size - offset;
}

static bool section(const struct object *o, unsigned n, Elf64_Shdr *out)
{
	uint64_t at = o->header.e_shoff + (uint64_t)n * sizeof(*out);

	if (n >= o->header.e_shnum || !within(o, at, sizeof(*out)))
		return false;
	memcpy(out, o->bytes + at, sizeof(*out));
	return out->sh_type == SHT_NOBITS || within(o, out->sh_offset, out->sh_size);
}

static bool read_header(struct object *o)
{
	if (!within(o, 0, sizeof(o->header)))
		return false;
	memcpy(&o->header, o->bytes, sizeof(o->header));
	return memcmp(o->header.e_ident, ELFMAG, SELFMAG) == 0 &&
	       o->header.e_ident[EI_CLASS] == ELFCLASS64 && o->header.e_machine == EM_X86_64 &&
	       o->header.e_type == ET_REL && o->header.e_shentsize == sizeof(Elf64_Shdr) &&
	       o->header.e_shnum <= SECTIONS_MOST;
}

/* Sections that take memory, one after the other from `free` on. */
static bool place(struct machine *m, struct object *o, uint64_t *free_at)
{
	for (unsigned n = 0; n < o->header.e_shnum; n++) {
		Elf64_Shdr s;

		if (!section(o, n, &s))
			return false;
		if (!(s.sh_flags & SHF_ALLOC))
			continue;
		*free_at = (*free_at + 4095) & ~UINT64_C(4095);
		if (s.sh_size > RAM_SIZE / 4 || *free_at + s.sh_size > RAM_SIZE / 2)
			return false;
		if (s.sh_type != SHT_NOBITS)
			memcpy(m->ram + *free_at, o->bytes + s.sh_offset, s.sh_size);
		o->address[n] = *free_at;
		*free_at += s.sh_size ? s.sh_size : 1;
	}
	return true;
}

/* A symbol of the table `table`: its name and address; false where there is none of that number. */
static bool symbol(
	const struct object *o, const Elf64_Shdr *table, uint64_t n, const char **name, uint64_t *value)
{
	Elf64_Shdr names;
	Elf64_Sym s;

	if (table->sh_type != SHT_SYMTAB || n >= table->sh_size / sizeof(s) ||
		!section(o, table->sh_link, &names) || names.sh_type != SHT_STRTAB || !names.sh_size ||
		o->bytes[names.sh_offset + names.sh_size - 1])
		return false;
	memcpy(&s, o->bytes + table->sh_offset + n * sizeof(s), sizeof(s));
	if (s.st_name >= names.sh_size)
		return false;
	*name = (const char *)o->bytes + names.sh_offset + s.st_name;
	if (s.st_shndx == SHN_ABS) {
		*value = s.st_value;
	} else if (s.st_shndx == SHN_UNDEF) {
		*value = **name ? load_symbol(*name) : 0;
		return true;
	} else if (s.st_shndx < o->header.e_shnum && o->address[s.st_shndx]) {
		*value = o->address[s.st_shndx] + s.st_value;
	} else {
		*value = 0;
	}
	return true;
}

static bool relocate_one(struct machine *m, uint64_t at, uint64_t room, const Elf64_Rela *r, uint64_t value)
{
	uint64_t result = value + (uint64_t)r->r_addend;
	unsigned size = ELF64_R_TYPE(r->r_info) == R_X86_64_64 ? 8 : 4;

	if (r->r_offset > room || size > room - r->r_offset)
		return false;
	switch (ELF64_R_TYPE(r->r_info)) {
	case R_X86_64_64:
	case R_X86_64_32:
	case R_X86_64_32S:
		break;
	case R_X86_64_PC32:
	case R_X86_64_PLT32:
		result -= at + r->r_offset;
		break;
	default:
		return false;
	}
	memcpy(m->ram + at + r->r_offset, &result, size);
	return true;
}

static bool relocate(struct machine *m, struct object *o, const Elf64_Shdr *list)
{
	Elf64_Shdr target, table;

	if (list->sh_info >= o->header.e_shnum || !section(o, list->sh_info, &target) ||
		!section(o, list->sh_link, &table))
		return false;
	if (!o->address[list->sh_info])
		return true; /* of debugging information */
	for (uint64_t n = 0; n < list->sh_size / sizeof(Elf64_Rela); n++) {
		Elf64_Rela r;
		const char *name;
		uint64_t value;

		memcpy(&r, o->bytes + list->sh_offset + n * sizeof(r), sizeof(r));
		if (!symbol(o, &table, ELF64_R_SYM(r.r_info), &name, &value))
			return false;
		if (!value && *name) {
			o->missing = name;
			return false;
		}
		if (!relocate_one(m, o->address[list->sh_info], target.sh_size, &r, value))
			return false;
	}
	return true;
}

/* The address of the symbol that every backend object defines. */
static uint64_t find_backend(const struct object *o)
{
	for (unsigned n = 0; n < o->header.e_shnum; n++) {
		Elf64_Shdr table;
		const char *name;
		uint64_t value;

		if (!section(o, n, &table) || table.sh_type != SHT_SYMTAB)
			continue;
		for (uint64_t i = 1; symbol(o, &table, i, &name, &value); i++) {
			if (strcmp(name, "vendor_backend") == 0)
				return value;
		}
	}
	return 0;
}

static bool bind(struct machine *m, struct object *o, uint64_t *end, const char **error)
{
	uint64_t list = load_symbol("pv_backends"), backend;

	*error = "is no relocatable object of this machine";
	if (!read_header(o) || !place(m, o, end))
		return false;
	*error = "has a relocation that this machine does not do";
	for (unsigned n = 0; n < o->header.e_shnum; n++) {
		Elf64_Shdr s;

		if (section(o, n, &s) && s.sh_type == SHT_RELA && !relocate(m, o, &s)) {
			static char text[120];

			if (o->missing) {
				snprintf(text, sizeof(text), "needs %.60s, which the interface does not have",
					o->missing);
				*error = text;
			}
			return false;
		}
	}
	*error = "defines no vendor_backend (struct pv_backend)";
	backend = find_backend(o);
	if (!backend || !list)
		return false;
	physical_write(m, list, backend);
	*end = (*end + 4095) & ~UINT64_C(4095);
	*error = NULL;
	return true;
}

bool load_object(struct machine *m, const char *path, uint64_t *end, const char **error)
{
	struct object *o = calloc(1, sizeof(*o));
	FILE *in = fopen(path, "rb");
	bool ok = false;

	*error = "cannot be read";
	if (o && in && (o->bytes = malloc(OBJECT_MOST)) != NULL) {
		o->size = fread(o->bytes, 1, OBJECT_MOST, in);
		if (o->size < OBJECT_MOST)
			ok = bind(m, o, end, error);
		else
			*error = "is too large";
	}
	if (in)
		fclose(in);
	if (o)
		free(o->bytes);
	free(o);
	return ok;
}
