/* SPECs read from files and from a repository: order, revisions, every kind of source. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>
#include <glib/gstdio.h>
#include <unistd.h>
#include <zlib.h>

#include "base/error.h"
#include "series/read.h"

static char *scratch;

static char *at(const char *name)
{
	return g_build_filename(scratch, name, NULL);
}

static void put(const char *name, const char *text)
{
	g_autofree char *path = at(name);
	g_autofree char *dir = g_path_get_dirname(path);
	assert_int_equal(g_mkdir_with_parents(dir, 0755), 0);
	assert_true(g_file_set_contents(path, text, -1, NULL));
}

static void shell(const char *script)
{
	g_autofree char *command = g_strdup_printf(
		"cd '%s' && export GIT_CONFIG_NOSYSTEM=1 HOME='%s' GIT_AUTHOR_NAME=A "
		"GIT_AUTHOR_EMAIL=a@x GIT_COMMITTER_NAME=A GIT_COMMITTER_EMAIL=a@x "
		"GIT_AUTHOR_DATE='1142200000 +0000' GIT_COMMITTER_DATE='1142200000 +0000' && %s",
		scratch, scratch, script);
	char *argv[] = {"sh", "-ec", command, NULL};
	int status;
	assert_true(g_spawn_sync(
		NULL, argv, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, NULL, NULL, &status, NULL));
	assert_int_equal(status, 0);
}

static int setup(void **state)
{
	(void)state;
	scratch = g_dir_make_tmp("truce-read-XXXXXX", NULL);
	return scratch ? 0 : -1;
}

static int teardown(void **state)
{
	(void)state;
	g_autofree char *command = g_strdup_printf("rm -rf '%s'", scratch);
	int status = system(command);
	g_free(scratch);
	return status;
}

/* Reads KIND:NAME without a repository. */
static patch_list *read_spec(const char *kind, const char *name)
{
	g_autofree char *path = at(name);
	g_autofree char *spec = g_strconcat(kind, path, NULL);
	g_autoptr(GError) err = NULL;
	patch_list *list = NULL;
	if (!series_read(&list, NULL, spec, NULL, &err))
		fail_msg("%s", err->message);
	return list;
}

static void assert_fails(const char *kind, const char *name, int code, const char *words)
{
	g_autofree char *path = at(name);
	g_autofree char *spec = g_strconcat(kind, path, NULL);
	g_autoptr(GError) err = NULL;
	g_autoptr(patch_list) list = NULL;
	assert_false(series_read(&list, NULL, spec, NULL, &err));
	assert_null(list);
	if (!strstr(err->message, words) || err->code != code)
		fail_msg("'%s' (%d) does not say '%s' (%d)", err->message, err->code, words, code);
}

/* The subjects, joined by commas. */
static void assert_subjects(const patch_list *list, const char *expected)
{
	g_autoptr(GString) s = g_string_new(NULL);
	for (guint i = 0; i < list->patches->len; i++) {
		const patch *p = g_ptr_array_index(list->patches, i);
		g_string_append_printf(s, "%s%s", i ? "," : "", p->subject);
	}
	assert_string_equal(s->str, expected);
}

static void assert_note(const patch_list *list, const char *words)
{
	for (guint i = 0; i < list->notes->len; i++)
		if (strstr(g_ptr_array_index(list->notes, i), words))
			return;
	fail_msg("no note says '%s'", words);
}

/* A mail with a one-line change of `file` (NULL: no patch in it). */
static char *mail(const char *subject, const char *file)
{
	g_autoptr(GString) s = g_string_new(NULL);
	g_string_append_printf(s,
		"From someone@example.org Mon Mar 13 10:04:23 2006\n"
		"From: S <s@x>\nDate: Mon, 13 Mar 2006 10:04:23 -0800\nSubject: %s\n\nBody.\n---\n",
		subject);
	if (file)
		g_string_append_printf(
			s, "--- a/%s\n+++ b/%s\n@@ -1 +1 @@\n-a\n+b\n\n", file, file);
	return g_string_free(g_steal_pointer(&s), FALSE);
}

static char *box(const char *const *subjects)
{
	GString *s = g_string_new(NULL);
	for (; *subjects; subjects += 2) {
		g_autofree char *m = mail(subjects[0], subjects[1]);
		g_string_append(s, m);
	}
	return g_string_free(s, FALSE);
}

static void put_box(const char *name, const char *const *subjects)
{
	g_autofree char *text = box(subjects);
	put(name, text);
}

