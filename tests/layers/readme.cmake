# SPDX-License-Identifier: MIT
# The README's first program is the one in examples/01, between its markers: what is shown is what was compiled.
#   cmake -P tests/layers/readme.cmake
cmake_minimum_required(VERSION 3.24)
get_filename_component(root "${CMAKE_CURRENT_LIST_DIR}/../.." ABSOLUTE)
file(READ "${root}/examples/01_play_a_field.cpp" example)
file(READ "${root}/README.md" readme)
string(FIND "${example}" "// [readme]\n" start)
string(FIND "${example}" "    // [/readme]" stop)
if(start LESS 0 OR stop LESS start)
    message(FATAL_ERROR "examples/01_play_a_field.cpp has no part between // [readme] and // [/readme]")
endif()
math(EXPR start "${start} + 12") # after the marker's line
math(EXPR length "${stop} - ${start}")
string(SUBSTRING "${example}" ${start} ${length} snippet)
string(REPLACE "\n    " "\n" snippet "\n${snippet}") # one level out
string(FIND "${readme}" "```cpp${snippet}```" found)
if(found LESS 0)
    message(FATAL_ERROR "README.md does not show this part of examples/01_play_a_field.cpp:\n${snippet}")
endif()
