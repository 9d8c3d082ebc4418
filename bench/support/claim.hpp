// SPDX-License-Identifier: MIT
// A claim: a name under which two benchmarks, "<name>/ours" and "<name>/peer", are compared in one run.
#ifndef FIELDREEL_BENCH_SUPPORT_CLAIM_HPP
#define FIELDREEL_BENCH_SUPPORT_CLAIM_HPP

#include <string>
#include <utility>
#include <vector>

namespace bench {

/// Registered beside its benchmarks, at namespace scope:
///   static const bench::claim registered{"cache.sequential_hit_vs_list_lru", "ns", "≥ 15"};
///
/// Unit: ns, µs, ms or s compare times per iteration (CPU time; real time where the benchmark asks for it with
/// UseRealTime or UseManualTime). Benchmarks that report the counter "value" are compared by that, in any unit.
/// Target: "≥ 15" holds when peer / ours is at least 15; "≤ 1.5" when ours / peer is at most 1.5. Empty: an absolute
/// figure, reported and never judged; its peer may be left out.
class claim {
public:
    struct row {
        std::string name;
        std::string unit;
        std::string target;
    };

    claim(std::string name, std::string unit, std::string target) {
        all().push_back({std::move(name), std::move(unit), std::move(target)});
    }

    /// Every claim of the program.
    static std::vector<row>& all() {
        static std::vector<row> rows;
        return rows;
    }
};

} // namespace bench

#endif
