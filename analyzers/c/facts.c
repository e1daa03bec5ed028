/* Entities and uses: a walk over the cursors of a unit. */
#include "analyzers/c/parse.h"

#include <string.h>

typedef struct walk {
	parse *p;
	parsed_file *file; /* of the top-level declaration at hand */
	const char *in;	   /* the enclosing function or variable; owned by file->set */
	CXCursor callee;   /* the function called by the innermost call seen */
	unsigned callee_line, callee_column;
} walk;

/* A CXString as a fact set's string; disposes it. */
static const char *take_string(fact_set *set, CXString text)
{
	const char *own = fact_set_string(set, clang_getCString(text));
	clang_disposeString(text);
	return own;
}

static const char *cursor_name(fact_set *set, CXCursor c)
{
	const char *name = take_string(set, clang_getCursorSpelling(c));
	/* Records without a tag are spelled "(unnamed struct at ...)" by newer clangs. */
	return strchr(name, '(') || strchr(name, ' ') ? "" : name;
}

/* The tag that a record's fields go by: its own, else the typedef's it has instead, else that of
 * the record around it; as the text reader has it. */
static const char *record_name(fact_set *set, CXCursor record)
{
	while (!clang_Cursor_isNull(record)) {
		enum CXCursorKind kind = clang_getCursorKind(record);
		if (kind != CXCursor_StructDecl && kind != CXCursor_UnionDecl &&
			kind != CXCursor_EnumDecl)
			break;
		const char *name = cursor_name(set, record);
		if (!*name) {
			const char *type = take_string(
				set, clang_getTypeSpelling(clang_getCursorType(record)));
			name = strchr(type, '(') || strchr(type, ' ') ? "" : type;
		}
		if (*name)
			return name;
		record = clang_getCursorSemanticParent(record);
	}
	return fact_set_string(set, "");
}

static unsigned end_line(CXCursor c)
{
	unsigned line;
	clang_getFileLocation(clang_getRangeEnd(clang_getCursorExtent(c)), NULL, &line, NULL, NULL);
	return line;
}

static bool entity_kind_of(enum CXCursorKind kind, entity_kind *out)
{
	switch (kind) {
	case CXCursor_FunctionDecl:
		*out = ENTITY_FUNCTION;
		return true;
	case CXCursor_StructDecl:
		*out = ENTITY_STRUCT;
		return true;
	case CXCursor_UnionDecl:
		*out = ENTITY_UNION;
		return true;
	case CXCursor_EnumDecl:
		*out = ENTITY_ENUM;
		return true;
	case CXCursor_EnumConstantDecl:
		*out = ENTITY_ENUMERATOR;
		return true;
	case CXCursor_FieldDecl:
		*out = ENTITY_FIELD;
		return true;
	case CXCursor_TypedefDecl:
		*out = ENTITY_TYPEDEF;
		return true;
	case CXCursor_VarDecl:
		*out = ENTITY_VARIABLE;
		return true;
	default:
		return false;
	}
}

static unsigned entity_flags(CXCursor c, entity_kind kind)
{
	unsigned flags = 0;
	bool definition = kind == ENTITY_FIELD || kind == ENTITY_ENUMERATOR ||
			  kind == ENTITY_TYPEDEF || clang_isCursorDefinition(c);
	if (definition)
		flags |= ENTITY_DEFINITION;
	if ((kind == ENTITY_FUNCTION || kind == ENTITY_VARIABLE) &&
		clang_Cursor_getStorageClass(c) == CX_SC_Static)
		flags |= ENTITY_STATIC;
	if (kind == ENTITY_FUNCTION && clang_Cursor_isFunctionInlined(c))
		flags |= ENTITY_INLINE;
	return flags;
}

static void add_entity(walk *w, CXCursor c, entity_kind kind)
{
	unsigned line, column;
	parsed_file *f = parse_place(w->p, clang_getCursorLocation(c), &line, &column);
	const char *name = f ? cursor_name(f->set, c) : "";
	if (!*name)
		return;
	entity e = {
		.kind = kind,
		.reader = READER_CLANG,
		.flags = entity_flags(c, kind),
		.line = line,
		.end_line = MAX(line, end_line(c)),
		.name = name,
		.signature = "",
	};
	if (kind == ENTITY_FIELD || kind == ENTITY_ENUMERATOR)
		e.parent = record_name(f->set, clang_getCursorSemanticParent(c));
	if (kind == ENTITY_FUNCTION || kind == ENTITY_VARIABLE || kind == ENTITY_FIELD)
		e.signature = take_string(f->set, clang_getTypeSpelling(clang_getCursorType(c)));
	else if (kind == ENTITY_TYPEDEF)
		e.signature = take_string(
			f->set, clang_getTypeSpelling(clang_getTypedefDeclUnderlyingType(c)));
	fact_set_add_entity(f->set, &e);
}

