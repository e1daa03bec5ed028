/* The interpreter of instructions: what compilers make of C with general registers, and what kernels write by
 * hand. Operations with effects outside registers and memory are in system.c. SDM volume 2 throughout. */
#include "machine.h"

enum { REX_B = 1, REX_X = 2, REX_R = 4, REX_W = 8, INSTRUCTION_MOST = 15 };

struct instruction {
	struct machine *m;
	uint64_t at, next;	/* where it starts, where the next byte is */
	unsigned rex;
	bool operand16, repeat, repeat_not, lock;
	uint64_t segment;	/* base that is added to memory operands */
	unsigned size;		/* of the operands, bytes */
	unsigned mod, reg, rm;
	bool memory;
	uint64_t address;
	unsigned immediate;	/* bytes after the operand: a rip-relative one counts from their end */
};

static uint8_t fetch(struct instruction *i)
{
	if (i->next - i->at >= INSTRUCTION_MOST)
		cpu_fault(i->m, VECTOR_GP, 0);
	return memory_fetch(i->m, i->next++);
}

static uint64_t fetch_word(struct instruction *i, unsigned size)
{
	uint64_t value = 0;

	for (unsigned n = 0; n < size; n++)
		value |= (uint64_t)fetch(i) << 8 * n;
	return value;
}

static uint64_t extend(uint64_t value, unsigned size)
{
	unsigned shift = 64 - 8 * size;

	return (uint64_t)((int64_t)(value << shift) >> shift);
}

static uint64_t mask_of(unsigned size)
{
	return size == 8 ? ~UINT64_C(0) : BIT(8 * size) - 1;
}

/* An immediate of the operand's size, but never more than 4 bytes, extended by its sign. */
static uint64_t fetch_immediate(struct instruction *i, unsigned size)
{
	unsigned bytes = size > 4 ? 4 : size;

	return extend(fetch_word(i, bytes), bytes);
}

/* ---- registers ---- */

/* Without REX, byte registers 4 to 7 are ah, ch, dh, bh. */
static uint64_t get(const struct instruction *i, unsigned n, unsigned size)
{
	if (size == 1 && !i->rex && n >= 4 && n < 8)
		return i->m->reg[n - 4] >> 8 & 0xff;
	return i->m->reg[n] & mask_of(size);
}

static void set(struct instruction *i, unsigned n, uint64_t value, unsigned size)
{
	uint64_t *reg = &i->m->reg[n];

	if (size == 1 && !i->rex && n >= 4 && n < 8) {
		reg = &i->m->reg[n - 4];
		*reg = (*reg & ~UINT64_C(0xff00)) | (value & 0xff) << 8;
	} else if (size < 4) {
		*reg = (*reg & ~mask_of(size)) | (value & mask_of(size));
	} else {
		*reg = value & mask_of(size); /* 32 bits clear the upper half */
	}
}

/* ---- operands ---- */

static uint64_t scaled_address(struct instruction *i)
{
	uint8_t sib = fetch(i);
	unsigned base = (sib & 7) | (i->rex & REX_B ? 8 : 0);
	unsigned index = (sib >> 3 & 7) | (i->rex & REX_X ? 8 : 0);
	uint64_t address = 0;

	if (index != RSP)
		address = i->m->reg[index] << (sib >> 6);
	if ((sib & 7) == RBP && i->mod == 0)
		return address + extend(fetch_word(i, 4), 4);
	return address + i->m->reg[base];
}

/* `immediate`: how many bytes follow the operand. */
static void operand(struct instruction *i, unsigned immediate)
{
	uint8_t modrm = fetch(i);
	bool relative = false;

	i->mod = modrm >> 6;
	i->reg = (modrm >> 3 & 7) | (i->rex & REX_R ? 8 : 0);
	i->rm = modrm & 7;
	i->memory = i->mod != 3;
	if (!i->memory) {
		i->rm |= i->rex & REX_B ? 8 : 0;
		return;
	}
	if (i->rm == RSP) {
		i->address = scaled_address(i);
	} else if (i->rm == RBP && i->mod == 0) {
		i->address = extend(fetch_word(i, 4), 4);
		relative = true;
	} else {
		i->address = i->m->reg[i->rm | (i->rex & REX_B ? 8 : 0)];
	}
	if (i->mod == 1)
		i->address += extend(fetch(i), 1);
	else if (i->mod == 2)
		i->address += extend(fetch_word(i, 4), 4);
	if (relative)
		i->address += i->next + immediate;
	i->address += i->segment;
}

static uint64_t load(struct instruction *i, unsigned size)
{
	return i->memory ? memory_read(i->m, i->address, size) : get(i, i->rm, size);
}

