// SPDX-License-Identifier: MIT
// A time source that never waits: time passes when a player waits for it, and when the test says so.
#ifndef FIELDREEL_TESTS_SUPPORT_FIXED_TIME_HPP
#define FIELDREEL_TESTS_SUPPORT_FIXED_TIME_HPP

#include <algorithm>
#include <memory>

namespace support {

/// Copies share the time.
class fixed_time {
public:
    double now_s() const { return *now_s_; }
    void wait_until(double until_s) { *now_s_ = (std::max)(*now_s_, until_s); }
    void pass(double seconds) { *now_s_ += seconds; }

private:
    std::shared_ptr<double> now_s_ = std::make_shared<double>(1000);
};

} // namespace support

#endif
