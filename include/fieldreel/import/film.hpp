// SPDX-License-Identifier: MIT
// Behaviour films in video files: each frame by its number, exactly, in any order.
#ifndef FIELDREEL_IMPORT_FILM_HPP
#define FIELDREEL_IMPORT_FILM_HPP

#if !__has_include(<libavcodec/avcodec.h>)
#error "fieldreel's films need libav: apt install libavcodec-dev libavformat-dev libavutil-dev libswscale-dev"
#endif

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <limits>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

extern "C" {
#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>
#include <libavutil/avutil.h>
#include <libavutil/dict.h>
#include <libavutil/frame.h>
#include <libavutil/pixdesc.h>
#include <libswscale/swscale.h>
}

#include <fieldreel/cache/chunk_cache.hpp>
#include <fieldreel/cache/playhead.hpp>
#include <fieldreel/error.hpp>
#include <fieldreel/frame.hpp>
#include <fieldreel/session/storage.hpp>
#include <fieldreel/source/any_source.hpp>
#include <fieldreel/source/file.hpp>
#include <fieldreel/source/frame_source.hpp>
#include <fieldreel/source/samples.hpp>
#include <fieldreel/trace/point.hpp>

namespace fieldreel::inline v0 {

struct film_file_options {
    int threads = 1; ///< of the decoder; more are faster for large pictures and slower after a jump
};

namespace detail {

/// One open film: demuxer, decoder, scaler, and the index of its frames. One thread at a time.
class film_decoder {
public:
    film_decoder(const std::string& path, const film_file_options& options) : path_(path), packet_(av_packet_alloc()) {
        read_only_file(path, access::pread); // says what is wrong with a path better than libav does
        frame_.reset(av_frame_alloc());
        if (!packet_ || !frame_) {
            throw file_error(path_, text(path_, " cannot be opened: there is no memory for a decoder"));
        }
        open_file();
        open_codec(options);
        make_index();
    }
    film_decoder(const film_decoder&) = delete;
    film_decoder& operator=(const film_decoder&) = delete;

    const std::string& path() const noexcept { return path_; }
    const sample_times& times() const noexcept { return times_; }
    image_shape shape() const noexcept { return shape_; }
    std::size_t channels() const noexcept { return channels_; }
    std::size_t frame_count() const noexcept { return stamps_.size(); }
    std::size_t keyframe_before(std::size_t i) const noexcept {
        return *(std::upper_bound(keyframes_.begin(), keyframes_.end(), i) - 1);
    }
    /// Frames that came out of the decoder, to be shown or not: what a test or a benchmark counts.
    std::uint64_t decoded() const noexcept { return decoded_; }

    void read(std::size_t first, std::size_t count, std::uint8_t* out) {
        const std::size_t size = shape_.rows * shape_.cols * channels_;
        for (std::size_t i = first; i < first + count; ++i, out += size) {
            go_to(i);
            convert(out);
        }
    }

private:
    struct free_av {
        void operator()(AVFormatContext* p) const { avformat_close_input(&p); }
        void operator()(AVCodecContext* p) const { avcodec_free_context(&p); }
        void operator()(AVPacket* p) const { av_packet_free(&p); }
        void operator()(AVFrame* p) const { av_frame_free(&p); }
        void operator()(SwsContext* p) const { sws_freeContext(p); }
    };
    template <class T>
    using owned = std::unique_ptr<T, free_av>;

    static std::string words_of(int code) {
        char words[AV_ERROR_MAX_STRING_SIZE] = {};
        av_strerror(code, words, sizeof words);
        return words;
    }
    [[noreturn]] void refuse(const std::string& what) const { throw file_error(path_, text(path_, " ", what)); }

