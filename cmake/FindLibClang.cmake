# libclang, 14 or newer, from the newest llvm-config found (Debian installs one a version).
find_program(LLVM_CONFIG NAMES llvm-config llvm-config-14 llvm-config-15 llvm-config-16
	llvm-config-19 REQUIRED)
execute_process(COMMAND ${LLVM_CONFIG} --includedir OUTPUT_VARIABLE llvm_include
	OUTPUT_STRIP_TRAILING_WHITESPACE)
execute_process(COMMAND ${LLVM_CONFIG} --libdir OUTPUT_VARIABLE llvm_lib
	OUTPUT_STRIP_TRAILING_WHITESPACE)
execute_process(COMMAND ${LLVM_CONFIG} --version OUTPUT_VARIABLE LLVM_VERSION
	OUTPUT_STRIP_TRAILING_WHITESPACE)
if(LLVM_VERSION VERSION_LESS 14)
	message(FATAL_ERROR "libclang ${LLVM_VERSION} is too old: truce needs 14 or newer")
endif()
find_library(LIBCLANG_LIBRARY NAMES clang clang-14 HINTS ${llvm_lib} REQUIRED)
add_library(LibClang::LibClang INTERFACE IMPORTED)
target_include_directories(LibClang::LibClang SYSTEM INTERFACE ${llvm_include})
target_link_libraries(LibClang::LibClang INTERFACE ${LIBCLANG_LIBRARY})
# The compiler's own headers (stdarg.h ...), which a parse needs and no kernel tree brings.
add_compile_definitions(TRUCE_CLANG_INCLUDE="${llvm_lib}/clang/${LLVM_VERSION}/include")
