# CaDiCaL, the SAT solver. Debian ships a static library of C++ with a C interface, no .pc file.
find_path(CADICAL_INCLUDE ccadical.h REQUIRED)
find_library(CADICAL_LIBRARY cadical REQUIRED)
add_library(Cadical::Cadical INTERFACE IMPORTED)
target_include_directories(Cadical::Cadical SYSTEM INTERFACE ${CADICAL_INCLUDE})
target_link_libraries(Cadical::Cadical INTERFACE ${CADICAL_LIBRARY} stdc++ m)