/* For what is written back: a write that is not allowed faults before anything happens. */
static uint64_t load_to_change(struct instruction *i, unsigned size)
{
	return i->memory ? memory_read_for_write(i->m, i->address, size) : get(i, i->rm, size);
}

static void store(struct instruction *i, uint64_t value, unsigned size)
{
	if (i->memory)
		memory_write(i->m, i->address, value, size);
	else
		set(i, i->rm, value, size);
}

static void push(struct instruction *i, uint64_t value)
{
	memory_write(i->m, i->m->reg[RSP] - 8, value, 8);
	i->m->reg[RSP] -= 8;
}

static uint64_t pop(struct instruction *i)
{
	uint64_t value = memory_read(i->m, i->m->reg[RSP], 8);

	i->m->reg[RSP] += 8;
	return value;
}

/* ---- flags ---- */

static void flags(struct instruction *i, uint64_t set_flags, uint64_t result, unsigned size)
{
	uint64_t all = CF | PF | ZF | SF | OF;

	result &= mask_of(size);
	if (!result)
		set_flags |= ZF;
	if (result >> (8 * size - 1))
		set_flags |= SF;
	if (!__builtin_parity((unsigned)(result & 0xff)))
		set_flags |= PF;
	i->m->rflags = (i->m->rflags & ~all) | set_flags;
}

enum alu { ADD, OR, ADC, SBB, AND, SUB, XOR, CMP };

static uint64_t compute(struct instruction *i, enum alu op, uint64_t a, uint64_t b, unsigned size)
{
	uint64_t mask = mask_of(size), sign = BIT(8 * size - 1), carry = 0, result = 0, set_flags = 0;

	a &= mask;
	b &= mask;
	switch (op) {
	case ADC:
		carry = i->m->rflags & CF;
		/* fallthrough */
	case ADD:
		result = (a + b + carry) & mask;
		if (result < a || (carry && result == a))
			set_flags |= CF;
		if ((a ^ result) & (b ^ result) & sign)
			set_flags |= OF;
		break;
	case SBB:
		carry = i->m->rflags & CF;
		/* fallthrough */
	case SUB:
	case CMP:
		result = (a - b - carry) & mask;
		if (a < b || (carry && a == b))
			set_flags |= CF;
		if ((a ^ b) & (a ^ result) & sign)
			set_flags |= OF;
		break;
	case AND:
		result = a & b;
		break;
	case OR:
		result = a | b;
		break;
	case XOR:
		result = a ^ b;
		break;
	}
	flags(i, set_flags, result, size);
	return result;
}

static bool condition(const struct machine *m, unsigned code)
{
	bool c = m->rflags & CF, z = m->rflags & ZF, s = m->rflags & SF, o = m->rflags & OF;
	bool p = m->rflags & PF, is = false;

	switch (code >> 1 & 7) {
	case 0:
		is = o;
		break;
	case 1:
		is = c;
		break;
	case 2:
		is = z;
		break;
	case 3:
		is = c || z;
		break;
	case 4:
		is = s;
		break;
	case 5:
		is = p;
		break;
	case 6:
		is = s != o;
		break;
	default:
		is = z || s != o;
		break;
	}
	return is != (code & 1);
}

/* ---- groups ---- */

static void unknown(struct instruction *i, const char *map, unsigned opcode)
{
	machine_stop(i->m, "instruction at 0x%lx is not one of this machine's: %s%02x", i->at, map, opcode);
}

/* 80, 81, 83 and the eight rows of 00 to 3f. */
static void alu_operand(struct instruction *i, enum alu op, uint64_t b, unsigned size)
{
	if (op == CMP) {
		compute(i, op, load(i, size), b, size);
		return;
	}
	uint64_t a = load_to_change(i, size);
	store(i, compute(i, op, a, b, size), size);
}

static void alu_row(struct instruction *i, unsigned opcode)
{
	enum alu op = (enum alu)(opcode >> 3 & 7);
	unsigned size = opcode & 1 ? i->size : 1;
	uint64_t result;

	switch (opcode & 7) {
	case 0:
	case 1:
		operand(i, 0);
		alu_operand(i, op, get(i, i->reg, size), size);
		break;
	case 2:
	case 3:
		operand(i, 0);
		result = compute(i, op, get(i, i->reg, size), load(i, size), size);
		if (op != CMP)
			set(i, i->reg, result, size);
		break;
	default:
		result = compute(i, op, get(i, RAX, size), fetch_immediate(i, size), size);
		if (op != CMP)
			set(i, RAX, result, size);
		break;
	}
}

