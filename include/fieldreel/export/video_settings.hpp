// SPDX-License-Identifier: MIT
// What a film is like: its size, rate, codec and quality, and which recording time each of its frames shows.
#ifndef FIELDREEL_EXPORT_VIDEO_SETTINGS_HPP
#define FIELDREEL_EXPORT_VIDEO_SETTINGS_HPP

#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <numeric>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <fieldreel/error.hpp>
#include <fieldreel/frame.hpp>

namespace fieldreel::inline v0 {

/// How pictures are compressed.
enum class video_codec : unsigned char { h264, h265, vp9, mpeg4 };

/// The kind of file, told by its extension.
enum class video_container : unsigned char { mp4, mkv, webm };

/// Frames per second as a fraction, so that timestamps are exact.
struct frame_rate {
    int num = 30;
    int den = 1;
    double hz() const noexcept { return static_cast<double>(num) / den; }
    friend bool operator==(const frame_rate&, const frame_rate&) = default;
};

/// All that decides about a film's packets, besides its pictures. All members have defaults but the size.
struct video_settings {
    image_shape size = {};                                          ///< even; rows and columns of every picture
    frame_rate fps = {};                                            ///< of the film
    std::optional<video_codec> codec = {};                          ///< unset: h264, in .webm vp9
    double crf = std::numeric_limits<double>::quiet_NaN();          ///< quality, lower is better; NaN: the codec's
    double bitrate_kbps = std::numeric_limits<double>::quiet_NaN(); ///< instead of crf
    std::string preset = {};                                        ///< ultrafast … veryslow; empty: medium
    double segment_s = 10;   ///< length of the parts that are encoded each on its own
    double keyframe_s = 2;   ///< a picture to seek to at least this often
    int encoder_threads = 1; ///< of each encoder; it changes the packets, so it never depends on the machine
    friend bool operator==(const video_settings&, const video_settings&) = default;
};

namespace detail {

struct codec_facts {
    video_codec codec;
    const char* name;
    const char* encoder;    ///< its name in libavcodec
    const char* containers; ///< that may hold it
    double crf_low, crf_high, crf_default;
    bool has_presets;
};

inline const std::array<codec_facts, 4>& all_codecs() {
    static const std::array<codec_facts, 4> all{
        codec_facts{video_codec::h264, "h264", "libx264", ".mp4, .mkv", 0, 51, 18, true},
        codec_facts{video_codec::h265, "h265", "libx265", ".mp4, .mkv", 0, 51, 22, true},
        codec_facts{video_codec::vp9, "vp9", "libvpx-vp9", ".mp4, .mkv, .webm", 0, 63, 24, true},
        codec_facts{video_codec::mpeg4, "mpeg4", "mpeg4", ".mp4, .mkv", 1, 31, 3, false}};
    return all;
}
inline const codec_facts& facts_of(video_codec codec) {
    return all_codecs()[static_cast<std::size_t>(codec)];
}
inline std::vector<std::string> codec_names() {
    std::vector<std::string> names;
    for (const codec_facts& facts : all_codecs()) {
        names.emplace_back(facts.name);
    }
    return names;
}

inline const std::array<const char*, 9>& encoder_presets() {
    static const std::array<const char*, 9> all{"ultrafast", "superfast", "veryfast", "faster",  "fast",
                                                "medium",    "slow",      "slower",   "veryslow"};
    return all;
}
inline std::size_t preset_number(std::string_view name) { // size() when there is none
    std::size_t i = 0;
    while (i < encoder_presets().size() && name != encoder_presets()[i]) {
        ++i;
    }
    return i;
}

} // namespace detail

namespace detail {
/// Only where it can be what was meant: "av1" is not a slip of "vp9".
template <class Names>
std::string suggestion(std::string_view asked, const Names& names) {
    const std::string_view like = nearest_name(asked, names);
    return edit_distance(asked, like) * 2 <= asked.size() ? text("; did you mean '", like, "'?")
                                                          : std::string("; choose one of them");
}
} // namespace detail

/// "h264", "h265", "vp9" or "mpeg4".
inline std::string_view name_of(video_codec codec) {
    return detail::facts_of(codec).name;
}
/// Errors: invalid_value, with the names there are.
inline video_codec video_codec_named(std::string_view name) {
    for (const detail::codec_facts& facts : detail::all_codecs()) {
        if (name == facts.name) {
            return facts.codec;
        }
    }
    const auto names = detail::codec_names();
    throw invalid_value("codec", detail::text("the codec '", name, "' was asked for; there are ", detail::join(names),
                                              detail::suggestion(name, names)));
}

/// ".mp4", ".mkv" or ".webm".
inline std::string_view extension_of(video_container container) {
    return container == video_container::mp4 ? ".mp4" : container == video_container::mkv ? ".mkv" : ".webm";
}
/// Whether the name of a file ends like that of a film.
inline std::optional<video_container> film_container_of(std::string_view path) noexcept {
    for (const auto container : {video_container::mp4, video_container::mkv, video_container::webm}) {
        if (path.size() > extension_of(container).size() && path.ends_with(extension_of(container))) {
            return container;
        }
    }
    return std::nullopt;
}
/// The container that a file's extension names. Errors: invalid_value, with the extensions there are.
inline video_container video_container_of(std::string_view path) {
    if (const auto found = film_container_of(path)) {
        return *found;
    }
    throw invalid_value("path", detail::text(path, " does not end like a film; .mp4, .mkv and .webm can be written, "
                                                   "so choose one of these extensions"));
}

/// A rate in frames per second, kept to a thousandth: 29.97 is 2997/100. Errors: invalid_value.
inline frame_rate frame_rate_of(double hz) {
    if (!(hz >= 0.001 && hz <= 1000)) {
        throw invalid_value("fps", detail::text("fps is ", hz, "; it must be from 0.001 to 1000 frames per second"));
    }
    const int thousandths = static_cast<int>(std::lround(hz * 1000));
    const int common = std::gcd(thousandths, 1000);
    return {thousandths / common, 1000 / common};
}

/// The settings with every default replaced by its value. Errors: invalid_value for what no film can have, e.g. an odd
/// size, a codec that this container cannot hold.
inline video_settings settled(video_settings s, video_container container) {
    const auto refuse = [](const char* name, const std::string& sentence) { throw invalid_value(name, sentence); };
    constexpr std::size_t least = 32, most = 8192;
    if (s.size.cols < least || s.size.rows < least || s.size.cols > most || s.size.rows > most) {
        refuse("size", detail::text("the size of the film is ", s.size.cols, " x ", s.size.rows,
                                    " pixels; each side must be from ", least, " to ", most));
    }
    if (s.size.cols % 2 != 0 || s.size.rows % 2 != 0) {
        refuse("size", detail::text("the size of the film is ", s.size.cols, " x ", s.size.rows,
                                    " pixels; both sides must be even, because two by two pixels share a colour; use ",
                                    s.size.cols + s.size.cols % 2, " x ", s.size.rows + s.size.rows % 2));
    }
    if (s.fps.den < 1 || s.fps.num < 1 || !(s.fps.hz() >= 0.001 && s.fps.hz() <= 1000)) {
        refuse("fps",
               detail::text("fps is ", s.fps.num, "/", s.fps.den, "; it must be from 0.001 to 1000 frames per second"));
    }
    if (!s.codec) {
        s.codec = container == video_container::webm ? video_codec::vp9 : video_codec::h264;
    }
    const detail::codec_facts& codec = detail::facts_of(*s.codec);
    if (std::string_view(codec.containers).find(extension_of(container)) == std::string_view::npos) {
        refuse("codec", detail::text("the codec ", codec.name, " was asked for in a file that ends with ",
                                     extension_of(container), "; it can be in ", codec.containers,
                                     "; choose another extension or codec"));
    }
    if (*s.codec == video_codec::mpeg4 && s.fps.num > 65535) {
        refuse("fps",
               detail::text("fps is ", s.fps.num, "/", s.fps.den,
                            "; mpeg4 needs a numerator of at most 65535; choose a rounder fps or another codec"));
    }
    if (!std::isnan(s.crf) && !std::isnan(s.bitrate_kbps)) {
        refuse("bitrate", "crf and bitrate were both given; each decides about the quality, so give one of them");
    }
    if (!std::isnan(s.bitrate_kbps) && !(s.bitrate_kbps >= 1 && s.bitrate_kbps <= 2'000'000)) {
        refuse("bitrate", detail::text("the bitrate is ", s.bitrate_kbps, " kbit/s; it must be from 1 to 2000000"));
    }
    if (std::isnan(s.crf) && std::isnan(s.bitrate_kbps)) {
        s.crf = codec.crf_default;
    }
    if (!std::isnan(s.crf) && !(s.crf >= codec.crf_low && s.crf <= codec.crf_high)) {
        refuse("crf", detail::text("crf is ", s.crf, "; for ", codec.name, " it must be from ", codec.crf_low, " to ",
                                   codec.crf_high, " (lower is better; default ", codec.crf_default, ")"));
    }
    if (!codec.has_presets) {
        if (!s.preset.empty()) {
            refuse("preset", detail::text("the preset ", s.preset, " was asked for; ", codec.name,
                                          " has no presets; leave it out or choose another codec"));
        }
    } else if (s.preset.empty()) {
        s.preset = "medium";
    } else if (detail::preset_number(s.preset) == detail::encoder_presets().size()) {
        refuse("preset", detail::text("the preset '", s.preset, "' was asked for; there are ",
                                      detail::join(detail::encoder_presets()),
                                      detail::suggestion(s.preset, detail::encoder_presets())));
    }
    if (!(s.segment_s > 0 && s.segment_s <= 3600)) {
        refuse("segment_s", detail::text("a segment is ", s.segment_s, " s long; it must be above 0 and at most 3600"));
    }
    if (!(s.keyframe_s > 0 && s.keyframe_s <= 3600)) {
        refuse("keyframe_s", detail::text("keyframe_s is ", s.keyframe_s, "; it must be above 0 and at most 3600"));
    }
    if (s.encoder_threads < 1 || s.encoder_threads > 64) {
        refuse("encoder_threads", detail::text("encoder_threads is ", s.encoder_threads, "; it must be from 1 to 64"));
    }
    return s;
}

/// Frames in each segment but the last, which may be shorter.
inline std::size_t frames_per_segment(const video_settings& s) noexcept {
    const double frames = std::round(s.segment_s * s.fps.hz());
    return frames >= 1 ? static_cast<std::size_t>(frames) : 1;
}

/// Which recording time each frame of a film shows. Frame k shows start_s + k * speed / fps, whatever the recording's
/// own times are; so recordings with uneven frame times play at their true speed.
/// The range is half-open: a frame exists as long as its time is before stop_s, and there is always one. 15 s at 30 fps
/// are 450 frames, the last shows 1/30 s before the end, and the film lasts 15 s.
class film_times {
public:
    /// Errors: invalid_value for a range without a length, and for a speed that is not above 0.
    film_times(time_range shown, frame_rate fps, double speed = 1) : shown_(shown), fps_(fps), speed_(speed) {
        if (!(speed > 0 && speed <= 1e6)) {
            throw invalid_value("speed", detail::text("the speed is ", speed,
                                                      "; it must be above 0 and at most 1000000 (1 is true speed, 0.1 "
                                                      "ten times slower)"));
        }
        if (!(shown.stop_s > shown.start_s) || !std::isfinite(shown.start_s) || !std::isfinite(shown.stop_s)) {
            throw invalid_value("range", detail::text("the range ", shown.start_s, " s to ", shown.stop_s,
                                                      " s is empty; it must end after it starts"));
        }
        const double frames = std::ceil((shown.stop_s - shown.start_s) * fps.hz() / speed - 1e-6);
        if (!(frames <= 1e9)) {
            throw invalid_value("range", detail::text("the range ", shown.start_s, " s to ", shown.stop_s,
                                                      " s would be ", frames,
                                                      " frames; at most 1000000000 can be exported; choose a shorter "
                                                      "range, a higher speed or fewer fps"));
        }
        frame_count_ = frames >= 1 ? static_cast<std::size_t>(frames) : 1;
    }
    /// As above, for a range that must lie within a recording. Errors: also invalid_value for a range outside it.
    film_times(time_range shown, time_range recorded, frame_rate fps, double speed = 1)
        : film_times(shown, fps, speed) {
        if (!(shown.start_s >= recorded.start_s - 1e-9 && shown.stop_s <= recorded.stop_s + 1e-9)) {
            throw invalid_value("range", detail::text("the range ", shown.start_s, " s to ", shown.stop_s,
                                                      " s was asked for; the recording has ", recorded.start_s,
                                                      " s to ", recorded.stop_s, " s; choose a range within it"));
        }
    }
    std::size_t frame_count() const noexcept { return frame_count_; }
    /// The recording time that frame k of the film shows.
    double time_s(std::size_t k) const noexcept {
        return shown_.start_s + static_cast<double>(k) * speed_ * fps_.den / fps_.num;
    }
    time_range shown() const noexcept { return shown_; }
    frame_rate fps() const noexcept { return fps_; }
    double speed() const noexcept { return speed_; }

private:
    time_range shown_;
    frame_rate fps_;
    double speed_;
    std::size_t frame_count_ = 0;
};

} // namespace fieldreel::inline v0

#endif