    void open_file() {
        av_log_set_level(AV_LOG_QUIET); // what is wrong is said in sentences
        AVDictionary* how = nullptr;
        // Films that name other files (playlists) would read what nobody named.
        av_dict_set(&how, "protocol_whitelist", "file", 0);
        av_dict_set(&how, "format_whitelist",
                    "mov,mp4,avi,matroska,webm,mpegts,mpeg,mpegvideo,ogg,asf,flv,m4v,h264,hevc,mjpeg,nut,gif,wtv", 0);
        AVFormatContext* raw = nullptr;
        const int code = avformat_open_input(&raw, ("file:" + path_).c_str(), nullptr, &how);
        av_dict_free(&how);
        if (code < 0) {
            refuse(text("is cut, or no film that can be read (", words_of(code),
                        "); give an .mp4, .avi, .mkv, .mov or .webm file that a player plays"));
        }
        input_.reset(raw);
        // These containers say themselves which frames are keyframes and when they are shown; parsing every packet for
        // it would be most of the time that opening takes.
        const std::string_view container = raw->iformat->name;
        if (container.starts_with("mov,") || container.starts_with("matroska,")) {
            raw->flags |= AVFMT_FLAG_NOPARSE;
        }
        if (avformat_find_stream_info(raw, nullptr) < 0) {
            refuse("holds no stream that can be read; check it with a player, or copy it again");
        }
        const int found = av_find_best_stream(raw, AVMEDIA_TYPE_VIDEO, -1, -1, nullptr, 0);
        if (found < 0) {
            refuse("has no pictures; give a film with a video stream");
        }
        stream_ = raw->streams[found];
        for (unsigned i = 0; i < raw->nb_streams; ++i) {
            if (raw->streams[i] != stream_) {
                raw->streams[i]->discard = AVDISCARD_ALL;
            }
        }
    }
    void open_codec(const film_file_options& options) {
        const AVCodecParameters* const p = stream_->codecpar;
        const AVCodec* const codec = avcodec_find_decoder(p->codec_id);
        if (codec == nullptr) {
            refuse(text("is coded as ", std::string_view(avcodec_get_name(p->codec_id)),
                        ", for which this libav has no decoder; convert it, for example with ffmpeg to .mp4"));
        }
        codec_.reset(avcodec_alloc_context3(codec));
        if (!codec_ || avcodec_parameters_to_context(codec_.get(), p) < 0) {
            refuse("cannot be decoded: there is no memory for a decoder");
        }
        codec_->thread_count = options.threads;
        codec_->pkt_timebase = stream_->time_base;
        if (const int code = avcodec_open2(codec_.get(), codec, nullptr); code < 0) {
            refuse(text("cannot be decoded (", words_of(code), "); convert it, for example with ffmpeg to .mp4"));
        }
        constexpr int most = 1 << 15;
        if (p->width < 1 || p->height < 1 || p->width > most || p->height > most) {
            refuse(text("has pictures of ", p->width, " x ", p->height, " pixels; allowed are 1 to ", most));
        }
        shape_ = {static_cast<std::size_t>(p->height), static_cast<std::size_t>(p->width)};
        const auto* const format = av_pix_fmt_desc_get(static_cast<AVPixelFormat>(p->format));
        channels_ =
            format != nullptr && format->nb_components < 3 && (format->flags & AV_PIX_FMT_FLAG_PAL) == 0 ? 1 : 3;
    }

