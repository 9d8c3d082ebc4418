# SPDX-License-Identifier: MIT
# Runs the layer check on a small tree with one fault of each kind: it must name each of them, and nothing else.
cmake_minimum_required(VERSION 3.24)

set(expected
    "cache/arrays.hpp: includes <xtensor/xtensor.hpp>, but xtensor may not be used here"
    "cache/dear.hpp: includes <functional>, which only session, render, import, export, window may afford"
    "cache/json.hpp: includes <nlohmann/json.hpp>, but nlohmann may not be used here"
    "cache/lost.hpp: includes <fieldreel/cache/nowhere.hpp>, which does not exist"
    "cache/relative.hpp: includes \"../frame.hpp\", write <fieldreel/folder/name.hpp>"
    "cache/stranger.hpp: includes <boost/optional.hpp>, which is neither the standard library nor in the table of cmake/layers.cmake"
    "cache/untested.hpp: tests/cache/untested_test.cpp is missing"
    "overlay/guard.hpp: the include guard must be FIELDREEL_OVERLAY_GUARD_HPP"
    "overlay/licence.hpp: the first line must be \"// SPDX-License-Identifier: MIT\""
    "plot/axes.hpp: the folder \"plot\" is in no layer, add it to the table in cmake/layers.cmake"
    "source/sideways.hpp: includes <fieldreel/space/grid.hpp>, but source (L1) may use only itself and lower layers, and space is L1"
    "source/upwards.hpp: includes <fieldreel/viewer/scene.hpp>, but source (L1) may use only itself and lower layers, and viewer is L3"
    "utils/strings.hpp: a folder named \"utils\" says nothing about what is inside, name the feature")

get_filename_component(root "${CMAKE_CURRENT_LIST_DIR}/../.." ABSOLUTE)
execute_process(COMMAND "${CMAKE_COMMAND}" "-DROOT=${CMAKE_CURRENT_LIST_DIR}/planted" -P "${root}/cmake/layers.cmake"
                RESULT_VARIABLE result ERROR_VARIABLE said OUTPUT_VARIABLE said)
if(result EQUAL 0)
    message(FATAL_ERROR "the layer check accepts the planted tree:\n${said}")
endif()
string(REGEX MATCHALL "layers: [a-z_]+/[^\n]*" found "${said}")
list(TRANSFORM found REPLACE "^layers: " "")
foreach(line IN LISTS expected)
    if(NOT line IN_LIST found)
        message(SEND_ERROR "not found: ${line}")
    endif()
endforeach()
list(REMOVE_ITEM found ${expected})
foreach(line IN LISTS found)
    message(SEND_ERROR "found, but not planted: ${line}")
endforeach()