static void test_box_order(void **state)
{
	(void)state;
	put_box("o.mbox", (const char *const[]){"[PATCH 3/5] three", "c", "Re: [PATCH 1/5] one",
				  NULL, "[PATCH 0/5] all", NULL, "[PATCH 1/5] one", "a",
				  "Re: [PATCH 1/5] one", "z", "[PATCH 5/5] five", "e", NULL});
	g_autoptr(patch_list) list = read_spec("mbox:", "o.mbox");
	assert_subjects(list, "one,three,five");
	assert_note(list, "patches 2, 4 of 5 are missing");
	assert_note(list, "cover letter 'all'");
	assert_note(list, "1 reply without a patch");
	assert_note(list, "reply message 5 (one) left out, though a patch is in it");
	const patch *p = g_ptr_array_index(list->patches, 1);
	assert_string_equal(p->source, "o.mbox message 1");
	/* a bare path is recognised */
	g_autoptr(patch_list) bare = read_spec("", "o.mbox");
	assert_subjects(bare, "one,three,five");
}

static void test_revisions(void **state)
{
	(void)state;
	put_box("r.mbox", (const char *const[]){"[PATCH 1/2] one", "a", "[PATCH 2/2] two", "b",
				  "[PATCH v2 2/3] two", "b2", "[PATCH v2 1/3] one", "a2",
				  "[PATCH v2 3/3] three", "c2", NULL});
	g_autoptr(patch_list) list = read_spec("mbox:", "r.mbox");
	assert_subjects(list, "one,two,three");
	assert_note(list, "older revision of 2 patches");
	const patch *p = g_ptr_array_index(list->patches, 0);
	assert_string_equal(patch_file_path(g_ptr_array_index(p->files, 0)), "a2");
	g_autoptr(patch_list) old = read_spec("mbox:", "r.mbox@v1");
	assert_subjects(old, "one,two");
	/* one patch sent anew: the others come from the first revision */
	put_box("p.mbox", (const char *const[]){"[PATCH 1/2] one", "a", "[PATCH 2/2] two", "b",
				  "[PATCH v2 2/2] two", "b2", NULL});
	g_autoptr(patch_list) part = read_spec("mbox:", "p.mbox");
	assert_subjects(part, "one,two");
	p = g_ptr_array_index(part->patches, 1);
	assert_string_equal(patch_file_path(g_ptr_array_index(p->files, 0)), "b2");
	assert_note(part, "1 taken from v1");
	/* different series in one box follow each other; single patches stay where they are */
	put_box("s.mbox",
		(const char *const[]){"[PATCH 2/2] x2", "a", "[PATCH] alone", "b", "[PATCH 1/2] x1",
			"c", "[PATCH 2/2] y2", "d", "[PATCH 1/2] y1", "e", NULL});
	g_autoptr(patch_list) several = read_spec("mbox:", "s.mbox");
	assert_subjects(several, "x1,x2,alone,y1,y2");
}

static void test_cover_letter(void **state)
{
	(void)state;
	g_autofree char *one = mail("[PATCH v2 1/2] one", "a");
	g_autofree char *two = mail("[PATCH v2 2/2] two", "b");
	g_autofree char *old = mail("[PATCH 1/2] one", "z");
	g_autofree char *text = g_strconcat(
		"From a@x Mon Mar 13 10:04:23 2006\nFrom: S <s@x>\nSubject: [PATCH 0/2] all\n\n"
		"base-commit: 1111111\n\n",
		old,
		"From a@x Mon Mar 13 10:04:23 2006\nFrom: S <s@x>\nSubject: [PATCH v2 0/2] all\n\n"
		"base-commit: 2222222\nchange-id: topic\nprerequisite-patch-id: abc\n\n",
		one, two, NULL);
	put("cover.mbox", text);
	g_autoptr(patch_list) list = read_spec("mbox:", "cover.mbox");
	assert_subjects(list, "one,two");
	assert_string_equal(list->base_hint, "2222222");
	const patch *p = g_ptr_array_index(list->patches, 1);
	assert_string_equal(p->change_id, "topic");
	assert_null(p->base_commit);
	p = g_ptr_array_index(list->patches, 0);
	assert_int_equal(p->prerequisites->len, 1);
	assert_string_equal(g_ptr_array_index(p->prerequisites, 0), "patch-id abc");
}

static void test_same_subject_twice(void **state)
{
	(void)state;
	/* commits of one title are common; a mail sent twice under one number is not two patches */
	put_box("t.mbox", (const char *const[]){"[PATCH] typo", "a", "[PATCH] typo", "b",
				  "[PATCH 1/2] n", "c", "[PATCH RESEND 1/2] n", "d", NULL});
	g_autoptr(patch_list) list = read_spec("mbox:", "t.mbox");
	assert_subjects(list, "typo,typo,n");
	assert_note(list, "sent again");
}

static void test_only_words(void **state)
{
	(void)state;
	put_box("w.mbox", (const char *const[]){"hello", NULL, NULL});
	assert_fails("mbox:", "w.mbox", TRUCE_ERROR_INPUT, "there is no patch in it");
	put("junk.mbox", "this is no mailbox\n");
	assert_fails(
		"mbox:", "junk.mbox", TRUCE_ERROR_INPUT, "junk.mbox message 1:1: this is no mail");
	put("empty", "");
	assert_fails("diff:", "empty", TRUCE_ERROR_INPUT, "there is no patch in it");
	assert_fails("mbox:", "absent", TRUCE_ERROR_NOT_FOUND, "absent");
	assert_fails("", "absent", TRUCE_ERROR_NOT_FOUND, "neither a file nor a revision");
	assert_fails("mbox:", "", TRUCE_ERROR_IO, "a directory, where a file is wanted");
}

