// SPDX-License-Identifier: MIT
// Pictures into one film, by libav itself: no other process, exact timestamps, the same packets every time.
#ifndef FIELDREEL_EXPORT_VIDEO_WRITER_HPP
#define FIELDREEL_EXPORT_VIDEO_WRITER_HPP

#if !__has_include(<libavcodec/avcodec.h>)
#error "fieldreel's films need libav: apt install libavcodec-dev libavformat-dev libavutil-dev libswscale-dev"
#endif

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <limits>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

extern "C" {
#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>
#include <libavutil/avutil.h>
#include <libavutil/cpu.h>
#include <libavutil/dict.h>
#include <libavutil/frame.h>
#include <libavutil/mem.h>
#include <libavutil/opt.h>
#include <libswscale/swscale.h>
}

#include <fieldreel/error.hpp>
#include <fieldreel/export/video_segment.hpp>
#include <fieldreel/export/video_settings.hpp>
#include <fieldreel/frame.hpp>
#include <fieldreel/trace/point.hpp>

namespace fieldreel::inline v0 {

/// A film could not be encoded or written.
class video_error : public error {
public:
    using error::error;
};

/// Somebody else's picture. Shape: row 0 on top, `stride_bytes` from row to row; each pixel is the bytes blue, green,
/// red and one that is ignored: what Cairo and `raster` draw on little-endian machines.
struct bgra_pixels {
    const std::uint8_t* bytes = nullptr;
    image_shape shape = {};
    std::size_t stride_bytes = 0;
};

/// What the codecs that this libav was built with are called.
inline std::vector<std::string> available_video_codecs() {
    std::vector<std::string> names;
    for (const detail::codec_facts& facts : detail::all_codecs()) {
        if (avcodec_find_encoder_by_name(facts.encoder) != nullptr) {
            names.emplace_back(facts.name);
        }
    }
    return names;
}

namespace detail {

inline std::string av_text(int code) {
    char buffer[AV_ERROR_MAX_STRING_SIZE] = {};
    av_strerror(code, buffer, sizeof buffer);
    return buffer;
}

[[noreturn]] inline void throw_no_encoder(const codec_facts& codec, const std::vector<std::string>& available) {
    throw invalid_value("codec",
                        text("the codec ", codec.name, " was asked for; this libav was built without its encoder ",
                             codec.encoder, " and has ", available.empty() ? "none" : join(available),
                             "; choose another codec, or install a libav with ", codec.encoder));
}

inline const AVCodec& encoder_of(video_codec codec) {
    const AVCodec* const found = avcodec_find_encoder_by_name(facts_of(codec).encoder);
    if (found == nullptr) {
        throw_no_encoder(facts_of(codec), available_video_codecs());
    }
    return *found;
}

/// Frames that x264 and x265 decode ahead of one that is shown: they know B-frames of two levels.
inline constexpr int most_reordered = 2;

inline bool has_avx2() noexcept {
    constexpr int all = AV_CPU_FLAG_AVX2 | AV_CPU_FLAG_FMA3 | AV_CPU_FLAG_BMI2;
    return (av_get_cpu_flags() & all) == all;
}
/// What decides about packets besides the settings. Encoders round differently with other vector instructions.
inline std::string libav_version() {
    const auto version = [](const char* name, unsigned v) {
        return text(name, " ", v >> 16, ".", v >> 8 & 255, ".", v & 255);
    };
    return text(version("avcodec", avcodec_version()), ", ", version("swscale", swscale_version()), ", ",
                has_avx2() ? "AVX2" : "no AVX2");
}

struct free_av {
    void operator()(AVCodecContext* p) const noexcept { avcodec_free_context(&p); }
    void operator()(AVFrame* p) const noexcept { av_frame_free(&p); }
    void operator()(AVPacket* p) const noexcept { av_packet_free(&p); }
    void operator()(SwsContext* p) const noexcept { sws_freeContext(p); }
};
template <class T>
using av_handle = std::unique_ptr<T, free_av>;

/// libav speaks on stderr only of errors, unless the host chose a level itself.
inline void hush() noexcept {
    if (av_log_get_level() == AV_LOG_INFO) { // its default
        av_log_set_level(AV_LOG_ERROR);
    }
}

/// Options by name, all of which must be known to who takes them.
class av_options {
public:
    av_options() = default;
    av_options(const av_options&) = delete;
    av_options& operator=(const av_options&) = delete;
    ~av_options() { av_dict_free(&dictionary_); }
    void set(const char* name, const std::string& value) { av_dict_set(&dictionary_, name, value.c_str(), 0); }
    AVDictionary** get() noexcept { return &dictionary_; }
    void check_taken() const {
        if (const AVDictionaryEntry* left = av_dict_get(dictionary_, "", nullptr, AV_DICT_IGNORE_SUFFIX)) {
            throw video_error(text("libav does not know the option ", left->key, "=", left->value,
                                   "; fieldreel needs libav 5.1 or a newer one that still has it"));
        }
    }

private:
    AVDictionary* dictionary_ = nullptr;
};

/// Pictures to packets, one segment after the other, each with a fresh encoder. The same pictures give the same
/// packets, whatever was encoded before.
class segment_encoder {
public:
    /// `settings` are settled. Errors: invalid_value for a codec that is not built in, video_error.
    explicit segment_encoder(video_settings settings) : settings_(std::move(settings)), packet_(av_packet_alloc()) {
        hush();
        const int width = static_cast<int>(settings_.size.cols), height = static_cast<int>(settings_.size.rows);
        // Exact on every processor, so that machines agree.
        scaler_.reset(sws_getContext(width, height, AV_PIX_FMT_BGR0, width, height, AV_PIX_FMT_YUV420P,
                                     SWS_BILINEAR | SWS_ACCURATE_RND | SWS_BITEXACT, nullptr, nullptr, nullptr));
        const int* const bt709 = sws_getCoefficients(SWS_CS_ITU709);
        if (!packet_ || !scaler_ ||
            sws_setColorspaceDetails(scaler_.get(), bt709, 1, bt709, 0, 0, 1 << 16, 1 << 16) < 0) {
            throw video_error("libswscale cannot convert BGRA pictures to yuv420p; install a complete libav");
        }
        open();
    }