    /// Reads every packet's time, decodes nothing. The frames are the packets in the order of their times.
    void make_index() {
        struct entry {
            std::int64_t stamp;
            bool key;
        };
        std::vector<entry> all;
        bool complete = true;
        int code = 0;
        while ((code = av_read_frame(input_.get(), packet_.get())) >= 0) {
            if (packet_->stream_index == stream_->index && (packet_->flags & AV_PKT_FLAG_DISCARD) == 0) {
                if (all.empty() && says_encoder_once()) {
                    first_packet_.reset(av_packet_clone(packet_.get()));
                }
                complete = complete && packet_->pts != AV_NOPTS_VALUE;
                all.push_back({packet_->pts, (packet_->flags & AV_PKT_FLAG_KEY) != 0});
            }
            av_packet_unref(packet_.get());
        }
        if (code != AVERROR_EOF) {
            refuse(text("is damaged (", words_of(code), "); check the disk, or copy it again"));
        }
        const auto before = [](const entry& a, const entry& b) { return a.stamp < b.stamp; };
        const auto twice = [](const entry& a, const entry& b) { return a.stamp == b.stamp; };
        std::sort(all.begin(), all.end(), before);
        if (!complete || std::adjacent_find(all.begin(), all.end(), twice) != all.end()) {
            // Old .avi files do not say when their frames are shown; the decoder finds out.
            all.clear();
            rewind();
            while (next_frame()) {
                if (frame_->best_effort_timestamp != AV_NOPTS_VALUE &&
                    (all.empty() || frame_->best_effort_timestamp > all.back().stamp)) {
                    all.push_back({frame_->best_effort_timestamp, frame_->key_frame != 0});
                }
            }
        }
        if (all.empty()) {
            refuse("has no frames; check it with a player, or copy it again");
        }
        const double unit = av_q2d(stream_->time_base);
        std::vector<double> times;
        for (std::size_t i = 0; i < all.size(); ++i) {
            stamps_.push_back(all[i].stamp);
            times.push_back(static_cast<double>(all[i].stamp) * unit);
            if (all[i].key || i == 0) {
                keyframes_.push_back(i);
            }
        }
        times_ = sample_times(std::move(times));
        rewind();
    }

    /// x264 writes 4:4:4 in two ways (until build 151, and since) and says which in the film's first packet alone. The
    /// decoder forgets it at each jump, and would decode something else: it is given that packet again.
    bool says_encoder_once() const {
        const AVCodecParameters* const p = stream_->codecpar;
        const auto* const format = av_pix_fmt_desc_get(static_cast<AVPixelFormat>(p->format));
        return p->codec_id == AV_CODEC_ID_H264 && format != nullptr && format->nb_components >= 3 &&
               format->log2_chroma_w == 0 && format->log2_chroma_h == 0;
    }

    void rewind() {
        if (avformat_seek_file(input_.get(), stream_->index, std::numeric_limits<std::int64_t>::min(), start_stamp(),
                               start_stamp(), 0) < 0) {
            av_seek_frame(input_.get(), stream_->index, start_stamp(), AVSEEK_FLAG_BACKWARD);
        }
        flush();
    }
    std::int64_t start_stamp() const {
        const std::int64_t first = stamps_.empty() ? std::int64_t{0} : stamps_.front();
        return stream_->start_time == AV_NOPTS_VALUE ? first : (std::min)(first, stream_->start_time);
    }
    void flush() {
        avcodec_flush_buffers(codec_.get());
        draining_ = false;
        current_.reset();
    }

    /// The next frame out of the decoder; false at the end.
    bool next_frame() {
        for (;;) {
            const int code = avcodec_receive_frame(codec_.get(), frame_.get());
            if (code == 0) {
                ++decoded_;
                return true;
            }
            if (code != AVERROR(EAGAIN) || draining_) {
                return false;
            }
            const int got = av_read_frame(input_.get(), packet_.get());
            if (got < 0) {
                draining_ = true;
                avcodec_send_packet(codec_.get(), nullptr);
                continue;
            }
            if (packet_->stream_index == stream_->index) {
                avcodec_send_packet(codec_.get(), packet_.get()); // a damaged one gives no frame
            }
            av_packet_unref(packet_.get());
        }
    }
    /// Brings frame i into frame_.
    void go_to(std::size_t i) {
        if (current_ == i) {
            return;
        }
        const std::size_t key = keyframe_before(i);
        if (!(current_ && *current_ < i && *current_ + 1 >= key)) {
            seek(key);
        }
        for (std::size_t from = key;;) {
            if (decode_to(i)) {
                return;
            }
            if (from == 0) {
                current_.reset();
                refuse(text("cannot be decoded at frame ", i, " (", times_[i],
                            " s); the file is damaged there; copy it again"));
            }
            from = keyframe_before(from - 1); // the seek came too late, or the keyframe was none
            seek(from);
        }
    }
    void seek(std::size_t key) {
        if (key == 0 || av_seek_frame(input_.get(), stream_->index, stamps_[key], AVSEEK_FLAG_BACKWARD) < 0) {
            rewind();
        } else {
            flush();
            if (first_packet_) {
                avcodec_send_packet(codec_.get(), first_packet_.get());
            }
        }
    }
    bool decode_to(std::size_t i) {
        while (next_frame()) {
            const std::int64_t stamp = frame_->pts != AV_NOPTS_VALUE ? frame_->pts : frame_->best_effort_timestamp;
            const auto at = std::lower_bound(stamps_.begin(), stamps_.end(), stamp);
            if (at == stamps_.end() || *at != stamp) {
                continue; // not in the index: one that edit lists cut away
            }
            current_ = static_cast<std::size_t>(at - stamps_.begin());
            if (*current_ >= i) {
                return *current_ == i;
            }
        }
        current_.reset();
        return false;
    }

