/* A mediation made by hand. */
#include "support/sample.h"

#include <string.h>

/* Blobs of the sample: an id whose bytes are all this. */
enum { BLOB_BASE = 0xb0, BLOB_XEN = 0xe0, BLOB_VMI = 0xf0, BLOB_BINARY = 0xd0 };

static const char code_base[] = "#ifndef _PGTABLE_2LEVEL_H\n"
				"#define _PGTABLE_2LEVEL_H\n"
				"\n"
				"/*\n"
				" * A page table entry is one word.\n"
				" */\n"
				"#define set_pte(pteptr, pteval) (*(pteptr) = pteval)\n"
				"#define set_pte_at(mm,addr,ptep,pteval) set_pte(ptep,pteval)\n"
				"\n"
				"#endif\n";

static const char code_xen[] = "#ifdef CONFIG_XEN\n"
			       "static inline void set_pte(pte_t *ptep, pte_t val)\n"
			       "{\n"
			       "\tif (HYPERVISOR_mmu_update(&(mmu_update_t){virt_to_machine(ptep), "
			       "val.pte_low}, 1, NULL, DOMID_SELF))\n"
			       "\t\tBUG();\t/* J\xfcrgen \033[31mred */\n"
			       "}\n"
			       "#endif\n";

static const char code_vmi[] = "static inline void set_pte(pte_t *ptep, pte_t pte)\n"
			       "{\n"
			       "\tvmi_wrap_call(SetPte, \"movl %0, (%1)\",\n"
			       "\t\tVMI_NO_OUTPUT, 2, XCONC(\"r\"(pte.pte_low), \"r\"(ptep)));\n"
			       "}\n";

static oid blob(int byte)
{
	oid id;
	memset(id.bytes, byte, sizeof id.bytes);
	return id;
}

GBytes *sample_read(const oid *id, void *data)
{
	(void)data;
	switch (id->bytes[0]) {
	case BLOB_BASE:
		return g_bytes_new_static(code_base, sizeof code_base - 1);
	case BLOB_XEN:
		return g_bytes_new_static(code_xen, sizeof code_xen - 1);
	case BLOB_VMI:
		return g_bytes_new_static(code_vmi, sizeof code_vmi - 1);
	case BLOB_BINARY:
		return g_bytes_new_static("\0\1\2", 3);
	default:
		return NULL;
	}
}

static void add_commit(series *s, unsigned source, const char *subject, const char *author,
	const char *origin, bool applied, unsigned fuzzy)
{
	series_commit *c = series_commit_new();
	c->n = s->commits->len + 1;
	c->source = source;
	c->commit = blob((int)(s->name[0] + c->n));
	c->tree = blob((int)(s->name[0] + c->n + 1));
	c->subject = g_strdup(subject);
	c->message = g_strdup_printf("%s\n\nBecause.\n", subject);
	c->author.name = g_strdup(author);
	c->author.email = g_strdup("dev@example.org");
	c->author.time = 1142200000;
	c->author.offset = 60;
	c->message_id = g_strdup_printf("%s-%u@example.org", s->name, c->n);
	c->origin = g_strdup(origin);
	c->patch_id = g_strdup_printf("%040x", s->name[0] * 256 + c->n);
	c->applied = applied;
	c->fuzzy = fuzzy;
	g_ptr_array_add(s->commits, c);
}

static file_change *add_change(
	series *s, const char *path, change_status status, int old_blob, int new_blob)
{
	file_change *c = file_change_new(path);
	c->status = status;
	if (old_blob) {
		c->old_oid = blob(old_blob);
		c->old_mode = 0100644;
	}
	if (new_blob) {
		c->new_oid = blob(new_blob);
		c->new_mode = 0100644;
	}
	g_ptr_array_add(s->changes, c);
	s->files++;
	return c;
}

