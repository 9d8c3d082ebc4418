// SPDX-License-Identifier: MIT
// A colormap: 256 colours and a name.
#ifndef FIELDREEL_COLORMAP_COLORMAP_HPP
#define FIELDREEL_COLORMAP_COLORMAP_HPP

#include <array>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include <fieldreel/colormap/tables.hpp>
#include <fieldreel/error.hpp>
#include <fieldreel/frame.hpp>

namespace fieldreel::inline v0 {
namespace detail {

inline constexpr std::string_view reversed_suffix = "_r";

/// "viridis" -> "viridis_r", "RdBu_r" -> "RdBu".
inline std::string reversed_name(std::string_view name) {
    return name.ends_with(reversed_suffix) ? std::string(name.substr(0, name.size() - reversed_suffix.size()))
                                           : std::string(name) + std::string(reversed_suffix);
}

} // namespace detail

/// The names `colormap::named` knows: the twelve tables, then each of them reversed, in the same order.
inline std::span<const std::string_view> colormap_names() {
    // clang-format off
    static constexpr std::array<std::string_view, 2 * detail::named_tables.size()> names = {
        "viridis",   "plasma",   "inferno",   "magma",   "cividis",   "hot",   "gray",   "jet",   "turbo",   "hsv",   "coolwarm",   "RdBu_r",
        "viridis_r", "plasma_r", "inferno_r", "magma_r", "cividis_r", "hot_r", "gray_r", "jet_r", "turbo_r", "hsv_r", "coolwarm_r", "RdBu"};
    // clang-format on
    return names;
}

/// The 256 colours that values are shown in; `value_range` says which value is the first and which the last.
/// A plain value of about 1 KB: copy it freely.
class colormap {
public:
    /// viridis.
    colormap() : colormap(detail::decode_table(detail::named_tables[0].colors), "viridis") {}

    /// Colours of your own, transparency included.
    explicit colormap(std::span<const rgba8, 256> colors, std::string name = "custom") : name_(std::move(name)) {
        for (std::size_t i = 0; i < table_.size(); ++i) {
            table_[i] = colors[i];
        }
    }

    /// A built-in colormap: "viridis", or "viridis_r" for the same colours in reverse.
    /// Errors: invalid_value for an unknown name; the sentence says the nearest one.
    /// Source: see tables.hpp.
    static colormap named(std::string_view name) {
        for (const auto& [known, colors] : detail::named_tables) {
            if (name == known) {
                return colormap(detail::decode_table(colors), std::string(known));
            }
            if (name == detail::reversed_name(known)) {
                return colormap(detail::decode_table(colors), std::string(known)).reversed();
            }
        }
        throw_unknown(name);
    }

    const std::string& name() const noexcept { return name_; }

    /// The colours: [0] for vmin and below, [255] for vmax and above.
    const std::array<rgba8, 256>& table() const noexcept { return table_; }

    /// The same colours from last to first; "_r" is added to the name, or taken away.
    colormap reversed() const {
        colormap out = *this;
        out.name_ = detail::reversed_name(name_);
        for (std::size_t i = 0; i < table_.size(); ++i) {
            out.table_[i] = table_[table_.size() - 1 - i];
        }
        return out;
    }

    friend bool operator==(const colormap&, const colormap&) = default;

private:
    [[noreturn]] static void throw_unknown(std::string_view name) {
        const auto tables = colormap_names().first(detail::named_tables.size());
        throw invalid_value(
            "colormap", detail::text("colormap \"", name, "\" was asked for; the colormaps are ", detail::join(tables),
                                     ", and each reversed by adding _r (RdBu for RdBu_r); did you mean \"",
                                     detail::nearest_name(name, colormap_names()), "\"?"));
    }

    std::array<rgba8, 256> table_;
    std::string name_;
};

} // namespace fieldreel::inline v0

#endif