static uint64_t rotate(struct instruction *i, unsigned op, uint64_t value, unsigned by, unsigned size)
{
	unsigned bits = 8 * size;
	uint64_t result;

	by %= bits;
	if (op == 1)
		by = (bits - by) % bits;
	result = by ? (value << by | value >> (bits - by)) & mask_of(size) : value;
	i->m->rflags &= ~(uint64_t)CF;
	if (op == 0 ? result & 1 : result >> (bits - 1))
		i->m->rflags |= CF;
	return result;
}

static uint64_t shift(struct instruction *i, unsigned op, uint64_t value, unsigned by, unsigned size)
{
	unsigned bits = 8 * size;
	uint64_t result = 0, carry = 0, set_flags = 0;

	if (op == 4 || op == 6) {
		result = by < bits ? value << by : 0;
		carry = by <= bits ? value >> (bits - by) & 1 : 0;
		if ((result >> (bits - 1) & 1) != carry)
			set_flags |= OF;
	} else if (op == 5) {
		result = by < bits ? value >> by : 0;
		carry = by <= bits ? value >> (by - 1) & 1 : 0;
		if (value >> (bits - 1))
			set_flags |= OF;
	} else {
		int64_t wide = (int64_t)extend(value, size);

		result = (uint64_t)(wide >> (by < 64 ? by : 63));
		carry = (uint64_t)(wide >> (by - 1 < 64 ? by - 1 : 63)) & 1;
	}
	flags(i, set_flags | (carry ? CF : 0), result, size);
	return result & mask_of(size);
}

static void shift_group(struct instruction *i, uint64_t count, unsigned size)
{
	unsigned by = (unsigned)(count & (size == 8 ? 63 : 31)), op = i->reg & 7;
	uint64_t value = load_to_change(i, size);

	if (!by)
		return;
	if (op == 2 || op == 3)
		unknown(i, "rcl/rcr ", op);
	store(i, op < 2 ? rotate(i, op, value, by, size) : shift(i, op, value, by, size), size);
}

/* shld (left) and shrd. */
static void double_shift(struct instruction *i, bool left, unsigned by)
{
	unsigned bits = 8 * i->size;
	uint64_t value = load_to_change(i, i->size), other = get(i, i->reg, i->size), result;

	by &= i->size == 8 ? 63 : 31;
	if (!by)
		return;
	result = left ? value << by | other >> (bits - by) : value >> by | other << (bits - by);
	flags(i, (left ? value >> (bits - by) : value >> (by - 1)) & 1 ? CF : 0, result, i->size);
	store(i, result, i->size);
}

static void multiply_wide(struct instruction *i, bool is_signed, unsigned size)
{
	uint64_t b = load(i, size), a = get(i, RAX, size), low, high;
	bool fits;

	if (is_signed) {
		__int128 product = (__int128)(int64_t)extend(a, size) * (int64_t)extend(b, size);

		low = (uint64_t)product & mask_of(size);
		high = (uint64_t)(product >> 8 * size) & mask_of(size);
		fits = (__int128)(int64_t)extend(low, size) == product;
	} else {
		unsigned __int128 product = (unsigned __int128)a * b;

		low = (uint64_t)product & mask_of(size);
		high = (uint64_t)(product >> 8 * size) & mask_of(size);
		fits = !high;
	}
	if (size == 1) {
		set(i, RAX, low | high << 8, 2);
	} else {
		set(i, RAX, low, size);
		set(i, RDX, high, size);
	}
	flags(i, fits ? 0 : CF | OF, low, size);
}

static void divide(struct instruction *i, bool is_signed, unsigned size)
{
	uint64_t by = load(i, size);
	unsigned __int128 wide;

	if (size == 1)
		wide = get(i, RAX, 2);
	else
		wide = (unsigned __int128)get(i, RDX, size) << 8 * size | get(i, RAX, size);
	if (!by)
		cpu_fault(i->m, 0, NO_ERROR);
	uint64_t quotient, rest;
	if (is_signed) {
		unsigned unused = 128 - 16 * size;
		__int128 value = (__int128)(wide << unused) >> unused;
		__int128 divisor = (int64_t)extend(by, size);

		if ((divisor == -1 && value < -(__int128)mask_of(size)) ||
			(__int128)(int64_t)extend((uint64_t)(value / divisor), size) != value / divisor)
			cpu_fault(i->m, 0, NO_ERROR);
		quotient = (uint64_t)(value / divisor);
		rest = (uint64_t)(value % divisor);
	} else {
		if (wide / by > mask_of(size))
			cpu_fault(i->m, 0, NO_ERROR);
		quotient = (uint64_t)(wide / by);
		rest = (uint64_t)(wide % by);
	}
	if (size == 1) {
		set(i, RAX, (quotient & 0xff) | (rest & 0xff) << 8, 2);
	} else {
		set(i, RAX, quotient, size);
		set(i, RDX, rest, size);
	}
}