static void add_hunk(series *s, file_change *c, unsigned old_start, unsigned old_count,
	unsigned new_start, unsigned new_count, unsigned n)
{
	change_hunk h = {old_start, old_count, new_start, new_count, g_new(unsigned, old_count),
		g_new(unsigned, new_count)};
	for (unsigned i = 0; i < old_count; i++)
		h.old_patch[i] = n;
	for (unsigned i = 0; i < new_count; i++)
		h.new_patch[i] = n;
	g_array_append_val(c->hunks, h);
	c->insertions += new_count;
	c->deletions += old_count;
	s->insertions += new_count;
	s->deletions += old_count;
}

static series *sample_series(mediation *m, const char *name)
{
	series *s = series_new(name);
	s->id = m->series->len + 1;
	s->base = m->base;
	s->base_tree = m->base_tree;
	s->tip = blob(name[0]);
	s->tip_tree = blob(name[0] + 7);
	s->changes = g_ptr_array_new_with_free_func((GDestroyNotify)file_change_free);
	g_ptr_array_add(m->series, s);
	return s;
}

static void add_xen(mediation *m)
{
	series *s = sample_series(m, "xen");
	g_ptr_array_add(s->specs, g_strdup("patches:linux-2.6.16-rc5"));
	g_ptr_array_add(s->specs, g_strdup("overlay:interface=>include/xen/interface"));
	g_ptr_array_add(s->notes, g_strdup("net-csum.patch: prefix found by itself (-p1)"));
	add_commit(s, 0, "i386: machine vectors \033[2J for page tables | and more",
		"J\xfcrgen Gro\xdf", "linux-2.6.16-rc5/i386-mach.patch", true, 0);
	add_commit(s, 0, "net: checksum offload", "Keir Example", "linux-2.6.16-rc5/net-csum.patch",
		true, 2);
	add_commit(s, 1, "overlay: interface laid over include/xen/interface", NULL, "interface",
		true, 0);
	add_hunk(s, add_change(s, "arch/i386/Kconfig", CHANGE_MODIFIED, 0xb1, 0xe1), 10, 0, 11, 9,
		1);
	file_change *both = add_change(
		s, "include/asm-i386/pgtable-2level.h", CHANGE_MODIFIED, BLOB_BASE, BLOB_XEN);
	add_hunk(s, both, 7, 1, 1, 7, 1);
	add_hunk(s, both, 8, 1, 8, 0, 1);
	add_hunk(s, add_change(s, "include/xen/interface/xen.h", CHANGE_ADDED, 0, 0xe2), 0, 0, 1,
		400, 3);
	add_change(s, "scripts/logo.bin", CHANGE_ADDED, 0, BLOB_BINARY)->binary = true;
}

static void add_vmi(mediation *m)
{
	series *s = sample_series(m, "vmi");
	g_ptr_array_add(s->specs, g_strdup("mbox:vmi.mbox.gz"));
	g_ptr_array_add(s->notes, g_strdup("cover letter 0/3 left out"));
	g_ptr_array_add(s->notes, g_strdup("patch 2/3 is missing"));
	add_commit(s, 0, "VMI: page table accessors", "Zachary Example", "vmi.mbox.gz message 2",
		true, 0);
	add_commit(s, 0, "VMI: timer", "Zachary Example", "vmi.mbox.gz message 3", false, 1);
	add_hunk(s, add_change(s, "arch/i386/Kconfig", CHANGE_MODIFIED, 0xb1, 0xf1), 11, 1, 11, 3,
		1);
	add_hunk(s,
		add_change(
			s, "include/asm-i386/mach-vmi/mach_pgtable.h", CHANGE_ADDED, 0, BLOB_VMI),
		0, 0, 1, 5, 1);
	add_hunk(s,
		add_change(
			s, "include/asm-i386/pgtable-2level.h", CHANGE_MODIFIED, BLOB_BASE, 0xf2),
		6, 2, 6, 1, 1);
	reject *r = reject_new();
	r->patch = 2;
	r->reason = REJECT_HUNK;
	r->path = g_strdup("arch/i386/kernel/time.c");
	r->origin = g_strdup("vmi.mbox.gz message 3");
	r->source_line = 88;
	r->hunk = 4;
	r->near_line = 301;
	r->near_end = 306;
	r->difference = g_strdup("-\tdo_timer(regs);\n+\tdo_timer(1, regs);\n");
	g_ptr_array_add(s->rejects, r);
}

