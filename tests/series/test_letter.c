/* Mails and patch files taken apart: headers, MIME, the commit message. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "series/letter.h"
#include "series/message.h"
#include "series/subject.h"

#define DIFF "--- a/x\n+++ b/x\n@@ -1 +1 @@\n-a\n+b\n"

static letter *read_mail(const char *text)
{
	g_autoptr(GBytes) bytes = g_bytes_new_static(text, strlen(text));
	g_autoptr(GError) err = NULL;
	letter *l = NULL;
	if (!letter_read_mail(&l, bytes, "box message 1", "message 1", 1, false, &err))
		fail_msg("%s", err->message);
	return l;
}

static letter *read_file(const char *text, const char *name)
{
	g_autoptr(GBytes) bytes = g_bytes_new_static(text, strlen(text));
	return letter_read_file(bytes, name, name);
}

/* The text of the only added line; asserts that the diff is DIFF. */
static void assert_has_diff(const letter *l)
{
	if (l->error)
		fail_msg("%s", l->error->message);
	assert_true(l->has_diff);
	assert_int_equal(l->diff->files->len, 1);
	const diff_file *f = g_ptr_array_index(l->diff->files, 0);
	const hunk *h = g_ptr_array_index(f->file->hunks, 0);
	span s = g_array_index(h->lines, hunk_line, 1).text;
	assert_int_equal(s.len, 2);
	assert_memory_equal(s.at, "b\n", 2);
}

static void test_format_patch(void **state)
{
	(void)state;
	g_autoptr(letter) l = read_mail(
		"From 0123456789012345678901234567890123456789 Mon Sep 17 00:00:00 2001\n"
		"From: =?UTF-8?q?J=C3=B6rg=20?=\n =?UTF-8?q?R=C3=B6del?= <j@example.org>\n"
		"Date: Mon, 13 Mar 2006 10:04:23 -0800\n"
		"Message-Id: <1@example.org>\n"
		"In-Reply-To: <0@example.org>\n"
		"Subject: [PATCH v3 02/11] [SCSI] sd:  a title that is\n folded\n\n"
		"First paragraph. \n\n\n\nSecond.\n\nSigned-off-by: A <a@b>\n---\n"
		" x | 2 +-\n\n" DIFF "-- \n2.39.5\n\nbase-commit: 1234567890abcdef\n"
		"prerequisite-patch-id: aaaa\nprerequisite-message-id: <m@n>\n"
		"change-id: 2026-topic\n");
	const patch *p = l->patch;
	assert_string_equal(p->author.name, "J\303\266rg R\303\266del");
	assert_string_equal(p->author.email, "j@example.org");
	assert_int_equal(p->author.time, 1142273063);
	assert_int_equal(p->author.offset, -480);
	assert_string_equal(p->subject, "[SCSI] sd: a title that is folded");
	assert_string_equal(p->message, "[SCSI] sd: a title that is folded\n\nFirst paragraph.\n\n"
					"Second.\n\nSigned-off-by: A <a@b>\n");
	assert_string_equal(p->message_id, "1@example.org");
	assert_string_equal(l->parent, "0@example.org");
	assert_int_equal(p->number, 2);
	assert_int_equal(p->total, 11);
	assert_int_equal(p->version, 3);
	assert_string_equal(p->base_commit, "1234567890abcdef");
	assert_string_equal(p->change_id, "2026-topic");
	assert_int_equal(p->prerequisites->len, 2);
	assert_string_equal(g_ptr_array_index(p->prerequisites, 0), "patch-id aaaa");
	assert_string_equal(g_ptr_array_index(p->prerequisites, 1), "message-id m@n");
	assert_has_diff(l);
	const diff_file *f = g_ptr_array_index(l->diff->files, 0);
	assert_int_equal(f->file->source_line, 20);
}

static void test_in_body_headers(void **state)
{
	(void)state;
	g_autoptr(letter) l =
		read_mail("From: Sender <s@x>\nDate: Mon, 13 Mar 2006 10:04:23 -0800\n"
			  "Subject: [PATCH 1/2] outer\n\n\n"
			  "From: \"A. Uthor\" <a@x>\nSubject: inner\n title\n"
			  "Date: Tue, 14 Mar 2006 00:00:00 +0530\n\nBody.\n---\n" DIFF);
	assert_string_equal(l->patch->author.name, "A. Uthor");
	assert_string_equal(l->patch->author.email, "a@x");
	assert_int_equal(l->patch->author.offset, 330);
	assert_string_equal(l->patch->message, "inner title\n\nBody.\n");
	assert_int_equal(l->patch->number, 1);
	assert_int_equal(l->patch->total, 2);
}

