/* First pass: directives, and the matching of brackets across #if branches.
 *
 * Branches of an #if may each open or close brackets. Every branch starts from the brackets open at
 * the #if; what follows the #endif goes on from those of the first branch (of the last one when the
 * first is #if 0). So "#ifdef A / f(int a) { / #else / f(long a) { / #endif ... }" matches. */
#include "analyzers/ctext/reader.h"

#include "analyzers/text/assembly.h"

/* An open bracket. Nodes are shared by the stacks of all branches, so they form a tree. */
typedef struct bracket_node {
	uint32_t code;	 /* the bracket's code index */
	uint32_t parent; /* node, NO_INDEX at the bottom */
	uint32_t brace;	 /* nearest '{' from here outwards, itself included */
	uint32_t twin;	 /* the same bracket in another branch: closed together */
	char bracket;
} bracket_node;

typedef struct branch_frame {
	uint32_t outside;   /* top of stack at the #if */
	uint32_t first;	    /* top at the end of the first branch */
	uint32_t new_nodes; /* nodes from here on are of this branch */
	bool first_dead;    /* #if 0 */
	bool more;	    /* an #else or #elif was seen */
} branch_frame;

typedef struct matcher {
	reader *r;
	code_token *code; /* of the array, refreshed when it grows */
	GArray *nodes;	  /* bracket_node */
	GArray *frames;	  /* branch_frame */
	uint32_t top;
} matcher;

static bracket_node *node_at(const matcher *m, uint32_t i)
{
	return &g_array_index(m->nodes, bracket_node, i);
}

static void open_bracket(matcher *m, uint32_t code, char bracket)
{
	uint32_t self = m->nodes->len;
	uint32_t outer = m->top == NO_INDEX ? NO_INDEX : node_at(m, m->top)->brace;
	bracket_node n = {code, m->top, bracket == '{' ? self : outer, NO_INDEX, bracket};
	g_array_append_val(m->nodes, n);
	m->top = self;
}

/* The open bracket that a closing one of kind `open` closes; NO_INDEX: it is stray. Constant time:
 * a brace closes whatever parentheses are open in it, others look through one level. */
static uint32_t find_open(const matcher *m, char open)
{
	if (m->top == NO_INDEX)
		return NO_INDEX;
	const bracket_node *top = node_at(m, m->top);
	if (open == '{')
		return top->brace;
	if (top->bracket == open)
		return m->top;
	if (top->bracket != '{' && top->parent != NO_INDEX &&
		node_at(m, top->parent)->bracket == open)
		return top->parent;
	return NO_INDEX;
}

static void close_bracket(matcher *m, uint32_t code, char open)
{
	uint32_t found = find_open(m, open);
	if (found == NO_INDEX)
		return;
	const bracket_node *n = node_at(m, found);
	m->code[code].match = n->code;
	for (uint32_t i = found; i != NO_INDEX; i = node_at(m, i)->twin) {
		code_token *opening = &m->code[node_at(m, i)->code];
		if (opening->match == NO_INDEX)
			opening->match = code;
		if (i == node_at(m, i)->twin)
			break;
	}
	m->top = n->parent;
}

static void match_one(matcher *m, uint32_t code, const token *t)
{
	if (t->kind != TOKEN_PUNCTUATION)
		return;
	switch (t->code) {
	case '(':
	case '[':
	case '{':
		open_bracket(m, code, (char)t->code);
		break;
	case ')':
		close_bracket(m, code, '(');
		break;
	case ']':
		close_bracket(m, code, '[');
		break;
	case '}':
		close_bracket(m, code, '{');
		break;
	default:
		break;
	}
}

static void matcher_init(matcher *m, reader *r)
{
	*m = (matcher){.r = r, .top = NO_INDEX};
	m->nodes = g_array_new(FALSE, FALSE, sizeof(bracket_node));
	m->frames = g_array_new(FALSE, FALSE, sizeof(branch_frame));
}

static void matcher_clear(matcher *m)
{
	g_array_unref(m->nodes);
	g_array_unref(m->frames);
}

void match_brackets(reader *r, code_token *code, size_t n)
{
	matcher m;
	matcher_init(&m, r);
	m.code = code;
	for (uint32_t i = 0; i < n; i++)
		match_one(&m, i, code_at(r, &code[i]));
	matcher_clear(&m);
}

static void branch_if(matcher *m, bool dead)
{
	branch_frame f = {m->top, m->top, m->nodes->len, dead, false};
	g_array_append_val(m->frames, f);
}

/* Braces opened in the branch that ends here and still open go on in the next branch's text. */
static void mark_siblings(matcher *m, const branch_frame *f)
{
	for (uint32_t i = m->top; i != NO_INDEX && i >= f->new_nodes; i = node_at(m, i)->parent)
		if (node_at(m, i)->bracket == '{')
			m->code[node_at(m, i)->code].sibling = m->r->code->len;
}