static void add_coverage(mediation *m)
{
	coverage *xen = coverage_new();
	xen->c_files = 12;
	xen->c_files_clean = 11;
	xen->c_lines_changed = 4000;
	xen->c_lines_parsed = 3999;
	xen->other_files = 4;
	xen->other_lines_changed = 77;
	g_ptr_array_add(
		xen->unparsed, unparsed_range_new("arch/i386/kernel/traps-xen.c", AT_TIP, 40, 40,
				       "no configuration sets CONFIG_X86_VISWS_APIC"));
	g_ptr_array_add(xen->causes,
		coverage_cause_new("include/linux/<mm>.h", 12, "unknown type name 'pte_t'", 9));
	g_ptr_array_add(
		xen->causes, coverage_cause_new("fs/a.c", 3, "'linux/new.h' file not found", 1));
	g_ptr_array_add(m->coverage, xen);
	coverage *vmi = coverage_new();
	vmi->c_files = 3;
	vmi->c_files_clean = 3;
	vmi->c_lines_changed = 620;
	vmi->c_lines_parsed = 620;
	g_ptr_array_add(m->coverage, vmi);
}

static point_side *side_of(point_result *r, point_state state)
{
	point_side *s = point_side_new();
	s->state = state;
	s->confidence = state == POINT_UNTOUCHED ? 0.0 : 0.9;
	g_ptr_array_add(r->sides, s);
	return s;
}

static void add_evidence(const mediation *m, point_side *side, unsigned owner,
	evidence_weight weight, const char *kind, int byte, const char *path, unsigned line,
	unsigned end_line, const char *symbol, double confidence)
{
	evidence *e = evidence_new();
	e->series = owner;
	e->point = m->points->len - 1;
	e->weight = weight;
	e->kind = g_strdup(kind);
	e->rule = g_strdup_printf("%s.%s", kind, symbol);
	e->symbol = g_strdup(symbol);
	e->note = weight == EVIDENCE_OVERRIDE ? g_strdup("defines it anew") : NULL;
	e->at = weight == EVIDENCE_REMOVED ? AT_BASE : AT_TIP;
	e->blob = blob(byte);
	e->path = g_strdup(path);
	e->line = line;
	e->end_line = end_line;
	e->patch = 1;
	e->confidence = confidence;
	g_ptr_array_add(side->evidence, e);
}

static point_result *add_point(
	mediation *m, const char *group, const char *member, point_verdict verdict)
{
	point_result *r = point_result_new();
	r->point = point_new();
	r->point->id = g_strdup_printf("%s.%s", group, member);
	r->point->group = g_strdup(group);
	r->point->member = g_strdup(member);
	r->point->title = g_strdup_printf("what %s does", member);
	r->verdict = verdict;
	g_ptr_array_add(m->points, r);
	return r;
}