static void put_bytes(const char *name, const char *bytes, size_t len)
{
	g_autofree char *path = at(name);
	assert_true(g_file_set_contents(path, bytes, (gssize)len, NULL));
}

static void test_hostile_bytes(void **state)
{
	(void)state;
	static const char name[] = "--- a/x\0y\n+++ b/x\n@@ -1 +1 @@\n-a\n+b\n";
	put_bytes("nul.diff", name, sizeof name - 1);
	assert_fails("diff:", "nul.diff", TRUCE_ERROR_INPUT, "nul.diff:1: file name");
	/* NULs in words go, those of the file stay */
	static const char body[] = "From: S <s@x>\nSubject: t\0t\n\nbo\0dy\n---\n"
				   "--- a/x\n+++ b/x\n@@ -1 +1 @@\n-a\n+b\0c\n";
	put_bytes("nul.eml", body, sizeof body - 1);
	g_autoptr(patch_list) list = read_spec("mbox:", "nul.eml");
	const patch *p = g_ptr_array_index(list->patches, 0);
	assert_non_null(strstr(p->message, "\n\nbody\n"));
	const patch_file *f = g_ptr_array_index(p->files, 0);
	const hunk *h = g_ptr_array_index(f->hunks, 0);
	assert_int_equal(g_array_index(h->lines, hunk_line, 1).text.len, 4);
	/* a million header lines, and a header of a million encoded words that do not end */
	g_autoptr(GString) long_head = g_string_new("From: S <s@x>\n");
	for (int i = 0; i < 1000000; i++)
		g_string_append(long_head, "X-A: b\n");
	put("long.eml", long_head->str);
	assert_fails("mbox:", "long.eml", TRUCE_ERROR_LIMIT, "mail headers of more than");
	assert_fails("diff:", "long.eml", TRUCE_ERROR_LIMIT, "mail headers of more than");
	g_autoptr(GString) words = g_string_new("From: S <s@x>\nSubject: ");
	for (int i = 0; i < 150000; i++)
		g_string_append(words, "=?a?Q?");
	g_string_append(words, "\n\n--- a/x\n+++ b/x\n@@ -1 +1 @@\n-a\n+b\n");
	put("words.eml", words->str);
	clock_t before = clock();
	g_autoptr(patch_list) slow = read_spec("mbox:", "words.eml");
	assert_int_equal(slow->patches->len, 1);
	assert_true(clock() - before < 20 * CLOCKS_PER_SEC);
	put("bom.diff", "\xef\xbb\xbf--- a/x\n+++ b/x\n@@ -1 +1 @@\n-a\n+b\n");
	g_autoptr(patch_list) mark = read_spec("diff:", "bom.diff");
	assert_int_equal(mark->patches->len, 1);
	put_bytes("wide.diff", "\xff\xfe-\0-\0-\0", 8);
	assert_fails("diff:", "wide.diff", TRUCE_ERROR_INPUT, "UTF-16");
}

/* An archive of a list holds thousands of series: refused instead of compared each with each. */
static void test_too_many_series(void **state)
{
	(void)state;
	g_autoptr(GString) s = g_string_new(NULL);
	for (int i = 0; i < 1500; i++) {
		g_autofree char *title = g_strdup_printf("[PATCH 1/2] number %d", i);
		g_autofree char *m = mail(title, "a");
		g_string_append(s, m);
	}
	put("list.mbox", s->str);
	assert_fails("mbox:", "list.mbox", TRUCE_ERROR_LIMIT, "different series in one box");
}

static void test_truncated_mail(void **state)
{
	(void)state;
	g_autofree char *one = mail("[PATCH 1/2] one", "a");
	g_autofree char *two = mail("[PATCH 2/2] two", "b");
	two[strlen(two) - 4] = '\0';
	g_autofree char *text = g_strconcat(one, two, NULL);
	put("cut.mbox", text);
	assert_fails("mbox:", "cut.mbox", TRUCE_ERROR_INPUT, "cut.mbox message 2:");
	/* the same in a reply or an older revision does not matter */
	g_autofree char *reply = mail("Re: [PATCH 1/2] one", "b");
	reply[strlen(reply) - 4] = '\0';
	g_autofree char *three = mail("[PATCH 2/2] two", "b");
	g_autofree char *fine = g_strconcat(one, three, reply, NULL);
	put("reply.mbox", fine);
	g_autoptr(patch_list) list = read_spec("mbox:", "reply.mbox");
	assert_subjects(list, "one,two");
}