static void test_encodings(void **state)
{
	(void)state;
	g_autoptr(letter) qp = read_mail("From: S <s@x>\nSubject: t\nMIME-Version: 1.0\n"
					 "Content-Type: text/plain; charset=iso-8859-1\n"
					 "Content-Transfer-Encoding: quoted-printable\n\n"
					 "Gr=FC=DFe\n=2D--\n--- a/x\n+++ b/x\n@@ -1 +1 @@\n=\n"
					 "-a\n+b\n");
	assert_string_equal(qp->patch->message, "t\n\nGr\303\274\303\237e\n");
	assert_has_diff(qp);
	/* printf '%s' DIFF | base64 */
	g_autoptr(letter) b64 =
		read_mail("From: S <s@x>\nSubject: t\nMIME-Version: 1.0\nContent-Type: text/plain\n"
			  "Content-Transfer-Encoding: base64\n\n"
			  "LS0tIGEveAorKysgYi94CkBAIC0xICsxIEBACi1hCitiCg==\n");
	assert_has_diff(b64);
	/* the diff keeps its bytes, whatever the charset of the mail */
	g_autoptr(letter) raw = read_mail("From: S <s@x>\nSubject: t\n"
					  "Content-Type: text/plain; charset=iso-8859-1\n\n"
					  "--- a/x\n+++ b/x\n@@ -1 +1 @@\n-a\n+\374\n");
	const diff_file *f = g_ptr_array_index(raw->diff->files, 0);
	const hunk *h = g_ptr_array_index(f->file->hunks, 0);
	assert_memory_equal(g_array_index(h->lines, hunk_line, 1).text.at, "\374\n", 2);
	/* a header in raw Latin-1, and one that lies about its charset */
	g_autoptr(letter) l1 = read_mail("From: J\366rg <s@x>\nSubject: =?UTF-8?Q?=FC?=\n\n" DIFF);
	assert_string_equal(l1->patch->author.name, "J\303\266rg");
	assert_string_equal(l1->patch->subject, "\303\274");
}

static void test_attachment(void **state)
{
	(void)state;
	g_autoptr(letter) l =
		read_mail("From: S <s@x>\nSubject: [PATCH] t\nMIME-Version: 1.0\n"
			  "Content-Type: multipart/mixed; boundary=\"b\"\n\n"
			  "--b\nContent-Type: multipart/alternative; boundary=\"c\"\n\n"
			  "--c\nContent-Type: text/plain\n\nWords.\n"
			  "--c\nContent-Type: text/html\n\n<p>Words.\n--c--\n"
			  "--b\nContent-Type: text/x-patch; name=\"a.patch\"\n"
			  "Content-Disposition: attachment; filename=\"a.patch\"\n"
			  "Content-Transfer-Encoding: base64\n\n"
			  "LS0tIGEveAorKysgYi94CkBAIC0xICsxIEBACi1hCitiCg==\n--b--\n");
	assert_string_equal(l->patch->message, "t\n\nWords.\n");
	assert_has_diff(l);
}

static void test_flowed(void **state)
{
	(void)state;
	g_autoptr(letter) l = read_mail("From: S <s@x>\nSubject: t\n"
					"Content-Type: text/plain; format=flowed\n\n"
					"One line that \ngoes on.\n---\n--- a/x\n+++ b/x\n"
					"@@ -1,2 +1,2 @@\n  c\n-a\n+b\n");
	assert_string_equal(l->patch->message, "t\n\nOne line that goes on.\n");
	const diff_file *f = g_ptr_array_index(l->diff->files, 0);
	const hunk *h = g_ptr_array_index(f->file->hunks, 0);
	assert_int_equal(g_array_index(h->lines, hunk_line, 0).text.len, 2);
	/* in lines that end in CRLF, and with the blank at the break taken off */
	static const char crlf[] = "One line that \r\ngoes on.\r\n---\r\n--- a/x\r\n+++ b/x\r\n"
				   "@@ -1 +1 @@\r\n-a\r\n+b\r\n";
	g_autofree char *packed = g_base64_encode((const guchar *)crlf, sizeof crlf - 1);
	g_autofree char *text =
		g_strdup_printf("From: S <s@x>\nSubject: t\n"
				"Content-Type: text/plain; format=Flowed; DelSp=Yes\n"
				"Content-Transfer-Encoding: base64\n\n%s\n",
			packed);
	g_autoptr(letter) m = read_mail(text);
	assert_string_equal(m->patch->message, "t\n\nOne line thatgoes on.\n");
	assert_has_diff(m);
}

