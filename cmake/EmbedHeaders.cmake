# The rules for headers that a kernel's build makes travel inside the program, as the schema does.
set(header_rules ${CMAKE_SOURCE_DIR}/rules/headers.ini)
set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${header_rules})
embed_text(text rules ${header_rules})
set(code "/* Generated from rules/headers.ini by cmake/EmbedHeaders.cmake. */\n")
string(APPEND code "#include \"kernel/header_rules.h\"\n\n${text}")
string(APPEND code "const char *const header_rules_text = rules;\n")
file(CONFIGURE OUTPUT ${CMAKE_BINARY_DIR}/generated/header_rules.c CONTENT "${code}" @ONLY)
target_sources(truce_kernel PRIVATE ${CMAKE_BINARY_DIR}/generated/header_rules.c)