static void test_from_lines(void **state)
{
	(void)state;
	/* a line that starts with "From " but is none; mboxo's quoting stays, mboxrd's goes */
	put("f.mbox", "From a@x Mon Mar 13 10:04:23 2006\nFrom: S <s@x>\nSubject: f\n\n"
		      "From here on it is text.\n>From there too.\n---\n"
		      "--- a/x\n+++ b/x\n@@ -1 +1 @@\n-a\n+b\n");
	g_autoptr(patch_list) list = read_spec("mbox:", "f.mbox");
	const patch *p = g_ptr_array_index(list->patches, 0);
	assert_string_equal(p->message, "f\n\nFrom here on it is text.\n>From there too.\n");
	put("rd.mbox", "From mboxrd@z Thu Jan  1 00:00:00 1970\nFrom: S <s@x>\nSubject: f\n\n"
		       "Text.\n>From there.\n>>From quote.\n---\n"
		       "--- a/x\n+++ b/x\n@@ -1 +1 @@\n-a\n+b\n");
	g_autoptr(patch_list) rd = read_spec("mbox:", "rd.mbox");
	p = g_ptr_array_index(rd->patches, 0);
	assert_string_equal(p->message, "f\n\nText.\nFrom there.\n>From quote.\n");
	/* git format-patch's own line, quoted, goes; and a line as in a mailbox, but without a mail
	 * behind it, begins none */
	put("q.mbox", "From a@x Mon Mar 13 10:04:23 2006\nFrom: S <s@x>\nSubject: f\n\n"
		      ">From 0123456789012345678901234567890123456789 Mon Sep 17 00:00:00 2001\n"
		      "From: B <b@x>\n\nFrom b@x Mon Mar 13 10:04:23 2006\nwas there.\n---\n"
		      "--- a/x\n+++ b/x\n@@ -1 +1 @@\n-a\n+b\n");
	g_autoptr(patch_list) quoted = read_spec("mbox:", "q.mbox");
	assert_int_equal(quoted->patches->len, 1);
	p = g_ptr_array_index(quoted->patches, 0);
	assert_string_equal(p->author.name, "B");
	assert_string_equal(p->message, "f\n\nFrom b@x Mon Mar 13 10:04:23 2006\nwas there.\n");
}

/* Boxes of several lists put together hold one mail more than once. */
static void test_same_mail_twice(void **state)
{
	(void)state;
	g_autofree char *plain = mail("[PATCH] typo", "a");
	g_auto(GStrv) halves = g_strsplit(plain, "\nSubject", 2);
	g_autofree char *one =
		g_strconcat(halves[0], "\nMessage-Id: <1@x>\nSubject", halves[1], NULL);
	g_autofree char *two =
		g_strconcat(halves[0], "\nMessage-Id: <2@x>\nSubject", halves[1], NULL);
	g_autofree char *text = g_strconcat(one, two, one, NULL);
	put("same.mbox", text);
	g_autoptr(patch_list) list = read_spec("mbox:", "same.mbox");
	assert_subjects(list, "typo,typo");
	assert_note(list, "message 3 left out: the same mail as message 1");
}

static void test_compressed(void **state)
{
	(void)state;
	put_box("z.mbox", (const char *const[]){"[PATCH 1/2] one", "a", NULL});
	shell("gzip -k z.mbox && xz -k z.mbox && head -c 100 z.mbox.gz > cut.gz && "
	      "head -c 100 z.mbox.xz > cut.xz && cat z.mbox.gz z.mbox.gz > twice.gz");
	g_autoptr(patch_list) gz = read_spec("mbox:", "z.mbox.gz");
	assert_subjects(gz, "one");
	g_autoptr(patch_list) xz = read_spec("", "z.mbox.xz");
	assert_subjects(xz, "one");
	g_autoptr(patch_list) twice = read_spec("mbox:", "twice.gz");
	assert_subjects(twice, "one");
	assert_note(twice, "sent again");
	assert_fails("mbox:", "cut.gz", TRUCE_ERROR_INPUT, "cut off or broken");
	assert_fails("mbox:", "cut.xz", TRUCE_ERROR_INPUT, "cut off or broken");
}

/* 600 MB of zeros in 600 KB: stopped at the limit of a patch. */
static void test_compression_bomb(void **state)
{
	(void)state;
	g_autofree char *path = at("bomb.gz");
	gzFile gz = gzopen(path, "wb1");
	g_autofree char *zeros = g_malloc0(1 << 20);
	for (int i = 0; i < 600; i++)
		assert_int_equal(gzwrite(gz, zeros, 1 << 20), 1 << 20);
	gzclose(gz);
	assert_fails("diff:", "bomb.gz", TRUCE_ERROR_LIMIT, "larger than");
}

