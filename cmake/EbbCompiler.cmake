# Flags, ccache and linker that every target shares.

find_program(EBB_CCACHE ccache)
if(EBB_CCACHE)
  # A clone elsewhere compiles the same text: paths are taken relative to the tree. Precompiled headers and ccache agree only with these (ccache manual, "Precompiled headers").
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime CCACHE_NOHASHDIR=1 CCACHE_BASEDIR=${PROJECT_SOURCE_DIR} ${EBB_CCACHE})
endif()

add_compile_options(-Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion)
if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
  # libstdc++ 12 calls its own deprecated get_temporary_buffer from stable_sort; fields that are not named have their defaults.
  add_compile_options(-Werror -Wno-deprecated-declarations -Wno-missing-designated-field-initializers -fcolor-diagnostics -Wthread-safety -Xclang -fno-pch-timestamp)
  add_link_options(-fuse-ld=lld)
else()
  add_compile_options(-Wno-restrict -Wno-stringop-overflow -Wno-mismatched-new-delete -Wno-missing-field-initializers)   # false positives of gcc 12
endif()

if(EBB_SANITIZE)
  add_compile_options(-fsanitize=${EBB_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
  add_link_options(-fsanitize=${EBB_SANITIZE})
endif()
if(EBB_FUZZ)
  add_compile_options(-fsanitize=fuzzer-no-link)
endif()

include_directories(${PROJECT_SOURCE_DIR}/src)