    const video_settings& settings() const noexcept { return settings_; }
    /// What a decoder must know before the first packet.
    std::span<const std::uint8_t> header() const noexcept { return header_; }

    /// The next picture. Calls `sink(video_packet)` for those that are ready.
    template <class Sink>
    void encode(const bgra_pixels& picture, Sink&& sink) {
        if (picture.shape != settings_.size || picture.bytes == nullptr ||
            picture.stride_bytes < 4 * picture.shape.cols) {
            throw invalid_value("pixels",
                                text("a picture has ", picture.shape.cols, " x ", picture.shape.rows, " pixels and ",
                                     picture.stride_bytes, " bytes from row to row; the film has ", settings_.size.cols,
                                     " x ", settings_.size.rows, " pixels of 4 bytes; draw every frame in this size"));
        }
        if (!encoder_) {
            open();
        }
        {
            FIELDREEL_TRACE_SPAN("export.convert");
            check(av_frame_make_writable(frame_.get()), "a frame could not be allocated");
            const std::uint8_t* const planes[] = {picture.bytes};
            const int strides[] = {static_cast<int>(picture.stride_bytes)};
            sws_scale(scaler_.get(), planes, strides, 0, frame_->height, frame_->data, frame_->linesize);
        }
        FIELDREEL_TRACE_SPAN("export.encode");
        frame_->pts = static_cast<std::int64_t>(frames_++);
        frame_->quality = encoder_->global_quality;
        check(avcodec_send_frame(encoder_.get(), frame_.get()), "a frame could not be encoded");
        drain(sink);
    }

    /// The packets that are left. After it a new segment begins.
    template <class Sink>
    void finish(Sink&& sink) {
        FIELDREEL_TRACE_SPAN("export.encode");
        if (encoder_) {
            check(avcodec_send_frame(encoder_.get(), nullptr), "the last frames could not be encoded");
            drain(sink);
            encoder_.reset();
        }
        if (packets_ != frames_) {
            throw video_error(text("the encoder made ", packets_, " packets of ", frames_,
                                   " frames; choose another codec or preset"));
        }
    }
    /// Forgets a segment that was begun.
    void abandon() noexcept { encoder_.reset(); }

private:
    static void check(int code, const char* what) {
        if (code < 0) {
            throw video_error(text(what, " (libav says: ", av_text(code), "); choose another codec, preset or size"));
        }
    }

