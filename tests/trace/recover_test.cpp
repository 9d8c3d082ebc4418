// SPDX-License-Identifier: MIT
#include "fieldreel/trace/recover.hpp"
#include <doctest/doctest.h>
