# embed_text(OUT NAME PATH): C that defines `static const char NAME[]` with a file's text.
# Bytes as numbers, since a string literal would need every quote and backslash escaped.
function(embed_text out name path)
	file(READ ${path} hex HEX)
	string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," bytes "${hex}")
	string(REGEX REPLACE "(0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,)" "\\1\n" bytes "${bytes}")
	set(${out} "static const char ${name}[] = {\n${bytes}0};\n" PARENT_SCOPE)
endfunction()