    void convert(std::uint8_t* out) {
        FIELDREEL_TRACE_SPAN("film.convert");
        const auto to = channels_ == 1 ? AV_PIX_FMT_GRAY8 : AV_PIX_FMT_RGB24;
        const int width = static_cast<int>(shape_.cols);
        const int height = static_cast<int>(shape_.rows);
        const auto from = static_cast<AVPixelFormat>(frame_->format);
        if (!scaler_ || from != scaled_from_ || frame_->width != scaled_width_ || frame_->height != scaled_height_) {
            scaler_.reset(sws_getContext(frame_->width, frame_->height, from, width, height, to,
                                         SWS_BILINEAR | SWS_ACCURATE_RND | SWS_FULL_CHR_H_INT, nullptr, nullptr,
                                         nullptr));
            if (!scaler_) {
                refuse(text("has pixels of the kind ", std::string_view(av_get_pix_fmt_name(from)),
                            ", which cannot be converted; convert it, for example with ffmpeg to .mp4"));
            }
            scaled_from_ = from;
            scaled_width_ = frame_->width;
            scaled_height_ = frame_->height;
            // What is not said is as players guess it: BT.709 from 720 rows on, else BT.601; full range for MJPEG.
            const AVColorSpace space = frame_->colorspace != AVCOL_SPC_UNSPECIFIED ? frame_->colorspace
                                       : frame_->height >= 720                     ? AVCOL_SPC_BT709
                                                                                   : AVCOL_SPC_SMPTE170M;
            const int* const table =
                sws_getCoefficients(space == AVCOL_SPC_RGB ? SWS_CS_DEFAULT : static_cast<int>(space));
            sws_setColorspaceDetails(scaler_.get(), table, frame_->color_range == AVCOL_RANGE_JPEG ? 1 : 0,
                                     sws_getCoefficients(SWS_CS_DEFAULT), 1, 0, 1 << 16, 1 << 16);
        }
        std::uint8_t* const rows[4] = {out, nullptr, nullptr, nullptr};
        const int stride[4] = {width * static_cast<int>(channels_), 0, 0, 0};
        sws_scale(scaler_.get(), frame_->data, frame_->linesize, 0, frame_->height, rows, stride);
    }