    void open() {
        FIELDREEL_TRACE_SPAN("export.open_encoder");
        const AVCodec& codec = encoder_of(*settings_.codec);
        encoder_.reset(avcodec_alloc_context3(&codec));
        frame_.reset(av_frame_alloc());
        if (!encoder_ || !frame_) {
            throw video_error("libav could not allocate an encoder; free some memory");
        }
        AVCodecContext& c = *encoder_;
        c.width = static_cast<int>(settings_.size.cols);
        c.height = static_cast<int>(settings_.size.rows);
        c.pix_fmt = AV_PIX_FMT_YUV420P;
        c.time_base = {settings_.fps.den, settings_.fps.num};
        c.framerate = {settings_.fps.num, settings_.fps.den};
        c.sample_aspect_ratio = {1, 1};
        c.color_range = AVCOL_RANGE_MPEG;
        c.colorspace = AVCOL_SPC_BT709;
        c.color_primaries = AVCOL_PRI_BT709;
        c.color_trc = AVCOL_TRC_BT709;
        c.chroma_sample_location = AVCHROMA_LOC_LEFT;
        c.gop_size = (std::max)(1, static_cast<int>(std::lround(settings_.keyframe_s * settings_.fps.hz())));
        c.thread_count = settings_.encoder_threads;
        c.flags |= AV_CODEC_FLAG_GLOBAL_HEADER;
        if (*settings_.codec == video_codec::mpeg4) {
            c.flags |= AV_CODEC_FLAG_BITEXACT; // no version number in the header
        } else {
            c.flags |= static_cast<int>(AV_CODEC_FLAG_CLOSED_GOP); // (mpeg4 without B-frames has no others)
        }
        av_options options;
        set_quality(c, options);
        const int code = avcodec_open2(encoder_.get(), &codec, options.get());
        if (code < 0) {
            throw video_error(text("the encoder ", codec.name, " refuses ", c.width, " x ", c.height, " pixels at ",
                                   settings_.fps.hz(), " frames per second (libav says: ", av_text(code),
                                   "); choose another size, rate, codec or preset"));
        }
        options.check_taken();
        header_.assign(c.extradata, c.extradata + (std::max)(0, c.extradata_size));
        frame_->format = c.pix_fmt;
        frame_->width = c.width;
        frame_->height = c.height;
        frame_->color_range = c.color_range;
        frame_->colorspace = c.colorspace;
        frame_->color_primaries = c.color_primaries;
        frame_->color_trc = c.color_trc;
        check(av_frame_get_buffer(frame_.get(), 0), "a frame could not be allocated");
        frames_ = 0;
        packets_ = 0;
    }

    void set_quality(AVCodecContext& c, av_options& options) const {
        const bool by_bitrate = !std::isnan(settings_.bitrate_kbps);
        if (by_bitrate) {
            c.bit_rate = std::llround(settings_.bitrate_kbps * 1000);
        }
        const std::size_t preset = preset_number(settings_.preset);
        switch (*settings_.codec) {
        case video_codec::h264:
        case video_codec::h265:
            options.set("preset", settings_.preset);
            if (*settings_.codec == video_codec::h264 && preset >= preset_number("fast")) {
                // half the memory of their 30 to 60, for 1 to 3 % of the size
                options.set("rc-lookahead", preset < preset_number("slower") ? "20" : "15");
            }
            if (*settings_.codec == video_codec::h264 && has_avx2()) {
                // With AVX-512, x264 164 weighs blocks (mbtree) by memory it never wrote: the same pictures then give
                // other packets from run to run. And so all machines round alike.
                options.set("x264-params", "asm=AVX2,FMA3,BMI1,BMI2,LZCNT");
            }
            if (!by_bitrate) {
                options.set("crf", text(settings_.crf));
            }
            if (*settings_.codec == video_codec::h265) { // it has threads of its own
                // Looking less far ahead, and coding trees of 32 pixels, take two thirds of the memory; more than its
                // B-frames, 8 from slower on, it must look ahead.
                options.set("x265-params", text("log-level=none:frame-threads=1:ctu=32:rc-lookahead=",
                                                preset < preset_number("slower") ? 8 : 10, ":pools=",
                                                settings_.encoder_threads == 1 ? std::string("none")
                                                                               : text(settings_.encoder_threads)));
            }
            break;
        case video_codec::vp9:
            if (!by_bitrate) {
                options.set("crf", text(std::lround(settings_.crf)));
                c.bit_rate = 0;
            }
            options.set("lag-in-frames", "16"); // of 25: enough for its hidden frames, and memory is less
            options.set("deadline", preset < 3 ? "realtime" : "good");
            options.set("cpu-used", text(8 - static_cast<int>(preset)));
            break;
        case video_codec::mpeg4:
            if (!by_bitrate) {
                c.flags |= AV_CODEC_FLAG_QSCALE;
                c.global_quality = static_cast<int>(std::lround(settings_.crf * FF_QP2LAMBDA));
            }
            break;
        }
    }

