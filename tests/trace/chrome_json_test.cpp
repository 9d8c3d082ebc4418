// SPDX-License-Identifier: MIT
// Each test names the importer's pitfall it exists for.
#include "fieldreel/trace/chrome_json.hpp"

#include "trace_file.hpp"

#include <doctest/doctest.h>

#include <limits>
#include <string>
#include <vector>

using fieldreel::trace::event;
using fieldreel::trace::event_kind;
using fieldreel::trace::file_window;

namespace {

event span_of(const char* name, std::int64_t start, std::int64_t end, std::uint32_t depth = 0) {
    return {event_kind::span, false, depth, name, start, end, 0};
}
event counter_of(const char* name, std::int64_t time, double value) {
    return {event_kind::counter, false, 0, name, time, time, value};
}

std::string write(const std::vector<event>& events, file_window window = {}, std::uint64_t dropped = 0,
                  const std::string& process = "fieldreel", const std::string& thread = "main") {
    std::string all;
    const auto sink = [&all](std::string& piece) {
        all += piece;
        piece.clear();
    };
    fieldreel::detail::chrome_json_writer<decltype(sink)> writer(window, sink);
    writer.begin(process);
    writer.thread(1, thread, events);
    writer.finish(dropped);
    return all;
}

} // namespace

TEST_CASE("chrome_json: a small file, to the byte") {
    const std::vector<event> events{span_of("frame", 0, 1500000),
                                    span_of("read", 1, 1001, 1),
                                    {event_kind::instant, false, 1, "seek", 2000, 2000, 0},
                                    counter_of("bytes", 2500, 0.5)};
    CHECK(write(events) == R"([
{"name":"process_name","ph":"M","ts":0.000,"pid":1,"tid":0,"args":{"name":"fieldreel"}},
{"name":"thread_name","ph":"M","ts":0.000,"pid":1,"tid":1,"args":{"name":"main"}},
{"name":"frame","ph":"X","ts":0.000,"dur":1500.000,"pid":1,"tid":1},
{"name":"read","ph":"X","ts":0.001,"dur":1.000,"pid":1,"tid":1},
{"name":"seek","ph":"i","s":"t","ts":2.000,"pid":1,"tid":1},
{"name":"bytes","ph":"C","ts":2.500,"pid":1,"tid":1,"args":{"value":0.5}},
{"name":"process_labels","ph":"M","ts":0.000,"pid":1,"tid":0,"args":{"labels":"4 events","events":4,"dropped":0,"left_out":0}}
]
)");
}

TEST_CASE("chrome_json: cut between two lines, the rest is still an array short of its bracket (pitfall 1)") {
    const std::string all = write({span_of("a", 0, 10), span_of("b", 20, 30)});
    for (std::size_t at = all.find('\n'); at + 2 < all.size(); at = all.find('\n', at + 1)) {
        std::string cut = all.substr(0, at);
        while (!cut.empty() && cut.back() == ',') {
            cut.pop_back();
        }
        CHECK_FALSE(nlohmann::json::parse(cut + "]", nullptr, false).is_discarded());
    }
}

TEST_CASE("chrome_json: a file without spans says so in a span (pitfall 2: counters alone import as empty)") {
    for (const auto& events : {std::vector<event>{}, std::vector<event>{counter_of("bytes", 0, 1)}}) {
        const auto file = test::read_trace(write(events));
        CHECK(file.all_complaints() == "");
        REQUIRE(file.of("X").size() == 1);
        CHECK(file.of("X")[0].name == "(no spans were recorded)");
    }
    file_window late;
    late.from_s = 1;
    CHECK(test::read_trace(write({span_of("a", 0, 10)}, late)).of("X")[0].name == "(no spans in the window)");
}

TEST_CASE("chrome_json: an unfinished span is marked (pitfall 3)") {
    event open = span_of("playback", 0, 5000);
    open.unfinished = true;
    const auto file = test::read_trace(write({open, span_of("step", 10, 20, 1)}));
    CHECK(file.all_complaints() == "");
    CHECK(file.names("X") == std::vector<std::string>{"playback (unfinished)", "step"});
    CHECK(file.labels == "2 events; 1 spans unfinished");
}

TEST_CASE("chrome_json: names that other formats use do not come first and have no category (pitfall 7)") {
    const auto all = write({span_of("Profile", 0, 10), span_of("CpuProfile", 20, 30), span_of("ProfileChunk", 40, 50)});
    CHECK(test::read_trace(all).all_complaints() == "");
    CHECK(all.find("\"cat\"") == std::string::npos);
}

TEST_CASE("chrome_json: file names that choose another importer are refused (pitfall 7)") {
    using fieldreel::detail::check_trace_name;
    for (const std::string name : {"trace.json", "recording.json", "a/b-recording.json/trace.json", "Trace-1.json",
                                   "Trace-20250131.json", "profile.json", "chrome.json", "x.trace.json"}) {
        CAPTURE(name);
        CHECK_NOTHROW(check_trace_name(name));
    }
    for (const std::string name : {"x-recording.json", "out/a.chrome.json", "Trace-20250131T235959.json",
                                   "my-Profile-20250131T235959.json", "a.speedscope.json", "a.cpuprofile"}) {
        CAPTURE(name);
        CHECK_THROWS_AS(check_trace_name(name), fieldreel::file_error);
    }
    CHECK_THROWS_WITH(check_trace_name("out/m12-recording.json"),
                      "the trace file \"out/m12-recording.json\" would be read as another format by speedscope, which "
                      "goes by the name; names with \"-recording.json\" are taken; choose another, such as trace.json");
}

