// SPDX-License-Identifier: MIT
#include "fieldreel/trace/part_file.hpp"
#include <doctest/doctest.h>
