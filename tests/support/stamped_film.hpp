// SPDX-License-Identifier: MIT
// Pictures that carry their frame number as black and white squares beside patches of known colours, and a decoder
// that reads both back from a film.
#ifndef FIELDREEL_TESTS_SUPPORT_STAMPED_FILM_HPP
#define FIELDREEL_TESTS_SUPPORT_STAMPED_FILM_HPP

#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <vector>

extern "C" {
#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>
}

#include <fieldreel/export/video_writer.hpp>

namespace support {

/// Draws frame k: its number in 20 squares of 16 x 16, five flat patches of 32 x 32, and a bar that moves.
class stamped_pictures {
public:
    static constexpr std::size_t columns = 160, rows = 96, bits = 20, square = 16, patch = 32;
    static constexpr fieldreel::image_shape size{rows, columns};
    static constexpr std::array<std::array<std::uint8_t, 3>, 5> colors{
        {{255, 0, 0}, {0, 200, 0}, {20, 30, 255}, {200, 120, 40}, {128, 128, 128}}}; // red, green, blue

    fieldreel::bgra_pixels operator()(std::size_t k) {
        pixels_.resize(rows * stride);
        for (std::size_t y = 0; y < rows; ++y) {
            for (std::size_t x = 0; x < columns; ++x) {
                std::array<std::uint8_t, 3> c;
                if (y < 2 * square) {
                    const std::size_t bit = y / square * (columns / square) + x / square;
                    c.fill((k >> bit & 1) != 0 ? 255 : 0);
                } else if (y < 2 * square + patch) {
                    c = colors[x / patch];
                } else {
                    c.fill((x + columns - k % columns) % columns < 20 ? 230 : static_cast<std::uint8_t>(x));
                }
                std::uint8_t* const to = &pixels_[y * stride + 4 * x];
                to[0] = c[2], to[1] = c[1], to[2] = c[0], to[3] = static_cast<std::uint8_t>(k); // the last is ignored
            }
        }
        return {pixels_.data(), size, stride};
    }

private:
    static constexpr std::size_t stride = columns * 4 + 64;
    std::vector<std::uint8_t> pixels_;
};

struct decoded_frame {
    double time_s = 0;
    std::size_t number = 0;                           ///< read from the squares
    std::array<std::array<double, 3>, 5> colors = {}; ///< of the patches: red, green, blue
};
struct decoded_film {
    fieldreel::image_shape size = {};
    double duration_s = 0;
    bool bt709_limited = false;
    std::string codec;
    std::vector<decoded_frame> frames;
};

namespace detail {

struct input {
    AVFormatContext* context = nullptr;
    explicit input(const std::string& path) {
        if (avformat_open_input(&context, path.c_str(), nullptr, nullptr) < 0 ||
            avformat_find_stream_info(context, nullptr) < 0 || context->nb_streams != 1) {
            avformat_close_input(&context);
            throw std::runtime_error(path + " is no film");
        }
    }
    input(const input&) = delete;
    input& operator=(const input&) = delete;
    ~input() { avformat_close_input(&context); }
};

/// What a player makes of Y, Cb and Cr. Source: Rec. ITU-R BT.709, limited range.
inline std::array<double, 3> rgb_of(double y, double cb, double cr) {
    const double l = (y - 16) * 255 / 219, b = (cb - 128) * 255 / 224, r = (cr - 128) * 255 / 224;
    return {l + 1.5748 * r, l - 0.1873 * b - 0.4681 * r, l + 1.8556 * b};
}

} // namespace detail

/// Decodes a film of stamped pictures from its first frame to its last.
inline decoded_film decode(const std::string& path) {
    const detail::input in(path);
    const AVStream* const stream = in.context->streams[0];
    const AVCodec* const codec = avcodec_find_decoder(stream->codecpar->codec_id);
    fieldreel::detail::av_handle<AVCodecContext> decoder(avcodec_alloc_context3(codec));
    fieldreel::detail::av_handle<AVFrame> frame(av_frame_alloc());
    fieldreel::detail::av_handle<AVPacket> packet(av_packet_alloc());
    avcodec_parameters_to_context(decoder.get(), stream->codecpar);
    decoder->thread_count = 1;
    if (codec == nullptr || avcodec_open2(decoder.get(), codec, nullptr) < 0) {
        throw std::runtime_error("no decoder");
    }
    decoded_film out;
    out.codec = codec->name;
    out.duration_s = static_cast<double>(in.context->duration) / AV_TIME_BASE;
    out.bt709_limited = true;
    const auto take = [&] {
        while (avcodec_receive_frame(decoder.get(), frame.get()) >= 0) {
            out.size = {static_cast<std::size_t>(frame->height), static_cast<std::size_t>(frame->width)};
            out.bt709_limited = out.bt709_limited && frame->color_range == AVCOL_RANGE_MPEG &&
                                frame->colorspace == AVCOL_SPC_BT709 && frame->format == AV_PIX_FMT_YUV420P;
            const auto at = [&](int plane, std::size_t x, std::size_t y) {
                return frame->data[plane][y * static_cast<std::size_t>(frame->linesize[plane]) + x];
            };
            decoded_frame made;
            made.time_s = static_cast<double>(frame->best_effort_timestamp) * av_q2d(stream->time_base);
            using pictures = stamped_pictures;
            for (std::size_t bit = 0; bit < pictures::bits; ++bit) {
                const std::size_t per_row = pictures::columns / pictures::square;
                const std::size_t x = bit % per_row * pictures::square + pictures::square / 2;
                const std::size_t y = bit / per_row * pictures::square + pictures::square / 2;
                made.number |= static_cast<std::size_t>(at(0, x, y) > 127 ? 1 : 0) << bit;
            }
            for (std::size_t p = 0; p < pictures::colors.size(); ++p) {
                const std::size_t x = p * pictures::patch + pictures::patch / 2;
                const std::size_t y = 2 * pictures::square + pictures::patch / 2;
                made.colors[p] = detail::rgb_of(at(0, x, y), at(1, x / 2, y / 2), at(2, x / 2, y / 2));
            }
            out.frames.push_back(made);
        }
    };
    while (av_read_frame(in.context, packet.get()) >= 0) {
        if (avcodec_send_packet(decoder.get(), packet.get()) < 0) {
            throw std::runtime_error(path + " has a packet that cannot be decoded");
        }
        av_packet_unref(packet.get());
        take();
    }
    avcodec_send_packet(decoder.get(), nullptr);
    take();
    return out;
}

/// A hash for each packet of a film: its bytes, times and flags, in the order of the file.
inline std::vector<std::uint64_t> packets_of(const std::string& path) {
    const detail::input in(path);
    fieldreel::detail::av_handle<AVPacket> packet(av_packet_alloc());
    std::vector<std::uint64_t> out;
    while (av_read_frame(in.context, packet.get()) >= 0) {
        fieldreel::detail::fnv1a hash;
        hash.add(packet->data, static_cast<std::size_t>(packet->size));
        for (const std::int64_t number : {packet->pts, packet->dts, packet->duration, std::int64_t{packet->flags}}) {
            hash.add(&number, sizeof number);
        }
        out.push_back(hash.value());
        av_packet_unref(packet.get());
    }
    return out;
}

/// How many frames show what they should: number k at time k / fps, in the right colours. The rest is described.
inline std::string wrong_frames(const decoded_film& film, std::size_t count, double fps, double tolerance_s = 1e-6,
                                double color_tolerance = 6) {
    std::string out;
    if (film.frames.size() != count) {
        out += std::to_string(film.frames.size()) + " frames instead of " + std::to_string(count) + "; ";
    }
    for (std::size_t k = 0; k < film.frames.size() && out.size() < 300; ++k) {
        const decoded_frame& frame = film.frames[k];
        if (frame.number != k) {
            out += "frame " + std::to_string(k) + " shows " + std::to_string(frame.number) + "; ";
        }
        if (!(std::abs(frame.time_s - static_cast<double>(k) / fps) <= tolerance_s)) {
            out += "frame " + std::to_string(k) + " is at " + std::to_string(frame.time_s) + " s; ";
        }
        for (std::size_t p = 0; p < frame.colors.size(); ++p) {
            for (std::size_t c = 0; c < 3; ++c) {
                if (!(std::abs(frame.colors[p][c] - stamped_pictures::colors[p][c]) <= color_tolerance)) {
                    out += "frame " + std::to_string(k) + " patch " + std::to_string(p) + " channel " +
                           std::to_string(c) + " is " + std::to_string(frame.colors[p][c]) + "; ";
                }
            }
        }
    }
    return out;
}

} // namespace support

#endif