    template <class Sink>
    void drain(Sink& sink) {
        for (;;) {
            const int code = avcodec_receive_packet(encoder_.get(), packet_.get());
            if (code == AVERROR(EAGAIN) || code == AVERROR_EOF) {
                return;
            }
            check(code, "a frame could not be encoded");
            // In segments of one and two frames x265 takes decoding times from memory that it never wrote; in longer
            // ones they are these.
            const auto number = static_cast<std::int64_t>(packets_++);
            sink(video_packet{{packet_->data, static_cast<std::size_t>(packet_->size)},
                              packet_->pts,
                              *settings_.codec == video_codec::h265 ? number - most_reordered : packet_->dts,
                              (packet_->flags & AV_PKT_FLAG_KEY) != 0});
            av_packet_unref(packet_.get());
        }
    }

    video_settings settings_;
    av_handle<AVPacket> packet_;
    av_handle<SwsContext> scaler_;
    av_handle<AVCodecContext> encoder_;
    av_handle<AVFrame> frame_;
    std::vector<std::uint8_t> header_;
    std::size_t frames_ = 0;
    std::size_t packets_ = 0;
};

/// Packets into a file that players open. Nothing in it depends on when or where it was made.
class film_file {
public:
    /// `path` is a temporary name, so the container is given. `comment` can be read back by film_comment.
    /// Errors: file_error, video_error.
    film_file(std::string path, video_container container, const video_settings& settings,
              std::span<const std::uint8_t> header, const std::string& comment = {})
        : path_(std::move(path)), settings_(settings) {
        const char* const format = container == video_container::mp4   ? "mp4"
                                   : container == video_container::mkv ? "matroska"
                                                                       : "webm";
        if (avformat_alloc_output_context2(&context_, nullptr, format, path_.c_str()) < 0 || context_ == nullptr) {
            throw video_error(text("libav cannot write ", format, " files; choose another extension"));
        }
        try {
            if (!comment.empty()) {
                av_dict_set(&context_->metadata, "comment", comment.c_str(), 0);
            }
            begin(container, header);
        } catch (...) {
            close();
            throw;
        }
    }
    film_file(const film_file&) = delete;
    film_file& operator=(const film_file&) = delete;
    ~film_file() { close(); }

    /// The packets that follow count their times from this frame of the film on.
    void begin_segment(std::size_t first_frame) noexcept { first_frame_ = static_cast<std::int64_t>(first_frame); }

    void add(const video_packet& packet) {
        if (packet.bytes.size() > most_bytes) {
            throw video_error(text("a packet of ", packet.bytes.size(), " bytes is too large for ", path_));
        }
        packet_->data = const_cast<std::uint8_t*>(packet.bytes.data()); // the muxer only reads
        packet_->size = static_cast<int>(packet.bytes.size());
        packet_->pts = first_frame_ + packet.pts;
        // A segment of very few frames counts its decoding times from another beginning.
        packet_->dts = (std::min)((std::max)(first_frame_ + packet.dts, last_dts_ + 1), packet_->pts);
        if (packet_->dts <= last_dts_) {
            throw video_error(
                text("the packets of frame ", packet_->pts, " cannot be put in order; use a longer segment_s"));
        }
        last_dts_ = packet_->dts;
        packet_->duration = 1;
        packet_->flags = packet.key ? AV_PKT_FLAG_KEY : 0;
        packet_->stream_index = 0;
        av_packet_rescale_ts(packet_.get(), {settings_.fps.den, settings_.fps.num}, context_->streams[0]->time_base);
        check(av_write_frame(context_, packet_.get()));
    }