static void test_maildir(void **state)
{
	(void)state;
	g_autofree char *one = mail("[PATCH 1/2] one", "a");
	g_autofree char *two = mail("[PATCH 2/2] two", "b");
	put("md/cur/1:2,S", two);
	put("md/new/9", one);
	g_autofree char *tmp = at("md/tmp");
	g_mkdir(tmp, 0755);
	g_autoptr(patch_list) list = read_spec("maildir:", "md");
	assert_subjects(list, "one,two");
	g_autoptr(patch_list) bare = read_spec("", "md");
	assert_subjects(bare, "one,two");
	assert_fails("maildir:", "md/cur", TRUCE_ERROR_NOT_FOUND, "not a maildir");
	g_autofree char *link = at("md/cur/3:2,S");
	assert_int_equal(symlink("/etc/hostname", link), 0);
	assert_fails("maildir:", "md", TRUCE_ERROR_INPUT, "leads out of the directory");
}

static void test_patches_directory(void **state)
{
	(void)state;
	put("pd/10-b.patch", "--- a/b\n+++ b/b\n@@ -1 +1 @@\n-a\n+b\n");
	put("pd/9-a.patch", "--- a/a\n+++ b/a\n@@ -1 +1 @@\n-a\n+b\n");
	put("pd/README", "Words.\n");
	put("pd/10-b.patch~", "junk");
	put("pd/.hidden", "junk");
	g_autoptr(patch_list) list = read_spec("patches:", "pd");
	assert_subjects(list, "9-a,10-b");
	assert_note(list, "README");
	assert_note(list, "10-b.patch~");
	const patch *p = g_ptr_array_index(list->patches, 0);
	assert_string_equal(p->source, "pd/9-a.patch");
	g_autoptr(patch_list) bare = read_spec("", "pd");
	assert_int_equal(bare->patches->len, 2);
	g_autofree char *link = at("pd/11-out.patch");
	assert_int_equal(symlink("/etc/hostname", link), 0);
	assert_fails("patches:", "pd", TRUCE_ERROR_INPUT, "leads out of the directory");
}

static void test_quilt(void **state)
{
	(void)state;
	put("q/series",
		"# a comment\nb.patch -p0 # why\n\na.patch\t-R\nguarded.patch #+experimental\n"
		"for-all.patch #-arm\n+x gone.patch\n-y sub/c.patch -p2\n");
	put("q/b.patch", "--- b\n+++ b\n@@ -1 +1 @@\n-a\n+b\n");
	put("q/a.patch", "--- a/a\n+++ b/a\n@@ -1,2 +1,2 @@\n x\n-a\n+b\n"
			 "--- /dev/null\n+++ b/new\n@@ -0,0 +1 @@\n+b\n");
	put("q/for-all.patch",
		"--- a/f\t2006-03-08 10:52:43 +0000\n+++ b/f\t2006-03-08 10:52:43 +0000\n"
		"@@ -1 +0,0 @@\n-a\n");
	put("q/sub/c.patch", "--- a/b/c\n+++ a/b/c\n@@ -1 +1 @@\n-a\n+b\n");
	g_autoptr(patch_list) list = read_spec("quilt:", "q");
	assert_subjects(list, "b,a,for-all,c");
	assert_note(list, "guarded.patch left out");
	assert_note(list, "gone.patch left out");
	const patch *p = g_ptr_array_index(list->patches, 0);
	assert_string_equal(patch_file_path(g_ptr_array_index(p->files, 0)), "b");
	/* -R turns every hunk round, and a new file into a deleted one */
	p = g_ptr_array_index(list->patches, 1);
	const patch_file *f = g_ptr_array_index(p->files, 0);
	const hunk *h = g_ptr_array_index(f->hunks, 0);
	assert_int_equal(g_array_index(h->lines, hunk_line, 1).kind, HUNK_DELETE);
	assert_memory_equal(g_array_index(h->lines, hunk_line, 1).text.at, "b\n", 2);
	f = g_ptr_array_index(p->files, 1);
	assert_int_equal(f->change, PATCH_DELETE);
	assert_string_equal(f->old_path, "new");
	assert_null(f->new_path);
	/* quilt applies with -E: a file left empty is gone */
	p = g_ptr_array_index(list->patches, 2);
	assert_int_equal(((patch_file *)g_ptr_array_index(p->files, 0))->change, PATCH_DELETE);
	p = g_ptr_array_index(list->patches, 3);
	assert_string_equal(patch_file_path(g_ptr_array_index(p->files, 0)), "c");
	g_autoptr(patch_list) bare = read_spec("", "q");
	assert_int_equal(bare->patches->len, 4);
	put("q2/patches/series", "nowhere.patch\n");
	assert_fails("quilt:", "q2", TRUCE_ERROR_NOT_FOUND,
		"series:1: patch 'nowhere.patch' is not there");
	put("q3/series", "../q/b.patch\n");
	assert_fails("quilt:", "q3", TRUCE_ERROR_INPUT, "lies outside the directory");
	/* Nothing is told of what is elsewhere. */
	put("q3/series", "../q/none.patch\n");
	assert_fails("quilt:", "q3", TRUCE_ERROR_INPUT, "lies outside the directory");
	g_autofree char *folder = at("q5");
	g_autofree char *link = at("q5/series");
	assert_int_equal(g_mkdir(folder, 0755), 0);
	assert_int_equal(symlink("/etc/passwd", link), 0);
	assert_fails("quilt:", "q5", TRUCE_ERROR_INPUT, "leads out of the directory");
	put("q4/series", "b.patch -x\n");
	assert_fails("quilt:", "q4", TRUCE_ERROR_INPUT, "series:1:");
	assert_fails("quilt:", "md", TRUCE_ERROR_NOT_FOUND, "no series file");
}

