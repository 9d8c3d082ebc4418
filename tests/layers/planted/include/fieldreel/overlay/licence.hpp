// Planted: no licence line.
#ifndef FIELDREEL_OVERLAY_LICENCE_HPP
#define FIELDREEL_OVERLAY_LICENCE_HPP

#include <cstddef>

#endif