/* A line and column as one pointer-sized key. */
static gpointer place_key(unsigned line, unsigned column)
{
	return (gpointer)(((guintptr)line << 20) + MIN(column, (1u << 20) - 1));
}

static void add_use(walk *w, CXCursor c, use_kind kind, const char *name)
{
	unsigned line, column;
	parsed_file *f = parse_place(w->p, clang_getCursorLocation(c), &line, &column);
	if (!f || !*name)
		return;
	/* What a macro's body uses is told where the body is written. clang gives the macros of all
	 * files before the first declaration. */
	if (kind == USE_MACRO)
		g_hash_table_add(f->macros, place_key(line, column));
	else if (g_hash_table_contains(f->macros, place_key(line, column)))
		return;
	use u = {
		.kind = kind,
		.reader = READER_CLANG,
		.line = line,
		.column = column,
		.name = name,
		.in = w->in,
	};
	fact_set_add_use(f->set, &u);
}

/* "tag.field" of a field's cursor. */
static char *field_name(walk *w, CXCursor field)
{
	fact_set *set = w->file->set;
	const char *name = cursor_name(set, field);
	const char *tag = record_name(set, clang_getCursorSemanticParent(field));
	return *name ? g_strconcat(tag, ".", name, NULL) : g_strdup("");
}

static bool at_file_scope(CXCursor declaration)
{
	return clang_getCursorKind(clang_getCursorSemanticParent(declaration)) ==
	       CXCursor_TranslationUnit;
}

static void add_call(walk *w, CXCursor c)
{
	CXCursor target = clang_getCursorReferenced(c);
	if (clang_getCursorKind(target) != CXCursor_FunctionDecl)
		return;
	w->callee = target;
	clang_getFileLocation(
		clang_getCursorLocation(c), NULL, &w->callee_line, &w->callee_column, NULL);
	add_use(w, c, USE_CALL, cursor_name(w->file->set, target));
}

static void add_reference(walk *w, CXCursor c)
{
	CXCursor target = clang_getCursorReferenced(c);
	enum CXCursorKind kind = clang_getCursorKind(target);
	if (kind == CXCursor_FunctionDecl && clang_equalCursors(target, w->callee)) {
		/* The name in front of a call's parentheses was told with the call. */
		unsigned line, column;
		clang_getFileLocation(clang_getCursorLocation(c), NULL, &line, &column, NULL);
		if (line == w->callee_line && column == w->callee_column)
			return;
	}
	if (kind == CXCursor_FunctionDecl || kind == CXCursor_EnumConstantDecl ||
		(kind == CXCursor_VarDecl && at_file_scope(target)))
		add_use(w, c, USE_REFERENCE, cursor_name(w->file->set, target));
}

static void add_field(walk *w, CXCursor c)
{
	CXCursor field = clang_getCursorReferenced(c);
	if (clang_getCursorKind(field) != CXCursor_FieldDecl)
		return;
	g_autofree char *name = field_name(w, field);
	add_use(w, c, USE_FIELD, name);
}

static enum CXChildVisitResult take_last(CXCursor c, CXCursor parent, CXClientData data)
{
	(void)parent;
	*(CXCursor *)data = c;
	return CXChildVisit_Continue;
}

static CXCursor last_child(CXCursor c)
{
	CXCursor last = clang_getNullCursor();
	clang_visitChildren(c, take_last, &last);
	return last;
}

static enum CXChildVisitResult take_first(CXCursor c, CXCursor parent, CXClientData data)
{
	(void)parent;
	*(CXCursor *)data = c;
	return CXChildVisit_Break;
}

static CXCursor first_child(CXCursor c)
{
	CXCursor first = clang_getNullCursor();
	clang_visitChildren(c, take_first, &first);
	return first;
}

/* Casts, parentheses and '&' around a value: more are not written by hand. */
#define WRAPPERS 16

/* The function that an expression names, casts and parentheses aside; NULL when it is none. */
static const char *function_value(fact_set *set, CXCursor value)
{
	for (int depth = 0; depth < WRAPPERS && !clang_Cursor_isNull(value); depth++) {
		enum CXCursorKind kind = clang_getCursorKind(value);
		if (kind == CXCursor_DeclRefExpr) {
			CXCursor target = clang_getCursorReferenced(value);
			bool function = clang_getCursorKind(target) == CXCursor_FunctionDecl;
			return function ? cursor_name(set, target) : NULL;
		}
		if (kind != CXCursor_UnexposedExpr && kind != CXCursor_ParenExpr &&
			kind != CXCursor_CStyleCastExpr && kind != CXCursor_UnaryOperator)
			return NULL;
		value = last_child(value); /* a cast's first child is its type */
	}
	return NULL;
}

static bool is_function_pointer(CXType type)
{
	type = clang_getCanonicalType(type);
	if (type.kind != CXType_Pointer)
		return false;
	type = clang_getCanonicalType(clang_getPointeeType(type));
	return type.kind == CXType_FunctionProto || type.kind == CXType_FunctionNoProto;
}

