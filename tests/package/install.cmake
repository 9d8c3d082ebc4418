# SPDX-License-Identifier: MIT
# cmake -P install.cmake BUILD PREFIX: installs into an empty folder, so that nothing of an earlier run can help.
cmake_minimum_required(VERSION 3.24)
file(REMOVE_RECURSE "${CMAKE_ARGV4}")
execute_process(COMMAND "${CMAKE_COMMAND}" --install "${CMAKE_ARGV3}" --prefix "${CMAKE_ARGV4}" COMMAND_ERROR_IS_FATAL ANY)
