// SPDX-License-Identifier: MIT
// The whole sentence of the error that a call throws, so that a test compares all of it.
#ifndef FIELDREEL_TESTS_SUPPORT_SENTENCE_HPP
#define FIELDREEL_TESTS_SUPPORT_SENTENCE_HPP

#include <exception>
#include <stdexcept>
#include <string>

namespace support {

/// What `call` throws, which must be an Error.
template <class Error, class Call>
std::string sentence_of(const Call& call) {
    try {
        call();
    } catch (const Error& thrown) {
        return thrown.what();
    } catch (const std::exception& thrown) {
        return std::string("another kind of error: ") + thrown.what();
    }
    return "nothing was thrown";
}

/// The error itself, for its members.
template <class Error, class Call>
Error thrown_by(const Call& call) {
    try {
        call();
    } catch (const Error& thrown) {
        return thrown;
    }
    throw std::runtime_error("nothing was thrown");
}

} // namespace support

#endif