/* f6, f7 */
static void unary_group(struct instruction *i, unsigned size)
{
	uint64_t value;

	switch (i->reg & 7) {
	case 0:
	case 1:
		compute(i, AND, load(i, size), fetch_immediate(i, size), size);
		break;
	case 2:
		store(i, ~load_to_change(i, size), size);
		break;
	case 3:
		value = load_to_change(i, size);
		store(i, compute(i, SUB, 0, value, size), size);
		break;
	case 4:
	case 5:
		multiply_wide(i, (i->reg & 7) == 5, size);
		break;
	default:
		divide(i, (i->reg & 7) == 7, size);
		break;
	}
}

static void increment(struct instruction *i, enum alu op, unsigned size)
{
	uint64_t carry = i->m->rflags & CF, value = load_to_change(i, size);
	uint64_t result = compute(i, op, value, 1, size);

	i->m->rflags = (i->m->rflags & ~(uint64_t)CF) | carry;
	store(i, result, size);
}

/* fe, ff */
static void call_group(struct instruction *i, unsigned size)
{
	uint64_t target;

	switch (i->reg & 7) {
	case 0:
		increment(i, ADD, size);
		break;
	case 1:
		increment(i, SUB, size);
		break;
	case 2:
		target = load(i, 8);
		push(i, i->next);
		watch_call(i->m, i->next);
		i->next = target;
		break;
	case 4:
		i->next = load(i, 8);
		break;
	case 6:
		push(i, load(i, 8));
		break;
	default:
		unknown(i, "ff /", i->reg & 7);
	}
}

/* bt, bts, btr, btc: with a register as bit number, memory is a string of bits. */
static void bit_test(struct instruction *i, unsigned op, uint64_t bit, bool from_register)
{
	unsigned bits = 8 * i->size;
	uint64_t value;

	if (i->memory && from_register)
		i->address += (uint64_t)((int64_t)extend(bit, i->size) >> (bits == 64 ? 6 : 5)) * (bits / 8);
	bit &= bits - 1;
	value = op == 0 ? load(i, i->size) : load_to_change(i, i->size);
	i->m->rflags = (i->m->rflags & ~(uint64_t)CF) | (value >> bit & 1);
	if (op == 1)
		value |= BIT(bit);
	else if (op == 2)
		value &= ~BIT(bit);
	else if (op == 3)
		value ^= BIT(bit);
	if (op)
		store(i, value, i->size);
}

static void compare_exchange(struct instruction *i, unsigned size)
{
	uint64_t value = load_to_change(i, size);

	compute(i, CMP, get(i, RAX, size), value, size);
	if (i->m->rflags & ZF)
		store(i, get(i, i->reg, size), size);
	else
		set(i, RAX, value, size);
}

/* movs, stos, lods, cmps, scas: one step; a repeated one comes back until %rcx is 0. */
static void string_step(struct instruction *i, unsigned opcode, unsigned size)
{
	struct machine *m = i->m;
	uint64_t step = m->rflags & DF ? (uint64_t)-(int64_t)size : size;

	switch (opcode & 0xfe) {
	case 0xa4:
		memory_write(m, m->reg[RDI], memory_read(m, m->reg[RSI], size), size);
		m->reg[RSI] += step;
		m->reg[RDI] += step;
		break;
	case 0xa6:
		compute(i, CMP, memory_read(m, m->reg[RSI], size), memory_read(m, m->reg[RDI], size),
			size);
		m->reg[RSI] += step;
		m->reg[RDI] += step;
		break;
	case 0xaa:
		memory_write(m, m->reg[RDI], get(i, RAX, size), size);
		m->reg[RDI] += step;
		break;
	case 0xac:
		set(i, RAX, memory_read(m, m->reg[RSI], size), size);
		m->reg[RSI] += step;
		break;
	default:
		compute(i, CMP, get(i, RAX, size), memory_read(m, m->reg[RDI], size), size);
		m->reg[RDI] += step;
		break;
	}
}

static void string(struct instruction *i, unsigned opcode)
{
	unsigned size = opcode & 1 ? i->size : 1;
	bool compares = (opcode & 0xfe) == 0xa6 || (opcode & 0xfe) == 0xae;
	struct machine *m = i->m;

	if (!i->repeat && !i->repeat_not) {
		string_step(i, opcode, size);
		return;
	}
	/* a page at most: interrupts come in between */
	for (unsigned n = 0; n < PAGE && m->reg[RCX]; n++) {
		string_step(i, opcode, size);
		m->reg[RCX]--;
		if (compares && i->repeat != ((m->rflags & ZF) != 0))
			return;
	}
	if (m->reg[RCX])
		i->next = i->at;
}