static void test_line_ends(void **state)
{
	(void)state;
	/* all of the mail in CRLF: transport, taken off */
	g_autoptr(letter) l = read_mail("From: S <s@x>\r\nSubject: t\r\n\r\nB\r\n---\r\n"
					"--- a/x\r\n+++ b/x\r\n@@ -1 +1 @@\r\n-a\r\n+b\r\n");
	assert_string_equal(l->patch->message, "t\n\nB\n");
	assert_has_diff(l);
	/* only the lines of the file: content, kept */
	g_autoptr(letter) m = read_mail("From: S <s@x>\nSubject: t\n\n---\n--- a/x\n+++ b/x\n"
					"@@ -1 +1 @@\n-a\r\n+b\r\n");
	const diff_file *f = g_ptr_array_index(m->diff->files, 0);
	const hunk *h = g_ptr_array_index(f->file->hunks, 0);
	assert_int_equal(g_array_index(h->lines, hunk_line, 0).text.len, 3);
}

static void test_no_patch(void **state)
{
	(void)state;
	g_autoptr(letter) cover = read_mail("From: S <s@x>\nSubject: [PATCH 0/3] all\n\nWords.\n");
	assert_false(cover->has_diff);
	assert_true(cover->numbered);
	g_autoptr(letter) reply = read_mail("From: S <s@x>\nSubject: Re: [PATCH 1/3] one\n\n"
					    "> --- a/x\n> +++ b/x\n> @@ -1 +1 @@\n> -a\n> +b\n");
	assert_true(reply->reply);
	assert_false(reply->has_diff);
	g_autoptr(letter) broken = read_mail("From: S <s@x>\nSubject: one\n\n"
					     "--- a/x\n+++ b/x\n@@ -1,9 +1 @@\n-a\n");
	assert_true(broken->has_diff);
	assert_non_null(broken->error);
	assert_non_null(strstr(broken->error->message, "box message 1:8:"));
}

static void test_bare_files(void **state)
{
	(void)state;
	g_autoptr(letter) l = read_file("Words about it.\n\nFrom me.\n" DIFF, "fix-it.patch");
	assert_false(l->mail);
	assert_string_equal(l->patch->subject, "fix-it");
	assert_string_equal(l->patch->message, "fix-it\n\nWords about it.\n\nFrom me.\n");
	assert_null(l->patch->author.name);
	assert_has_diff(l);
	g_autoptr(letter) akpm = read_file("From: A <a@x>\n\nWords.\n" DIFF, "fix.patch");
	assert_string_equal(akpm->patch->author.name, "A");
	assert_string_equal(akpm->patch->message, "fix\n\nWords.\n");
	g_autoptr(letter) quilt = read_file("Index: linux/x\n=====\n" DIFF, "y.diff");
	assert_string_equal(quilt->patch->message, "y\n");
	assert_has_diff(quilt);
}

/* What git mailinfo makes of the same mails. */
static void test_as_mailinfo(void **state)
{
	(void)state;
#define HEAD                                                                                       \
	"From: S <s@x>\nSubject: [PATCH] outer  title\nDate: Mon, 13 Mar 2006 10:04:23 -0800\n\n"
	static const struct {
		const char *body, *name, *message;
	} cases[] = {
		{"Words.\n", "S", "outer title\n\nWords.\n"},
		{">From now on.\nWords.\n", "S", "outer title\n\n>From now on.\nWords.\n"},
		{"From:B <b@x>\nSUBJECT:other\n\nWords.\n", "B", "other\n\nWords.\n"},
		{"From: B\n <b@x>\nSubject: a\n\tlong  one\n\nWords.\n", "B",
			"a long one\n\nWords.\n"},
		/* white space alone goes on with a header, and is none by itself */
		{"From: B <b@x>\n \nSubject: other\n\nWords.\n", "B", "other\n\nWords.\n"},
		{" \nFrom: B <b@x>\n\nWords.\n", "S", "outer title\n\nFrom: B <b@x>\n\nWords.\n"},
		/* the second one is words */
		{"From: B <b@x>\nFrom: C <c@x>\n\nWords.\n", "B",
			"outer title\n\nFrom: C <c@x>\n\nWords.\n"},
		{"[PATCH] other\nFrom: B <b@x>\n\nWords.\n", "B", "other\n\nWords.\n"},
		{"To: B <b@x>\nFrom: B <b@x>\n\nWords.\n", "S",
			"outer title\n\nTo: B <b@x>\nFrom: B <b@x>\n\nWords.\n"},
		{"Words. \n\n\n\nMore.\t\n\n", "S", "outer title\n\nWords.\n\nMore.\n"},
		{"Words.\n----\n---text\n---  two\n", "S",
			"outer title\n\nWords.\n----\n---text\n---  two\n"},
		{"Words.\n--- name\nMore.\n", "S", "outer title\n\nWords.\n"},
		{"Words.\nIndex: name\nMore.\n", "S", "outer title\n\nWords.\n"},
	};
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autofree char *text = g_strconcat(HEAD, cases[i].body, "---\n" DIFF, NULL);
		g_autoptr(letter) l = read_mail(text);
		assert_string_equal(l->patch->author.name, cases[i].name);
		assert_string_equal(l->patch->message, cases[i].message);
		assert_has_diff(l);
	}
