# SPDX-License-Identifier: MIT
# fieldreel::zlib: what packs and unpacks by zlib: recordings as one HTML file, NumPy's archives.
list(APPEND fieldreel_component_headers export/html.hpp export/html_chunks.hpp export/html_overlays.hpp
    import/npz.hpp import/pynapple.hpp)
find_package(ZLIB QUIET)
if(ZLIB_FOUND)
    set(fieldreel_zlib_FOUND TRUE)
    if(NOT TARGET fieldreel::zlib)
        add_library(fieldreel::zlib INTERFACE IMPORTED ${fieldreel_component_scope})
        set_target_properties(fieldreel::zlib PROPERTIES INTERFACE_LINK_LIBRARIES "fieldreel::fieldreel;ZLIB::ZLIB")
        set_target_properties(ZLIB::ZLIB PROPERTIES IMPORTED_GLOBAL TRUE)
    endif()
else()
    set(fieldreel_zlib_FOUND FALSE)
    set(fieldreel_zlib_REASON "zlib is needed: apt install zlib1g-dev.")
endif()