/* ---- two-byte opcodes ---- */

static void bit_scan(struct instruction *i, bool reverse)
{
	uint64_t value;

	operand(i, 0);
	value = load(i, i->size);
	i->m->rflags &= ~(uint64_t)(ZF | CF);
	if (!value) {
		i->m->rflags |= ZF;
		return;
	}
	set(i, i->reg, (uint64_t)(reverse ? 63 - __builtin_clzll(value) : __builtin_ctzll(value)), i->size);
}

static void table_group(struct instruction *i)
{
	operand(i, 0);
	if (i->memory && i->reg < 4) {
		system_table(i->m, i->reg, i->address);
	} else if (i->memory && i->reg == 7) {
		system_privileged(i->m);
		i->m->count[6]++;
		tlb_flush_page(i->m, i->address);
	} else if (!i->memory && i->reg == 7 && i->rm == 0) {
		uint64_t base = i->m->gs_base;

		system_privileged(i->m);
		i->m->gs_base = i->m->kernel_gs_base;
		i->m->kernel_gs_base = base;
	} else {
		unknown(i, "0f 01 /", i->reg);
	}
}

static void segment_group(struct instruction *i)
{
	operand(i, 0);
	switch (i->reg & 7) {
	case 0:
	case 1:
		store(i, system_store_segment(i->m, i->reg & 7), i->memory ? 2 : i->size);
		break;
	case 2:
	case 3:
		system_segment(i->m, i->reg & 7, (uint16_t)load(i, 2));
		break;
	default:
		unknown(i, "0f 00 /", i->reg);
	}
}

static void control_register(struct instruction *i, unsigned opcode)
{
	struct machine *m = i->m;

	operand(i, 0);
	switch (opcode) {
	case 0x20:
		m->reg[i->rm] = system_read_cr(m, i->reg);
		break;
	case 0x21:
		m->reg[i->rm] = system_read_dr(m, i->reg);
		break;
	case 0x22:
		system_write_cr(m, i->reg, m->reg[i->rm]);
		break;
	default:
		system_write_dr(m, i->reg, m->reg[i->rm]);
		break;
	}
}

static void set_pair(struct machine *m, uint64_t value)
{
	m->reg[RAX] = (uint32_t)value;
	m->reg[RDX] = value >> 32;
}

/* Xen's prefix: ud2, "xen", then cpuid. */
static bool asks_xen(struct instruction *i)
{
	static const uint8_t rest[] = {'x', 'e', 'n', 0x0f, 0xa2};

	if (i->m->mode != MODE_XEN)
		return false;
	for (unsigned n = 0; n < sizeof(rest); n++) {
		if (memory_fetch(i->m, i->next + n) != rest[n])
			return false;
	}
	i->next += sizeof(rest);
	return true;
}

static void exchange_add(struct instruction *i, unsigned size)
{
	uint64_t value = load_to_change(i, size), add = get(i, i->reg, size);
	uint64_t sum = compute(i, ADD, value, add, size);

	store(i, sum, size);
	set(i, i->reg, value, size);
}

static void two_bytes_system(struct instruction *i, unsigned opcode)
{
	struct machine *m = i->m;
	uint32_t limit = 0;

	switch (opcode) {
	case 0x00:
		segment_group(i);
		break;
	case 0x01:
		table_group(i);
		break;
	case 0x03:
		operand(i, 0);
		m->rflags &= ~(uint64_t)ZF;
		if (system_limit(m, (uint16_t)load(i, 2), &limit)) {
			m->rflags |= ZF;
			set(i, i->reg, limit, i->size);
		}
		break;
	case 0x05:
		m->rip = i->next;
		system_syscall(m);
		i->next = m->rip;
		break;
	case 0x06:
		system_privileged(m);
		m->cr0 &= ~BIT(3);
		break;
	case 0x09:
		system_privileged(m);
		m->count[4]++;
		break;
	case 0x0b:
		if (asks_xen(i))
			system_cpuid(m);
		else
			cpu_fault(m, VECTOR_UD, NO_ERROR);
		break;
	case 0x20:
	case 0x21:
	case 0x22:
	case 0x23:
		control_register(i, opcode);
		break;
	case 0x30:
		system_write_msr(m, (uint32_t)m->reg[RCX], m->reg[RDX] << 32 | (uint32_t)m->reg[RAX]);
		break;
	case 0x31:
		set_pair(m, system_rdtsc(m));
		break;
	case 0x32:
		set_pair(m, system_read_msr(m, (uint32_t)m->reg[RCX]));
		break;
	case 0x33:
		set_pair(m, system_rdpmc(m));
		break;
	case 0xa2:
		system_cpuid(m);
		break;
	default:
		unknown(i, "0f ", opcode);
	}
}

