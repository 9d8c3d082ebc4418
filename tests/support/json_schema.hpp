// SPDX-License-Identifier: MIT
// As much of JSON Schema as session.schema.json uses; a keyword that is not known is an error.
#ifndef FIELDREEL_TESTS_SUPPORT_JSON_SCHEMA_HPP
#define FIELDREEL_TESTS_SUPPORT_JSON_SCHEMA_HPP

#include <algorithm>
#include <stdexcept>
#include <string>

#include <nlohmann/json.hpp>

namespace support {

/// What is wrong with `value`, or nothing. `all`: the whole schema, which references lead into.
inline std::string against_schema(const nlohmann::json& value, const nlohmann::json& schema, const nlohmann::json& all,
                                  const std::string& where = "session") {
    const auto size_of_text = [](const nlohmann::json& v) { return v.get_ref<const std::string&>().size(); };
    for (auto member = schema.begin(); member != schema.end(); ++member) {
        const std::string& key = member.key();
        const nlohmann::json& rule = member.value();
        std::string wrong;
        const auto check = [&](bool holds) { wrong = holds ? "" : where + " breaks " + key + " " + rule.dump(); };
        if (key == "$ref") {
            wrong = against_schema(value, all.at(nlohmann::json::json_pointer(rule.get<std::string>().substr(1))), all,
                                   where);
        } else if (key == "type") {
            const std::string type = rule.get<std::string>();
            check(type == "object"    ? value.is_object()
                  : type == "array"   ? value.is_array()
                  : type == "string"  ? value.is_string()
                  : type == "number"  ? value.is_number()
                  : type == "integer" ? value.is_number_integer()
                                      : type == "boolean" && value.is_boolean());
        } else if (key == "const") {
            check(value == rule);
        } else if (key == "enum") {
            check(std::find(rule.begin(), rule.end(), value) != rule.end());
        } else if (key == "required") {
            for (const auto& name : rule) {
                check(!value.is_object() || value.contains(name.get<std::string>()));
                if (!wrong.empty()) {
                    return wrong;
                }
            }
        } else if (key == "properties" && value.is_object()) {
            for (auto own = rule.begin(); own != rule.end(); ++own) {
                if (value.contains(own.key()) && wrong.empty()) {
                    wrong = against_schema(value.at(own.key()), own.value(), all, where + "." + own.key());
                }
            }
        } else if (key == "additionalProperties") {
            for (auto at = value.begin(); value.is_object() && at != value.end(); ++at) {
                if (!schema.at("properties").contains(at.key())) {
                    return where + " has the unknown member " + at.key();
                }
            }
        } else if (key == "items" && value.is_array()) {
            for (std::size_t i = 0; i < value.size() && wrong.empty(); ++i) {
                wrong = against_schema(value[i], rule, all, where + "[" + std::to_string(i) + "]");
            }
        } else if (key == "anyOf") {
            check(std::any_of(rule.begin(), rule.end(),
                              [&](const auto& one) { return against_schema(value, one, all, where).empty(); }));
        } else if (key == "minItems" || key == "maxItems") {
            check(!value.is_array() || (key == "minItems" ? value.size() >= rule.get<std::size_t>()
                                                          : value.size() <= rule.get<std::size_t>()));
        } else if (key == "minLength") {
            check(!value.is_string() || size_of_text(value) >= rule.get<std::size_t>());
        } else if (key == "minimum" || key == "exclusiveMinimum" || key == "maximum") {
            const double limit = rule.get<double>();
            const double number = value.is_number() ? value.get<double>() : limit;
            check(!value.is_number() || (key == "minimum"   ? number >= limit
                                         : key == "maximum" ? number <= limit
                                                            : number > limit));
        } else if (key != "properties" && key != "items" && key != "$schema" && key != "title" &&
                   key != "description" && key != "$defs") {
            throw std::runtime_error("the schema uses '" + key + "', which this check does not know");
        }
        if (!wrong.empty()) {
            return wrong;
        }
    }
    return {};
}

} // namespace support

#endif
