# SPDX-License-Identifier: MIT
# Which header may include what; and, from the same table, which headers need nothing but the standard library.
#
#   cmake [-DROOT=dir] -P cmake/layers.cmake               checks the tree, exit code 1 and one line per problem
#   cmake [-DROOT=dir] -DLIST=std -P cmake/layers.cmake    prints the headers that a copied folder can use alone
#   cmake [-DROOT=dir] -DLIST=other -P cmake/layers.cmake  prints the others, with what they need
#
# Included from another script, it only defines the functions.
cmake_minimum_required(VERSION 3.24)

# ---- the table ------------------------------------------------------------------------------------------------------
# Lowest first. A folder includes itself and the rows above its own; "words" are the headers directly in fieldreel/.
set(fieldreel_layers
    "L0 words"
    "L0 trace"
    "L1 source space"
    "L2 colormap cache overlay"
    "L3 viewer"
    "L4 playback"
    "L5 session render"
    "L6 import export"
    "L7 window")
# Headers of other projects, by the first part of their path or their name, and the only places that may include them.
set(fieldreel_third_party
    "xtensor xtl: source/array_source.hpp space/from_samples.hpp space/place_field.hpp overlay/arrays.hpp session render import export window"
    "nlohmann: session render import export window"
    "cairo cairo-svg cairo-pdf: render export"
    "png zlib: export"
    "libavcodec libavformat libavutil libswscale: import export"
    "zlib: import export"
    "hdf5: import"
    "mpi: export/video_mpi.hpp"
    "imgui backends GLFW GL: window")
# Too dear for headers that everything else includes (they cost 28 000 preprocessed lines and more each).
set(fieldreel_dear_headers functional ranges iostream filesystem regex)
set(fieldreel_dear_allowed_in session render import export window)
# Headers without a test of their own: nothing but data or includes.
set(fieldreel_no_test_needed version.hpp fieldreel.hpp colormap/tables.hpp
    export/player_controls.hpp export/player_data.hpp export/player_layout.hpp export/player_overlays.hpp
    export/player_page.hpp export/player_paint.hpp export/player_picture.hpp export/player_transport.hpp
    export/player_worker.hpp) # the player: html_test.cpp, and player_test.cmake in a browser
# The umbrella, fieldreel.hpp, reaches every header of these layers that needs only the standard library.
set(fieldreel_umbrella_layers L0 L1 L2 L3 L4)
# Words that say nothing about what is inside.
set(fieldreel_empty_folder_names core utils misc common)
# Headers of the operating systems; the test that compiles for Windows says whether they are guarded.
set(fieldreel_system_headers
    "^(sys/[a-z0-9_]+|unistd|fcntl|pthread|sched|signal|errno|poll|io|share|windows|process|psapi|immintrin|x86intrin|cpuid|intrin)\\.h$")

# ---- functions ------------------------------------------------------------------------------------------------------
# The library's headers, as "source/frame_source.hpp".
function(fieldreel_headers root out)
    file(GLOB_RECURSE headers RELATIVE "${root}/include/fieldreel" "${root}/include/fieldreel/*.hpp")
    list(SORT headers)
    set(${out} ${headers} PARENT_SCOPE)
endfunction()

# What a header includes itself: "fieldreel/error.hpp", "vector"; quoted ones with a leading quote.
function(fieldreel_direct_includes root header out)
    file(STRINGS "${root}/include/fieldreel/${header}" lines REGEX "^[ \t]*#[ \t]*include[ \t]*[<\"]")
    list(TRANSFORM lines REPLACE "^[ \t]*#[ \t]*include[ \t]*<([^>]*)>.*" "\\1")
    list(TRANSFORM lines REPLACE "^[ \t]*#[ \t]*include[ \t]*(\"[^\"]*)\".*" "\\1")
    set(${out} ${lines} PARENT_SCOPE)
endfunction()

# Everything a header reaches through fieldreel's own headers, itself not counted.
function(fieldreel_reach root header out)
    set(seen)
    set(todo "fieldreel/${header}")
    while(todo)
        list(POP_FRONT todo next)
        if(next MATCHES "^fieldreel/(.*)$" AND EXISTS "${root}/include/${next}")
            fieldreel_direct_includes("${root}" "${CMAKE_MATCH_1}" direct)
            foreach(include IN LISTS direct)
                if(NOT include IN_LIST seen)
                    list(APPEND seen "${include}")
                    list(APPEND todo "${include}")
                endif()
            endforeach()
        endif()
    endwhile()
    set(${out} ${seen} PARENT_SCOPE)
endfunction()