static void two_bytes(struct instruction *i)
{
	unsigned opcode = fetch(i);
	uint64_t value;

	switch (opcode) {
	case 0x1e:
	case 0x1f:
		operand(i, 0);
		return;
	case 0xa3:
	case 0xab:
	case 0xb3:
	case 0xbb:
		operand(i, 0);
		bit_test(i, opcode >> 3 & 3, get(i, i->reg, i->size), true);
		return;
	case 0xba:
		operand(i, 1);
		value = fetch(i);
		bit_test(i, i->reg & 3, value, false);
		return;
	case 0xa4:
	case 0xac:
		operand(i, 1);
		double_shift(i, opcode == 0xa4, fetch(i));
		return;
	case 0xa5:
	case 0xad:
		operand(i, 0);
		double_shift(i, opcode == 0xa5, (unsigned)get(i, RCX, 1));
		return;
	case 0xae: /* fences */
		operand(i, 0);
		return;
	case 0xaf: {
		operand(i, 0);
		__int128 product = (__int128)(int64_t)extend(get(i, i->reg, i->size), i->size) *
				   (int64_t)extend(load(i, i->size), i->size);
		bool fits = (__int128)(int64_t)extend((uint64_t)product, i->size) == product;

		flags(i, fits ? 0 : CF | OF, (uint64_t)product, i->size);
		set(i, i->reg, (uint64_t)product, i->size);
		return;
	}
	case 0xb0:
	case 0xb1:
		operand(i, 0);
		compare_exchange(i, opcode & 1 ? i->size : 1);
		return;
	case 0xb6:
	case 0xb7:
		operand(i, 0);
		set(i, i->reg, load(i, opcode == 0xb6 ? 1 : 2), i->size);
		return;
	case 0xbe:
	case 0xbf:
		operand(i, 0);
		value = load(i, opcode == 0xbe ? 1 : 2);
		set(i, i->reg, extend(value, opcode == 0xbe ? 1 : 2), i->size);
		return;
	case 0xbc:
	case 0xbd:
		bit_scan(i, opcode == 0xbd);
		return;
	case 0xc0:
	case 0xc1:
		operand(i, 0);
		exchange_add(i, opcode & 1 ? i->size : 1);
		return;
	default:
		break;
	}
	if (opcode >= 0xc8 && opcode <= 0xcf) {
		unsigned n = (opcode & 7) | (i->rex & REX_B ? 8 : 0);

		value = i->size == 8 ? __builtin_bswap64(i->m->reg[n])
				     : __builtin_bswap32((uint32_t)i->m->reg[n]);
		set(i, n, value, i->size);
	} else if (opcode >= 0x40 && opcode <= 0x4f) {
		operand(i, 0);
		value = load(i, i->size);
		if (!condition(i->m, opcode & 15))
			value = get(i, i->reg, i->size); /* 32 bits clear the upper half all the same */
		set(i, i->reg, value, i->size);
	} else if (opcode >= 0x80 && opcode <= 0x8f) {
		value = extend(fetch_word(i, 4), 4);
		if (condition(i->m, opcode & 15))
			i->next += value;
	} else if (opcode >= 0x90 && opcode <= 0x9f) {
		operand(i, 0);
		store(i, condition(i->m, opcode & 15), 1);
	} else {
		two_bytes_system(i, opcode);
	}
}

/* ---- one-byte opcodes ---- */

static uint16_t *segment_register(struct machine *m, unsigned n)
{
	uint16_t *registers[] = {&m->es, &m->cs, &m->ss, &m->ds, &m->fs, &m->gs};

	return n < 6 ? registers[n] : NULL;
}

static void move_segment(struct instruction *i, bool to_segment)
{
	uint16_t *segment;

	operand(i, 0);
	segment = segment_register(i->m, i->reg);
	if (!segment || (to_segment && i->reg == 1))
		cpu_fault(i->m, VECTOR_UD, NO_ERROR);
	if (to_segment)
		system_load_sreg(i->m, i->reg, (uint16_t)load(i, 2));
	else
		store(i, *segment, i->memory ? 2 : i->size);
}

static void ports(struct instruction *i, unsigned opcode)
{
	unsigned size = opcode & 1 ? (i->operand16 ? 2 : 4) : 1;
	uint16_t port = opcode & 8 ? (uint16_t)i->m->reg[RDX] : fetch(i);

	if (opcode & 2)
		system_out(i->m, port, (uint32_t)get(i, RAX, size), size);
	else
		set(i, RAX, system_in(i->m, port, size), size);
}