    /// Completes the file. Errors: file_error.
    void finish() {
        FIELDREEL_TRACE_SPAN("export.finish_file");
        check(av_write_trailer(context_));
        check(context_->pb->error);
        check(avio_closep(&context_->pb));
        close();
    }

private:
    static constexpr std::size_t most_bytes = 0x7FFFFFFF - AV_INPUT_BUFFER_PADDING_SIZE;

    void begin(video_container container, std::span<const std::uint8_t> header) {
        hush();
        packet_.reset(av_packet_alloc());
        AVStream* const stream = avformat_new_stream(context_, nullptr);
        if (stream == nullptr || !packet_) {
            throw video_error("libav could not allocate a film; free some memory");
        }
        const auto id = encoder_of(*settings_.codec).id;
        stream->time_base = {settings_.fps.den, settings_.fps.num};
        stream->avg_frame_rate = stream->r_frame_rate = {settings_.fps.num, settings_.fps.den};
        stream->sample_aspect_ratio = {1, 1};
        AVCodecParameters& p = *stream->codecpar;
        p.codec_type = AVMEDIA_TYPE_VIDEO;
        p.codec_id = id;
        p.width = static_cast<int>(settings_.size.cols);
        p.height = static_cast<int>(settings_.size.rows);
        p.format = AV_PIX_FMT_YUV420P;
        p.sample_aspect_ratio = {1, 1};
        p.color_range = AVCOL_RANGE_MPEG;
        p.color_space = AVCOL_SPC_BT709;
        p.color_primaries = AVCOL_PRI_BT709;
        p.color_trc = AVCOL_TRC_BT709;
        p.chroma_location = AVCHROMA_LOC_LEFT;
        p.video_delay =
            *settings_.codec == video_codec::h264 || *settings_.codec == video_codec::h265 ? most_reordered : 0;
        if (*settings_.codec == video_codec::vp9) {
            p.profile = FF_PROFILE_VP9_0;
        }
        if (*settings_.codec == video_codec::h265 && container == video_container::mp4) {
            p.codec_tag = MKTAG('h', 'v', 'c', '1'); // what QuickTime wants
        }
        if (!header.empty()) {
            p.extradata = static_cast<std::uint8_t*>(av_mallocz(header.size() + AV_INPUT_BUFFER_PADDING_SIZE));
            if (p.extradata == nullptr) {
                throw video_error("libav could not allocate a film; free some memory");
            }
            std::memcpy(p.extradata, header.data(), header.size());
            p.extradata_size = static_cast<int>(header.size());
        }
        context_->flags |= AVFMT_FLAG_BITEXACT; // no random numbers, no version
        check(avio_open(&context_->pb, path_.c_str(), AVIO_FLAG_WRITE));
        av_options options;
        if (container == video_container::mp4) {
            options.set("movflags", "+faststart"); // the index first: players start before all is loaded
        }
        check(avformat_write_header(context_, options.get()));
        options.check_taken();
    }
    void check(int code) const {
        if (code < 0) {
            throw file_error(path_, text(path_, " cannot be written (", av_text(code),
                                         "); check that the folder may be written and the disk is not full"));
        }
    }
    void close() noexcept {
        if (context_ != nullptr) {
            avio_closep(&context_->pb);
            avformat_free_context(std::exchange(context_, nullptr));
        }
    }

