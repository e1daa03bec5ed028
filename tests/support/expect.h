/* Expected output beside its test. */
#pragma once

/* Asserts that `text` equals the file `name` below tests/ ("report/expected/text.txt"). With
 * TRUCE_UPDATE_EXPECTED set, writes the file instead: read the change in the diff. */
void expect_file(const char *text, const char *name);
