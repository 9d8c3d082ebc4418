# SPDX-License-Identifier: MIT
# The headers that need only the standard library compile for Windows.
cmake_minimum_required(VERSION 3.24)
if(NOT MINGW)
    execute_process(COMMAND "${CMAKE_COMMAND}" -E echo "skipped: no x86_64-w64-mingw32-g++-posix (apt-get install g++-mingw-w64-x86-64-posix)")
    return()
endif()
include("${ROOT}/cmake/layers.cmake")
fieldreel_split_headers("${ROOT}" headers others)
list(TRANSFORM headers REPLACE "(.+)" "#include <fieldreel/\\1>" OUTPUT_VARIABLE includes)
list(JOIN includes "\n" includes)
file(READ "${CMAKE_CURRENT_LIST_DIR}/main.cpp" main)
# <windows.h> first: its macros min, max, near and far must not disturb.
file(WRITE "${WORK}/windows.cpp" "#include <windows.h>\n${includes}\n${main}")
execute_process(COMMAND "${MINGW}" -std=c++20 -Wall -Wextra -Werror "-I${ROOT}/include" -c "${WORK}/windows.cpp"
                        -o "${WORK}/windows.obj" COMMAND_ERROR_IS_FATAL ANY)
list(LENGTH headers count)
message("${count} headers compile for Windows")
