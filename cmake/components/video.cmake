# SPDX-License-Identifier: MIT
# fieldreel::video: films, by libav itself.
list(APPEND fieldreel_component_headers export/video.hpp export/video_writer.hpp import/film.hpp)
find_package(PkgConfig QUIET)
if(PkgConfig_FOUND AND NOT TARGET PkgConfig::FIELDREEL_LIBAV)
    pkg_check_modules(FIELDREEL_LIBAV QUIET IMPORTED_TARGET ${fieldreel_component_scope}
                      libavformat>=59 libavcodec>=59 libavutil>=57 libswscale>=6)
endif()
if(TARGET PkgConfig::FIELDREEL_LIBAV)
    set(fieldreel_video_FOUND TRUE)
    if(NOT TARGET fieldreel::video)
        add_library(fieldreel::video INTERFACE IMPORTED ${fieldreel_component_scope})
        set_target_properties(fieldreel::video PROPERTIES
            INTERFACE_LINK_LIBRARIES "fieldreel::fieldreel;PkgConfig::FIELDREEL_LIBAV")
    endif()
else()
    set(fieldreel_video_FOUND FALSE)
    set(fieldreel_video_REASON "pkg-config and libav 5.1 or newer are needed: apt install pkg-config libavcodec-dev libavformat-dev libavutil-dev libswscale-dev.")
endif()
