// SPDX-License-Identifier: MIT
// Each concept of sources: the least type that meets it, its near misses; and every adaptor over the least source.
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include <fieldreel/source/any_source.hpp>
#include <fieldreel/source/combine.hpp>
#include <fieldreel/source/frame_source.hpp>
#include <fieldreel/source/generate.hpp>
#include <fieldreel/source/mapped_source.hpp>
#include <fieldreel/source/samples.hpp>
#include <fieldreel/source/select.hpp>
#include <fieldreel/source/timed.hpp>

#include "support/archetypes.hpp"

namespace {

namespace fr = fieldreel;

static_assert(fr::frame_source<archetype::source>);
static_assert(!fr::contiguous_frame_source<archetype::source>);
static_assert(!fr::timed_source<archetype::source>);
static_assert(!fr::image_source<archetype::source>);
static_assert(!fr::concurrent_read<archetype::source>, "one reader at a time unless a source says otherwise");
static_assert(fr::contiguous_frame_source<archetype::contiguous_source>);
static_assert(!fr::timed_source<archetype::contiguous_source>);
static_assert(fr::timed_source<archetype::timed_source>);
static_assert(!fr::contiguous_frame_source<archetype::timed_source>);
static_assert(fr::image_source<archetype::image_source>);
static_assert(fr::frame_cursor<archetype::cursor>);

static_assert(!fr::frame_source<archetype::source_without_value_type>);
static_assert(!fr::frame_source<archetype::source_without_count>);
static_assert(!fr::frame_source<archetype::source_without_size>);
static_assert(!fr::frame_source<archetype::source_whose_read_is_not_const>);
static_assert(!fr::frame_source<archetype::source_that_reads_another_type>);
static_assert(!fr::frame_source<archetype::source_that_cannot_be_copied>);
static_assert(!fr::frame_source<int>);
static_assert(!fr::contiguous_frame_source<archetype::contiguous_source_of_another_type>);
static_assert(!fr::timed_source<archetype::timed_source_without_duration>);
static_assert(!fr::timed_source<archetype::timed_source_without_look_up>);
static_assert(!fr::image_source<archetype::image_source_with_a_number_for_a_shape>);
static_assert(!fr::frame_cursor<archetype::cursor_that_always_blocks>);
static_assert(!fr::frame_cursor<archetype::cursor_that_takes_no_hint>);
static_assert(!fr::frame_cursor<archetype::cursor_of_another_type>);

static_assert(fr::frame_cursor<fr::buffered_cursor<archetype::source>>);
static_assert(fr::frame_cursor<fr::view_cursor<archetype::contiguous_source>>);
static_assert(std::same_as<fr::cursor_t<archetype::source>, fr::buffered_cursor<archetype::source>>);
static_assert(std::same_as<fr::cursor_t<archetype::contiguous_source>, fr::view_cursor<archetype::contiguous_source>>);

// The library's own sources.
static_assert(fr::contiguous_frame_source<fr::tiled_field<double>>);
static_assert(fr::frame_source<fr::mapped_source<float>> && fr::concurrent_read<fr::mapped_source<float>>);
static_assert(fr::frame_cursor<fr::cursor_t<fr::mapped_source<float>>>);
static_assert(fr::timed_source<fr::any_source::typed<float>> && fr::concurrent_read<fr::any_source::typed<float>>);
static_assert(fr::frame_cursor<fr::cursor_t<fr::any_source::typed<float>>>);
static_assert(!fr::frame_source<fr::any_source>, "it has no value type: use as<T>() or visit");
static_assert(fr::number_table<fr::samples> && fr::number_list<fr::samples> && fr::number_list<fr::sample_times>);

template <class Adapted, class Base>
constexpr bool models_what_its_base_models =
    fr::frame_source<Adapted>&& fr::frame_cursor<fr::cursor_t<Adapted>>&& fr::timed_source<Adapted> ==
    fr::timed_source<Base>&& fr::concurrent_read<Adapted> == fr::concurrent_read<Base>;

template <class Base, class Adaptor>
using adapted = decltype(std::declval<Base>() | std::declval<Adaptor>());

template <class Base>
constexpr bool adaptors_fit = models_what_its_base_models<adapted<Base, decltype(fr::slice({}))>, Base>&&
    models_what_its_base_models<adapted<Base, decltype(fr::subsample({}))>, Base>&&
        models_what_its_base_models<adapted<Base, decltype(fr::pool({}))>, Base>&&
            models_what_its_base_models<adapted<Base, decltype(fr::columns({}))>, Base>&&
                models_what_its_base_models<adapted<Base, decltype(fr::combine({}))>, Base>&&
                    fr::timed_source<adapted<Base, decltype(fr::timed(fr::uniform_times{}))>>&&
                        fr::frame_cursor<fr::cursor_t<adapted<Base, decltype(fr::timed(fr::uniform_times{}))>>>;

static_assert(adaptors_fit<archetype::source>);
static_assert(adaptors_fit<archetype::basic_source<std::uint8_t>>);
static_assert(adaptors_fit<archetype::contiguous_source>);
static_assert(adaptors_fit<archetype::timed_source>);
static_assert(adaptors_fit<archetype::image_source>);
static_assert(adaptors_fit<fr::mapped_source<double>>);
static_assert(adaptors_fit<fr::any_source::typed<float>>);
static_assert(fr::timed_source<adapted<archetype::timed_source, decltype(fr::subsample_by_time(30))>>);

// Pictures stay pictures where only frames are picked, and not where the values within a frame change.
using image = archetype::image_source;
static_assert(fr::image_source<adapted<image, decltype(fr::slice({}))>>);
static_assert(fr::image_source<adapted<image, decltype(fr::subsample({}))>>);
static_assert(fr::image_source<adapted<image, decltype(fr::pool({}))>>);
static_assert(fr::image_source<adapted<image, decltype(fr::timed(fr::uniform_times{}))>>);
static_assert(!fr::image_source<adapted<image, decltype(fr::columns({}))>>);
static_assert(!fr::image_source<adapted<image, decltype(fr::combine({}))>>);

// Values pooled: floating types stay, small integers fit in a float.
template <class T>
using pooled_value = typename adapted<archetype::basic_source<T>, decltype(fr::pool({}))>::value_type;
static_assert(std::same_as<pooled_value<float>, float> && std::same_as<pooled_value<double>, double>);
static_assert(std::same_as<pooled_value<std::uint8_t>, float> && std::same_as<pooled_value<std::int16_t>, float>);
static_assert(std::same_as<pooled_value<std::int32_t>, double> && std::same_as<pooled_value<std::uint64_t>, double>);

// Named so that the templates are not only formed but compiled with the least source.
template <class Base>
void instantiate(const Base& base) {
    const auto use = [](auto source) {
        std::vector<typename decltype(source)::value_type> room(source.frame_size());
        source.read(0, room);
        auto cursor = fr::cursor_of(source);
        (void)cursor.frame(0);
        (void)cursor.try_frame(0);
        (void)cursor.nearest(0);
        (void)cursor.share(0);
        cursor.hint({});
        fr::any_source erased(source);
        (void)erased.cursor().frame(0);
    };
    use(base);
    use(base | fr::slice({}));
    use(base | fr::subsample({}));
    use(base | fr::pool({}));
    use(base | fr::columns({}));
    use(base | fr::combine({}));
    use(base | fr::timed(fr::uniform_times{}));
    use(base | fr::timed(std::vector<double>{}));
    use(base | fr::timed({.rate_hz = 30}) | fr::subsample_by_time(3) | fr::slice({}));
}
[[maybe_unused]] constexpr auto instantiated = &instantiate<archetype::source>;
[[maybe_unused]] constexpr auto instantiated_typed = &instantiate<fr::any_source::typed<float>>;

} // namespace
