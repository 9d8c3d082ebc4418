# SPDX-License-Identifier: MIT
# The README's lines of Python: a recording that they write is opened by the program, a field that the program writes is
# read by them. Says "skipped" where there is no Python with NumPy.
#   cmake -DPROGRAM=fieldreel -DWORK=folder -P tests/layers/readme_numpy.cmake
cmake_minimum_required(VERSION 3.24)
get_filename_component(root "${CMAKE_CURRENT_LIST_DIR}/../.." ABSOLUTE)
foreach(name python3 /usr/bin/python3 python)
    execute_process(COMMAND "${name}" -c "import numpy" RESULT_VARIABLE failed OUTPUT_QUIET ERROR_QUIET)
    if(failed EQUAL 0)
        set(python "${name}")
        break()
    endif()
endforeach()
if(NOT python)
    message(STATUS "skipped: there is no Python with NumPy (apt install python3-numpy)")
    return()
endif()

# The two blocks, in the order of the README.
file(READ "${root}/README.md" rest)
foreach(block write read)
    string(FIND "${rest}" "```python\n" start)
    if(start LESS 0)
        message(FATAL_ERROR "README.md has no two blocks of Python")
    endif()
    math(EXPR start "${start} + 10")
    string(SUBSTRING "${rest}" ${start} -1 rest)
    string(FIND "${rest}" "```" stop)
    string(SUBSTRING "${rest}" 0 ${stop} ${block})
    string(SUBSTRING "${rest}" ${stop} -1 rest)
endforeach()

file(REMOVE_RECURSE "${WORK}")
file(MAKE_DIRECTORY "${WORK}/out/mine")
# An arena of 60 x 20, seen ten times over; one cell fires around (45, 5), right and low. The other never fires.
file(WRITE "${WORK}/write.py" "
import numpy
x, y = (part.ravel() for part in numpy.meshgrid(numpy.arange(0, 60.5), numpy.arange(0, 20.5)))
xy = numpy.tile(numpy.column_stack([x, y]), (10, 1))
times = 100 + 0.02 * numpy.arange(len(xy))
angle = numpy.linspace(-3, 3, len(xy))
cells = {'one': times[numpy.hypot(xy[:, 0] - 45, xy[:, 1] - 5) < 4], 'silent': numpy.zeros(0)}
${write}")
file(WRITE "${WORK}/read.py" "${read}
assert image.shape == (len(edges_y) - 1, len(edges_x) - 1), image.shape # rows are y: as imshow wants it
assert abs(edges_x[ix:ix + 2].mean() - 45) < 4 and abs(edges_y[iy:iy + 2].mean() - 5) < 4
assert image[iy, ix] == numpy.nanmax(rate) > 10
assert extent[0] < 0 and 60 < extent[1] < 70 and extent[2] < 0 and 20 < extent[3] < 30, extent
")
function(run)
    execute_process(COMMAND ${ARGN} WORKING_DIRECTORY "${WORK}" RESULT_VARIABLE failed OUTPUT_VARIABLE said
                    ERROR_VARIABLE said)
    if(NOT failed EQUAL 0)
        list(JOIN ARGN " " words)
        message(FATAL_ERROR "failed: ${words}\n${said}")
    endif()
    set(said "${said}" PARENT_SCOPE)
endfunction()
run("${python}" write.py)
run("${PROGRAM}" info out/mine)
foreach(wanted "one +[0-9]+ spikes" "silent +no spikes" "2 cells" "x 0.00 to 60.00, y 0.00 to 20.00 cm" "head direction   12810,")
    if(NOT said MATCHES "${wanted}")
        message(FATAL_ERROR "fieldreel info does not say '${wanted}':\n${said}")
    endif()
endforeach()
run("${PROGRAM}" field out/mine --cell one --bin-size 2 --out out/field)
run("${python}" read.py)
if(NOT said MATCHES "^peak [0-9.]+ Hz at x = 4[0-9]\\.[0-9], y = [0-9]\\.[0-9]\n$")
    message(FATAL_ERROR "the README's lines print '${said}'")
endif()
message(STATUS "read back: ${said}")
