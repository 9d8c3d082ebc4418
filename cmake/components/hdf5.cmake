# SPDX-License-Identifier: MIT
# fieldreel::hdf5: HDF5 files and what is made of them (NWB, netCDF-4, SLEAP, MATLAB v7.3), by libhdf5.
list(APPEND fieldreel_component_headers import/hdf5.hpp import/netcdf.hpp import/nwb.hpp import/hdf5_recording.hpp)
find_package(PkgConfig QUIET) # FindHDF5 wants the language C
if(PkgConfig_FOUND AND NOT TARGET PkgConfig::FIELDREEL_HDF5)
    pkg_check_modules(FIELDREEL_HDF5 QUIET IMPORTED_TARGET ${fieldreel_component_scope} hdf5>=1.10)
endif()
if(TARGET PkgConfig::FIELDREEL_HDF5)
    set(fieldreel_hdf5_FOUND TRUE)
    if(NOT TARGET fieldreel::hdf5)
        add_library(fieldreel::hdf5 INTERFACE IMPORTED ${fieldreel_component_scope})
        set_target_properties(fieldreel::hdf5 PROPERTIES
            INTERFACE_LINK_LIBRARIES "fieldreel::fieldreel;PkgConfig::FIELDREEL_HDF5")
    endif()
else()
    set(fieldreel_hdf5_FOUND FALSE)
    set(fieldreel_hdf5_REASON "pkg-config and libhdf5 1.10 or newer are needed: apt install pkg-config libhdf5-dev.")
endif()