TEST_CASE("chrome_json: names are escaped, what is not UTF-8 becomes U+FFFD") {
    using fieldreel::detail::json_escaped;
    CHECK(json_escaped("plain") == "plain");
    CHECK(json_escaped("say \"hi\" \\ there") == "say \\\"hi\\\" \\\\ there");
    CHECK(json_escaped("a\nb\tc\x01\x1f\x7f") == "a\\u000ab\\u0009c\\u0001\\u001f\\u007f");
    CHECK(json_escaped(std::string_view("\0", 1)) == "\\u0000");
    CHECK(json_escaped("\xC3\xA9 \xE2\x82\xAC \xF0\x9F\x90\x80") == "\xC3\xA9 \xE2\x82\xAC \xF0\x9F\x90\x80");
    const std::string bad = "\xEF\xBF\xBD";
    CHECK(json_escaped("\xFFx") == bad + "x");
    CHECK(json_escaped("\xC0\x80") == bad + bad);                     // over-long
    CHECK(json_escaped("\xE0\x9F\x80") == bad + bad + bad);           // over-long
    CHECK(json_escaped("\xED\xA0\x80") == bad + bad + bad);           // a surrogate
    CHECK(json_escaped("\xF4\x90\x80\x80") == bad + bad + bad + bad); // past the last character
    CHECK(json_escaped("\xE2\x82") == bad + bad);                     // cut
    CHECK(json_escaped("\xE2\x82\"") == bad + bad + "\\\"");          // the quote after it is still escaped
    for (int first = 1; first < 256; ++first) {                       // whatever the bytes, a strict parser takes them
        for (int second = 1; second < 256; ++second) {
            const std::string name{static_cast<char>(first), static_cast<char>(second), '"'};
            REQUIRE_FALSE(nlohmann::json::parse("\"" + json_escaped(name) + "\"", nullptr, false).is_discarded());
        }
    }
    const auto file = test::read_trace(write({span_of("q\"uo\\te\n", 0, 10)}, {}, 0, "pro\"cess", "thr\nead"));
    CHECK(file.all_complaints() == "");
    CHECK(file.names("X")[0] == "q\"uo\\te\n");
    CHECK(file.process_name == "pro\"cess");
    CHECK(file.thread_names.at(1) == "thr\nead");
}

TEST_CASE("chrome_json: counters hold numbers only (pitfall 8)") {
    const double inf = std::numeric_limits<double>::infinity();
    const auto file =
        test::read_trace(write({counter_of("c", 0, 1e300), counter_of("c", 1, -0.0), counter_of("c", 2, inf),
                                counter_of("c", 3, std::nan("")), counter_of("c", 4, 9007199254740993.0)}));
    CHECK(file.all_complaints() == "");
    const auto counters = file.of("C");
    REQUIRE(counters.size() == 3);
    CHECK(counters[0].value == 1e300);
    CHECK(counters[2].value == 9007199254740992.0);
    CHECK(file.labels == "3 events; 2 counter values left out: not finite");
}

TEST_CASE(
    "chrome_json: flows have category, name and id at both ends, and bind to the span around the end (pitfall 8)") {
    const auto all = write({span_of("read ahead", 0, 10),
                            {event_kind::flow_begin, false, 1, "prefetch", 5, 5, 7},
                            span_of("use", 20, 30),
                            {event_kind::flow_end, false, 1, "prefetch", 25, 25, 7}});
    CHECK(all.find(R"({"name":"prefetch","cat":"flow","ph":"s","id":7,"ts":0.005,"pid":1,"tid":1})") !=
          std::string::npos);
    CHECK(all.find(R"({"name":"prefetch","cat":"flow","ph":"f","bp":"e","id":7,"ts":0.025,"pid":1,"tid":1})") !=
          std::string::npos);
    CHECK(test::read_trace(all).all_complaints() == "");
}

TEST_CASE("chrome_json: a window and a minimum duration keep long recordings readable (pitfall 9)") {
    std::vector<event> events;
    for (int i = 0; i < 10; ++i) {
        const std::int64_t second = 1000000000;
        events.push_back(span_of("frame", i * second, i * second + 900000000));
        events.push_back(span_of("short", i * second + 1, i * second + 1001, 1));
    }
    file_window window;
    window.from_s = 2.95;
    window.to_s = 5.5;
    window.min_duration_s = 1e-3;
    const auto all = write(events, window);
    const auto file = test::read_trace(all);
    const auto spans = file.of("X");
    REQUIRE(spans.size() == 3);
    CHECK(spans.front().start_ns == 3000000000);
    CHECK(spans.back().start_ns == 5000000000);
    CHECK(file.labels == "3 events; 17 left out by the window");
}

TEST_CASE("chrome_json: what was lost is stated") {
    const auto file = test::read_trace(write({span_of("a", 0, 10)}, {}, 1234));
    CHECK(file.dropped == 1234);
    CHECK(file.labels == "1 events; 1234 lost: the buffer was full");
}

TEST_CASE("chrome_json: long recordings arrive in pieces that make the same text") {
    std::vector<event> events;
    for (int i = 0; i < 20000; ++i) {
        events.push_back(span_of("frame", i * 10, i * 10 + 5));
    }
    std::size_t pieces = 0;
    std::string all;
    const auto sink = [&](std::string& piece) {
        all += piece;
        ++pieces;
        piece.clear();
    };
    fieldreel::detail::chrome_json_writer<decltype(sink)> writer(file_window{}, sink);
    writer.begin("fieldreel");
    writer.thread(1, "main", events);
    writer.finish(0);
    CHECK(pieces > 3);
    CHECK(test::read_trace(all).of("X").size() == 20000);
}