/* The answers of guards(1) and of hg qpush with no symbol defined. */
static void test_guards(void **state)
{
	(void)state;
	static const struct {
		const char *line;
		bool in;
	} cases[] = {{"+x a", false}, {"-y a", true}, {"+!z a", true}, {"-!w a", false},
		{"+x -x a", false}, {"-x +!x a", true}, {"+!z +x a", true}, {"- a", false},
		{"a #+x", false}, {"a #-x", true}, {"a #-x #+y", false}, {"a # +x", true}};
	put("gu/a", "--- a/a\n+++ b/a\n@@ -1 +1 @@\n-a\n+b\n");
	put("gu/b", "--- a/b\n+++ b/b\n@@ -1 +1 @@\n-a\n+b\n");
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autofree char *text = g_strconcat(cases[i].line, "\nb\n", NULL);
		put("gu/series", text);
		g_autoptr(patch_list) list = read_spec("quilt:", "gu");
		if (list->patches->len != (cases[i].in ? 2 : 1))
			fail_msg("'%s' is %s", cases[i].line, cases[i].in ? "out" : "in");
	}
}

static void test_overlay(void **state)
{
	(void)state;
	put("ov/b/script", "#!/bin/sh\n");
	put("ov/a", "text\n");
	put("ov/.git/config", "junk\n");
	g_autofree char *script = at("ov/b/script");
	assert_int_equal(g_chmod(script, 0755), 0);
	g_autofree char *link = at("ov/b.link");
	assert_int_equal(symlink("../../../etc", link), 0);
	g_autoptr(patch_list) list = read_spec("overlay:", "ov=>arch/x/");
	const patch *p = g_ptr_array_index(list->patches, 0);
	assert_int_equal(p->kind, PATCH_OVERLAY);
	assert_int_equal(p->files->len, 3);
	const overlay_file *f = g_ptr_array_index(p->files, 0);
	assert_string_equal(f->path, "arch/x/a");
	assert_int_equal(f->mode, 0100644);
	f = g_ptr_array_index(p->files, 1);
	assert_string_equal(f->path, "arch/x/b.link");
	assert_int_equal(f->mode, 0120000);
	assert_int_equal(g_bytes_get_size(f->data), strlen("../../../etc"));
	f = g_ptr_array_index(p->files, 2);
	assert_int_equal(f->mode, 0100755);
	assert_note(list, ".git left out");
	assert_fails("overlay:", "ov=>../x", TRUCE_ERROR_INPUT, "leaves the tree");
	assert_fails("overlay:", "nowhere", TRUCE_ERROR_NOT_FOUND, "nowhere");
}

static char *digest_of(const char *kind, const char *name)
{
	g_autofree char *path = at(name);
	g_autofree char *spec = g_strconcat(kind, path, NULL);
	char *hex = NULL;
	assert_true(series_digest(&hex, NULL, spec, NULL, NULL));
	return hex;
}

static void test_digests(void **state)
{
	(void)state;
	put("dg/a.patch", "--- a/a\n+++ b/a\n@@ -1 +1 @@\n-a\n+b\n");
	g_autofree char *one = digest_of("patches:", "dg");
	g_autofree char *same = digest_of("patches:", "dg");
	assert_string_equal(one, same);
	put("dg/a.patch", "--- a/a\n+++ b/a\n@@ -1 +1 @@\n-a\n+c\n");
	g_autofree char *bytes = digest_of("patches:", "dg");
	assert_string_not_equal(one, bytes);
	put("dg/a.patch", "--- a/a\n+++ b/a\n@@ -1 +1 @@\n-a\n+b\n");
	shell("mv dg/a.patch dg/b.patch");
	g_autofree char *renamed = digest_of("patches:", "dg");
	assert_string_not_equal(one, renamed);
	put("do/a", "x");
	g_autofree char *plain = digest_of("overlay:", "do");
	shell("chmod +x do/a");
	g_autofree char *mode = digest_of("overlay:", "do");
	assert_string_not_equal(plain, mode);
}

static repo *open_repo(void)
{
	g_autofree char *path = at("repo");
	repo *r = NULL;
	g_autoptr(GError) err = NULL;
	if (!repo_open(&r, path, &err))
		fail_msg("%s", err->message);
	return r;
}

static void make_repo(void)
{
	g_autofree char *path = at("repo");
	if (g_file_test(path, G_FILE_TEST_IS_DIR))
		return;
	put("repo/fs/a.c", "a\n");
	put("repo/kernel/k.c", "k\n");
	put("repo/empty", "");
	shell("cd repo && git init -q -b main && git add . && git commit -qm base && git tag v1 && "
	      "echo b >fs/a.c && git commit -qam two && git tag v2 && "
	      "echo c >>fs/a.c && git commit -qam three && echo d >kernel/k.c && "
	      "git commit -qam four && git tag v4 && "
	      "git format-patch -q -o ../fp v2~0..v4 && git format-patch -q --base=v2 -o ../fpb "
	      "v2..v4");
}

