# SPDX-License-Identifier: MIT
# A folder copied into somebody's project: the headers that need only the standard library compile with nothing but -I,
# under the warnings a user may have on, and touch no file of xtensor or JSON.
cmake_minimum_required(VERSION 3.24)
include("${ROOT}/cmake/layers.cmake")
set(work "${WORK}/copied")
file(REMOVE_RECURSE "${work}")
file(COPY "${ROOT}/include/fieldreel" DESTINATION "${work}/include")

fieldreel_split_headers("${work}" headers others)
list(TRANSFORM headers REPLACE "(.+)" "#include <fieldreel/\\1>" OUTPUT_VARIABLE includes)
list(JOIN includes "\n" includes)
file(READ "${CMAKE_CURRENT_LIST_DIR}/main.cpp" main)
file(WRITE "${work}/main.cpp" "${includes}\n${main}")

execute_process(COMMAND "${CXX}" -std=c++20 -Wall -Wextra -Wpedantic -Werror "-I${work}/include"
                        "${work}/main.cpp" -o "${work}/main" -pthread COMMAND_ERROR_IS_FATAL ANY)
execute_process(COMMAND "${CXX}" -std=c++20 "-I${work}/include" -M "${work}/main.cpp" OUTPUT_VARIABLE touched
                COMMAND_ERROR_IS_FATAL ANY)
if(touched MATCHES "[^ ]*/(xtensor|xtl|nlohmann)/[^ ]*")
    message(FATAL_ERROR "a header listed as needing only the standard library includes ${CMAKE_MATCH_0}")
endif()
execute_process(COMMAND "${work}/main" COMMAND_ERROR_IS_FATAL ANY)
list(LENGTH headers count)
message("${count} headers compile from a copied folder; not meant to: ${others}")