static void branch_else(matcher *m)
{
	if (!m->frames->len)
		return;
	branch_frame *f = &g_array_index(m->frames, branch_frame, m->frames->len - 1);
	mark_siblings(m, f);
	if (!f->more)
		f->first = m->top;
	f->more = true;
	f->new_nodes = m->nodes->len;
	m->top = f->outside;
}

static void branch_endif(matcher *m)
{
	if (!m->frames->len)
		return;
	branch_frame f = g_array_index(m->frames, branch_frame, m->frames->len - 1);
	g_array_set_size(m->frames, m->frames->len - 1);
	if (!f.more) {
		if (f.first_dead)
			m->top = f.outside;
		return;
	}
	uint32_t last = m->top;
	uint32_t kept = f.first_dead ? last : f.first, other = f.first_dead ? f.first : last;
	bool twins = kept != NO_INDEX && other != NO_INDEX && kept != other && kept != f.outside &&
		     other != f.outside &&
		     node_at(m, kept)->bracket == node_at(m, other)->bracket &&
		     node_at(m, kept)->twin == NO_INDEX && node_at(m, other)->twin == NO_INDEX;
	if (twins)
		node_at(m, kept)->twin = other;
	m->top = kept;
}

static bool is_zero(const source *s, const directive *d)
{
	return d->kind == DIRECTIVE_IF && d->end == d->first + 1 &&
	       source_token(s, d->first)->len == 1 && s->text[source_token(s, d->first)->at] == '0';
}

static void move_branches(matcher *m, const directive *d)
{
	switch (d->kind) {
	case DIRECTIVE_IF:
	case DIRECTIVE_IFDEF:
	case DIRECTIVE_IFNDEF:
		branch_if(m, is_zero(&m->r->s, d));
		break;
	case DIRECTIVE_ELIF:
	case DIRECTIVE_ELSE:
		branch_else(m);
		break;
	case DIRECTIVE_ENDIF:
		branch_endif(m);
		break;
	default:
		break;
	}
}

static uint32_t condition_now(reader *r)
{
	const char *now = fact_set_string(r->s.out, condition_text(r->s.conditions));
	if (!r->conditions->len || g_ptr_array_index(r->conditions, r->conditions->len - 1) != now)
		g_ptr_array_add(r->conditions, (gpointer)now);
	return r->conditions->len - 1;
}

/* A macro's uses: its body read as an expression, its parameters as locals. */
static void read_macro(reader *r, const macro_text *m)
{
	if (m->body >= m->body_end)
		return;
	g_autoptr(GArray) code = g_array_new(FALSE, FALSE, sizeof(code_token));
	uint32_t condition = condition_now(r);
	for (size_t i = m->body; i < m->body_end; i++) {
		code_token c = {(uint32_t)i, NO_INDEX, NO_INDEX, condition};
		g_array_append_val(code, c);
	}
	names_clear(&r->locals);
	for (size_t i = m->parameters; i < m->parameters_end; i++)
		names_put(&r->locals, source_token(&r->s, i)->hash, 0);
	match_brackets(r, &g_array_index(code, code_token, 0), code->len);
	const char *name = reader_name(r, source_token(&r->s, m->name));
	read_uses(r, &g_array_index(code, code_token, 0), 0, code->len, name, NULL);
}

static void read_one(reader *r, matcher *m, assembly *a, const directive *d)
{
	macro_text macro;
	switch (d->kind) {
	case DIRECTIVE_OTHER:
		break;
	case DIRECTIVE_DEFINE:
		if (!directive_define(&r->s, d, &macro))
			break;
		if (condition_assembly(r->s.conditions))
			assembly_macro(a, reader_name(r, source_token(&r->s, macro.name)),
				macro.body, macro.body_end);
		else
			read_macro(r, &macro);
		break;
	case DIRECTIVE_UNDEF:
		directive_undef(&r->s, d);
		break;
	case DIRECTIVE_INCLUDE:
		directive_include(&r->s, d);
		break;
	default:
		directive_condition(&r->s, d);
		move_branches(m, d);
		break;
	}
}

void read_directives(reader *r)
{
	matcher m;
	matcher_init(&m, r);
	g_autoptr(assembly) a = assembly_new(&r->s);
	uint32_t condition = condition_now(r);
	for (size_t i = 0; i < r->s.tokens->len;) {
		const token *t = source_token(&r->s, i);
		if (t->flags & TOKEN_HASH) {
			directive d;
			directive_read(&d, &r->s, i);
			m.code = (code_token *)(void *)r->code->data;
			read_one(r, &m, a, &d);
			condition = condition_now(r);
			i = d.end;
		} else if (condition_assembly(r->s.conditions)) {
			size_t end = i + 1;
			while (end < r->s.tokens->len && source_token(&r->s, end)->line == t->line)
				end++;
			assembly_line(a, i, end, false);
			i = end;
		} else {
			code_token c = {(uint32_t)i, NO_INDEX, NO_INDEX, condition};
			g_array_append_val(r->code, c);
			m.code = (code_token *)(void *)r->code->data;
			match_one(&m, r->code->len - 1, t);
			i++;
		}
	}
	matcher_clear(&m);
}