/* A slot filled at `c`, whose field is `field`. Where a macro fills it, the place is the macro's
 * use, and only functions are told: macros fill many other fields. */
static void add_slot(walk *w, CXCursor c, CXCursor field, CXCursor value)
{
	unsigned line, column;
	parsed_file *f = parse_place(w->p, clang_getCursorLocation(c), &line, &column);
	if (!f || clang_getCursorKind(field) != CXCursor_FieldDecl)
		return;
	/* offsetof(struct ops, field) names the field and puts nothing into it. */
	if (clang_getCursorKind(value) == CXCursor_MemberRef)
		return;
	const char *function = function_value(f->set, value);
	bool by_macro = g_hash_table_contains(f->macros, place_key(line, column));
	if (by_macro && !function)
		return;
	g_autofree char *name = field_name(w, field);
	use u = {
		.kind = USE_SLOT,
		.reader = READER_CLANG,
		.line = line,
		.column = column,
		.name = name,
		.detail = function,
		.in = w->in,
	};
	if (*name)
		fact_set_add_use(f->set, &u);
}

/* x->field = function: an operation on pointers to functions that yields one is an assignment. */
static void add_assignment(walk *w, CXCursor c)
{
	if (!is_function_pointer(clang_getCursorType(c)))
		return;
	CXCursor left = first_child(c);
	while (clang_getCursorKind(left) == CXCursor_ParenExpr)
		left = first_child(left);
	if (clang_getCursorKind(left) == CXCursor_MemberRefExpr)
		add_slot(w, left, clang_getCursorReferenced(left), last_child(c));
}

static enum CXChildVisitResult visit_inside(CXCursor c, CXCursor parent, CXClientData data)
{
	walk *w = data;
	entity_kind kind;
	switch (clang_getCursorKind(c)) {
	case CXCursor_CallExpr:
		add_call(w, c);
		break;
	case CXCursor_DeclRefExpr:
		add_reference(w, c);
		break;
	case CXCursor_MemberRefExpr:
		add_field(w, c);
		break;
	case CXCursor_MemberRef: /* a designator: .field = value */
		add_slot(w, c, clang_getCursorReferenced(c), last_child(parent));
		break;
	case CXCursor_BinaryOperator:
		add_assignment(w, c);
		break;
	case CXCursor_TypeRef:
		add_use(w, c, USE_TYPE, cursor_name(w->file->set, clang_getCursorReferenced(c)));
		break;
	case CXCursor_VarDecl: /* a local */
		break;
	default:
		if (entity_kind_of(clang_getCursorKind(c), &kind))
			add_entity(w, c, kind);
		break;
	}
	return CXChildVisit_Recurse;
}

static void remember_declaration(parsed_file *f, CXCursor c)
{
	line_range range;
	CXSourceRange extent = clang_getCursorExtent(c);
	clang_getFileLocation(clang_getRangeStart(extent), NULL, &range.first, NULL, NULL);
	range.last = end_line(c);
	if (range.first <= range.last)
		g_array_append_val(f->declarations, range);
}

static enum CXChildVisitResult visit_top(CXCursor c, CXCursor parent, CXClientData data)
{
	walk *w = data;
	entity_kind kind;
	CXFile file;
	(void)parent;
	/* What each directive says is told whole as text; there are more of them than of all else.
	 */
	switch (clang_getCursorKind(c)) {
	case CXCursor_MacroDefinition:
		return CXChildVisit_Continue;
	case CXCursor_InclusionDirective:
		parse_note_include(w->p, c);
		return CXChildVisit_Continue;
	default:
		break;
	}
	clang_getFileLocation(clang_getCursorLocation(c), &file, NULL, NULL, NULL);
	w->file = parse_file(w->p, file);
	if (!w->file)
		return CXChildVisit_Continue;
	if (clang_getCursorKind(c) == CXCursor_MacroExpansion) {
		w->in = "";
		add_use(w, c, USE_MACRO, cursor_name(w->file->set, c));
		return CXChildVisit_Continue;
	}
	remember_declaration(w->file, c);
	w->in = "";
	w->callee = clang_getNullCursor();
	if (entity_kind_of(clang_getCursorKind(c), &kind)) {
		add_entity(w, c, kind);
		if (kind == ENTITY_FUNCTION || kind == ENTITY_VARIABLE)
			w->in = cursor_name(w->file->set, c);
	}
	clang_visitChildren(c, visit_inside, w);
	return CXChildVisit_Continue;
}

void parse_read_facts(parse *p)
{
	walk w = {.p = p};
	/* The main file's set is there even when it declares nothing. */
	parse_file(p, clang_getFile(p->tu, p->main_path));
	clang_visitChildren(clang_getTranslationUnitCursor(p->tu), visit_top, &w);
}