static void add_points(mediation *m)
{
	m->catalogue = catalogue_info_new();
	m->catalogue->name = g_strdup("paravirt-i386");
	m->catalogue->version = g_strdup("2.6.23");
	m->catalogue->title = g_strdup("struct paravirt_ops");
	m->catalogue->digest = g_strnfill(64, 'c');
	g_ptr_array_add(m->catalogue->groups, g_strdup("irq"));
	g_ptr_array_add(m->catalogue->groups, g_strdup("mmu"));

	point_result *r = add_point(m, "irq", "irq_disable", VERDICT_SINGLE);
	add_evidence(m, side_of(r, POINT_HOOKED), 0, EVIDENCE_THROUGH, "call", 0xe3,
		"include/asm-i386/mach-xen/asm/system.h", 500, 512, "__cli", 0.8);
	add_evidence(m, side_of(r, POINT_TOUCHED), 1, EVIDENCE_REMOVED, "in-place", 0xb3,
		"include/asm-i386/system.h", 451, 451, "local_irq_disable", 0.6);

	r = add_point(m, "irq", "safe_halt", VERDICT_UNTOUCHED);
	add_evidence(m, side_of(r, POINT_BYPASSED), 0, EVIDENCE_BYPASS, "assembly", 0xe4,
		"drivers/xen/core/reboot.c", 12, 12, "hlt", 0.95);
	side_of(r, POINT_UNTOUCHED);

	r = add_point(m, "irq", "restore_fl", VERDICT_UNTOUCHED);
	side_of(r, POINT_UNTOUCHED);
	side_of(r, POINT_UNTOUCHED);

	r = add_point(m, "mmu", "set_pte", VERDICT_CONTESTED);
	g_free(r->point->title);
	r->point->title = g_strdup("writes one page table entry");
	r->point->signature = g_strdup("void (pte_t *ptep, pte_t pteval)");
	r->point->contract =
		g_strdup("may be called with interrupts off; pteval holds a pseudo-physical "
			 "frame number, which the backend turns into a machine one");
	r->point->native = g_strdup("a store");
	g_ptr_array_add(r->point->aliases, g_strdup("set_pte_atomic"));
	point_side *side = side_of(r, POINT_HOOKED);
	add_evidence(m, side, 0, EVIDENCE_OVERRIDE, "override", BLOB_XEN,
		"include/asm-i386/pgtable-2level.h", 2, 6, "set_pte", 0.95);
	add_evidence(m, side, 0, EVIDENCE_THROUGH, "hypercall", BLOB_XEN,
		"include/asm-i386/pgtable-2level.h", 4, 4, "mmu_update", 1.0 / 3);
	add_evidence(m, side_of(r, POINT_HOOKED), 1, EVIDENCE_OVERRIDE, "override", BLOB_VMI,
		"include/asm-i386/mach-vmi/mach_pgtable.h", 1, 5, "set_pte", 0.9);
}

static void add_location(finding *f, int owner, tree_at at, int byte, const char *path,
	unsigned line, unsigned end_line, const char *symbol, unsigned n)
{
	location *l = location_new();
	l->series = owner;
	l->at = at;
	if (byte)
		l->blob = blob(byte);
	l->path = g_strdup(path);
	l->line = line;
	l->end_line = end_line;
	l->symbol = g_strdup(symbol);
	l->patch = n;
	g_ptr_array_add(f->locations, l);
}

static finding *add_finding(mediation *m, const char *kind, severity level, const char *parties,
	const char *key, const char *title)
{
	finding *f = finding_new(kind);
	f->severity = level;
	f->title = g_strdup(title);
	g_auto(GStrv) names = g_strsplit(parties, " ", -1);
	for (char **name = names; *name; name++)
		g_ptr_array_add(f->parties, g_strdup(*name));
	f->fingerprint = finding_fingerprint(kind, f->parties, (const char *const[]){key, NULL});
	g_ptr_array_add(m->findings, f);
	return f;
}

