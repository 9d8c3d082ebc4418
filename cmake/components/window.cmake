# SPDX-License-Identifier: MIT
# fieldreel::window: scenes in a window, by GLFW, OpenGL 3.3 and Dear ImGui; its pictures by fieldreel::raster.
list(APPEND fieldreel_component_headers window/gl_functions.hpp window/gl_picture.hpp window/window_viewer.hpp)
include("${CMAKE_CURRENT_LIST_DIR}/raster.cmake")
if(PkgConfig_FOUND AND NOT TARGET PkgConfig::FIELDREEL_WINDOW)
    pkg_check_modules(FIELDREEL_WINDOW QUIET IMPORTED_TARGET ${fieldreel_component_scope} imgui>=1.86 glfw3>=3.3 gl)
endif()
if(TARGET PkgConfig::FIELDREEL_WINDOW AND fieldreel_raster_FOUND)
    set(fieldreel_window_FOUND TRUE)
    if(NOT TARGET fieldreel::window)
        add_library(fieldreel::window INTERFACE IMPORTED ${fieldreel_component_scope})
        set_target_properties(fieldreel::window PROPERTIES
            INTERFACE_LINK_LIBRARIES "fieldreel::raster;PkgConfig::FIELDREEL_WINDOW")
    endif()
else()
    set(fieldreel_window_FOUND FALSE)
    set(fieldreel_window_REASON "pkg-config, Dear ImGui 1.86, GLFW 3.3 and OpenGL are needed, and what the component raster needs: apt install pkg-config libimgui-dev libglfw3-dev libgl-dev libcairo2-dev fonts-dejavu-core.")
endif()