#undef HEAD
	/* of a header that stands there twice, the last one */
	g_autoptr(letter) twice =
		read_mail("From: A <a@x>\nFrom: B <b@x>\nSubject: s\nSubject: t\n\n---\n" DIFF);
	assert_string_equal(twice->patch->author.name, "B");
	assert_string_equal(twice->patch->subject, "t");
}

/* DIFF. */
#define BASE64 "LS0tIGEveAorKysgYi94CkBAIC0xICsxIEBACi1hCitiCg==\n"

/* Mailers send patches as all kinds of files. */
static void test_attached_anyhow(void **state)
{
	(void)state;
	static const char *const parts[] = {
		"application/octet-stream; name=\"FIX.PATCH\"\nContent-Transfer-Encoding: "
		"base64\n\n" BASE64,
		"application/octet-stream\nContent-Transfer-Encoding: base64\n\n" BASE64,
		"application/x-download; name=fix\nContent-Transfer-Encoding: base64\n\n" BASE64,
		"text/x-diff\n\n" DIFF,
		"application/X-Patch\n\n" DIFF,
		"message/rfc822\n\nFrom: B <b@x>\nSubject: inner\n\n" DIFF,
	};
	for (size_t i = 0; i < G_N_ELEMENTS(parts); i++) {
		g_autofree char *text = g_strconcat(
			"From: S <s@x>\nSubject: t\n"
			"MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\n\n"
			"--b\nContent-Type: text/plain\n\nWords.\n"
			"--b\nContent-Type: image/png\nContent-Transfer-Encoding: base64\n\n"
			"iVBORw0KGgoAAAAN\n--b\nContent-Type: ",
			parts[i], "--b--\n", NULL);
		g_autoptr(letter) l = read_mail(text);
		assert_string_equal(l->patch->message, "t\n\nWords.\n");
		assert_has_diff(l);
	}
}

static void test_wide_letters(void **state)
{
	(void)state;
	static const char text[] = "W\303\266rter.\n---\n" DIFF;
	static const char *const charsets[] = {"utf-16le", "UTF-16BE", "utf-32le", "ucs-2le"};
	for (size_t i = 0; i < G_N_ELEMENTS(charsets); i++) {
		gsize len;
		g_autofree char *wide = g_convert(text, -1, charsets[i], "UTF-8", NULL, &len, NULL);
		assert_non_null(wide);
		g_autofree char *packed = g_base64_encode((const guchar *)wide, len);
		g_autofree char *mail = g_strdup_printf(
			"From: S <s@x>\nSubject: t\nContent-Type: text/plain; charset=%s\n"
			"Content-Transfer-Encoding: base64\n\n%s\n",
			charsets[i], packed);
		g_autoptr(letter) l = read_mail(mail);
		assert_string_equal(l->patch->message, "t\n\nW\303\266rter.\n");
		assert_has_diff(l);
	}
	/* it says so, but is not */
	g_autoptr(letter) lie =
		read_mail("From: S <s@x>\nSubject: t\n"
			  "Content-Type: text/plain; charset=utf-16\n\nWords.\n---\n" DIFF);
	assert_string_equal(lie->patch->message, "t\n\nWords.\n");
	assert_has_diff(lie);
	/* one that nobody knows */
	g_autoptr(letter) unknown =
		read_mail("From: S <s@x>\nSubject: t\n"
			  "Content-Type: text/plain; charset=x-klingon\n\nW\366rter.\n---\n" DIFF);
	assert_string_equal(unknown->patch->message, "t\n\nW\303\266rter.\n");
}

