// SPDX-License-Identifier: MIT
// Any bytes are a table, all of whose columns are as long, or an error of ours. The first byte chooses the delimiter.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <vector>

#include <fieldreel/import/csv.hpp>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) {
        return 0;
    }
    const auto* const first = reinterpret_cast<const std::byte*>(data);
    const auto file =
        std::make_shared<const fieldreel::read_only_file>("f.csv", std::vector<std::byte>(first + 1, first + size));
    try {
        const fieldreel::csv_table table = fieldreel::read_csv(file, {.delimiter = ",;\t "[data[0] % 4]});
        for (const fieldreel::csv_column& one : table.columns) {
            if ((one.holds_words() ? one.words.size() : one.numbers.size()) != table.rows) {
                std::abort();
            }
        }
    } catch (const fieldreel::error&) {
    }
    return 0;
}