static void add_findings(mediation *m)
{
	finding *f = add_finding(m, "point.contested", SEVERITY_ERROR, "xen vmi", "mmu.set_pte",
		"mmu.set_pte: xen and vmi each bring an implementation");
	g_ptr_array_add(f->points, g_strdup("mmu.set_pte"));
	f->confidence = 0.95;
	f->explanation =
		g_strdup("xen makes a hypercall of every write, vmi patches the call into ROM "
			 "code. Only one of them can be the set_pte of the kernel.");
	f->suggestion = g_strdup("Put both behind the operation set_pte of the common interface.");
	add_location(
		f, -1, AT_BASE, BLOB_BASE, "include/asm-i386/pgtable-2level.h", 7, 7, "set_pte", 0);
	add_location(
		f, 0, AT_TIP, BLOB_XEN, "include/asm-i386/pgtable-2level.h", 2, 6, "set_pte", 1);
	add_location(f, 1, AT_TIP, BLOB_VMI, "include/asm-i386/mach-vmi/mach_pgtable.h", 1, 5,
		"set_pte", 1);

	f = add_finding(m, "text.conflict", SEVERITY_ERROR, "xen vmi", "arch/i386/Kconfig",
		"arch/i386/Kconfig: both change lines 10 to 12");
	f->explanation =
		g_strdup("Both add an entry at the same place.\n"
			 "- xen adds 9 lines after line 10 of the base, among them a help text "
			 "that is long enough to need a second line;\n"
			 "- vmi replaces line 11.");
	f->suggestion = g_strdup("Keep both entries: `truce decide ID --both`, or `look *closer*.");
	add_location(f, 0, AT_TIP, 0xe1, "arch/i386/Kconfig", 11, 19, NULL, 1);
	add_location(f, 1, AT_TIP, 0xf1, "arch/i386/Kconfig", 11, 13, NULL, 1);
	f->decision = decision_new();
	f->decision->fingerprint = g_strdup(f->fingerprint);
	f->decision->take = DECISION_TAKE;
	f->decision->party = g_strdup("xen");
	f->decision->note = g_strdup("agreed on the list; vmi's entry follows in its own patch");
	f->decision->by = g_strdup("A Mediator <mediator@example.org>");
	f->decision->time = 1142300000;

	f = add_finding(m, "series.unapplied", SEVERITY_ERROR, "vmi", "arch/i386/kernel/time.c 4",
		"arch/i386/kernel/time.c: hunk 4 of vmi's patch 2 has no place");
	f->explanation = g_strdup("vmi.mbox.gz message 3, line 88: nearest at line 301.");
	f->suggestion = g_strdup("Ask for a series on this base.");
	add_location(f, 1, AT_BASE, 0, "arch/i386/kernel/time.c", 301, 306, NULL, 2);

	for (unsigned i = 0; i < 12; i++) {
		g_autofree char *name = g_strdup_printf("helper_%u", i);
		g_autofree char *title =
			g_strdup_printf("%s: both \033[31mchange the function, in a way "
					"that only a person can weigh against the other "
					"one's",
				name);
		f = add_finding(m, "code.same-entity", SEVERITY_WARNING, "xen vmi", name, title);
		f->confidence = 2.0 / 3;
		f->explanation = g_strdup("Both change it.");
		f->suggestion = g_strdup("Read both.");
		add_location(
			f, 0, AT_TIP, 0xe5, "kernel/helper.c", 10 * i + 1, 10 * i + 5, name, 1);
		add_location(
			f, 1, AT_TIP, 0xf5, "kernel/helper.c", 10 * i + 2, 10 * i + 6, name, 1);
	}

	f = add_finding(m, "text.adjacent", SEVERITY_NOTE, "xen vmi", "include/asm-i386/io.h",
		"include/asm-i386/io.h: neighbouring hunks");
	f->explanation = g_strdup("They merge, and stand three lines apart.");
	f->suggestion = g_strdup("");
	add_location(f, 0, AT_MERGED, 0xd1, "include/asm-i386/io.h", 0, 0, NULL, 0);
	findings_finish(m->findings);
}

static step *add_step(mediation *m, step_action action, const char *title)
{
	step *s = step_new(action);
	s->n = m->plan->steps->len + 1;
	s->title = g_strdup(title);
	g_ptr_array_add(m->plan->steps, s);
	return s;
}

static void add_step_patch(step *s, unsigned owner, unsigned n)
{
	step_patch p = {owner, n};
	g_array_append_val(s->patches, p);
}