static void one_byte_system(struct instruction *i, unsigned opcode)
{
	struct machine *m = i->m;

	switch (opcode) {
	case 0x9c:
		push(i, m->rflags | 2);
		break;
	case 0x9d:
		system_popf(m, pop(i));
		break;
	case 0xcc:
		m->rip = i->next;
		system_software_interrupt(m, 3);
		i->next = m->rip;
		break;
	case 0xcd: {
		unsigned vector = fetch(i);

		m->rip = i->next;
		system_software_interrupt(m, vector);
		i->next = m->rip;
		break;
	}
	case 0xcf:
		system_iret(m);
		i->next = m->rip;
		break;
	case 0xf4:
		system_halt(m);
		break;
	case 0xfa:
		system_set_if(m, false);
		break;
	case 0xfb:
		system_set_if(m, true);
		break;
	default:
		unknown(i, "", opcode);
	}
}

static void moves(struct instruction *i, unsigned opcode)
{
	unsigned size = opcode & 1 ? i->size : 1;

	operand(i, 0);
	if (opcode & 2)
		set(i, i->reg, load(i, size), size);
	else
		store(i, get(i, i->reg, size), size);
}

static void one_byte(struct instruction *i, unsigned opcode)
{
	struct machine *m = i->m;
	unsigned low = (opcode & 7) | (i->rex & REX_B ? 8 : 0), size = opcode & 1 ? i->size : 1;
	uint64_t value;

	switch (opcode) {
	case 0x63:
		operand(i, 0);
		set(i, i->reg, extend(load(i, 4), 4), i->size);
		return;
	case 0x68:
		push(i, extend(fetch_word(i, 4), 4));
		return;
	case 0x6a:
		push(i, extend(fetch(i), 1));
		return;
	case 0x69:
	case 0x6b: {
		unsigned bytes = opcode == 0x6b ? 1 : i->size > 4 ? 4 : i->size;

		operand(i, bytes);
		value = load(i, i->size);
		__int128 product = (__int128)(int64_t)extend(value, i->size) *
				   (int64_t)extend(fetch_word(i, bytes), bytes);
		bool fits = (__int128)(int64_t)extend((uint64_t)product, i->size) == product;

		flags(i, fits ? 0 : CF | OF, (uint64_t)product, i->size);
		set(i, i->reg, (uint64_t)product, i->size);
		return;
	}
	case 0x80:
	case 0x81:
	case 0x83: {
		unsigned bytes = opcode == 0x81 ? (i->size > 4 ? 4 : i->size) : 1;

		operand(i, bytes);
		value = extend(fetch_word(i, bytes), bytes);
		alu_operand(i, (enum alu)(i->reg & 7), value, size);
		return;
	}
	case 0x84:
	case 0x85:
		operand(i, 0);
		compute(i, AND, load(i, size), get(i, i->reg, size), size);
		return;
	case 0x86:
	case 0x87:
		operand(i, 0);
		value = load_to_change(i, size);
		store(i, get(i, i->reg, size), size);
		set(i, i->reg, value, size);
		return;
	case 0x88:
	case 0x89:
	case 0x8a:
	case 0x8b:
		moves(i, opcode);
		return;
	case 0x8c:
	case 0x8e:
		move_segment(i, opcode == 0x8e);
		return;
	case 0x8d:
		operand(i, 0);
		set(i, i->reg, i->address - i->segment, i->size);
		return;
	case 0x8f:
		value = pop(i);
		operand(i, 0);
		store(i, value, 8);
		return;
	case 0x90:
		if (low != RAX)
			break; /* an exchange with r8 */
		if (i->repeat)
			m->cycles += CYCLES_OF_PAUSE;
		return;
	case 0x98:
		set(i, RAX, extend(m->reg[RAX], i->size / 2), i->size);
		return;
	case 0x99:
		set(i, RDX, (uint64_t)((int64_t)extend(m->reg[RAX], i->size) >> 63), i->size);
		return;
	case 0xa4:
	case 0xa5:
	case 0xa6:
	case 0xa7:
	case 0xaa:
	case 0xab:
	case 0xac:
	case 0xad:
	case 0xae:
	case 0xaf:
		string(i, opcode);
		return;
	case 0xa0:
	case 0xa1:
	case 0xa2:
	case 0xa3:
		value = fetch_word(i, 8) + i->segment;
		if (opcode & 2)
			memory_write(m, value, get(i, RAX, size), size);
		else
			set(i, RAX, memory_read(m, value, size), size);
		return;
	case 0xa8:
	case 0xa9:
		compute(i, AND, get(i, RAX, size), fetch_immediate(i, size), size);
		return;
	case 0xc0:
	case 0xc1:
		operand(i, 1);
		shift_group(i, fetch(i), size);
		return;
	case 0xd0:
	case 0xd1:
		operand(i, 0);
		shift_group(i, 1, size);
		return;
	case 0xd2:
	case 0xd3:
		operand(i, 0);
		shift_group(i, get(i, RCX, 1), size);
		return;
	case 0xc2:
		value = fetch_word(i, 2);
		i->next = pop(i);
		watch_return(m, i->next);
		m->reg[RSP] += value;
		return;
	case 0xc3:
		i->next = pop(i);
		watch_return(m, i->next);
		return;
	case 0xc6:
	case 0xc7: {
		unsigned bytes = size > 4 ? 4 : size;

		operand(i, bytes);
		store(i, extend(fetch_word(i, bytes), bytes), size);
		return;
	}
	case 0xc9:
		m->reg[RSP] = m->reg[RBP];
		m->reg[RBP] = pop(i);
		return;
	case 0xe2:
		value = extend(fetch(i), 1);
		if (--m->reg[RCX])
			i->next += value;
		return;
	case 0xe4:
	case 0xe5:
	case 0xe6:
	case 0xe7:
	case 0xec:
	case 0xed:
	case 0xee:
	case 0xef:
		ports(i, opcode);
		return;
	case 0xe8:
		value = extend(fetch_word(i, 4), 4);
		push(i, i->next);
		watch_call(m, i->next);
		i->next += value;
		return;
	case 0xe9:
		value = extend(fetch_word(i, 4), 4);
		i->next += value;
		return;
	case 0xeb:
		value = extend(fetch(i), 1);
		i->next += value;
		return;
	case 0xf5:
		m->rflags ^= CF;
		return;
	case 0xf6:
	case 0xf7:
		/* test has an immediate; the field that says so comes before a rip-relative address */
		operand(i, (memory_fetch(m, i->next) >> 3 & 7) < 2 ? (size > 4 ? 4 : size) : 0);
		unary_group(i, size);
		return;
	case 0xf8:
		m->rflags &= ~(uint64_t)CF;
		return;
	case 0xf9:
		m->rflags |= CF;
		return;
	case 0xfc:
		m->rflags &= ~(uint64_t)DF;
		return;
	case 0xfd:
		m->rflags |= DF;
		return;
	case 0xfe:
	case 0xff:
		operand(i, 0);
		call_group(i, size);
		return;
	default:
		break;
	}
	if (opcode < 0x40 && (opcode & 7) < 6) {
		alu_row(i, opcode);
	} else if (opcode >= 0x50 && opcode <= 0x57) {
		push(i, m->reg[low]);
	} else if (opcode >= 0x58 && opcode <= 0x5f) {
		value = pop(i);
		m->reg[low] = value;
	} else if (opcode >= 0x70 && opcode <= 0x7f) {
		value = extend(fetch(i), 1);
		if (condition(m, opcode & 15))
			i->next += value;
	} else if (opcode >= 0x90 && opcode <= 0x97) {
		value = get(i, low, i->size);
		set(i, low, get(i, RAX, i->size), i->size);
		set(i, RAX, value, i->size);
	} else if (opcode >= 0xb0 && opcode <= 0xb7) {
		set(i, low, fetch(i), 1);
	} else if (opcode >= 0xb8 && opcode <= 0xbf) {
		set(i, low, fetch_word(i, i->size), i->size);
	} else {
		one_byte_system(i, opcode);
	}
}