# "standard", "system", "fieldreel", or the first part of another project's path.
function(fieldreel_kind include out)
    if(include MATCHES "^fieldreel/")
        set(kind fieldreel)
    elseif(include MATCHES "^[a-z0-9_]+$")
        set(kind standard)
    elseif(include MATCHES "${fieldreel_system_headers}")
        set(kind system)
    else()
        string(REGEX REPLACE "[/.].*" "" kind "${include}")
    endif()
    set(${out} "${kind}" PARENT_SCOPE)
endfunction()

# The other projects a header needs, directly or not; empty when the standard library is enough.
function(fieldreel_needs root header out)
    fieldreel_reach("${root}" "${header}" reach)
    set(needs)
    foreach(include IN LISTS reach)
        fieldreel_kind("${include}" kind)
        if(NOT kind MATCHES "^(fieldreel|standard|system)$")
            list(APPEND needs "${kind}")
        endif()
    endforeach()
    list(REMOVE_DUPLICATES needs)
    set(${out} ${needs} PARENT_SCOPE)
endfunction()

# The headers that can be copied and used alone, and the others.
function(fieldreel_split_headers root out_standard out_other)
    set(standard)
    set(other)
    fieldreel_headers("${root}" headers)
    foreach(header IN LISTS headers)
        fieldreel_needs("${root}" "${header}" needs)
        if(needs)
            list(APPEND other "${header}")
        else()
            list(APPEND standard "${header}")
        endif()
    endforeach()
    set(${out_standard} ${standard} PARENT_SCOPE)
    set(${out_other} ${other} PARENT_SCOPE)
endfunction()

# The row of a header's folder in the table (-1: none), its label, and its folder. The umbrella stands above all rows.
function(fieldreel_row header out_row out_label out_folder)
    if(header STREQUAL "fieldreel.hpp")
        set(folder umbrella)
    elseif(header MATCHES "^([^/]+)/")
        set(folder "${CMAKE_MATCH_1}")
    else()
        set(folder words)
    endif()
    set(row -1)
    set(label "")
    set(i 0)
    foreach(line IN LISTS fieldreel_layers)
        string(REPLACE " " ";" names "${line}")
        list(POP_FRONT names this_label)
        if(folder IN_LIST names)
            set(row ${i})
            set(label "${this_label}")
        endif()
        math(EXPR i "${i} + 1")
    endforeach()
    if(folder STREQUAL "umbrella")
        set(row ${i})
        set(label "above all layers")
    endif()
    set(${out_row} ${row} PARENT_SCOPE)
    set(${out_label} "${label}" PARENT_SCOPE)
    set(${out_folder} "${folder}" PARENT_SCOPE)
endfunction()

