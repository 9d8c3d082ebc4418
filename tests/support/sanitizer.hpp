// SPDX-License-Identifier: MIT
// Whether a test runs under the address or the thread sanitizer, which keep freed memory for a while: private memory
// then grows by itself.
#ifndef FIELDREEL_TESTS_SUPPORT_SANITIZER_HPP
#define FIELDREEL_TESTS_SUPPORT_SANITIZER_HPP

namespace support {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
inline constexpr bool keeps_freed_memory = true;
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
inline constexpr bool keeps_freed_memory = true;
#else
inline constexpr bool keeps_freed_memory = false;
#endif
#else
inline constexpr bool keeps_freed_memory = false;
#endif

} // namespace support

#endif
