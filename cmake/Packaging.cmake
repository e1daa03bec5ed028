# cpack -G DEB: a package that runs without the sources.
set(CPACK_PACKAGE_NAME truce)
set(CPACK_PACKAGE_CONTACT "truce developers")
set(CPACK_PACKAGE_VENDOR "truce")
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
# clang's own headers (stddef.h and the like), which libclang needs at run time
set(CPACK_DEBIAN_PACKAGE_DEPENDS "libclang-common-14-dev")
set(CPACK_DEBIAN_PACKAGE_SECTION "vcs")
set(CPACK_GENERATOR DEB)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
include(CPack)
