/* Patching of call sites (pv/patch.h). */
#include "pv/patch.h"

#include "core/string.h"

extern struct pv_site __start_pv_sites[], __stop_pv_sites[];

enum { PV_CALL_DIRECT = 5, PV_SITE_MOST = 8 };

/* The recommended single instruction of n bytes that does nothing (SDM 2B, NOP). */
static const uint8_t nops[PV_SITE_MOST][PV_SITE_MOST] = {
	{0x90},
	{0x66, 0x90},
	{0x0f, 0x1f, 0x00},
	{0x0f, 0x1f, 0x40, 0x00},
	{0x0f, 0x1f, 0x44, 0x00, 0x00},
	{0x66, 0x0f, 0x1f, 0x44, 0x00, 0x00},
	{0x0f, 0x1f, 0x80, 0x00, 0x00, 0x00, 0x00},
	{0x0f, 0x1f, 0x84, 0x00, 0x00, 0x00, 0x00, 0x00},
};

static void fill(uint8_t *site, unsigned from, unsigned length)
{
	if (from < length)
		memcpy(site + from, nops[length - from - 1], length - from);
}

/* After code was written, before it runs: cpuid serialises, and every platform allows it. */
static void serialise(void)
{
	uint32_t eax = 0, ebx, ecx = 0, edx;

	__asm__ volatile("cpuid" : "+a"(eax), "=b"(ebx), "+c"(ecx), "=d"(edx) : : "memory");
}

unsigned pv_patch_copy(void *site, unsigned room, const void *start, const void *end)
{
	size_t length = (size_t)((const char *)end - (const char *)start);

	if (length > room)
		return 0;
	memcpy(site, start, length);
	return (unsigned)length;
}

/* A direct call of `target`; false where 32 bits do not reach. */
static bool make_direct(uint8_t *code, const uint8_t *site, const void *target)
{
	int64_t distance = (int64_t)((uintptr_t)target - (uintptr_t)(site + PV_CALL_DIRECT));
	int32_t near = (int32_t)distance;

	if (near != distance)
		return false;
	code[0] = 0xe8;
	memcpy(code + 1, &near, sizeof(near));
	return true;
}

static void patch_site(struct pv_site *site, struct pv_patched *done)
{
	uint8_t code[PV_SITE_MOST];
	unsigned length = pv_ops.init.patch(site->id, code, site->length);

	if (length) {
		done->inlined++;
	} else if (make_direct(code, site->address, pv_slot(&pv_ops, site->id))) {
		length = PV_CALL_DIRECT;
		done->direct++;
	} else {
		done->left++;
		return;
	}
	fill(code, length, site->length);
	memcpy(site->address, code, site->length);
}

/* `call *slot(%rip)`: ff 15 and the distance, which stays the same at the same place. */
static bool is_indirect(const struct pv_site *site)
{
	return site->address[0] == 0xff && site->address[1] == 0x15;
}

struct pv_patched pv_patch_sites(void)
{
	struct pv_patched done = {0};

	for (struct pv_site *site = __start_pv_sites; site < __stop_pv_sites; site++) {
		done.sites++;
		if (is_indirect(site))
			memcpy(site->original, site->address + 1, sizeof(site->original));
		patch_site(site, &done);
	}
	serialise();
	return done;
}

void pv_unpatch_sites(void)
{
	for (struct pv_site *site = __start_pv_sites; site < __stop_pv_sites; site++) {
		if (!site->original[0])
			continue; /* never patched */
		memcpy(site->address + 1, site->original, sizeof(site->original));
		site->address[0] = 0xff;
	}
	serialise();
}
