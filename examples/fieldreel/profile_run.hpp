// SPDX-License-Identifier: MIT
// A run of `fieldreel profile`, in any of its modes.
#pragma once

#include "profile_arguments.hpp"

/// Sets up, plays, measures, reports. Returns the program's exit code: `failed` when a soak found growth or an error.
/// Errors: those of the recording and of the files that are written.
int run_profile(const profile_arguments& given);
