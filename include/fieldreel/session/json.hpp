// SPDX-License-Identifier: MIT
// Members of a JSON file by name and type: what is wrong is said with the file and the member.
#ifndef FIELDREEL_SESSION_JSON_HPP
#define FIELDREEL_SESSION_JSON_HPP

#include <algorithm>
#include <cstddef>
#include <filesystem>
#include <fstream>
#include <initializer_list>
#include <iterator>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include <fieldreel/error.hpp>
#include <fieldreel/frame.hpp>
#include <fieldreel/session/storage.hpp>
#include <fieldreel/source/samples.hpp>

namespace fieldreel::inline v0 {

namespace detail {

/// A JSON object whose members are taken by name and type; what is wrong is said with the member's name.
class json_object {
public:
    json_object(const nlohmann::json& object, std::string path, std::string where)
        : object_(object), path_(std::move(path)), where_(std::move(where)) {
        if (!object.is_object()) {
            throw file_error(path_, text(path_, ": ", where_, " must be an object ({...}); it is ",
                                         std::string_view(object.type_name())));
        }
    }
    const std::string& path() const noexcept { return path_; }
    const std::string& where() const noexcept { return where_; }
    const nlohmann::json& all() const noexcept { return object_; }
    bool has(const char* key) const {
        if (std::find(asked_.begin(), asked_.end(), key) == asked_.end()) {
            asked_.emplace_back(key);
        }
        return object_.contains(key) && !object_.at(key).is_null();
    }
    std::string string(const char* key, std::string otherwise = {}) const {
        return take(
            key, std::move(otherwise), [](const auto& v) { return v.is_string(); }, "text");
    }
    double number(const char* key, double otherwise) const {
        return take(
            key, otherwise, [](const auto& v) { return v.is_number(); }, "a number");
    }
    bool boolean(const char* key, bool otherwise) const {
        return take(
            key, otherwise, [](const auto& v) { return v.is_boolean(); }, "true or false");
    }
    std::size_t whole(const char* key, std::size_t otherwise) const {
        return take(
            key, otherwise, [](const auto& v) { return v.is_number_unsigned(); }, "a whole number, 0 or positive");
    }
    /// One of a few words. Errors: file_error with all of them and the nearest.
    template <class T>
    T choice(const char* key, T otherwise, std::initializer_list<std::pair<std::string_view, T>> choices) const {
        if (!has(key)) {
            return otherwise;
        }
        const std::string asked = string(key);
        std::vector<std::string_view> words;
        for (const auto& [word, meaning] : choices) {
            if (word == asked) {
                return meaning;
            }
            words.push_back(word);
        }
        refuse(key, text("is '", asked, "'; allowed are ", join(words), "; did you mean '", nearest_name(asked, words),
                         "'?"));
    }
    void required_member(const char* key) const {
        if (!has(key)) {
            throw file_error(path_, text(path_, ": ", where_, " lacks '", std::string_view(key), "'; add it"));
        }
    }
    std::string required(const char* key) const {
        required_member(key);
        return string(key);
    }
    json_object object(const char* key) const {
        required_member(key);
        return json_object(object_.at(key), path_, text(where_, ".", std::string_view(key)));
    }
    std::vector<json_object> list(const char* key) const {
        std::vector<json_object> out;
        if (has(key)) {
            const nlohmann::json& values = array(key);
            for (std::size_t i = 0; i < values.size(); ++i) {
                out.emplace_back(values[i], path_, text(where_, ".", std::string_view(key), "[", i, "]"));
            }
        }
        return out;
    }
    const nlohmann::json& array(const char* key) const {
        const nlohmann::json& values = object_.at(key);
        if (!values.is_array()) {
            fail(key, "a list ([...])", values);
        }
        return values;
    }
    const nlohmann::json& raw(const char* key) const { return object_.at(key); }
    /// "FILE: where.key is wrong in this way".
    [[noreturn]] void refuse(const char* key, const std::string& sentence) const {
        throw file_error(path_, text(path_, ": ", where_, ".", std::string_view(key), " ", sentence));
    }
    [[noreturn]] void fail(const char* key, const char* wanted, const nlohmann::json& found) const {
        std::string value = found.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
        value = value.size() > 60 ? text("a long ", std::string_view(found.type_name())) : value;
        throw file_error(path_, text(path_, ": ", where_, ".", std::string_view(key), " must be ",
                                     std::string_view(wanted), "; it is ", value));
    }
    /// Tells of members that are not among `known`, so that a misspelt one is not lost in silence.
    template <class Names = std::initializer_list<std::string_view>>
    void warn_unknown(const Names& known, std::vector<std::string>& warnings) const {
        for (const auto& [key, value] : object_.items()) {
            if (std::find(known.begin(), known.end(), key) == known.end()) {
                warnings.push_back(text("session.json: ", where_, " has a member '", key,
                                        "' that is not known and is ignored; did you mean '", nearest_name(key, known),
                                        "'?"));
            }
        }
    }
    /// The same for members that nobody has asked for so far.
    void warn_unasked(std::vector<std::string>& warnings) const { warn_unknown(asked_, warnings); }

private:
    template <class T, class Check>
    T take(const char* key, T otherwise, Check check, const char* wanted) const {
        if (!has(key)) {
            return otherwise;
        }
        const nlohmann::json& value = object_.at(key);
        if (!check(value)) {
            fail(key, wanted, value);
        }
        return value.get<T>();
    }
    const nlohmann::json& object_;
    std::string path_;
    std::string where_;
    mutable std::vector<std::string_view> asked_; ///< by their names in the program
};

inline nlohmann::json read_json(const std::string& path) {
    std::ifstream in(path, std::ios::binary);
    if (!in) {
        throw file_error(path, text(path, " cannot be opened; check the path and its permissions"));
    }
    const std::string words{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
    try {
        return nlohmann::json::parse(words);
    } catch (const nlohmann::json::parse_error& problem) {
        const std::size_t at = (std::min)(static_cast<std::size_t>(problem.byte), words.size());
        const auto line = std::count(words.begin(), words.begin() + static_cast<std::ptrdiff_t>(at), '\n') + 1;
        const std::size_t line_start = at == 0 ? 0 : words.rfind('\n', at - 1) + 1; // npos + 1 is 0
        throw file_error(path, text(path, " is no valid JSON at line ", line, ", column ",
                                    (std::max)(at - (std::min)(line_start, at), std::size_t{1}),
                                    "; check commas, quotes and brackets there"));
    }
}

/// Edges or a mask: a file, or the numbers themselves.
inline std::vector<double> json_numbers(const json_object& in, const char* key, const session_storage& files) {
    const nlohmann::json& value = in.raw(key);
    std::vector<double> out;
    if (value.is_string()) {
        const samples file = files.table(value.get<std::string>());
        for (std::size_t i = 0; i < file.size(); ++i) {
            for (std::size_t j = 0; j < file.columns(); ++j) {
                out.push_back(file(i, j));
            }
        }
    } else if (value.is_array()) {
        for (const auto& number : value) {
            if (!number.is_number()) {
                in.fail(key, "a file name or a list of numbers", number);
            }
            out.push_back(number.get<double>());
        }
    } else {
        in.fail(key, "a file name or a list of numbers", value);
    }
    return out;
}

inline point_xy json_point(const json_object& in, const char* key, const char* wanted, const nlohmann::json& value) {
    if (!value.is_array() || value.size() != 2 || !value[0].is_number() || !value[1].is_number()) {
        in.fail(key, wanted, value);
    }
    return {value[0].get<double>(), value[1].get<double>()};
}

/// Pairs of numbers: a file (n, 2), or [[a, b], ...].
inline std::vector<std::pair<double, double>> json_pairs(const json_object& in, const char* key,
                                                         const session_storage& files) {
    constexpr const char* wanted = "a file of shape (n, 2) or a list of pairs ([[a, b], ...])";
    const nlohmann::json& value = in.raw(key);
    std::vector<std::pair<double, double>> out;
    if (value.is_string()) {
        const samples file = files.table(value.get<std::string>());
        if (file.columns() != 2) {
            in.fail(key, wanted, value);
        }
        for (std::size_t i = 0; i < file.size(); ++i) {
            out.emplace_back(file(i, 0), file(i, 1));
        }
    } else if (value.is_array()) {
        for (const auto& pair : value) {
            if (!pair.is_array() || pair.size() != 2 || !pair[0].is_number() || !pair[1].is_number()) {
                in.fail(key, wanted, pair);
            }
            out.emplace_back(pair[0].get<double>(), pair[1].get<double>());
        }
    } else {
        in.fail(key, wanted, value);
    }
    return out;
}

} // namespace detail
} // namespace fieldreel::inline v0

#endif