static const char *finding_id(const mediation *m, const char *kind)
{
	for (guint i = 0; i < m->findings->len; i++) {
		const finding *f = g_ptr_array_index(m->findings, i);
		if (!strcmp(f->kind, kind))
			return f->id;
	}
	return NULL;
}

static void add_plan(mediation *m)
{
	m->plan = plan_new();
	step *s = add_step(m, STEP_TAKE, "Take what only xen touches");
	g_ptr_array_add(s->series, g_strdup("xen"));
	add_step_patch(s, 0, 3);
	g_ptr_array_add(s->hunks, plan_hunk_new(0, "include/xen/interface/xen.h", 1));
	g_ptr_array_add(s->hunks, plan_hunk_new(0, "scripts/logo.bin", 0));
	s->tree = blob(0x71);
	s->verified = VERIFIED_OK;

	s = add_step(m, STEP_INTERFACE, "Move page table writes behind mmu: set_pte");
	g_ptr_array_add(s->series, g_strdup("xen"));
	g_ptr_array_add(s->series, g_strdup("vmi"));
	add_step_patch(s, 0, 1);
	add_step_patch(s, 0, 2);
	add_step_patch(s, 1, 1);
	g_ptr_array_add(s->hunks, plan_hunk_new(0, "include/asm-i386/pgtable-2level.h", 1));
	g_ptr_array_add(s->hunks, plan_hunk_new(0, "include/asm-i386/pgtable-2level.h", 2));
	g_ptr_array_add(s->hunks, plan_hunk_new(1, "include/asm-i386/mach-vmi/mach_pgtable.h", 1));
	g_ptr_array_add(s->hunks, plan_hunk_new(1, "include/asm-i386/pgtable-2level.h", 1));
	g_ptr_array_add(s->points, g_strdup("mmu.set_pte"));
	g_ptr_array_add(s->findings, g_strdup(finding_id(m, "point.contested")));
	unsigned first = 1;
	g_array_append_val(s->depends_on, first);
	s->detail = g_strdup("### mmu.set_pte\n\n- xen: `include/asm-i386/pgtable-2level.h:2`\n"
			     "- vmi: `include/asm-i386/mach-vmi/mach_pgtable.h:1`\n");
	g_ptr_array_add(s->owners, g_strdup("X86 people <x86@example.org>"));

	s = add_step(m, STEP_DECIDED, "Take xen's side of arch/i386/Kconfig");
	g_ptr_array_add(s->series, g_strdup("xen"));
	add_step_patch(s, 0, 1);
	g_ptr_array_add(s->hunks, plan_hunk_new(0, "arch/i386/Kconfig", 1));
	g_ptr_array_add(s->findings, g_strdup(finding_id(m, "text.conflict")));
	g_array_append_val(s->depends_on, first);
	s->tree = blob(0x73);
	s->verified = VERIFIED_WORSE;

	undecided *u = undecided_new("What becomes of vmi's entry in arch/i386/Kconfig");
	g_ptr_array_add(u->findings, g_strdup(finding_id(m, "text.conflict")));
	g_ptr_array_add(u->hunks, plan_hunk_new(1, "arch/i386/Kconfig", 1));
	g_ptr_array_add(m->plan->undecided, u);
}

mediation *sample_mediation(void)
{
	mediation *m = mediation_new();
	m->base_rev = g_strdup("v2.6.16-rc5");
	m->base = blob(0xba);
	m->base_tree = blob(0xbb);
	add_xen(m);
	add_vmi(m);
	add_coverage(m);
	add_points(m);
	add_findings(m);
	resolution *r = resolution_new();
	r->path = g_strdup("include/asm-i386/io.h");
	r->line = 40;
	r->end_line = 44;
	r->method = g_strdup("three-way by tokens");
	r->confidence = 0.99;
	r->verified = true;
	g_ptr_array_add(m->resolutions, r);
	add_plan(m);
	return m;
}
