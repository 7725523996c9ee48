# ebb_library(NAME [DEPS target...] [PRECOMPILE header...])
# One folder is one library: every *.cc here belongs to it. What stands beside the code under a
# telling suffix goes elsewhere: *_test.cc into NAME_test (run by ctest), *_bench.cc into NAME_bench.
# Header self-containment is checked by `all_verify_interface_header_sets`.

find_package(GTest REQUIRED)
find_package(benchmark REQUIRED)
add_custom_target(tests)     # everything that ctest runs
add_custom_target(benches)
add_custom_target(sanitized_tests)   # the pure part and the parsers, for the sanitizer leg of CI
set(EBB_SANITIZED "^ebb_(base|model|core_.*|world|services|kube|sandbox_json|sandbox_schema|sandbox_store)$")

# Defines EBB_SOURCE_DIR for those files that read from the tree, and for them only: it is another text in every clone.
function(ebb_source_dir_for)
  foreach(file ${ARGN})
    file(STRINGS ${file} mentions REGEX EBB_SOURCE_DIR LIMIT_COUNT 1)
    if(mentions)
      set_property(SOURCE ${file} APPEND PROPERTY COMPILE_DEFINITIONS EBB_SOURCE_DIR="${PROJECT_SOURCE_DIR}")
    endif()
  endforeach()
endfunction()

function(ebb_library name)
  cmake_parse_arguments(arg "" "" "DEPS;PRECOMPILE" ${ARGN})
  file(GLOB sources CONFIGURE_DEPENDS *.cc)
  file(GLOB headers CONFIGURE_DEPENDS *.h)
  set(tests ${sources})
  set(benches ${sources})
  list(FILTER tests INCLUDE REGEX "_test\\.cc$")
  list(FILTER benches INCLUDE REGEX "_bench\\.cc$")
  list(FILTER sources EXCLUDE REGEX "_(test|bench)\\.cc$")

  if(sources)
    add_library(${name} STATIC ${sources})
    target_link_libraries(${name} PUBLIC ${arg_DEPS})
    target_sources(${name} PUBLIC FILE_SET HEADERS BASE_DIRS ${PROJECT_SOURCE_DIR}/src FILES ${headers})
    if(arg_PRECOMPILE)
      target_precompile_headers(${name} PRIVATE ${arg_PRECOMPILE})
    endif()
  else()
    add_library(${name} INTERFACE)
    target_link_libraries(${name} INTERFACE ${arg_DEPS})
  endif()

  if(tests)
    add_executable(${name}_test EXCLUDE_FROM_ALL ${tests})
    target_link_libraries(${name}_test PRIVATE ${name} GTest::gmock GTest::gtest_main ${EBB_RAPIDCHECK})
    ebb_source_dir_for(${tests})
    add_test(NAME ${name} COMMAND ${name}_test --gtest_brief=1)
    add_dependencies(tests ${name}_test)
    if(name MATCHES "${EBB_SANITIZED}")
      set_tests_properties(${name} PROPERTIES LABELS sanitized)
      add_dependencies(sanitized_tests ${name}_test)
    endif()
  endif()
  if(benches)
    add_executable(${name}_bench EXCLUDE_FROM_ALL ${benches})
    target_link_libraries(${name}_bench PRIVATE ${name} benchmark::benchmark_main)
    ebb_source_dir_for(${benches})
    add_dependencies(benches ${name}_bench)
  endif()
endfunction()

find_library(EBB_RAPIDCHECK rapidcheck REQUIRED)
