# SPDX-License-Identifier: MIT
# What it costs to include each header: preprocessed lines, and the time to read it (no code is generated).
#   cmake -DCXX=g++ [-DROOT=dir] -P include_cost.cmake           prints the table
#   cmake -DCXX=g++ [-DROOT=dir] -DCHECK=ON -P include_cost.cmake  fails when a header exceeds its budget of lines
# Lines are the same in every run, times are not: only lines are checked.
cmake_minimum_required(VERSION 3.24)
if(NOT ROOT)
    set(ROOT "${CMAKE_CURRENT_LIST_DIR}/../..")
endif()
get_filename_component(ROOT "${ROOT}" ABSOLUTE)
include("${ROOT}/cmake/layers.cmake")

set(cheap_headers version.hpp frame.hpp error.hpp)
set(cheap_budget 25000)
set(standard_budget 50000) # measured: containers and algorithms together are 48 000
set(memory_budget 62000) # with <memory> 61 000; whatever hands out shared frames reaches it
set(threads_or_files_budget 75000) # with threads and files 69 000
set(dear_budget 80000) # with <filesystem> and <functional>, which the session and what is above it may include: 78 000
set(umbrella_budget 88000) # all of it, up to playback
set(threads_or_files thread mutex shared_mutex condition_variable future semaphore latch barrier stop_token fstream
    filesystem sys/mman.h sys/stat.h unistd.h fcntl.h)

set(over 0)
set(table "| header | lines | budget |")
set(rule "|---|---|---|")
if(NOT CHECK)
    string(APPEND table " ms |")
    string(APPEND rule "---|")
endif()
message("${table}\n${rule}")
fieldreel_headers("${ROOT}" headers)
foreach(header IN LISTS headers)
    fieldreel_needs("${ROOT}" "${header}" needs)
    fieldreel_reach("${ROOT}" "${header}" reach)
    set(budget ${standard_budget})
    if("memory" IN_LIST reach)
        set(budget ${memory_budget})
    endif()
    foreach(include IN LISTS reach)
        if(include IN_LIST threads_or_files)
            set(budget ${threads_or_files_budget})
        endif()
    endforeach()
    if("filesystem" IN_LIST reach)
        set(budget ${dear_budget})
    endif()
    if(header IN_LIST cheap_headers)
        set(budget ${cheap_budget})
    elseif(header STREQUAL "fieldreel.hpp" OR (header MATCHES "^window/" AND NOT needs)) # on top of all
        set(budget ${umbrella_budget})
    elseif(needs)
        set(budget "")
    endif()
    set(command "${CXX}" -std=c++20 "-I${ROOT}/include" -x c++)
    if(CHECK AND budget STREQUAL "")
        continue()
    endif()
    execute_process(COMMAND ${command} -E -P "${ROOT}/include/fieldreel/${header}" COMMAND wc -l RESULTS_VARIABLE results
                    OUTPUT_VARIABLE lines OUTPUT_STRIP_TRAILING_WHITESPACE)
    if(NOT results STREQUAL "0;0")
        message(FATAL_ERROR "${header} cannot be preprocessed")
    endif()
    set(row "| ${header} | ${lines} | ${budget} |")
    if(NOT CHECK)
        string(TIMESTAMP before "%s%f" UTC)
        execute_process(COMMAND ${command} -fsyntax-only -w "${ROOT}/include/fieldreel/${header}" COMMAND_ERROR_IS_FATAL ANY)
        string(TIMESTAMP after "%s%f" UTC)
        math(EXPR ms "(${after} - ${before}) / 1000")
        string(APPEND row " ${ms} |")
    endif()
    if(budget AND lines GREATER budget)
        string(APPEND row " over budget")
        math(EXPR over "${over} + 1")
    endif()
    message("${row}")
endforeach()
if(CHECK AND over GREATER 0)
    message(FATAL_ERROR "${over} headers cost more than their budget: include less, or split what few users need")
endif()