static void test_commits(void **state)
{
	(void)state;
	make_repo();
	g_autoptr(repo) r = open_repo();
	oid base;
	assert_true(repo_resolve(r, &base, "v2", NULL));
	g_autoptr(patch_list) range = NULL;
	assert_true(series_read(&range, r, "v1..v4", NULL, NULL));
	assert_subjects(range, "two,three,four");
	const patch *p = g_ptr_array_index(range->patches, 0);
	assert_int_equal(p->kind, PATCH_COMMIT);
	assert_string_equal(p->message, "two\n");
	assert_int_equal(p->author.time, 1142200000);
	g_autoptr(patch_list) ref = NULL;
	assert_true(series_read(&ref, r, "main", &base, NULL));
	assert_subjects(ref, "three,four");
	static const struct {
		const char *spec;
		int code;
	} wrong[] = {{"v4..v1", TRUCE_ERROR_NOT_FOUND}, {"v1...v4", TRUCE_ERROR_USAGE},
		{"v1..v9", TRUCE_ERROR_NOT_FOUND}, {"main", TRUCE_ERROR_NOT_FOUND},
		{"", TRUCE_ERROR_USAGE}, {"mbox:", TRUCE_ERROR_USAGE}};
	for (size_t i = 0; i < G_N_ELEMENTS(wrong); i++) {
		g_autoptr(GError) err = NULL;
		g_autoptr(patch_list) list = NULL;
		assert_false(series_read(&list, r, wrong[i].spec, NULL, &err));
		assert_int_equal(err->code, wrong[i].code);
	}
}

/* The only file of the only patch of `text`, placed on `rev` of the repository. */
static void assert_placed(const char *text, const char *path, patch_change change)
{
	put("place.diff", text);
	g_autoptr(repo) r = open_repo();
	oid base;
	assert_true(repo_resolve(r, &base, "v1", NULL));
	g_autofree char *file = at("place.diff");
	g_autofree char *spec = g_strconcat("diff:", file, NULL);
	g_autoptr(GError) err = NULL;
	g_autoptr(patch_list) list = NULL;
	if (!series_read(&list, r, spec, &base, &err))
		fail_msg("%s", err->message);
	const patch *p = g_ptr_array_index(list->patches, 0);
	const patch_file *f = g_ptr_array_index(p->files, p->files->len - 1);
	assert_string_equal(patch_file_path(f), path);
	assert_int_equal(f->change, change);
}

#define CHANGE "@@ -1 +1 @@\n-a\n+b\n"
#define NEW "@@ -0,0 +1 @@\n+b\n"

static void test_strip_levels(void **state)
{
	(void)state;
	make_repo();
	assert_placed("--- a/fs/a.c\n+++ b/fs/a.c\n" CHANGE, "fs/a.c", PATCH_MODIFY);
	assert_placed("--- fs/a.c\n+++ fs/a.c\n" CHANGE, "fs/a.c", PATCH_MODIFY);
	assert_placed("--- /usr/src/linux/fs/a.c\n+++ /home/me/new/fs/a.c\n" CHANGE, "fs/a.c",
		PATCH_MODIFY);
	assert_placed("--- ../old/fs/a.c\n+++ ./fs/a.c\n" CHANGE, "fs/a.c", PATCH_MODIFY);
	assert_placed("--- fs/a.c.orig\n+++ fs/a.c\n" CHANGE, "fs/a.c", PATCH_MODIFY);
	assert_placed("diff --git fs/a.c fs/a.c\nindex 1234567..2345678 100644\n--- fs/a.c\n"
		      "+++ fs/a.c\n" CHANGE,
		"fs/a.c", PATCH_MODIFY);
	assert_placed("diff --git fs/a.c fs/b.c\nsimilarity index 100%\nrename from fs/a.c\n"
		      "rename to fs/b.c\n",
		"fs/b.c", PATCH_RENAME);
	/* a new file goes with the others, or by its top directory */
	assert_placed("--- x/y/fs/a.c\n+++ x/z/fs/a.c\n" CHANGE
		      "--- /dev/null\n+++ x/z/new/n.c\n" NEW,
		"new/n.c", PATCH_ADD);
	assert_placed("--- /dev/null\n+++ x/z/kernel/n.c\n" NEW, "kernel/n.c", PATCH_ADD);
	assert_placed("--- /dev/null\n+++ b/new/n.c\n" NEW, "new/n.c", PATCH_ADD);
	/* in git's format the prefixes tell, whatever a folder further down is called */
	assert_placed("diff --git a/new/kernel/n.c b/new/kernel/n.c\nnew file mode 100644\n"
		      "--- /dev/null\n+++ b/new/kernel/n.c\n" NEW,
		"new/kernel/n.c", PATCH_ADD);
	assert_placed("diff --git new/kernel/n.c new/kernel/n.c\nnew file mode 100644\n"
		      "--- /dev/null\n+++ new/kernel/n.c\n" NEW,
		"new/kernel/n.c", PATCH_ADD);
	/* and its names are names: this is no backup of fs/a.c */
	assert_placed("diff --git a/fs/a.c~ b/fs/a.c~\nnew file mode 100644\n"
		      "--- /dev/null\n+++ b/fs/a.c~\n" NEW,
		"fs/a.c~", PATCH_ADD);
	/* -0,0 without a mark: new, unless an empty file is there */
	assert_placed("--- a/fs/new.c\n+++ b/fs/new.c\n" NEW, "fs/new.c", PATCH_ADD);
	assert_placed("--- a/empty\n+++ b/empty\n" NEW, "empty", PATCH_MODIFY);
	/* cvs names only the file in its --- line */
	assert_placed("Index: fs/a.c\n====\n--- a.c\t1 Jan 2006\n+++ a.c\t1 Jan 2006\n" CHANGE,
		"fs/a.c", PATCH_MODIFY);
}

