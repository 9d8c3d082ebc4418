// SPDX-License-Identifier: MIT
#pragma once

struct profile_arguments;

/// fieldreel profile --mode interactive: plays in the window and says what its pictures cost. Gives the exit code.
int profile_window(const profile_arguments& given);