/* A mail of nothing but lines must not buy memory many times its size. */
static void test_endless_words(void **state)
{
	(void)state;
	g_autoptr(GString) text = g_string_new("From: S <s@x>\nSubject: t\n\n");
	for (int i = 0; i < 2000000; i++)
		g_string_append(text, "p\n");
	g_autoptr(letter) l = read_mail(text->str);
	assert_false(l->has_diff);
	assert_int_equal(strlen(l->patch->message), 4000003);
	/* and one of empty parts is no mail */
	g_autoptr(GString) parts = g_string_new("From: S <s@x>\nContent-Type: multipart/mixed; "
						"boundary=b\n\n");
	for (int i = 0; i < 500001; i++)
		g_string_append(parts, "--b\n");
	g_autoptr(GBytes) bytes = g_bytes_new(parts->str, parts->len);
	letter *none = NULL;
	assert_false(letter_read_mail(&none, bytes, "box", "1", 1, false, NULL));
}

static void test_subjects(void **state)
{
	(void)state;
	static const struct {
		const char *line, *text;
		unsigned number, total, version;
		bool numbered, reply;
	} cases[] = {
		{"[PATCH v2 3/24] a: b", "a: b", 3, 24, 2, true, false},
		{"[RFC, PATCH 2/24] a", "a", 2, 24, 1, true, false},
		{"[PATCH 3 of 5] a", "a", 3, 5, 1, true, false},
		{"[PATCHv3 1/2] a", "a", 1, 2, 3, true, false},
		{"[PATCH-v4 1/2] a", "a", 1, 2, 4, true, false},
		{"[patch 04/10 v3] a", "a", 4, 10, 3, true, false},
		{"[V2][PATCH 1/3] a", "a", 1, 3, 2, true, false},
		{"[RFC] [PATCH 00/03] a", "a", 0, 3, 1, true, false},
		{"[PATCH] [RFC] a", "a", 0, 0, 1, false, false},
		{"[PATCH 2.6.16-rc5 2/3] a", "a", 2, 3, 1, true, false},
		{"[PATCH] [PATCH] [NET]: a", "[PATCH] [NET]: a", 0, 0, 1, false, false},
		{"[PATCH] [PATCH 2/2] a", "[PATCH 2/2] a", 0, 0, 1, false, false},
		{"[PATCH 9/17] [SCSI] a 1/2", "[SCSI] a 1/2", 9, 17, 1, true, false},
		{"Re: [PATCH 1/2] a", "a", 1, 2, 1, true, true},
		{"Re[2]: AW: [PATCH] a", "a", 0, 0, 1, false, true},
		{"[NET] a", "a", 0, 0, 1, false, false},
		{"[PATCH 5/3] a", "a", 0, 0, 1, false, false},
		{"regression: a", "regression: a", 0, 0, 1, false, false},
		{"[PATCH 1/99999999999] [ a", "[ a", 0, 0, 1, false, false},
		{"", "", 0, 0, 1, false, false},
	};
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_auto(subject) s;
		subject_parse(&s, cases[i].line);
		if (strcmp(s.text, cases[i].text) != 0 || s.number != cases[i].number ||
			s.total != cases[i].total || s.version != cases[i].version ||
			s.numbered != cases[i].numbered || s.reply != cases[i].reply)
			fail_msg("'%s' read as '%s' %u/%u v%u", cases[i].line, s.text, s.number,
				s.total, s.version);
	}
}

static void test_persons(void **state)
{
	(void)state;
	static const struct {
		const char *from, *name, *email;
	} cases[] = {
		{"A B <a@b>", "A B", "a@b"},
		{"\"B, A\" <a@b>", "B, A", "a@b"},
		{"a@b (A B)", "A B", "a@b"},
		{"a@b", "a@b", "a@b"},
		{"<a@b>", "a@b", "a@b"},
		{"A B <local>", "A B", "local"},
		{"A <a\\-b@c>", "A", "a\\-b@c"},
		{"\"A \\\"B\\\" C\" <a@b>", "A \"B\" C", "a@b"},
		{"A  B (c) <a@b> ", "A B (c)", "a@b"},
	};
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		person p = {0};
		assert_true(message_person(&p, cases[i].from));
		assert_string_equal(p.name, cases[i].name);
		assert_string_equal(p.email, cases[i].email);
		person_clear(&p);
	}
	person p = {0};
	assert_false(message_person(&p, "nobody"));
	assert_false(message_person(&p, NULL));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_format_patch),
		cmocka_unit_test(test_in_body_headers),
		cmocka_unit_test(test_encodings),
		cmocka_unit_test(test_attachment),
		cmocka_unit_test(test_flowed),
		cmocka_unit_test(test_as_mailinfo),
		cmocka_unit_test(test_attached_anyhow),
		cmocka_unit_test(test_wide_letters),
		cmocka_unit_test(test_endless_words),
		cmocka_unit_test(test_line_ends),
		cmocka_unit_test(test_no_patch),
		cmocka_unit_test(test_bare_files),
		cmocka_unit_test(test_subjects),
		cmocka_unit_test(test_persons),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