static void test_base(void **state)
{
	(void)state;
	make_repo();
	g_autoptr(repo) r = open_repo();
	oid v2, found;
	assert_true(repo_resolve(r, &v2, "v2", NULL));
	g_autofree char *how = NULL;
	g_autoptr(patch_list) trailer = read_spec("patches:", "fpb");
	char hex[OID_HEX + 1];
	assert_string_equal(trailer->base_hint, oid_format(hex, &v2));
	assert_true(series_find_base(&found, &how, r, trailer, NULL));
	assert_true(oid_equal(&found, &v2));
	assert_non_null(strstr(how, "base-commit"));
	g_clear_pointer(&how, g_free);
	g_autoptr(patch_list) blobs = read_spec("patches:", "fp");
	assert_null(blobs->base_hint);
	assert_true(series_find_base(&found, &how, r, blobs, NULL));
	assert_true(oid_equal(&found, &v2));
	assert_string_equal(how, "v2 holds 2 of the 2 files that the index lines name");
	/* a base between two tags */
	shell("cd repo && git format-patch -q -o ../fp3 v4~1..v4 && git tag -d v4 v2 >/dev/null && "
	      "echo a >fs/a.c && git commit -qam later && git tag v5");
	g_autoptr(patch_list) between = read_spec("patches:", "fp3");
	g_clear_pointer(&how, g_free);
	g_autoptr(repo) again = open_repo();
	assert_true(series_find_base(&found, &how, again, between, NULL));
	/* nothing to go by */
	put("none.diff", "--- a/fs/a.c\n+++ b/fs/a.c\n" CHANGE);
	g_autoptr(patch_list) none = read_spec("diff:", "none.diff");
	g_autoptr(GError) err = NULL;
	assert_false(series_find_base(&found, &how, r, none, &err));
	assert_int_equal(err->code, TRUCE_ERROR_NOT_FOUND);
	assert_non_null(strstr(err->message, "--base"));
	/* a version is a name, no expression of revisions */
	shell("cd repo && git tag v2.6");
	static const char *const versions[] = {"2.6", "2.6^{/.}", "2.6@{0}", "2.6..v5", "2.6^0"};
	for (size_t i = 0; i < G_N_ELEMENTS(versions); i++) {
		g_autofree char *text = g_strdup_printf(
			"--- linux-%s/fs/a.c\n+++ linux/fs/a.c\n" CHANGE, versions[i]);
		put("version.diff", text);
		g_autoptr(patch_list) named = read_spec("diff:", "version.diff");
		g_autoptr(repo) tagged = open_repo();
		g_clear_pointer(&how, g_free);
		assert_int_equal(series_find_base(&found, &how, tagged, named, NULL), !i);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_box_order),
		cmocka_unit_test(test_revisions),
		cmocka_unit_test(test_cover_letter),
		cmocka_unit_test(test_same_subject_twice),
		cmocka_unit_test(test_only_words),
		cmocka_unit_test(test_hostile_bytes),
		cmocka_unit_test(test_too_many_series),
		cmocka_unit_test(test_truncated_mail),
		cmocka_unit_test(test_from_lines),
		cmocka_unit_test(test_same_mail_twice),
		cmocka_unit_test(test_compressed),
		cmocka_unit_test(test_compression_bomb),
		cmocka_unit_test(test_maildir),
		cmocka_unit_test(test_patches_directory),
		cmocka_unit_test(test_quilt),
		cmocka_unit_test(test_guards),
		cmocka_unit_test(test_overlay),
		cmocka_unit_test(test_digests),
		cmocka_unit_test(test_commits),
		cmocka_unit_test(test_strip_levels),
		cmocka_unit_test(test_base),
	};
	return cmocka_run_group_tests(tests, setup, teardown);
}
