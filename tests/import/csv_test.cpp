// SPDX-License-Identifier: MIT
#include <cmath>
#include <cstddef>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include <fieldreel/import/csv.hpp>

#include "support/sentence.hpp"
#include "support/temporary_directory.hpp"

namespace fr = fieldreel;
using support::sentence_of;

namespace {

std::shared_ptr<const fr::read_only_file> text_file(const std::string& bytes) {
    const auto* const first = reinterpret_cast<const std::byte*>(bytes.data());
    return std::make_shared<const fr::read_only_file>("t.csv", std::vector<std::byte>(first, first + bytes.size()));
}
fr::csv_table read(const std::string& bytes, char delimiter = ',') {
    return fr::read_csv(text_file(bytes), {.delimiter = delimiter});
}

} // namespace

TEST_CASE("csv: numbers, words, quotes, empty cells, LF and CRLF, with and without a last line end") {
    const std::string lines = "time,X , \"the \"\"label\"\", so\"\n0,1.5,rest\n0.5,,\"run, fast\"\n1e0,-2.25E1,3\n";
    std::string crlf;
    for (const char c : lines) {
        crlf += c == '\n' ? "\r\n" : std::string(1, c);
    }
    for (const std::string& bytes : {lines, crlf, lines.substr(0, lines.size() - 1), "\xef\xbb\xbf" + lines}) {
        const fr::csv_table table = read(bytes);
        CHECK(table.names() == std::vector<std::string>{"time", "X", "the \"label\", so"});
        REQUIRE(table.rows == 3);
        CHECK(table.columns[0].numbers == std::vector<double>{0, 0.5, 1});
        CHECK(table.columns[1].numbers[0] == 1.5);
        CHECK(std::isnan(table.columns[1].numbers[1]));
        CHECK(table.columns[1].numbers[2] == -22.5);
        CHECK(table.columns[2].words == std::vector<std::string>{"rest", "run, fast", "3"});
        CHECK(table.find({"x", "pos_x"}) == &table.columns[1]);
        CHECK(table.find({"y"}) == nullptr);
    }
    CHECK(read("a;b\n1;NaN\n+2; 3 \nNA;4\n", ';').columns[0].numbers[1] == 2);
    CHECK(read("a\tb\n1\t2\n", '\t').columns[1].numbers[0] == 2);
    CHECK(read("a\n1\n\n2\n").rows == 2); // empty lines are passed over
}

TEST_CASE("csv: what is wrong is said with its line") {
    CHECK(sentence_of<fr::file_error>([&] { read(""); }) == "t.csv is empty; give a table with a line of column names");
    CHECK(sentence_of<fr::file_error>([&] { read("t;x;y\n1;2;3\n"); }) ==
          "t.csv has one column when ',' separates them, 't;x;y'; it looks as if ';' does; state the delimiter "
          "(--delimiter)");
    CHECK(sentence_of<fr::file_error>([&] { read("t\tx\n1\t2\n"); }) ==
          "t.csv has one column when ',' separates them, 't\tx'; it looks as if a tab does; state the delimiter "
          "(--delimiter)");
    CHECK(sentence_of<fr::file_error>([&] { read("0.5,1,2\n0.6,1,2\n"); }) ==
          "t.csv starts with the number 0.5 where its column names belong; add a first line such as time,x,y");
    CHECK(sentence_of<fr::data_error>([&] { read("t,x\n1,2\n1,2,3\n"); }) ==
          "t.csv, line 3: it has 3 columns and the header has 2; check the delimiter and the line");
    CHECK(sentence_of<fr::data_error>([&] { read("t,x\n1,2\n1\n"); }) ==
          "t.csv, line 3: it has 1 columns and the header has 2; check the delimiter and the line");
    CHECK(sentence_of<fr::file_error>([&] { read(std::string("t,x\n\0\0", 6)); }) ==
          "t.csv is no plain text (it holds zero bytes or is UTF-16); save it as UTF-8 or plain ASCII text");
    CHECK(sentence_of<fr::file_error>([&] { read("\xff\xfet"); }) ==
          "t.csv is no plain text (it holds zero bytes or is UTF-16); save it as UTF-8 or plain ASCII text");
    CHECK(sentence_of<fr::invalid_value>([&] { read("t,x\n", '.'); }) ==
          "the delimiter '.' cannot separate numbers; usual are ',', ';' and a tab");
    const fr::csv_table table = read("t;x\n1;1,5\n", ';'); // a decimal comma
    CHECK(sentence_of<fr::data_error>([&] { table.numbers(table.columns[1]); }) ==
          "t.csv: row 1 of the column 'x' is '1,5', which is no number; numbers have a point before their decimals; "
          "correct the cell");
}

TEST_CASE("csv: a file that is not mapped reads the same") {
    const support::temporary_directory at;
    const auto file = std::make_shared<const fr::read_only_file>(at.write("a.csv", "a,b\n1,2\n"), fr::access::pread);
    CHECK(fr::read_csv(file).columns[1].numbers[0] == 2);
}

TEST_CASE("csv: any bytes are a table or a sentence") {
    std::mt19937 random(3);
    const std::string letters = "0123456789,,,;\n\n\r\"\".-eENaN ab\t";
    for (int k = 0; k < 20000; ++k) {
        std::string bytes = k % 2 == 0 ? "a,b\n" : "";
        for (std::size_t i = random() % 40; i > 0; --i) {
            bytes += letters[random() % letters.size()];
        }
        try {
            const fr::csv_table table = read(bytes);
            for (const fr::csv_column& one : table.columns) {
                CHECK((one.holds_words() ? one.words.size() : one.numbers.size()) == table.rows);
            }
        } catch (const fr::error&) {
        }
    }
}
