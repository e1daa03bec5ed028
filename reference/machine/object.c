/* A vendor's backend as a relocatable object: laid behind the image, bound to what the interface offers, put first into the
 * list of backends. The object is hostile: it is read as bytes before this process is locked down, and everything else
 * happens after; every offset is checked; its code is only ever interpreted. */
#include "machine.h"

#include <elf.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { OBJECT_MOST = 8 << 20, SECTIONS_MOST = 512 };

struct object {
	uint8_t *bytes;
	size_t size;
	Elf64_Ehdr header;
	uint64_t address[SECTIONS_MOST]; /* of what is in memory; 0: not there */
	const char *missing;
	uint64_t start, end; /* where it lies */
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

/* What it is not; NULL where the header is what is wanted. */
static const char *read_header(struct object *o)
{
	if (!within(o, 0, sizeof(o->header)) || memcmp(o->bytes, ELFMAG, SELFMAG) != 0)
		return "is no object file (ELF)";
	memcpy(&o->header, o->bytes, sizeof(o->header));
	if (o->header.e_ident[EI_CLASS] != ELFCLASS64 || o->header.e_machine != EM_X86_64 ||
		o->header.e_ident[EI_DATA] != ELFDATA2LSB)
		return "is not for x86-64";
	if (o->header.e_type != ET_REL)
		return "is linked already: a relocatable object is wanted (cc -c)";
	if (!o->header.e_shnum || o->header.e_shnum > SECTIONS_MOST ||
		o->header.e_shentsize != sizeof(Elf64_Shdr))
		return "has a damaged table of sections";
	return NULL;
}

/* Sections that take memory, one after the other from `free` on. */
static bool place(struct machine *m, struct object *o, uint64_t *free_at, const char **error)
{
	for (unsigned n = 0; n < o->header.e_shnum; n++) {
		Elf64_Shdr s;

		*error = "is damaged: a section lies outside of the file";
		if (!section(o, n, &s))
			return false;
		if (!(s.sh_flags & SHF_ALLOC))
			continue;
		*free_at = (*free_at + 4095) & ~UINT64_C(4095);
		*error = "is larger than the machine's memory";
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
		*value = **name ? load_exported(*name) : 0;
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

/* All relocations; else what is wrong, in memory that stays. */
static const char *relocate_all(struct machine *m, struct object *o)
{
	static char text[120];

	for (unsigned n = 0; n < o->header.e_shnum; n++) {
		Elf64_Shdr s;

		if (!section(o, n, &s))
			continue;
		if (s.sh_type == SHT_REL)
			return "has relocations without addends, which x86-64 does not have";
		if (s.sh_type != SHT_RELA || relocate(m, o, &s))
			continue;
		if (!o->missing)
			return "has a relocation that this machine does not do (compile with -fno-pic)";
		snprintf(text, sizeof(text), "needs %.60s, which the interface does not have", o->missing);
		for (char *c = text; *c; c++)
			*c = *c < ' ' || *c > '~' ? '?' : *c;
		return text;
	}
	return NULL;
}

/* The object's own places that may fault (PV_FIX): the image looks there, too. */
static bool tell_fixes(struct machine *m, const struct object *o)
{
	uint64_t more = load_symbol("pv_fixes_more");
	Elf64_Shdr names;

	if (!more || !section(o, o->header.e_shstrndx, &names) || names.sh_type != SHT_STRTAB)
		return false;
	for (unsigned n = 0; n < o->header.e_shnum; n++) {
		static const char name[] = "pv_fixes";
		Elf64_Shdr s;

		if (!section(o, n, &s) || !o->address[n] || s.sh_name >= names.sh_size ||
			names.sh_size - s.sh_name < sizeof(name) ||
			memcmp(o->bytes + names.sh_offset + s.sh_name, name, sizeof(name)) != 0)
			continue;
		physical_write(m, more, o->address[n]);
		physical_write(m, more + 8, o->address[n] + s.sh_size / 16 * 16);
	}
	return true;
}

bool object_bind(struct machine *m, struct object *o, uint64_t *end, const char **error)
{
	uint64_t list = load_symbol("pv_backends"), backend;

	*error = read_header(o);
	if (*error)
		return false;
	o->start = *end;
	if (!place(m, o, end, error))
		return false;
	*error = relocate_all(m, o);
	if (*error)
		return false;
	*error = "defines no vendor_backend (const struct pv_backend)";
	backend = find_backend(o);
	if (!backend || backend > RAM_SIZE - 24 || !list || !tell_fixes(m, o))
		return false;
	physical_write(m, list, backend);
	*end = (*end + 4095) & ~UINT64_C(4095);
	o->end = *end;
	return watch_start(m, &(struct watched){o->start, o->end, backend}, error);
}

struct object *object_read(const char *path, const char **error)
{
	struct object *o = calloc(1, sizeof(*o));
	/* a pipe would wait for its other end */
	int in = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	struct stat what;
	ssize_t n;

	*error = "cannot be read";
	if (o && in >= 0 && fstat(in, &what) == 0 && (o->bytes = malloc(OBJECT_MOST)) != NULL) {
		*error = S_ISREG(what.st_mode) ? "is too large (8 MiB)" : "is no file";
		while (S_ISREG(what.st_mode) && o->size < OBJECT_MOST &&
			(n = read(in, o->bytes + o->size, OBJECT_MOST - o->size)) > 0)
			o->size += (size_t)n;
		if (S_ISREG(what.st_mode) && o->size < OBJECT_MOST)
			*error = NULL;
	}
	if (in >= 0)
		close(in);
	if (!*error)
		return o;
	object_free(o);
	return NULL;
}

void object_free(struct object *o)
{
	if (o)
		free(o->bytes);
	free(o);
}
