// SPDX-License-Identifier: MIT
// Everything from files to playback that needs only the standard library; xtensor, JSON and the optional components
// have headers of their own.
#ifndef FIELDREEL_FIELDREEL_HPP
#define FIELDREEL_FIELDREEL_HPP

// IWYU pragma: begin_exports
#include <fieldreel/cache/chunk_cache.hpp>
#include <fieldreel/cache/eviction.hpp>
#include <fieldreel/cache/options.hpp>
#include <fieldreel/cache/recommend.hpp>
#include <fieldreel/colormap/colormap.hpp>
#include <fieldreel/colormap/field_kind.hpp>
#include <fieldreel/colormap/paint.hpp>
#include <fieldreel/colormap/position_time.hpp>
#include <fieldreel/colormap/value_range.hpp>
#include <fieldreel/error.hpp>
#include <fieldreel/frame.hpp>
#include <fieldreel/overlay/affine.hpp>
#include <fieldreel/overlay/align.hpp>
#include <fieldreel/overlay/alignment_check.hpp>
#include <fieldreel/overlay/anchor.hpp>
#include <fieldreel/overlay/calibration.hpp>
#include <fieldreel/overlay/canvas.hpp>
#include <fieldreel/overlay/color_bar.hpp>
#include <fieldreel/overlay/event.hpp>
#include <fieldreel/overlay/event_times.hpp>
#include <fieldreel/overlay/film.hpp>
#include <fieldreel/overlay/heading.hpp>
#include <fieldreel/overlay/interval.hpp>
#include <fieldreel/overlay/named_style.hpp>
#include <fieldreel/overlay/object_vector.hpp>
#include <fieldreel/overlay/overlap.hpp>
#include <fieldreel/overlay/overlay.hpp>
#include <fieldreel/overlay/pose.hpp>
#include <fieldreel/overlay/raster_plot.hpp>
#include <fieldreel/overlay/region_overlay.hpp>
#include <fieldreel/overlay/scale_bar.hpp>
#include <fieldreel/overlay/series_pyramid.hpp>
#include <fieldreel/overlay/skeleton.hpp>
#include <fieldreel/overlay/ticks.hpp>
#include <fieldreel/overlay/time_label.hpp>
#include <fieldreel/overlay/time_series.hpp>
#include <fieldreel/overlay/trail.hpp>
#include <fieldreel/playback/clock.hpp>
#include <fieldreel/playback/data_stutter.hpp>
#include <fieldreel/playback/playback.hpp>
#include <fieldreel/playback/player.hpp>
#include <fieldreel/playback/step_report.hpp>
#include <fieldreel/playback/step_waits.hpp>
#include <fieldreel/playback/stutter.hpp>
#include <fieldreel/source/any_source.hpp>
#include <fieldreel/source/combine.hpp>
#include <fieldreel/source/field_check.hpp>
#include <fieldreel/source/file.hpp>
#include <fieldreel/source/frame_source.hpp>
#include <fieldreel/source/generate.hpp>
#include <fieldreel/source/mapped_source.hpp>
#include <fieldreel/source/npy.hpp>
#include <fieldreel/source/samples.hpp>
#include <fieldreel/source/select.hpp>
#include <fieldreel/source/state_bins.hpp>
#include <fieldreel/source/timed.hpp>
#include <fieldreel/space/cells.hpp>
#include <fieldreel/space/grid.hpp>
#include <fieldreel/space/long_diffusion.hpp>
#include <fieldreel/space/occupancy.hpp>
#include <fieldreel/space/place_field.hpp>
#include <fieldreel/space/polygon.hpp>
#include <fieldreel/space/region.hpp>
#include <fieldreel/space/smoothing.hpp>
#include <fieldreel/space/space.hpp>
#include <fieldreel/space/track.hpp>
#include <fieldreel/space/tracking_quality.hpp>
#include <fieldreel/trace/from_environment.hpp>
#include <fieldreel/trace/growth.hpp>
#include <fieldreel/trace/late_frames.hpp>
#include <fieldreel/trace/point.hpp>
#include <fieldreel/trace/recorder.hpp>
#include <fieldreel/trace/recover.hpp>
#include <fieldreel/trace/summary.hpp>
#include <fieldreel/version.hpp>
#include <fieldreel/viewer/headless_viewer.hpp>
#include <fieldreel/viewer/scene.hpp>
#include <fieldreel/viewer/viewer.hpp>
// IWYU pragma: end_exports

#endif
