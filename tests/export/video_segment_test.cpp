// SPDX-License-Identifier: MIT
// Segment files: what was written is read, and every change is found.
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include <fieldreel/export/video_segment.hpp>

#include "support/sentence.hpp"
#include "support/temporary_directory.hpp"

using namespace fieldreel;
using fieldreel::detail::segment_problem;
using fieldreel::detail::segment_reader;
using fieldreel::detail::segment_writer;

namespace {

const std::vector<std::uint8_t> header{1, 2, 3};
const std::vector<std::uint8_t> bytes_a{10, 20, 30, 40}, bytes_b{}, bytes_c(3'000'000, 7);

void write(const std::string& path) {
    segment_writer out(path, 99, header);
    out.add({bytes_a, 0, -2, true});
    out.add({bytes_b, 2, -1, false});
    out.add({bytes_c, 1, 0, false});
    out.finish();
}

} // namespace

TEST_CASE("packets come back as they went") {
    const support::temporary_directory at;
    write(at.file("s"));
    CHECK(segment_problem(at.file("s"), 99, 3) == "");
    segment_reader in(at.file("s"), 99);
    CHECK(std::vector<std::uint8_t>(in.header().begin(), in.header().end()) == header);
    video_packet packet;
    REQUIRE(in.next(packet));
    CHECK(std::vector<std::uint8_t>(packet.bytes.begin(), packet.bytes.end()) == bytes_a);
    CHECK(packet.pts == 0);
    CHECK(packet.dts == -2);
    CHECK(packet.key);
    REQUIRE(in.next(packet));
    CHECK(packet.bytes.empty());
    CHECK_FALSE(packet.key);
    REQUIRE(in.next(packet));
    CHECK((std::vector<std::uint8_t>(packet.bytes.begin(), packet.bytes.end()) == bytes_c));
    CHECK_FALSE(in.next(packet));
    CHECK_FALSE(in.next(packet));
    CHECK(in.problem() == "");
}

TEST_CASE("every byte that changes and every cut is found") {
    const support::temporary_directory at;
    {
        segment_writer out(at.file("s"), 99, header);
        out.add({bytes_a, 0, -2, true});
        out.add({bytes_a, 1, -1, false});
        out.finish();
    }
    const std::string good = support::bytes_of(at.file("s"));
    REQUIRE(segment_problem(at.file("s"), 99, 2) == "");
    for (std::size_t i = 0; i < good.size(); ++i) {
        CAPTURE(i);
        for (const int change : {1, 255}) {
            std::string bad = good;
            bad[i] = static_cast<char>(bad[i] ^ change);
            at.write("s", bad);
            CHECK(segment_problem(at.file("s"), 99, 2) != "");
        }
        at.write("s", good.substr(0, i));
        CHECK(segment_problem(at.file("s"), 99, 2) != "");
    }
    at.write("s", good + "x");
    CHECK(segment_problem(at.file("s"), 99, 2) == "its checksum is wrong");
}

TEST_CASE("a segment is of one export and has its frames") {
    const support::temporary_directory at;
    write(at.file("s"));
    CHECK(segment_problem(at.file("s"), 98, 3) == "it belongs to another export");
    CHECK(segment_problem(at.file("s"), 99, 4) == "it has 3 packets for 4 frames");
    CHECK(segment_problem(at.file("s"), 99, 2) == "it has 3 packets for 2 frames");
    CHECK(segment_problem(at.file("none"), 99, 2) == "it is missing");
    at.write("s", "hello");
    CHECK(segment_problem(at.file("s"), 99, 2) == "it is not a segment");
    {
        segment_writer out(at.file("twice"), 99, header);
        out.add({bytes_a, 0, 0, true});
        out.add({bytes_a, 0, 1, false});
        out.finish();
        segment_writer late(at.file("late"), 99, header);
        late.add({bytes_a, 0, 0, false});
        late.finish();
    }
    CHECK(segment_problem(at.file("twice"), 99, 2) == "it has 2 packets for 2 frames");
    CHECK(segment_problem(at.file("late"), 99, 1) == "it has 1 packets for 1 frames");
}

TEST_CASE("a segment that is not finished leaves nothing") {
    const support::temporary_directory at;
    {
        segment_writer out(at.file("s"), 99, header);
        out.add({bytes_a, 0, 0, true});
        CHECK_FALSE(at.exists(at.file("s")));
    }
    CHECK(std::filesystem::is_empty(at.path()));
    CHECK(support::sentence_of<file_error>([&] { segment_writer(at.file("no/s"), 99, header); }) ==
          at.file("no/s") +
              " cannot be written (No such file or directory); check that the folder may be written and the "
              "disk is not full");
}