/* The prefixes; returns the opcode. */
static unsigned prefixes(struct instruction *i)
{
	for (;;) {
		uint8_t byte = fetch(i);

		switch (byte) {
		case 0x66:
			i->operand16 = true;
			break;
		case 0xf0:
			i->lock = true;
			break;
		case 0xf2:
			i->repeat_not = true;
			break;
		case 0xf3:
			i->repeat = true;
			break;
		case 0x26:
		case 0x2e:
		case 0x36:
		case 0x3e:
			break; /* without effect in 64-bit mode */
		case 0x64:
			i->segment = i->m->fs_base;
			break;
		case 0x65:
			i->segment = i->m->gs_base;
			break;
		default:
			if (byte >= 0x40 && byte <= 0x4f) {
				i->rex = byte;
				return fetch(i);
			}
			return byte;
		}
	}
}

void cpu_step(struct machine *m)
{
	struct instruction i = {.m = m, .at = m->rip, .next = m->rip};
	unsigned opcode;

	m->fault_rip = m->rip;
	opcode = prefixes(&i);
	i.size = i.rex & REX_W ? 8 : i.operand16 ? 2 : 4;
	if (opcode == 0x0f)
		two_bytes(&i);
	else
		one_byte(&i, opcode);
	m->rip = i.next;
	m->instructions++;
	m->cycles += CYCLES_OF_INSTRUCTION;
}
