# SPDX-License-Identifier: MIT
# pkg-config finds fieldreel in a tree that was moved after installing.
cmake_minimum_required(VERSION 3.24)
if(NOT PKG_CONFIG)
    execute_process(COMMAND "${CMAKE_COMMAND}" -E echo "skipped: no pkg-config (apt-get install pkg-config)")
    return()
endif()
file(REMOVE_RECURSE "${WORK}/moved")
file(COPY "${PREFIX}/" DESTINATION "${WORK}/moved")
set(ENV{PKG_CONFIG_PATH} "${WORK}/moved/share/pkgconfig:$ENV{PKG_CONFIG_PATH}")

execute_process(COMMAND "${PKG_CONFIG}" --modversion fieldreel OUTPUT_VARIABLE version OUTPUT_STRIP_TRAILING_WHITESPACE
                COMMAND_ERROR_IS_FATAL ANY)
if(NOT version STREQUAL VERSION)
    message(FATAL_ERROR "pkg-config says version ${version}, the project ${VERSION}")
endif()
execute_process(COMMAND "${PKG_CONFIG}" --atleast-version=9 fieldreel RESULT_VARIABLE result)
if(result EQUAL 0)
    message(FATAL_ERROR "pkg-config accepts fieldreel ${version} as version 9")
endif()
execute_process(COMMAND "${PKG_CONFIG}" --cflags --libs fieldreel OUTPUT_VARIABLE flags OUTPUT_STRIP_TRAILING_WHITESPACE
                COMMAND_ERROR_IS_FATAL ANY)
if(NOT flags MATCHES "moved")
    message(FATAL_ERROR "the flags do not follow the moved tree: ${flags}")
endif()
separate_arguments(flags UNIX_COMMAND "${flags}")
execute_process(COMMAND "${CXX}" -std=c++20 -DWITH_ARRAYS "${CMAKE_CURRENT_LIST_DIR}/main.cpp" -o "${WORK}/moved/main" ${flags}
                COMMAND_ERROR_IS_FATAL ANY)
execute_process(COMMAND "${WORK}/moved/main" COMMAND_ERROR_IS_FATAL ANY)
