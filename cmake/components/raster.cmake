# SPDX-License-Identifier: MIT
# fieldreel::raster: scenes as pixels, SVG and PDF, drawn with Cairo.
list(APPEND fieldreel_component_headers render/cairo_drawing.hpp render/cairo_scene.hpp render/legend.hpp
     render/raster.hpp export/vector_picture.hpp)
find_package(PkgConfig QUIET)
if(PkgConfig_FOUND AND NOT TARGET PkgConfig::FIELDREEL_CAIRO)
    # With SVG and PDF, which Cairo can be built without.
    pkg_check_modules(FIELDREEL_CAIRO QUIET IMPORTED_TARGET ${fieldreel_component_scope} cairo>=1.14 cairo-svg cairo-pdf)
endif()
if(TARGET PkgConfig::FIELDREEL_CAIRO)
    set(fieldreel_raster_FOUND TRUE)
    if(NOT TARGET fieldreel::raster)
        add_library(fieldreel::raster INTERFACE IMPORTED ${fieldreel_component_scope})
        set_target_properties(fieldreel::raster PROPERTIES
            INTERFACE_LINK_LIBRARIES "fieldreel::fieldreel;PkgConfig::FIELDREEL_CAIRO")
    endif()
else()
    set(fieldreel_raster_FOUND FALSE)
    set(fieldreel_raster_REASON "pkg-config and Cairo 1.14 or newer with SVG and PDF are needed: apt install pkg-config libcairo2-dev fonts-dejavu-core.")
endif()
