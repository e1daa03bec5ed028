/* What a user gives of a build of theirs: a .config for each architecture, compile_commands.json.
 * Kept with the mediation, whole, so that a later run reads the same. */
#pragma once

#include "base/digest.h"
#include "engine/engine.h"
#include "kernel/tree.h"

/* Opens the base with what is kept. */
bool build_open_tree(kernel_tree **out, engine *e, const oid *tree, GError **err);
/* Adds what is kept to the digest of what an analysis stands on. */
bool build_digest(digest *d, engine *e, GError **err);
