/* Boolean circuits and their solutions near a usual assignment, by a SAT solver (CaDiCaL).
 *
 * A literal is an int: a variable's number, negative for its opposite. Every variable has a usual
 * value, and the solver decides for it wherever nothing speaks against it, in an order that only
 * the circuit gives: so a solution differs from the usual assignment mostly in what was asked for,
 * and does not depend on what was asked before. (What may is whether a search gives up.) */
#pragma once

#include <glib.h>
#include <stdbool.h>

typedef struct sat sat;

/* Literals that always and never hold. */
#define SAT_YES 1
#define SAT_NO (-1)

sat *sat_new(void);
void sat_free(sat *s);
/* A new variable that may have either value. */
int sat_variable(sat *s, bool usual);
/* The usual value of a literal. */
bool sat_usual(const sat *s, int literal);
/* Gates: a literal that holds exactly when both (either, the same, first or second by `if_`) do.
 * Equal gates are one. */
int sat_and(sat *s, int a, int b);
int sat_or(sat *s, int a, int b);
int sat_same(sat *s, int a, int b);
int sat_choice(sat *s, int if_, int then, int else_);
/* One of n literals must hold, in every solution. */
void sat_require(sat *s, const int *literals, guint n);
void sat_require_either(sat *s, int a, int b);
/* a and b have the same value in every solution. */
void sat_require_same(sat *s, int a, int b);

/* Ends what all questions share: the variables made so far are decided before any that come, and
 * the last of them first (those that come, in their order). What a question adds, gates and
 * variables of its own, then decides nothing of theirs, whatever others have added. At most once,
 * before the first question; without it all are decided in their order. */
void sat_rank(sat *s);

typedef enum sat_answer { SAT_IMPOSSIBLE, SAT_FOUND, SAT_GAVE_UP } sat_answer;
/* Looks for a solution in which all n literals hold. Bounded: SAT_GAVE_UP after
 * SAT_CONFLICTS conflicts. */
sat_answer sat_solve(sat *s, const int *literals, guint n);
/* Whether there is a solution in which all n literals hold, or the search gave up: cheaper where
 * one that was found earlier is. The solution at hand may be another one then. */
bool sat_is_possible(sat *s, const int *literals, guint n);
/* In the last solution found (before one, the usual value); gates made since then included. */
bool sat_value(const sat *s, int literal);
/* After SAT_IMPOSSIBLE: whether this asked-for literal is among those that exclude each other. */
bool sat_is_reason(const sat *s, int literal);

/* Whether a search gave up since the circuit was made: what was answered then may hang on what was
 * asked before. */
bool sat_gave_up(const sat *s);
/* Names the solver, with its version. Borrowed. */
const char *sat_library(void);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(sat, sat_free)