# ---- the check ------------------------------------------------------------------------------------------------------
function(fieldreel_check_header root header out)
    set(problems)
    fieldreel_row("${header}" row label folder)
    string(REGEX MATCHALL "[^/]+/" folders "${header}")
    string(REPLACE "/" "" folders "${folders}")
    foreach(name IN LISTS fieldreel_empty_folder_names)
        if(name IN_LIST folders)
            list(APPEND problems "${header}: a folder named \"${name}\" says nothing about what is inside, name the feature")
            set(row unnamed)
        endif()
    endforeach()
    if(row EQUAL -1)
        list(APPEND problems "${header}: the folder \"${folder}\" is in no layer, add it to the table in cmake/layers.cmake")
    endif()

    file(STRINGS "${root}/include/fieldreel/${header}" first_line LIMIT_COUNT 1)
    if(NOT first_line STREQUAL "// SPDX-License-Identifier: MIT")
        list(APPEND problems "${header}: the first line must be \"// SPDX-License-Identifier: MIT\"")
    endif()
    string(TOUPPER "FIELDREEL_${header}" guard)
    string(REGEX REPLACE "[/.]" "_" guard "${guard}")
    file(STRINGS "${root}/include/fieldreel/${header}" guard_line REGEX "^#ifndef ${guard}$" LIMIT_COUNT 1)
    if(NOT guard_line)
        list(APPEND problems "${header}: the include guard must be ${guard}")
    endif()
    string(REGEX REPLACE "\\.hpp$" "_test.cpp" test "${header}")
    if(NOT header IN_LIST fieldreel_no_test_needed AND NOT header MATCHES "/detail/" AND NOT EXISTS "${root}/tests/${test}")
        list(APPEND problems "${header}: tests/${test} is missing")
    endif()

    fieldreel_direct_includes("${root}" "${header}" includes)
    foreach(include IN LISTS includes)
        if(include MATCHES "^\"(.*)")
            list(APPEND problems "${header}: includes \"${CMAKE_MATCH_1}\", write <fieldreel/folder/name.hpp>")
            continue()
        endif()
        fieldreel_kind("${include}" kind)
        if(kind STREQUAL "fieldreel")
            string(REGEX REPLACE "^fieldreel/" "" target "${include}")
            fieldreel_row("${target}" target_row target_label target_folder)
            if(NOT EXISTS "${root}/include/${include}")
                list(APPEND problems "${header}: includes <${include}>, which does not exist")
            elseif(row GREATER_EQUAL 0 AND target_row GREATER_EQUAL row AND NOT target_folder STREQUAL folder)
                list(APPEND problems
                     "${header}: includes <${include}>, but ${folder} (${label}) may use only itself and lower layers, and ${target_folder} is ${target_label}")
            endif()
        elseif(kind STREQUAL "standard")
            if(include IN_LIST fieldreel_dear_headers AND NOT folder IN_LIST fieldreel_dear_allowed_in)
                list(JOIN fieldreel_dear_allowed_in ", " places)
                list(APPEND problems "${header}: includes <${include}>, which only ${places} may afford")
            endif()
        elseif(NOT kind STREQUAL "system")
            set(known FALSE)
            set(allowed FALSE)
            foreach(line IN LISTS fieldreel_third_party)
                string(REGEX MATCH "^([^:]*): (.*)$" matched "${line}")
                string(REPLACE " " ";" projects "${CMAKE_MATCH_1}")
                string(REPLACE " " ";" places "${CMAKE_MATCH_2}")
                if(kind IN_LIST projects)
                    set(known TRUE)
                    if(header IN_LIST places OR folder IN_LIST places)
                        set(allowed TRUE)
                    endif()
                endif()
            endforeach()
            if(NOT known)
                list(APPEND problems "${header}: includes <${include}>, which is neither the standard library nor in the table of cmake/layers.cmake")
            elseif(NOT allowed)
                list(APPEND problems "${header}: includes <${include}>, but ${kind} may not be used here")
            endif()
        endif()
    endforeach()
    set(${out} ${problems} PARENT_SCOPE)
endfunction()

function(fieldreel_check_layers root)
    fieldreel_headers("${root}" headers)
    list(LENGTH headers header_count)
    if(header_count EQUAL 0)
        message(FATAL_ERROR "layers: no headers in ${root}/include/fieldreel; give the project's folder with -DROOT=")
    endif()
    set(count 0)
    foreach(header IN LISTS headers)
        fieldreel_check_header("${root}" "${header}" problems)
        foreach(problem IN LISTS problems)
            message("layers: ${problem}")
            math(EXPR count "${count} + 1")
        endforeach()
    endforeach()
    if(EXISTS "${root}/include/fieldreel/fieldreel.hpp")
        fieldreel_reach("${root}" fieldreel.hpp reach)
        foreach(header IN LISTS headers)
            fieldreel_row("${header}" row label folder)
            fieldreel_needs("${root}" "${header}" needs)
            if(label IN_LIST fieldreel_umbrella_layers AND NOT needs AND NOT "fieldreel/${header}" IN_LIST reach)
                message("layers: fieldreel.hpp: <fieldreel/${header}> is missing, it needs only the standard library")
                math(EXPR count "${count} + 1")
            endif()
        endforeach()
    endif()
    if(count GREATER 0)
        message(FATAL_ERROR "layers: ${count} problems in ${header_count} headers")
    endif()
    message("layers: ${header_count} headers, no problem")
endfunction()

# ---- as a script ----------------------------------------------------------------------------------------------------
if(CMAKE_SCRIPT_MODE_FILE STREQUAL CMAKE_CURRENT_LIST_FILE)
    if(NOT ROOT)
        set(ROOT "${CMAKE_CURRENT_LIST_DIR}/..")
    endif()
    get_filename_component(ROOT "${ROOT}" ABSOLUTE)
    if(NOT LIST)
        fieldreel_check_layers("${ROOT}")
    else()
        fieldreel_split_headers("${ROOT}" standard other)
        foreach(header IN LISTS other)
            fieldreel_needs("${ROOT}" "${header}" needs)
            list(JOIN needs ", " needs)
            string(APPEND other_lines "fieldreel/${header} (${needs})\n")
        endforeach()
        list(TRANSFORM standard PREPEND "fieldreel/")
        list(JOIN standard "\n" standard_lines)
        if(LIST STREQUAL "std")
            set(text "${standard_lines}")
        else()
            set(text "${other_lines}")
        endif()
        string(STRIP "${text}" text)
        execute_process(COMMAND "${CMAKE_COMMAND}" -E echo "${text}") # message() would go to stderr
    endif()
endif()