    std::string path_;
    owned<AVFormatContext> input_;
    owned<AVCodecContext> codec_;
    owned<AVPacket> packet_;
    owned<AVPacket> first_packet_;
    owned<AVFrame> frame_;
    owned<SwsContext> scaler_;
    AVStream* stream_ = nullptr;
    AVPixelFormat scaled_from_ = AV_PIX_FMT_NONE;
    int scaled_width_ = 0;
    int scaled_height_ = 0;
    image_shape shape_;
    std::size_t channels_ = 3;
    std::vector<std::int64_t> stamps_;   ///< presentation times in units of the stream, in order
    std::vector<std::size_t> keyframes_; ///< numbers of the frames that can be decoded alone; the first is 0
    sample_times times_;
    std::optional<std::size_t> current_; ///< what is in frame_
    bool draining_ = false;
    std::uint64_t decoded_ = 0;
};

} // namespace detail

/// The frames of a film file: pictures of uint8, RGB, or grey where the file is grey.
///
/// Frame i is the i-th picture by its presentation time, whatever the frame rate does and in whichever order the file
/// holds them; its time is that of the file. Forward it decodes on; else from the keyframe before. A handle; one reader
/// at a time, so that a cache belongs before it: open_film has one. Rotation and pixel aspect are not applied.
/// Errors: file_error for what is no film, is damaged, or has a codec that libav lacks.
/// Cost: opening reads the file once without decoding, for its times: an hour of 30 pictures per second takes some
/// 0.15 s in .mp4 and .mkv, and a GB what reading it takes.
class film_source {
public:
    using value_type = std::uint8_t;

    explicit film_source(const std::string& path, const film_file_options& options = {})
        : decoder_(std::make_shared<detail::film_decoder>(path, options)), one_(std::make_shared<std::mutex>()) {}

    std::size_t frame_count() const noexcept { return decoder_->frame_count(); }
    std::size_t frame_size() const noexcept { return image_shape().rows * image_shape().cols * decoder_->channels(); }
    fieldreel::image_shape image_shape() const noexcept { return decoder_->shape(); }
    std::size_t channels() const noexcept { return decoder_->channels(); }
    const sample_times& times() const noexcept { return decoder_->times(); }
    double time_s(std::size_t i) const noexcept { return times()[i]; }
    double duration_s(std::size_t i) const noexcept { return times().duration_s(i); }
    std::optional<std::size_t> frame_at(double time_s) const { return times().valid_at(time_s); }
    /// The frame whose time is closest; before the first and after the last, these.
    std::size_t nearest_frame(double time_s) const {
        const std::size_t before = times().at_or_before(time_s).value_or(0);
        const bool later = before + 1 < frame_count() && times()[before + 1] - time_s < time_s - times()[before];
        return before + (later ? 1 : 0);
    }
    std::size_t keyframe_before(std::size_t i) const noexcept { return decoder_->keyframe_before(i); }
    std::uint64_t decoded() const noexcept { return decoder_->decoded(); }

    /// Errors: frame_out_of_range; file_error where the film is damaged.
    void read(std::size_t first, std::span<value_type> out) const {
        FIELDREEL_TRACE_SPAN("film.read");
        const std::size_t frames = detail::check_read(*this, first, out.size());
        const std::scoped_lock ours(*one_);
        decoder_->read(first, frames, out.data());
    }

private:
    std::shared_ptr<detail::film_decoder> decoder_;
    std::shared_ptr<std::mutex> one_;
};

/// How many frames are decoded and kept together: about 8 MB, at most 16. Played backwards, a chunk is decoded once.
inline cache_options film_cache_options(const film_source& film) {
    const std::size_t frame = (std::max)(film.frame_size(), std::size_t{1});
    cache_options out;
    out.chunk_size = (std::max)((std::min)((std::size_t{8} << 20) / frame, std::size_t{16}), std::size_t{1});
    out.max_bytes = (std::max)(std::size_t{64} << 20, 4 * *out.chunk_size * frame);
    return out;
}

/// A film file ready to be shown: its frames, times and shape, behind a cache that reads ahead.
inline any_source open_film(const std::string& path, const film_file_options& options = {}) {
    const film_source film(path, options);
    return film | cached<playhead>(film_cache_options(film));
}

/// Opens films for sessions.
inline file_opener film_opener(const film_file_options& options = {}) {
    return {.endings = {".mp4", ".avi", ".mkv", ".mov", ".webm", ".m4v", ".mpg", ".mpeg", ".wmv"},
            .frames = [options](const std::string& path, const std::string&, const open_options&) {
                return open_film(path, options);
            }};
}

} // namespace fieldreel::inline v0

#endif