    std::string path_;
    video_settings settings_;
    AVFormatContext* context_ = nullptr;
    av_handle<AVPacket> packet_;
    std::int64_t first_frame_ = 0;
    std::int64_t last_dts_ = (std::numeric_limits<std::int64_t>::min)() / 2;
};

/// What film_file was told to note in a film; empty when there is nothing, or no film.
inline std::string film_comment(const std::string& path) {
    AVFormatContext* film = nullptr;
    const int said = av_log_get_level();
    av_log_set_level(AV_LOG_QUIET); // that it is no film is no news
    const int code = avformat_open_input(&film, path.c_str(), nullptr, nullptr);
    av_log_set_level(said);
    if (code < 0) {
        return {};
    }
    const AVDictionaryEntry* const found = av_dict_get(film->metadata, "comment", nullptr, 0);
    std::string out = found != nullptr ? found->value : "";
    avformat_close_input(&film);
    return out;
}

/// A name that may be written: errors when something is there and may not be replaced, or is no file.
inline void check_output(const std::string& path, bool replace) {
    std::error_code ignored;
    const auto status = std::filesystem::status(path, ignored);
    if (std::filesystem::is_directory(status)) {
        throw file_error(path, text(path, " is a folder; give the name of a film in it"));
    }
    if (!replace && std::filesystem::exists(status)) {
        throw file_error(path, text(path, " is there already; choose another name, or replace it with --force"));
    }
    const std::filesystem::path folder = std::filesystem::path(path).parent_path();
    if (!folder.empty() && !std::filesystem::is_directory(folder, ignored)) {
        throw file_error(path,
                         text(path, " cannot be written: there is no folder ", folder.string(), "; make it first"));
    }
}

/// Gives a complete file its name, replacing what is there.
inline void give_name(const std::string& from, const std::string& to) {
    std::error_code problem;
    std::filesystem::rename(from, to, problem);
    if (problem) {
        throw file_error(to, text(to, " cannot be given its name (", problem.message(),
                                  "); check that it is no folder and may be replaced"));
    }
}

} // namespace detail

/// A film written picture by picture, for programs that make their pictures in order: a window that records, a
/// simulation. It has its name only when it is complete; what export_video makes of the same pictures is the same.
/// `add` each picture, then `finish`; without finish the destructor removes what was written.
/// Cost: one encoder; each picture is converted and handed to it.
class video_writer {
public:
    /// Errors: invalid_value as settled() says, file_error for a name that cannot be written.
    video_writer(std::string path, const video_settings& settings, bool replace = false)
        : path_(std::move(path)),
          container_(video_container_of(path_)),
          encoder_(settled(settings, container_)),
          part_(detail::unfinished_name(path_)) {
        detail::check_output(path_, replace);
        try {
            file_ = std::make_unique<detail::film_file>(part_, container_, encoder_.settings(), encoder_.header());
        } catch (const file_error& problem) { // about the name people know
            std::remove(part_.c_str());
            std::string sentence = problem.what();
            sentence.replace(0, part_.size(), path_);
            throw file_error(path_, sentence);
        }
    }
    video_writer(const video_writer&) = delete;
    video_writer& operator=(const video_writer&) = delete;
    ~video_writer() {
        file_.reset();
        if (!part_.empty()) {
            std::remove(part_.c_str());
        }
    }

    /// The next frame of the film. Errors: invalid_value for another size, video_error, file_error.
    void add(const bgra_pixels& picture) {
        if (frames_ % frames_per_segment(encoder_.settings()) == 0) {
            end_segment();
            file_->begin_segment(frames_);
        }
        encoder_.encode(picture, [&](const video_packet& packet) { file_->add(packet); });
        ++frames_;
    }
    std::size_t frame_count() const noexcept { return frames_; }

    /// Completes the film and gives it its name. Errors: as add; video_error for a film without frames.
    void finish() {
        if (frames_ == 0) {
            throw video_error(detail::text(path_, " would have no frames; add at least one picture"));
        }
        end_segment();
        file_->finish();
        file_.reset();
        detail::give_name(part_, path_);
        part_.clear();
    }

private:
    void end_segment() {
        if (frames_ > 0) {
            encoder_.finish([&](const video_packet& packet) { file_->add(packet); });
        }
    }
    std::string path_;
    video_container container_;
    detail::segment_encoder encoder_;
    std::string part_;
    std::unique_ptr<detail::film_file> file_;
    std::size_t frames_ = 0;
};

} // namespace fieldreel::inline v0

#endif
